// read_sources(): from sentence files, in both layouts, to what they say.
#include <algorithm>
#include <cstdlib>

#include "language/catalogue.h"
#include "language/sources.h"

namespace ambit::language {
namespace {

using YamlKind = Yaml::Kind;

class Loader {
  public:
    explicit Loader(std::string language) { out_.language = std::move(language); }

    // The catalogue is read before the files it speaks of.
    void add_catalogue(const SourceFile& source) {
        int line = 0;
        if (auto yaml = parse_yaml(source.text, line); yaml && Catalogue::is_one(*yaml)) {
            catalogue_.add(*yaml);
            has_catalogue_ = true;
        }
    }

    void add(const SourceFile& source) {
        out_.files.push_back(source.name);
        is_custom_ = source.custom;
        has_built_in_ = has_built_in_ || !source.custom;
        int line = 0;
        auto yaml = parse_yaml(source.text, line);
        if (!yaml) {
            return warn(line, yaml.error());
        }
        if (yaml->kind == YamlKind::Null || Catalogue::is_one(*yaml)) {
            return;
        }
        if (yaml->kind != YamlKind::Map) {
            return warn(yaml->line, ErrorCode::SentenceFileInvalid,
                        "a sentence file is a map with `intents`");
        }
        if (const Yaml* language = yaml->find("language");
            language != nullptr && language->scalar.substr(0, 2) != out_.language.substr(0, 2)) {
            return warn(language->line, ErrorCode::SentenceFileInvalid,
                        "written for language '" + language->scalar + "', not '" + out_.language + "'");
        }
        if (const Yaml* settings = yaml->find("settings"); settings != nullptr) {
            // Built-in sentences were written for one or the other.
            if (!is_custom_ || !has_built_in_) {
                read_flag(*settings, "ignore_whitespace", out_.ignore_whitespace);
            }
            read_flag(*settings, "filter_with_regex", out_.filter_with_regex);
        }
        if (const Yaml* words = yaml->find("skip_words"); words != nullptr) {
            const auto more = words->strings();
            out_.skip_words.insert(out_.skip_words.end(), more.begin(), more.end());
        }
        add_lists(yaml->find("lists"), is_custom_ ? out_.custom_lists : out_.lists);
        add_rules(yaml->find("expansion_rules"), is_custom_ ? out_.custom_rules : out_.rules);
        add_intents(yaml->find("intents"));
        add_combination(source.name, yaml->find("data"));
    }

    Sources finish() {
        // An intent's sentences stand together, where the intent was first named.
        std::map<std::string, std::size_t> first;
        for (SourceBlock& block : out_.blocks) {
            const std::size_t rank = first.try_emplace(block.block.intent, block.rank).first->second;
            block.rank = has_catalogue_ ? block.rank : rank;
        }
        std::stable_sort(out_.blocks.begin(), out_.blocks.end(),
                         [](const auto& a, const auto& b) { return a.rank < b.rank; });
        for (SourceBlock& block : out_.blocks) {
            sort_by_text(block);
        }
        return std::move(out_);
    }

    void warn(int line, Error error) {
        out_.warnings.push_back({out_.files.empty() ? "" : out_.files.back(), line, std::move(error)});
    }

    void warn(int line, ErrorCode code, std::string what) { warn(line, Error{code, std::move(what)}); }

  private:
    std::uint32_t file() const { return static_cast<std::uint32_t>(out_.files.size() - 1); }

    static void read_flag(const Yaml& settings, std::string_view name, bool& flag) {
        if (const Yaml* value = settings.find(name); value != nullptr) {
            flag = value->is_true();
        }
    }

    void add_lists(const Yaml* lists, SourceLists& into) {
        if (lists == nullptr) {
            return;
        }
        for (const auto& [name, node] : lists->fields) {
            SourceList& list = into[name];
            if (!read_list(node, list)) {
                warn(node.line, ErrorCode::SentenceListInvalid,
                     "'" + name + "' has no values, range or wildcard");
            }
            if (!list.has_values && !list.range && !list.wildcard) {
                into.erase(name);
            }
        }
    }

    bool read_list(const Yaml& node, SourceList& list) {
        if (const Yaml* values = node.find("values");
            values != nullptr && values->kind == YamlKind::Sequence) {
            list.has_values = true;
            read_values(*values, list.values);
            return true;
        }
        if (const Yaml* range = node.find("range"); range != nullptr && range->kind == YamlKind::Map) {
            return read_range(*range, list);
        }
        const Yaml* wildcard = node.find("wildcard");
        list.wildcard = list.wildcard || (wildcard != nullptr && wildcard->is_true());
        if (const Yaml* examples = node.find("examples"); examples != nullptr) {
            list.examples = examples->strings();
        }
        return list.wildcard;
    }

    static double number_in(const Yaml& node, std::string_view key, double fallback) {
        const Yaml* found = node.find(key);
        return found == nullptr || found->kind != YamlKind::Scalar ? fallback
                                                                   : std::atof(found->scalar.c_str());
    }

    bool read_range(const Yaml& range, SourceList& list) const {
        NumberList numbers;
        numbers.from = number_in(range, "from", 0);
        numbers.to = number_in(range, "to", 100);
        numbers.step = number_in(range, "step", 1);
        numbers.multiplier = number_in(range, "multiplier", 1);
        if (const Yaml* fractions = range.find("fractions"); fractions != nullptr) {
            numbers.fractions = fractions->scalar == "halves" ? 2 : fractions->scalar == "tenths" ? 10 : 1;
        }
        if (!(numbers.step >= 1) || !(numbers.to >= numbers.from)) {
            return false;
        }
        const Yaml* digits = range.find("digits");
        numbers.digits = digits == nullptr || digits->is_true();
        const Yaml* words = range.find("words");
        const Yaml* language = range.find("words_language");
        list.words_language.reset();
        if (words == nullptr || words->is_true()) {
            list.words_language = language == nullptr ? out_.language : language->scalar;
        }
        list.range = numbers;
        return true;
    }

    void read_values(const Yaml& values, std::vector<SourceValue>& into) {
        for (const Yaml& item : values.items) {
            if (into.size() >= kListValuesMax) {
                return warn(item.line, ErrorCode::SentenceListInvalid,
                            "more than " + std::to_string(kListValuesMax) + " values");
            }
            const Yaml* in = item.kind == YamlKind::Map ? item.find("in") : &item;
            if (in == nullptr || in->kind != YamlKind::Scalar) {
                warn(item.line, ErrorCode::SentenceListInvalid, "a value is text or a map with `in`");
                continue;
            }
            add_value(item, *in, into);
        }
    }

    void add_value(const Yaml& item, const Yaml& in, std::vector<SourceValue>& into) {
        SourceValue value;
        value.in = in.scalar;
        value.root.kind = TemplateNode::Kind::Text;
        const bool is_template = has_template_syntax(in.scalar);
        if (is_template) {
            auto root = parse_template(in.scalar);
            if (!root) {
                return warn(in.line, root.error());
            }
            value.root = std::move(*root);
        } else {
            value.root.text = strip(fold(in.scalar));
        }
        const Yaml* out = item.find("out");
        value.out = out == nullptr ? in.scalar : out->text();
        value.value_is_text = out == nullptr && (is_template || item.kind == YamlKind::Map);
        value.context = context_of(item.find("context"));
        value.file = file();
        value.line = in.line;
        if (is_template || !value.root.text.empty()) {
            into.push_back(std::move(value));
        }
    }

    static Context context_of(const Yaml* node) {
        Context context;
        if (node != nullptr) {
            for (const auto& [key, value] : node->fields) {
                const Yaml* inner = value.find("value");
                context[key] = inner == nullptr ? value.text() : inner->text();
            }
        }
        return context;
    }

    void add_rules(const Yaml* rules, SourceRules& into) {
        if (rules == nullptr) {
            return;
        }
        for (const auto& [name, node] : rules->fields) {
            auto parsed = parse_template(node.scalar);
            if (!parsed) {
                warn(node.line, parsed.error());
                continue;
            }
            into.insert_or_assign(name, SourceRule{std::move(*parsed), file(), node.line});
        }
    }

    void add_intents(const Yaml* intents) {
        if (intents == nullptr) {
            return;
        }
        for (const auto& [name, node] : intents->fields) {
            const Yaml* data = node.find("data");
            if (data == nullptr || data->kind != YamlKind::Sequence) {
                warn(node.line, ErrorCode::SentenceFileInvalid, "intent '" + name + "' has no list `data`");
                continue;
            }
            for (const Yaml& block : data->items) {
                if (SourceBlock* made = add_block(name, block)) {
                    made->rank = out_.blocks.size();
                }
            }
        }
    }

    // The layout with a file per combination: blocks stand in the file itself.
    void add_combination(const std::string& name, const Yaml* data) {
        if (data == nullptr || data->kind != YamlKind::Sequence) {
            return;
        }
        const auto place = combination_of(name);
        if (!place) {
            return warn(data->line, ErrorCode::SentenceFileInvalid,
                        "the folder of a file with `data` is to name the intent");
        }
        const Combination* known = catalogue_.find(place->first, place->second);
        if (known == nullptr && has_catalogue_) {
            return warn(data->line, ErrorCode::SentenceFileInvalid,
                        "intents.yaml has no '" + place->second + "' of '" + place->first + "'");
        }
        const auto is_for_phrases = [](const Yaml& block) {
            const Yaml* mark = block.find("speech_to_phrase");
            return mark != nullptr && mark->is_true();
        };
        const bool all_for_phrases = std::all_of(data->items.begin(), data->items.end(), is_for_phrases);
        for (const Yaml& node : data->items) {
            if (is_for_phrases(node) && !all_for_phrases) {
                continue;  // the same again for another engine
            }
            if (SourceBlock* made = add_block(place->first, node)) {
                made->block.combination = place->second;
                made->rank = known == nullptr ? out_.blocks.size() : known->rank;
                add_domains(node, known, made->block);
            }
        }
    }

    void add_domains(const Yaml& node, const Combination* known, Block& block) {
        if (const Yaml* domains = node.find("name_domains"); domains != nullptr) {
            std::vector<std::string> names = domains->strings();
            if (domains->kind == YamlKind::Scalar && known != nullptr) {
                const auto group = known->domain_groups.find(domains->scalar);
                if (group == known->domain_groups.end()) {
                    warn(domains->line, ErrorCode::SentenceFileInvalid,
                         "intents.yaml has no group '" + domains->scalar + "'");
                } else {
                    names = group->second;
                }
            }
            block.requires_context.push_back({"domain", std::move(names), {}});
        }
        if (const Yaml* domain = node.find("inferred_domain"); domain != nullptr) {
            block.slots.emplace_back("domain", domain->text());
        }
        if (known != nullptr && known->context_area) {
            block.requires_context.push_back({"area", {}, "area"});
        }
    }

    SourceBlock* add_block(const std::string& intent, const Yaml& node) {
        const Yaml* sentences = node.find("sentences");
        if (sentences == nullptr || sentences->kind != YamlKind::Sequence) {
            warn(node.line, ErrorCode::SentenceFileInvalid, "a block of '" + intent + "' has no `sentences`");
            return nullptr;
        }
        SourceBlock made;
        Block& block = made.block;
        block.intent = intent;
        block.custom = is_custom_;
        if (const Yaml* slots = node.find("slots"); slots != nullptr) {
            for (const auto& [key, value] : slots->fields) {
                block.slots.emplace_back(key, value.text());
            }
        }
        block.requires_context = context_rules(node.find("requires_context"));
        block.excludes_context = context_rules(node.find("excludes_context"));
        if (const Yaml* keywords = node.find("required_keywords"); keywords != nullptr) {
            block.required_keywords = keywords->strings();
        }
        if (const Yaml* response = node.find("response"); response != nullptr && !response->scalar.empty()) {
            block.response = response->scalar;
        }
        if (const Yaml* settings = node.find("settings"); settings != nullptr) {
            read_flag(*settings, "filter_with_regex", block.filter_with_regex);
        }
        const Yaml* metadata = node.find("metadata");
        const Yaml* combination = metadata == nullptr ? nullptr : metadata->find("slot_combination");
        block.combination = combination == nullptr ? std::string() : combination->scalar;
        const Yaml* agreement = metadata == nullptr ? nullptr : metadata->find("needs_agreement");
        block.needs_agreement = agreement != nullptr && agreement->is_true();
        add_lists(node.find("lists"), made.lists);
        add_rules(node.find("expansion_rules"), made.rules);
        for (const Yaml& sentence : sentences->items) {
            add_sentence(sentence, made);
        }
        out_.blocks.push_back(std::move(made));
        return &out_.blocks.back();
    }

    static std::vector<ContextRule> context_rules(const Yaml* node) {
        std::vector<ContextRule> rules;
        if (node == nullptr) {
            return rules;
        }
        for (const auto& [key, value] : node->fields) {
            const Yaml* inner = value.kind == YamlKind::Map ? value.find("value") : &value;
            ContextRule rule{key, inner == nullptr ? std::vector<std::string>() : inner->strings(), {}};
            if (const Yaml* slot = value.find("slot"); slot != nullptr && slot->scalar != "false") {
                rule.copy_to_slot = slot->is_true() ? key : slot->scalar;
            }
            rules.push_back(std::move(rule));
        }
        return rules;
    }

    void add_sentence(const Yaml& sentence, SourceBlock& block) {
        if (templates_ >= kTemplatesMax) {
            return warn(sentence.line, ErrorCode::GrammarTooLarge,
                        std::to_string(kTemplatesMax) + " templates");
        }
        auto root = parse_template(sentence.scalar);
        if (!root) {
            return warn(sentence.line, root.error());
        }
        ++templates_;
        block.templates.push_back({std::move(*root), sentence.scalar, file(), sentence.line});
    }

    bool names_wildcard(const TemplateNode& node, bool is_custom) const {
        const auto in = [&node](const SourceLists& lists) -> const SourceList* {
            const auto found = node.kind == TemplateNode::Kind::List ? lists.find(node.text) : lists.end();
            return found == lists.end() ? nullptr : &found->second;
        };
        const SourceList* own = is_custom ? in(out_.custom_lists) : nullptr;
        const SourceList* list = own != nullptr ? own : in(out_.lists);
        return (list != nullptr && list->wildcard) ||
               std::any_of(node.items.begin(), node.items.end(),
                           [&](const TemplateNode& item) { return names_wildcard(item, is_custom); });
    }

    // Of a block's sentences, those with wildcards come first, the ones with more text before the others.
    void sort_by_text(SourceBlock& block) const {
        std::vector<SourceTemplate>& templates = block.templates;
        std::vector<std::pair<std::size_t, std::size_t>> order;
        for (std::size_t i = 0; i < templates.size(); ++i) {
            order.emplace_back(
                names_wildcard(templates[i].root, block.block.custom) ? text_count(templates[i].root) : 0, i);
        }
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<SourceTemplate> sorted;
        sorted.reserve(templates.size());
        for (const auto& [count, i] : order) {
            sorted.push_back(std::move(templates[i]));
        }
        templates = std::move(sorted);
    }

    Sources out_;
    Catalogue catalogue_;
    bool has_catalogue_ = false;
    bool is_custom_ = false;
    bool has_built_in_ = false;
    std::size_t templates_ = 0;
};

template <typename Map>
const typename Map::mapped_type* find(
    const SourceBlock& block, const Map& own, const Map& custom, const Map& shared, std::string_view name) {
    if (const auto found = own.find(name); found != own.end()) {
        return &found->second;
    }
    const auto of_user = block.block.custom ? custom.find(name) : custom.end();
    if (of_user != custom.end()) {
        return &of_user->second;
    }
    const auto found = shared.find(name);
    return found == shared.end() ? nullptr : &found->second;
}

}  // namespace

const SourceList* find_list(const Sources& sources, const SourceBlock& block, std::string_view name) {
    return find(block, block.lists, sources.custom_lists, sources.lists, name);
}

const SourceRule* find_rule(const Sources& sources, const SourceBlock& block, std::string_view name) {
    return find(block, block.rules, sources.custom_rules, sources.rules, name);
}

Sources read_sources(const std::string& language, const std::vector<SourceFile>& files) {
    Loader loader(language);
    for (const SourceFile& file : files) {
        if (file.name.ends_with("intents.yaml")) {
            loader.add_catalogue(file);
        }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (i == kSentenceFilesMax) {
            loader.warn(0, ErrorCode::GrammarTooLarge, std::to_string(kSentenceFilesMax) + " files");
            break;
        }
        loader.add(files[i]);
    }
    return loader.finish();
}

}  // namespace ambit::language

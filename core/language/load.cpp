// Grammar::compile(): from sentence files to Grammar::Compiled.
#include <algorithm>
#include <cstdlib>

#include "language/grammar.h"
#include "language/yaml.h"

namespace ambit::language {
namespace {

class Loader {
  public:
    explicit Loader(std::string language) { out_->language = std::move(language); }

    void add(const SourceFile& source) {
        file_ = &source;
        int line = 0;
        auto yaml = parse_yaml(source.text, line);
        if (!yaml) {
            return warn(line, yaml.error());
        }
        if (yaml->kind == Yaml::Kind::Null) {
            return;
        }
        if (yaml->kind != Yaml::Kind::Map) {
            return warn(yaml->line, ErrorCode::SentenceFileInvalid,
                        "a sentence file is a map with `intents`");
        }
        if (const Yaml* language = yaml->find("language");
            language != nullptr && language->scalar.substr(0, 2) != out_->language.substr(0, 2)) {
            return warn(language->line, ErrorCode::SentenceFileInvalid,
                        "written for language '" + language->scalar + "', not '" + out_->language + "'");
        }
        add_settings(yaml->find("settings"));
        for (const std::string& word : strings(yaml->find("skip_words"))) {
            out_->skip_words.push_back(spoken_form(word));
        }
        add_lists(yaml->find("lists"), out_->lists);
        add_rules(yaml->find("expansion_rules"), out_->rules);
        add_intents(yaml->find("intents"));
    }

    std::unique_ptr<Grammar::Compiled> finish() {
        group_by_intent();
        auto& words = out_->skip_words;
        std::stable_sort(words.begin(), words.end(),
                         [](const auto& a, const auto& b) { return a.size() > b.size(); });
        check_and_index(*out_);
        return std::move(out_);
    }

    void warn(int line, Error error) {
        out_->warnings.push_back({file_ != nullptr ? file_->name : "", line, std::move(error)});
    }

    void warn(int line, ErrorCode code, std::string what) { warn(line, Error{code, std::move(what)}); }

  private:
    static std::vector<std::string> strings(const Yaml* node) {
        std::vector<std::string> out;
        if (node == nullptr) {
            return out;
        }
        if (node->kind == Yaml::Kind::Scalar) {
            out.push_back(node->scalar);
        }
        for (const Yaml& item : node->items) {
            if (item.kind == Yaml::Kind::Scalar) {
                out.push_back(item.scalar);
            }
        }
        return out;
    }

    void add_settings(const Yaml* settings) {
        const Yaml* spaces = settings == nullptr ? nullptr : settings->find("ignore_whitespace");
        if (spaces != nullptr && spaces->is_true()) {
            warn(spaces->line, ErrorCode::SentenceFileInvalid, "`ignore_whitespace` is not supported");
        }
    }

    void add_lists(const Yaml* lists, SlotLists& into) {
        if (lists == nullptr) {
            return;
        }
        for (const auto& [name, node] : lists->fields) {
            std::optional<SlotList> list = read_list(node);
            if (!list) {
                warn(node.line, ErrorCode::SentenceListInvalid,
                     "'" + name + "' has no values, range or wildcard");
                continue;
            }
            const auto [place, added] = into.try_emplace(name, std::move(*list));
            if (!added) {
                merge_list(place->second, std::move(*list));
            }
        }
    }

    // As Home Assistant merges: values are appended to values, anything else is replaced.
    static void merge_list(SlotList& into, SlotList from) {
        auto* old_values = std::get_if<TextList>(&into);
        auto* new_values = std::get_if<TextList>(&from);
        if (old_values == nullptr || new_values == nullptr) {
            into = std::move(from);
            return;
        }
        const auto offset = static_cast<std::uint32_t>(old_values->values.size());
        std::move(new_values->values.begin(), new_values->values.end(),
                  std::back_inserter(old_values->values));
        for (const auto& [text, value] : new_values->index.entries()) {
            old_values->index.add(text, value + offset);
        }
        old_values->index.finish();
        for (auto& [node, value] : new_values->templates) {
            old_values->templates.emplace_back(std::move(node), value + offset);
        }
    }

    std::optional<SlotList> read_list(const Yaml& node) {
        if (const Yaml* wildcard = node.find("wildcard"); wildcard != nullptr && wildcard->is_true()) {
            return WildcardList{};
        }
        if (const Yaml* range = node.find("range"); range != nullptr && range->kind == Yaml::Kind::Map) {
            return read_range(*range);
        }
        if (const Yaml* values = node.find("values");
            values != nullptr && values->kind == Yaml::Kind::Sequence) {
            return read_values(*values);
        }
        return std::nullopt;
    }

    static double number_in(const Yaml& node, std::string_view key, double fallback) {
        const Yaml* found = node.find(key);
        return found == nullptr || found->kind != Yaml::Kind::Scalar ? fallback
                                                                     : std::atof(found->scalar.c_str());
    }

    std::optional<SlotList> read_range(const Yaml& range) {
        NumberList list;
        list.from = number_in(range, "from", 0);
        list.to = number_in(range, "to", 100);
        list.step = number_in(range, "step", 1);
        list.multiplier = number_in(range, "multiplier", 1);
        if (const Yaml* fractions = range.find("fractions"); fractions != nullptr) {
            list.fractions = true;
            list.step = fractions->scalar == "halves" ? 0.5 : 0.1;
        }
        if (!(list.step > 0) || !(list.to >= list.from)) {
            return std::nullopt;
        }
        const Yaml* digits = range.find("digits");
        list.digits = digits == nullptr || digits->is_true();
        const Yaml* words = range.find("words");
        if (words == nullptr || words->is_true()) {
            const Yaml* language = range.find("words_language");
            add_number_words(list, language == nullptr ? out_->language : language->scalar);
        }
        return list;
    }

    SlotList read_values(const Yaml& values) {
        TextList list;
        for (const Yaml& item : values.items) {
            if (list.values.size() >= kListValuesMax) {
                warn(item.line, ErrorCode::SentenceListInvalid,
                     "more than " + std::to_string(kListValuesMax) + " values");
                break;
            }
            const Yaml* in = item.kind == Yaml::Kind::Map ? item.find("in") : &item;
            if (in == nullptr || in->kind != Yaml::Kind::Scalar) {
                warn(item.line, ErrorCode::SentenceListInvalid, "a value is text or a map with `in`");
                continue;
            }
            const Yaml* out = item.find("out");
            add_value(list, *in, out == nullptr ? nullptr : &out->scalar, context_of(item.find("context")));
        }
        list.index.finish();
        return list;
    }

    void add_value(TextList& list, const Yaml& in, const std::string* out, Context context) {
        auto node = parse_template(in.scalar);
        if (!node) {
            return warn(in.line, node.error());
        }
        const auto index = static_cast<std::uint32_t>(list.values.size());
        const bool plain = node->items.size() == 1 && node->items.front().kind == TemplateNode::Kind::Text;
        if (plain) {
            list.index.add(node->items.front().text, index);
        } else {
            list.templates.emplace_back(std::move(*node), index);
        }
        list.values.push_back(
            {{in.scalar, out == nullptr ? in.scalar : *out, std::move(context)}, out == nullptr});
    }

    static Context context_of(const Yaml* node) {
        Context context;
        if (node != nullptr) {
            for (const auto& [key, value] : node->fields) {
                const Yaml* inner = value.find("value");
                context[key] = inner == nullptr ? value.scalar : inner->scalar;
            }
        }
        return context;
    }

    void add_rules(const Yaml* rules, Rules& into) {
        if (rules == nullptr) {
            return;
        }
        for (const auto& [name, node] : rules->fields) {
            auto parsed = parse_template(node.scalar);
            if (!parsed) {
                warn(node.line, parsed.error());
                continue;
            }
            into.insert_or_assign(name, Rule{std::move(*parsed), file_->name, node.line});
        }
    }

    void add_intents(const Yaml* intents) {
        if (intents == nullptr) {
            return;
        }
        for (const auto& [name, node] : intents->fields) {
            const Yaml* data = node.find("data");
            if (data == nullptr || data->kind != Yaml::Kind::Sequence) {
                warn(node.line, ErrorCode::SentenceFileInvalid, "intent '" + name + "' has no list `data`");
                continue;
            }
            for (const Yaml& block : data->items) {
                add_block(name, block);
            }
        }
    }

    void add_block(const std::string& intent, const Yaml& node) {
        Block block;
        block.intent = intent;
        block.custom = file_->custom;
        if (const Yaml* slots = node.find("slots"); slots != nullptr) {
            for (const auto& [key, value] : slots->fields) {
                block.slots.emplace_back(key, value.scalar);
            }
        }
        block.requires_context = context_rules(node.find("requires_context"));
        block.excludes_context = context_rules(node.find("excludes_context"));
        for (const std::string& word : strings(node.find("required_keywords"))) {
            block.required_keywords.push_back(fold(word));
        }
        add_lists(node.find("lists"), block.lists);
        add_rules(node.find("expansion_rules"), block.rules);
        if (const Yaml* response = node.find("response"); response != nullptr && !response->scalar.empty()) {
            block.response = response->scalar;
        }
        const Yaml* sentences = node.find("sentences");
        if (sentences == nullptr || sentences->kind != Yaml::Kind::Sequence) {
            return warn(node.line, ErrorCode::SentenceFileInvalid,
                        "a block of '" + intent + "' has no `sentences`");
        }
        out_->blocks.push_back(std::move(block));
        for (const Yaml& sentence : sentences->items) {
            add_sentence(sentence);
        }
    }

    static std::vector<ContextRule> context_rules(const Yaml* node) {
        std::vector<ContextRule> rules;
        if (node == nullptr) {
            return rules;
        }
        for (const auto& [key, value] : node->fields) {
            const bool detailed = value.kind == Yaml::Kind::Map;
            ContextRule rule{key, strings(detailed ? value.find("value") : &value), {}};
            if (const Yaml* slot = value.find("slot"); slot != nullptr && slot->scalar != "false") {
                rule.copy_to_slot = slot->is_true() ? key : slot->scalar;
            }
            rules.push_back(std::move(rule));
        }
        return rules;
    }

    void add_sentence(const Yaml& sentence) {
        if (out_->templates.size() >= kTemplatesMax) {
            return warn(sentence.line, ErrorCode::GrammarTooLarge,
                        std::to_string(kTemplatesMax) + " templates");
        }
        auto root = parse_template(sentence.scalar);
        if (!root) {
            return warn(sentence.line, root.error());
        }
        Template made;
        made.root = std::move(*root);
        made.block = out_->blocks.size() - 1;
        made.text = sentence.scalar;
        made.file = file_->name;
        made.line = sentence.line;
        out_->templates.push_back(std::move(made));
    }

    // Files merge intent by intent: an intent's sentences stand together, where the intent was first named.
    void group_by_intent() {
        std::map<std::string, std::size_t> first_block;
        for (std::size_t i = 0; i < out_->blocks.size(); ++i) {
            first_block.try_emplace(out_->blocks[i].intent, i);
        }
        const auto rank = [&](const Template& t) { return first_block[out_->blocks[t.block].intent]; };
        std::stable_sort(out_->templates.begin(), out_->templates.end(),
                         [&](const Template& a, const Template& b) { return rank(a) < rank(b); });
    }

    std::unique_ptr<Grammar::Compiled> out_ = std::make_unique<Grammar::Compiled>();
    const SourceFile* file_ = nullptr;
};

}  // namespace

Grammar Grammar::compile(const std::string& language, const std::vector<SourceFile>& files) {
    Loader loader(language);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (i == kSentenceFilesMax) {
            loader.warn(0, ErrorCode::GrammarTooLarge, std::to_string(kSentenceFilesMax) + " files");
            break;
        }
        loader.add(files[i]);
    }
    return Grammar(loader.finish());
}

}  // namespace ambit::language

// Differential: the compiled matcher against a slow one that follows hassil's steps one by one and keeps
// every way.
#include <algorithm>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "language/sources.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

constexpr std::size_t kWaysMax = 3'000;  // a case with more ways than this is not compared

struct Entity {
    std::string name;
    std::string value;
    std::string text;
    bool wildcard = false;
    bool open = false;
    bool to_word_end = false;
};

struct Way {
    std::string text;  // what is left
    std::vector<Entity> entities;
    Context context;
    bool word_start = true;
    int literals = 0;

    bool has_open_wildcard() const {
        return !entities.empty() && entities.back().wildcard && entities.back().open;
    }
};

using Ways = std::vector<Way>;

std::string left_stripped(const std::string& text) {
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(' ') == std::string::npos;
}

class Reference {
  public:
    Reference(const Sources& sources, const SourceBlock& block) : sources_(sources), block_(block) {}

    bool too_many() const { return ways_ > kWaysMax; }

    Ways match(const TemplateNode& node, const Way& from) {
        if (++ways_ > kWaysMax) {
            return {};
        }
        switch (node.kind) {
            case Kind::Text:
                return text(node.text, from);
            case Kind::Rule:
                return match(sources_.rules.at(node.text).root, from);
            case Kind::List:
                return list(node, from);
            case Kind::Alternative: {
                Ways out;
                for (const TemplateNode& item : node.items) {
                    append(match(item, from), out);
                }
                return out;
            }
            case Kind::Permutation:
                return permutation(node, from);
            case Kind::Sequence:
                break;
        }
        Ways now = {from};
        for (const TemplateNode& item : node.items) {
            Ways next;
            for (const Way& way : now) {
                append(match(item, way), next);
            }
            now = std::move(next);
        }
        return now;
    }

  private:
    static void append(Ways from, Ways& to) { std::move(from.begin(), from.end(), std::back_inserter(to)); }

    Ways permutation(const TemplateNode& node, const Way& from) {
        Ways out;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            TemplateNode rest = node;
            rest.items.erase(rest.items.begin() + static_cast<std::ptrdiff_t>(i));
            for (const Way& way : match(node.items[i], from)) {
                append(rest.items.empty() ? Ways{way} : match(rest, way), out);
            }
        }
        return out;
    }

    static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

    // Where `wanted` stands at or after `start`; a text that is searched from `start` has its edge there.
    static std::size_t first(const std::string& text,
                             const std::string& wanted,
                             std::size_t start,
                             bool at_edge) {
        for (std::size_t at = text.find(wanted, start); at != std::string::npos;
             at = text.find(wanted, at + 1)) {
            if (!at_edge || (at > start && is_word(text[at - 1])) != is_word(text[at])) {
                return at;
            }
        }
        return std::string::npos;
    }

    Ways text(const std::string& chunk, const Way& from) {
        if (chunk.empty()) {
            return {from};
        }
        Way way = from;
        std::string wanted = chunk;
        if (from.word_start) {
            wanted = left_stripped(chunk);
            way.text = left_stripped(way.text);
        }
        if (from.has_open_wildcard()) {
            return text_behind_wildcard(chunk, wanted, way);
        }
        if (way.text.starts_with(wanted)) {
            way.text.erase(0, wanted.size());
            way.word_start = chunk.ends_with(' ');
            way.literals += static_cast<int>(strip(wanted).size());
            return {way};
        }
        if (is_blank(way.text) && is_blank(wanted)) {
            return {from};
        }
        std::replace_if(
            way.text.begin(), way.text.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
        if (way.text.starts_with(wanted)) {
            way.text.erase(0, wanted.size());
            return {way};
        }
        return {};
    }

    Ways text_behind_wildcard(const std::string& chunk, const std::string& wanted, const Way& from) {
        if (is_blank(wanted)) {
            Way skipped = from;
            skipped.word_start = true;
            return {skipped};
        }
        const bool at_edge = from.entities.back().to_word_end;
        std::size_t at = first(from.text, wanted, 0, at_edge);
        at = at == 0 ? first(from.text, wanted, 1, at_edge) : at;
        Ways out;
        for (; at != std::string::npos; at = first(from.text, wanted, at + 1, false)) {
            Way closed = from;
            closed.entities.back().text = closed.entities.back().value = from.text.substr(0, at);
            closed.entities.back().open = false;
            closed.text = from.text.substr(at);
            closed.word_start = true;
            append(text(chunk, closed), out);
        }
        return out;
    }

    Ways list(const TemplateNode& node, const Way& from) {
        if (from.text.empty()) {
            return {};
        }
        const SourceList& list = sources_.lists.at(node.text);
        if (list.has_values) {
            Ways out;
            for (const SourceValue& value : list.values) {
                append(one_value(node, value, from), out);
            }
            return out;
        }
        if (list.range) {
            return range(node, *list.range, from);
        }
        Way open = from;
        open.entities.push_back({node.slot, "", "", true, true, node.is_end_of_word});
        return {open};
    }

    Ways one_value(const TemplateNode& node, const SourceValue& value, const Way& from) {
        if (!may_meet(block_.block.requires_context, value.context) ||
            !none_excluded(block_.block.excludes_context, value.context)) {
            return {};
        }
        Ways out = match(value.root, from);
        for (Way& way : out) {
            std::string said = from.text;
            if (!way.entities.empty() && way.entities.back().wildcard &&
                said.starts_with(way.entities.back().text)) {
                said.erase(0, way.entities.back().text.size());
            }
            said.erase(said.size() - std::min(said.size(), way.text.size()));
            way.entities.push_back(
                {node.slot, value.value_is_text ? said : value.out, said, false, false, false});
            way.word_start = from.word_start;
            way.literals = from.literals;
            for (const auto& [key, known] : value.context) {
                way.context[key] = known;
            }
        }
        return out;
    }

    // Digits only: the cases have no number words.
    static Ways range(const TemplateNode& node, const NumberList& numbers, const Way& from) {
        Ways out;
        for (std::size_t at = 0; at < from.text.size();) {
            std::size_t end = std::min(from.text.find_first_not_of(' ', at), from.text.size());
            const std::size_t begin = end;
            while (end < from.text.size() && std::isdigit(static_cast<unsigned char>(from.text[end])) != 0) {
                ++end;
            }
            const double number = std::atof(from.text.c_str() + begin);
            if (end > begin && number >= numbers.from && number <= numbers.to) {
                Way way = from;
                if (from.has_open_wildcard()) {
                    way.entities.back().text = way.entities.back().value = from.text.substr(0, at);
                    way.entities.back().open = false;
                }
                way.entities.push_back(
                    {node.slot, std::to_string(static_cast<int>(number)), from.text.substr(at, end - at)});
                way.text.erase(0, end);
                out.push_back(std::move(way));
            }
            if (!from.has_open_wildcard()) {
                break;
            }
            at = end > begin ? end : at + 1;
        }
        return out;
    }

    const Sources& sources_;
    const SourceBlock& block_;
    std::size_t ways_ = 0;
};

struct Result {
    std::string what;  // the template, and the slots with their values
    std::tuple<bool, int, int, int, int> rank{true, 0, 0, 0, 0};
};

// nullopt: too many ways to compare.  An empty `what`: no reading.
std::optional<Result> reference(const Sources& sources, const std::string& words) {
    Result best;
    for (const SourceBlock& block : sources.blocks) {
        for (const SourceTemplate& made : block.templates) {
            Reference reference(sources, block);
            Way start;
            start.text = words + " ";
            const Ways ways = reference.match(made.root, start);
            if (reference.too_many()) {
                return std::nullopt;
            }
            for (Way way : ways) {
                if (way.has_open_wildcard()) {
                    way.entities.back().text = way.entities.back().value = strip(way.text);
                    way.text.clear();
                }
                Result found{made.text, {true, 0, 0, -way.literals, 0}};
                auto& [nameless, name, wildcards, literals, wild] = found.rank;
                bool complete =
                    is_blank(way.text) && none_excluded(block.block.excludes_context, way.context);
                for (const ContextRule& rule : block.block.requires_context) {
                    complete = complete && way.context.contains(rule.key) && may_meet({rule}, way.context);
                }
                std::map<std::string, std::string> slots;
                for (const Entity& entity : way.entities) {
                    const std::string_view text = strip(entity.text);
                    complete = complete && !(entity.wildcard && text.empty());
                    wildcards += entity.wildcard ? 1 : 0;
                    wild += entity.wildcard ? static_cast<int>(text.size()) : 0;
                    slots[entity.name] = strip(entity.value);
                    if (entity.name == "name") {
                        nameless = entity.wildcard;
                        name = entity.wildcard ? 0 : -static_cast<int>(entity.text.size());
                    }
                }
                for (const auto& [slot, value] : slots) {
                    found.what += " " + slot + "=" + value;
                }
                if (complete && (best.what.empty() || found.rank < best.rank)) {
                    best = std::move(found);
                }
            }
        }
    }
    return best;
}

std::string ours(const Grammar& grammar, const std::string& words) {
    const auto read = grammar.recognise(words, Lists());
    if (!read || !*read) {
        return read ? "" : read.error().message();
    }
    std::map<std::string, std::string> slots;
    for (const Slot& slot : (*read)->slots) {
        slots[slot.name] = strip(slot.value);
    }
    std::string out = (*read)->template_text;
    for (const auto& [slot, value] : slots) {
        out += " " + slot + "=" + value;
    }
    return out;
}

constexpr std::string_view kFrame = R"~(
settings: {filter_with_regex: false}
lists:
  any: {wildcard: true}
  level: {range: {from: 0, to: 30}}
  name:
    values: [a, "a b", {in: "b[ c]", out: B}, {in: "(on|b on)", out: ON, context: {kind: x}}, {in: c, context: {kind: y}}]
expansion_rules: {r: "(a|b) [c]", named: "[the ]{name}"}
intents:
  T: {data: [{sentences: ['%1', '%2']}, {sentences: ['%3'], requires_context: {kind: x}}]}
)~";

class Cases {
  public:
    std::string sentence(int depth) {
        std::string out;
        for (int i = 0, count = 1 + pick(4); i < count; ++i) {
            // Two statements: within one, each machine's compiler chooses its own order, and so other cases.
            out += i == 0 || pick(6) == 0 ? "" : " ";
            out += part(depth);
        }
        return out;
    }

    std::string words() {
        static constexpr const char* kWords[] = {"a", "b", "c", "on", "the", "7", "25", "a b", "b c", "a-b"};
        std::string out;
        for (int i = 0, count = 1 + pick(6); i < count; ++i) {
            out += (i == 0 ? "" : " ") + std::string(kWords[pick(10)]);
        }
        return out;
    }

  private:
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    std::string part(int depth) {
        static constexpr const char* kLeaves[] = {"a",     "b",       "on",  "the",     "{name}",
                                                  "{any}", "{level}", "<r>", "<named>", "{any:name}"};
        const int kind = depth == 0 ? 0 : pick(7);
        if (kind < 4) {
            return kLeaves[pick(10)];
        }
        const char mark = kind == 6 ? ';' : '|';
        std::string out = sentence(depth - 1);
        for (int i = 0, more = pick(3); i < more; ++i) {
            out += mark + sentence(depth - 1);
        }
        return kind == 4 ? "[" + out + "]" : "(" + out + ")";
    }

    std::mt19937 random_{11};
};

TEST(Differential, ReadsAsTheSlowReferenceDoes) {
    Cases cases;
    std::size_t compared = 0;
    std::size_t matched = 0;
    for (int round = 0; round < 300; ++round) {
        std::string yaml(kFrame);
        for (const char* hole : {"%1", "%2", "%3"}) {
            yaml.replace(yaml.find(hole), 2, cases.sentence(2));
        }
        const std::vector<SourceFile> files = {{"case.yaml", yaml, false}};
        const Sources sources = read_sources("en", files);
        ASSERT_TRUE(sources.warnings.empty()) << sources.warnings.front().message() << yaml;
        const Grammar grammar = Grammar::compile("en", files);
        for (int i = 0; i < 20; ++i) {
            const std::string words = cases.words();
            const auto expected = reference(sources, words);
            if (!expected) {
                continue;
            }
            ASSERT_EQ(ours(grammar, words), expected->what) << yaml << "\n<- " << words;
            ++compared;
            matched += expected->what.empty() ? 0 : 1;
        }
    }
    EXPECT_GT(compared, 3'000U);
    EXPECT_GT(matched, 300U);
}

}  // namespace
}  // namespace ambit::language

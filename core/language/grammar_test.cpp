#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>

#include <gmock/gmock.h>

#include "language/template.h"

namespace ambit::language {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Grammar of(const std::string& yaml) {
    return Grammar::compile("en", {{"test.yaml", yaml, false}});
}

Grammar one(const std::string& sentence, const std::string& more = "") {
    return of("language: en\nintents:\n  T:\n    data:\n      - sentences:\n          - '" + sentence +
              "'\n" + more);
}

std::optional<Recognition> recognised(const Grammar& grammar,
                                      std::string_view words,
                                      const Context& context = {}) {
    Lists lists;
    lists.set("name", {{"kitchen light", "light.kitchen", {{"domain", "light"}}},
                       {"kitchen", "switch.kitchen", {{"domain", "switch"}}}});
    auto result = grammar.recognise(words, lists, context);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : std::nullopt;
}

bool matches(const std::string& sentence, const std::string& words, const std::string& more = "") {
    return recognised(one(sentence, more), words).has_value();
}

TEST(Template, KnowsTheWholeSyntax) {
    EXPECT_TRUE(matches("turn(s|ed) [the] (light|lamp)", "turned lamp"));
    EXPECT_FALSE(matches("turn(s|ed) [the] (light|lamp)", "turn lamp"));
    EXPECT_TRUE(matches("(one;two;three)", "three one two"));
    EXPECT_FALSE(matches("(one;two)", "one one"));
    EXPECT_TRUE(matches(R"(a \(b\))", "a (b)"));
    EXPECT_TRUE(matches("set {0..100:level}%", "set 42%"));
    EXPECT_TRUE(matches("set {0..100:level} percent", "set forty-two percent"));
    EXPECT_FALSE(matches("set {0..100,5:level}", "set 42"));
    EXPECT_TRUE(matches("grün [bitte]", "GRÜN"));
    EXPECT_TRUE(matches("living room", "living-room"));
    EXPECT_TRUE(matches("turn on", "  Turn   ON!  "));
}

TEST(Template, RefusesWhatIsBroken) {
    for (const std::string& sentence :
         {std::string("(a"), std::string("a)"), std::string("[a"), std::string("{}"), std::string("<a"),
          std::string("(a|b;c)"), std::string(" "), std::string("(a;b;c;d;e;f;g)"), std::string(1000, '('),
          std::string(kTemplateBytesMax + 1, 'a')}) {
        const Grammar grammar = one(sentence);
        EXPECT_EQ(grammar.template_count(), 0U) << sentence.substr(0, 40);
        ASSERT_EQ(grammar.warnings().size(), 1U) << sentence.substr(0, 40);
        EXPECT_EQ(grammar.warnings()[0].line, 6);
        EXPECT_THAT(grammar.warnings()[0].message(), HasSubstr("test.yaml:6: E3104"));
    }
}

TEST(Grammar, ARuleThatRefersToItselfIsNamedAndTheRestWorks) {
    const Grammar grammar = of(R"(
expansion_rules:
  a: "x <b>"
  b: "y <a>"
intents:
  Bad: {data: [{sentences: ["<a>", "<missing>"]}]}
  Good: {data: [{sentences: ["still works"]}]}
)");
    ASSERT_EQ(grammar.warnings().size(), 2U);
    EXPECT_EQ(grammar.warnings()[0].error.code, ErrorCode::SentenceRuleRecursive);
    EXPECT_THAT(grammar.warnings()[0].message(), HasSubstr("test.yaml:3"));
    EXPECT_EQ(grammar.warnings()[1].error.code, ErrorCode::SentenceRuleMissing);
    EXPECT_TRUE(recognised(grammar, "still works"));
}

TEST(Grammar, WildcardsTakeWordsUpToTheNextLiteral) {
    const std::string lists = "lists: {thing: {wildcard: true}}\n";
    const auto put = recognised(one("add {thing} to [my] list", lists), "add oat milk to my list");
    ASSERT_TRUE(put);
    EXPECT_EQ(put->slot("thing")->value, "oat milk");
    EXPECT_EQ(put->slot("thing")->span, (Span{4, 12}));
    EXPECT_FALSE(matches("add {thing} to list", "add to list", lists));
    EXPECT_EQ(recognised(one("play {thing}", lists), "play Yellow Submarine")->slot("thing")->text,
              "Yellow Submarine");
    EXPECT_TRUE(matches("add{thing}{name}", "add a kitchen", lists));
    EXPECT_FALSE(matches("add{thing}{name}", "add kitchen", lists)) << "a space is nothing";
}

TEST(Grammar, ListsCarryValuesAndContext) {
    const Grammar grammar = of(R"(
lists:
  colour: {values: [red, {in: "(navy|dark) blue", out: "#000080", context: {kind: dark}}]}
intents:
  Dark:
    data:
      - sentences: ["paint it {colour:shade}"]
        slots: {tool: brush}
        requires_context: {kind: {value: dark, slot: true}}
        response: painted
)");
    EXPECT_FALSE(recognised(grammar, "paint it red"));
    const auto dark = recognised(grammar, "paint it navy blue");
    ASSERT_TRUE(dark);
    EXPECT_EQ(dark->slot("shade")->value, "#000080");
    EXPECT_EQ(dark->slot("tool")->value, "brush");
    EXPECT_EQ(dark->slot("kind")->value, "dark");
    EXPECT_EQ(dark->response, "painted");
    EXPECT_EQ(dark->line, 7);
}

TEST(Grammar, TheBestReadingWins) {
    const Grammar grammar = Grammar::compile(
        "en", {{"a.yaml", R"(
lists: {thing: {wildcard: true}}
intents:
  Any: {data: [{sentences: ["turn on {thing}"]}]}
  Named: {data: [{sentences: ["turn on {name}[ light]"]}]}
  Loose: {data: [{sentences: ["[turn ][on ]the radio"]}]}
  Exact: {data: [{sentences: ["turn on the radio"]}]}
)",
                false},
               {"mine.yaml", "intents: {Mine: {data: [{sentences: [\"turn on {thing} at once\"]}]}}", true}});
    EXPECT_EQ(recognised(grammar, "turn on kitchen light")->slot("name")->value, "light.kitchen")
        << "longest name";
    EXPECT_EQ(recognised(grammar, "turn on the radio")->intent, "Loose") << "as much text, and the first";
    EXPECT_EQ(recognised(grammar, "turn on something")->intent, "Any");
    EXPECT_EQ(recognised(grammar, "turn on kitchen light at once")->intent, "Mine")
        << "a user's own sentence";
}

TEST(Grammar, SkipsWordsAndKeepsThemWhenTheyMatter) {
    const Grammar grammar = of(R"(
skip_words: [please, could you]
intents:
  A: {data: [{sentences: ["turn it on"]}]}
  B: {data: [{sentences: ["please me"]}]}
)");
    EXPECT_EQ(recognised(grammar, "Could you turn it, please, on?")->intent, "A");
    EXPECT_EQ(recognised(grammar, "please me")->intent, "B");
}

TEST(Grammar, NeedsItsContextAndKeywords) {
    const Grammar grammar = of(R"(
intents:
  Here:
    data:
      - sentences: ["lights [here]"]
        requires_context: {area: {slot: true}}
        excludes_context: {area: Cellar}
      - sentences: ["[big] lamps"]
        required_keywords: [big]
)");
    EXPECT_FALSE(recognised(grammar, "lights"));
    EXPECT_EQ(recognised(grammar, "lights", {{"area", "Hall"}})->slot("area")->value, "Hall");
    EXPECT_FALSE(recognised(grammar, "lights", {{"area", "Cellar"}}));
    EXPECT_FALSE(recognised(grammar, "lamps"));
    EXPECT_TRUE(recognised(grammar, "big lamps"));
}

TEST(Hostile, FilesAndTemplatesAreBoundedAndNamed) {
    std::string deep = "intents: ";
    for (int i = 0; i < 5000; ++i) {
        deep += "{a: ";
    }
    std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c < 'l'; ++c) {
        const std::string before = "*" + std::string(1, static_cast<char>(c - 1));
        laughs += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 9; ++i) {
            laughs += (i > 0 ? "," : "") + before;
        }
        laughs += "]\n";
    }
    for (const std::string& text :
         {deep, laughs, std::string(100'000, '['), std::string(100'000, '-'), std::string("a: \0b", 5),
          std::string("\t- x\n: : :"), std::string("[1,2]"), std::string(kSentenceFileBytesMax + 1, 'a'),
          std::string("intents: {T: 7}")}) {
        const Grammar grammar = of(text);
        EXPECT_THAT(grammar.warnings(), testing::Not(IsEmpty())) << text.substr(0, 40);
    }
}

TEST(Hostile, OneTemplateThatExplodesLeavesTheOthersAtWork) {
    std::string yaml = "lists: {any: {wildcard: true}}\nintents:\n  Bad: {data: [{sentences: ['";
    for (int i = 0; i < 40; ++i) {
        yaml += "[{any}] [a] ";
    }
    yaml += "']}]}\n  Good: {data: [{sentences: ['{any} works']}]}\n";
    std::string words;
    for (int i = 0; i < 200; ++i) {
        words += "a ";
    }
    const auto read = recognised(of(yaml), words + "works");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->intent, "Good") << "fewer wildcards, more literal text";
}

TEST(Hostile, WordsOfEveryKindAreReadInBounds) {
    const Grammar grammar =
        of("lists: {any: {wildcard: true}}\nintents: {T: {data: [{sentences: ['a {any} b {any} c']}]}}");
    for (const std::string& words :
         {std::string("a \xFF\xFE b \xC0\x80 c"), std::string("a \xE2\x80\x8B b \xE2\x80\xAE c"),
          std::string("a \xF0\x9F\x92\xA1 b \xF4\x8F\xBF\xBF c"), std::string("a\0b c", 5),
          std::string(4096, 'a'), std::string("a \xEF\xBF\xBD b \xCC\x81\xCC\x81 c")}) {
        recognised(grammar, words);
    }
    const auto too_long = grammar.recognise(std::string(1'000'000, 'a'), Lists());
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, ErrorCode::UtteranceTooLong);
}

TEST(Hostile, TemplatesThatExplodeRunOutOfSteps) {
    std::string optionals;
    for (int i = 0; i < 60; ++i) {
        optionals += "[a|a|aa][ ]";
    }
    recognised(one(optionals + "z"), std::string(200, 'a'));
    std::string rules = "expansion_rules:\n";
    for (int i = 0; i < 40; ++i) {
        rules += "  r" + std::to_string(i) + ": \"<r" + std::to_string(i + 1) + "><r" +
                 std::to_string(i + 1) + ">\"\n";
    }
    rules += "  r40: \"[a]\"\n";
    recognised(one("<r0>", rules), std::string(100, 'a'));
}

// The slow, obviously correct reference: every text a template stands for.
std::vector<std::string> expand(const TemplateNode& node) {
    using Kind = TemplateNode::Kind;
    if (node.kind == Kind::Text) {
        return {node.text};
    }
    std::vector<std::string> all;
    if (node.kind == Kind::Alternative) {
        for (const TemplateNode& item : node.items) {
            for (std::string& text : expand(item)) {
                all.push_back(std::move(text));
            }
        }
        return all;
    }
    all = {""};
    for (const TemplateNode& item : node.items) {
        std::vector<std::string> longer;
        for (const std::string& head : all) {
            for (const std::string& tail : expand(item)) {
                longer.push_back(head + tail);
            }
        }
        all = std::move(longer);
    }
    return all;
}

std::string squeezed(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' || (!out.empty() && out.back() != ' ')) {
            out.push_back(c);
        }
    }
    return !out.empty() && out.back() == ' ' ? out.substr(0, out.size() - 1) : out;
}

TEST(Differential, MatchesExactlyWhatTheTemplateStandsFor) {
    std::mt19937 random(7);
    const auto pick = [&random](int below) {
        return static_cast<int>(random() % static_cast<unsigned>(below));
    };
    // Words stand apart, so that where spaces may be dropped does not matter here.
    const std::function<std::string(int)> make = [&](int depth) -> std::string {
        static const char* const kWords[] = {"a", "b", "ab", "on", "the"};
        const int kind = depth == 0 ? 0 : pick(4);
        if (kind == 0) {
            return kWords[pick(5)];
        }
        std::string out = kind == 1 ? "(" : kind == 2 ? "[" : "";
        for (int i = 0, count = 1 + pick(3); i < count; ++i) {
            out += (i == 0 ? "" : kind == 3 ? " " : "|") + make(depth - 1);
        }
        return out + (kind == 1 ? ")" : kind == 2 ? "]" : "");
    };
    std::size_t compared = 0;
    for (int round = 0; round < 400; ++round) {
        const std::string sentence = make(3);
        const auto tree = parse_template(sentence);
        ASSERT_TRUE(tree) << sentence;
        std::vector<std::string> language;
        for (const std::string& text : expand(*tree)) {
            language.push_back(squeezed(text));
        }
        std::vector<std::string> tries(language.begin(),
                                       language.begin() + std::min<long>(20, std::ssize(language)));
        for (int i = 0; i < 20; ++i) {
            tries.push_back(squeezed(make(1) + " " + make(1)));
        }
        const Grammar grammar = one(sentence);
        for (const std::string& text : tries) {
            if (text.empty() || text.find_first_of("([|") != std::string::npos) {
                continue;
            }
            const bool expected = std::find(language.begin(), language.end(), text) != language.end();
            EXPECT_EQ(recognised(grammar, text).has_value(), expected) << sentence << " <- " << text;
            ++compared;
        }
    }
    EXPECT_GT(compared, 3000U);
}

// The folder above the current one that holds layers.txt.
std::filesystem::path repository() {
    std::filesystem::path at = std::filesystem::current_path();
    while (at.has_relative_path() && !std::filesystem::exists(at / "layers.txt")) {
        at = at.parent_path();
    }
    return at;
}

TEST(SharedData, HomeAssistantsOwnEnglishFilesLoad) {
    const std::filesystem::path folder = repository() / "../shared/data/nlu/ha-intents-classic/sentences/en";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "MISSING: " << folder << ", real sentence files were not tried";
    }
    std::vector<SourceFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml") {
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            files.push_back({entry.path().filename().string(), text.str(), false});
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    const Grammar grammar = Grammar::compile("en", files);
    std::printf("%zu files, %zu templates, %zu warnings\n", files.size(), grammar.template_count(),
                grammar.warnings().size());
    for (const Warning& warning : grammar.warnings()) {
        ADD_FAILURE() << warning.message();
    }
    EXPECT_GT(grammar.template_count(), 400U);
    EXPECT_EQ(recognised(grammar, "turn on the kitchen light")->intent, "HassTurnOn");
}

}  // namespace
}  // namespace ambit::language

// Every item of the list of bad input, beside a good file: what is wrong has a number and a place, the rest
// works.
#include <gmock/gmock.h>

#include "language/corrections.h"
#include "language/lessons.h"
#include "language/understand.h"

namespace ambit::language {
namespace {

using testing::HasSubstr;

constexpr const char* kGood = "intents:\n  Good: {data: [{sentences: [\"still works\"]}]}\n";

// Sentence number `line` of its file.
std::string with_sentence(const std::string& sentence) {
    return "intents:\n  Bad:\n    data:\n      - sentences:\n          - '" + sentence + "'\n";
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    while (times-- > 0) {
        out += text;
    }
    return out;
}

// Each alias stands for nine of the one before.
std::string billion_laughs() {
    std::string out = "a: &a [x,x,x,x,x,x,x,x,x]\n";
    for (char name = 'b'; name < 'l'; ++name) {
        const std::string before = "*" + std::string(1, static_cast<char>(name - 1));
        out += std::string(1, name) + ": &" + name + " [" + before + repeated("," + before, 8) + "]\n";
    }
    return out;
}

TEST(Hostile, WhatIsWrongHasANumberAndAPlaceAndTheRestWorks) {
    for (const auto& [name, text, place] : std::vector<std::tuple<const char*, std::string, const char*>>{
             {"deeply nested template", with_sentence(repeated("(", 900) + "a" + repeated(")", 900)),
              "bad.yaml:5: E3104"},
             {"permutation of too many", with_sentence("(a;b;c;d;e;f;g)"), "bad.yaml:5: E3104"},
             {"unclosed", with_sentence("[a"), "bad.yaml:5: E3104"},
             {"not UTF-8", with_sentence("caf\xC3( light)"), "bad.yaml:5: E3104"},
             {"longest", with_sentence(std::string(kTemplateBytesMax + 1, 'a')), "bad.yaml:5: E3104"},
             {"self-reference", "expansion_rules:\n  a: 'x <a>'\n" + with_sentence("<a>"),
              "bad.yaml:7: E3105"},
             {"missing rule", with_sentence("<none>"), "bad.yaml:5: E3106"},
             {"deep file", "intents: " + repeated("{a: ", 5000), "bad.yaml:"},
             {"billion laughs", billion_laughs(), "bad.yaml:"},
             {"100 MB", std::string(100'000'000, 'a'), "bad.yaml"},
             {"brackets", std::string(100'000, '['), "bad.yaml:"},
             {"control characters", "intents:\n  \x01\x02: 7\n", "bad.yaml"}}) {
        const Grammar grammar =
            Grammar::compile("en", {{"bad.yaml", text, false}, {"good.yaml", kGood, false}});
        ASSERT_FALSE(grammar.warnings().empty()) << name;
        EXPECT_THAT(grammar.warnings().front().message(), HasSubstr(place)) << name;
        EXPECT_THAT(grammar.warnings().front().message(), HasSubstr("E3")) << name;
        const auto read = grammar.recognise("still works", Lists());
        ASSERT_TRUE(read) << name << ": " << read.error().message();
        EXPECT_TRUE(read->has_value()) << name;
    }
}

// Templates without a mistake that stand for more texts than there are atoms.
TEST(Hostile, ExponentialAlternativesLeaveTheOthersAtWork) {
    for (const std::string& sentence :
         {repeated("(a|aa|aaa)[ ](a|aa)[ ]", 40) + "z", repeated("[(a|b|c) ]", 200) + "z",
          repeated("[a|[a|[a]]]", 80) + "z"}) {
        const Grammar grammar = Grammar::compile(
            "en", {{"bad.yaml", with_sentence(sentence), false}, {"good.yaml", kGood, false}});
        const auto hopeless = grammar.recognise(repeated("a ", 400) + "b", Lists());
        EXPECT_TRUE(hopeless ? !hopeless->has_value() : hopeless.error().code == ErrorCode::MatchTooCostly)
            << sentence.substr(0, 40);
        EXPECT_TRUE(grammar.recognise("still works", Lists())->has_value()) << sentence.substr(0, 40);
    }
}

std::string utf8(char32_t c) {
    std::string out;
    if (c < 0x80) {
        out = {static_cast<char>(c)};
    } else if (c < 0x800) {
        out = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
        out = {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
               static_cast<char>(0x80 | (c & 0x3F))};
    } else {
        out = {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
               static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    return out;
}

// Characters of all 17 planes, of the edges of each, all controls, and those that turn or hide text.
std::vector<std::string> characters() {
    std::vector<std::string> out;
    for (char32_t plane = 0; plane <= 0x10; ++plane) {
        for (const char32_t low :
             {0x0000U, 0x0001U, 0x20ACU, 0x4E2DU, 0xD7FFU, 0xE000U, 0xF8FFU, 0xFFFDU, 0xFFFEU, 0xFFFFU}) {
            out.push_back(utf8(plane << 16U | low));
        }
    }
    for (char32_t c = 0; c < 0xA0; c = c == 0x1F ? 0x7F : c + 1) {
        out.push_back(utf8(c));
    }
    for (const char32_t c :
         {0x061CU, 0x200BU, 0x200CU, 0x200DU, 0x200EU, 0x200FU, 0x202AU, 0x202BU, 0x202CU, 0x202DU,
          0x202EU, 0x2060U, 0x2066U, 0x2067U, 0x2068U, 0x2069U, 0xFEFFU, 0x00ADU, 0x0301U, 0x20E3U}) {
        out.push_back(utf8(c));
    }
    for (const char* broken : {"\xFF", "\xC0\x80", "\xE2\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80",
                               "\xF8\x88\x80\x80\x80"}) {
        out.emplace_back(broken);
    }
    return out;
}

// Nothing is done because of what nobody can see or read: no character makes a command of other words.
TEST(Hostile, NoCharacterChangesWhatIsDone) {
    const Grammar grammar = Grammar::compile("en", built_in_sentences("en"));
    const Home home({{"h/light", "Kitchen Light", "Kitchen", "light", {}, {"light.set"}}});
    const Lessons lessons({{"1", "movie time", "turn off the kitchen light"}}, grammar.skip_words());
    for (const std::string& c : characters()) {
        for (const std::string& words :
             {c, "turn " + c + "on the kitchen light", "turn on the kitchen light" + c,
              c + "turn off" + c + " the kitchen light", repeated(c, 300)}) {
            const auto read = understand(grammar, home, words, {});
            ASSERT_TRUE(read) << words << ": " << read.error().message();
            for (const Command& command : read->commands) {
                EXPECT_EQ(command.entity, "h/light");
                EXPECT_EQ(command.input_json,
                          words.find("off") == std::string::npos ? R"({"on":true})" : R"({"on":false})");
            }
            (void)lessons.apply(words, home);
            (void)corrected_to("no, i meant " + words, "en");
            (void)corrected_to(words, "zh");
        }
    }
    for (const std::size_t size : {std::size_t{4097}, std::size_t{1'000'000}}) {
        const auto refused = understand(grammar, home, std::string(size, 'a'), {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::UtteranceTooLong);
        (void)lessons.apply(std::string(size, 'a'), home);
        (void)corrected_to(std::string(size, 'a'), "en");
    }
}

}  // namespace
}  // namespace ambit::language

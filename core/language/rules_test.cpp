// Each rule that decides which reading hassil would give, and both layouts of files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "language/language.h"
#include "language/number_words.h"
#include "language/text.h"

namespace ambit::language {
namespace {

Grammar of(const std::string& yaml, const std::string& language = "en") {
    return Grammar::compile(language, {{"test.yaml", yaml, false}});
}

// "Intent slot=value ..." of the best reading; empty if there is none.
std::string read(const Grammar& grammar, const std::string& words, const Context& context = {}) {
    Lists lists;
    lists.set("name", {{"lamp", "Lamp", {{"domain", "light"}}},
                       {"lamp two", "Lamp 2", {{"domain", "light"}}},
                       {"lamp", "Lamp Switch", {{"domain", "switch"}}}});
    const auto found = grammar.recognise(words, lists, context);
    if (!found || !*found) {
        return found ? "" : found.error().message();
    }
    std::string out = (*found)->intent;
    for (const Slot& slot : (*found)->slots) {
        out += " " + slot.name + "=" + slot.value;
    }
    return out;
}

TEST(Rule1Text, MarksSpacesAndFormsOfLettersDoNotMatter) {
    const Grammar grammar = of("intents: {T: {data: [{sentences: [\"café, it's 2.5\"]}]}}");
    EXPECT_EQ(read(grammar, "  Cafe\xCC\x81   it’s 2.5!?"), "") << "the comma is part of the template";
    const Grammar plain =
        of("lists: {any: {wildcard: true}}\nintents: {T: {data: [{sentences: [\"café it's {any}\"]}]}}");
    EXPECT_EQ(read(plain, "¿CAFE\xCC\x81,   it’s 2.5!?"), "T any=2.5");
    EXPECT_EQ(read(plain, "café it's the A.C. now"), "T any=the A.C. now");
}

TEST(Rule1Text, LettersComposeAsUnicodeSays) {
    EXPECT_EQ(compose(U'e', 0x301), U'é');
    EXPECT_EQ(compose(U'か', 0x3099), U'が');
    EXPECT_EQ(compose(0x1112, 0x1161), 0xD558U);
    EXPECT_EQ(compose(0xD558, 0x11AB), 0xD55CU);
    EXPECT_EQ(compose(U'x', 0x301), 0U);
}

TEST(Rule2SkipWords, AreCutLongestFirstAndKeptWhereTheyMayMatter) {
    const Grammar grammar = of(R"~(
skip_words: [please, please now, would-you]
lists: {any: {wildcard: true}}
intents:
  Turn: {data: [{sentences: ["turn it on"]}]}
  Now: {data: [{sentences: ["please now"]}]}
  Say: {data: [{sentences: ["say {any}"]}]}
  Means: {data: [{sentences: ["{any} means"]}]}
)~");
    EXPECT_EQ(read(grammar, "would-you turn it please now on please"), "Turn");
    EXPECT_EQ(read(grammar, "please now"), "Now") << "a skip word may be part of a template";
    EXPECT_EQ(read(grammar, "please say hello please"), "Say any=hello please");
    EXPECT_EQ(read(grammar, "please what means please"), "Means any=please what");
    EXPECT_EQ(read(grammar, "pleased turn it on"), "") << "only whole words";
}

TEST(Rule3Filters, KeywordsAreAsTheyWereSaid) {
    const Grammar grammar = of(R"~(
intents: {T: {data: [{sentences: ["[big|small] lamps"], required_keywords: [big, Small]}]}}
)~");
    EXPECT_EQ(read(grammar, "big lamps"), "T");
    EXPECT_EQ(read(grammar, "lamps"), "");
    EXPECT_EQ(read(grammar, "small lamps"), "") << "as hassil has it: in the same case";
    EXPECT_EQ(read(grammar, "Small lamps"), "T");
}

TEST(Rule3Filters, HyphensBreakOnlyIfNoTemplateHasTheWords) {
    const std::string frame = R"~(
lists: {any: {wildcard: true}}
intents:
  Broken: {data: [{sentences: ["turn on lamp"]}]}
  Whole: {data: [{sentences: ["turn-on lamp extra"]}]}
  Any: {data: [{sentences: ["{any} lamp"]}]}
)~";
    EXPECT_EQ(read(of(frame), "turn-on lamp"), "Any any=turn-on");
    EXPECT_EQ(read(of("settings: {filter_with_regex: false}" + frame), "turn-on lamp"), "Broken");
    EXPECT_EQ(read(of("intents: {Broken: {data: [{sentences: [\"turn on lamp\"]}]}}"), "turn_on lamp"),
              "Broken");
}

TEST(Rule4Matching, WordsMayGrowTogetherOnlyWhereTheTemplateSaysSo) {
    const Grammar grammar = of("intents: {T: {data: [{sentences: [\"turn[ed|s] (on;[the] light)\"]}]}}");
    EXPECT_EQ(read(grammar, "turns the light on"), "T");
    EXPECT_EQ(read(grammar, "turned on light"), "T");
    EXPECT_EQ(read(grammar, "turn s on light"), "");
    EXPECT_EQ(read(grammar, "turn onlight"), "");
}

TEST(Rule4Matching, SpacesCanBeIgnored) {
    const Grammar grammar = of(R"~(
settings: {ignore_whitespace: true}
skip_words: [请]
lists: {any: {wildcard: true}, level: {range: {from: 0, to: 100}}}
intents:
  On: {data: [{sentences: ["打开 (灯|电 灯)"]}]}
  Play: {data: [{sentences: ["播放 {any}"]}]}
  Set: {data: [{sentences: ["调到{level}度"]}]}
)~",
                               "zh-CN");
    EXPECT_EQ(read(grammar, "请打 开电灯"), "On");
    EXPECT_EQ(read(grammar, "播放 七里香"), "Play any=七里香");
    EXPECT_EQ(read(grammar, "调到 二十五 度"), "Set level=25");
    EXPECT_EQ(read(grammar, "调到30度"), "Set level=30");
}

TEST(Rule5Lists, ValuesHaveContextAndTheFirstOneWins) {
    const Grammar grammar = of(R"~(
intents:
  Light: {data: [{sentences: ["light {name}"], requires_context: {domain: light}}]}
  Switch: {data: [{sentences: ["switch {name}"], requires_context: {domain: [switch, fan]}}]}
  NoLight: {data: [{sentences: ["other {name}"], excludes_context: {domain: light}}]}
  Any: {data: [{sentences: ["any {name}"]}]}
)~");
    EXPECT_EQ(read(grammar, "light lamp"), "Light name=Lamp");
    EXPECT_EQ(read(grammar, "switch lamp"), "Switch name=Lamp Switch");
    EXPECT_EQ(read(grammar, "other lamp"), "NoLight name=Lamp Switch");
    EXPECT_EQ(read(grammar, "any lamp"), "Any name=Lamp");
    EXPECT_EQ(read(grammar, "light lamp", {{"domain", "switch"}}), "") << "known beforehand";
}

TEST(Rule5Lists, ValuesWithoutOutAreWhatWasSaid) {
    const Grammar grammar = of(R"~(
lists: {size: {values: [Big, "(small|tiny)", {in: Huge}, {in: mid, out: 5}]}}
intents: {T: {data: [{sentences: ["size {size}"]}]}}
)~");
    EXPECT_EQ(read(grammar, "size BIG"), "T size=Big");
    EXPECT_EQ(read(grammar, "size TINY"), "T size=TINY");
    EXPECT_EQ(read(grammar, "size hUGE"), "T size=hUGE");
    EXPECT_EQ(read(grammar, "size mid"), "T size=5");
}

TEST(Rule5Lists, CapturesAreForTheResponseAlone) {
    const Grammar grammar = of(R"~(
lists: {what: {values: [film, song]}}
intents: {T: {data: [{sentences: ["play {what:@kind}[ or {@what}]"]}]}}
)~");
    const auto found = grammar.recognise("play song or film", Lists());
    ASSERT_TRUE(found && *found);
    EXPECT_TRUE((*found)->slots.empty());
    ASSERT_EQ((*found)->captures.size(), 2U);
    EXPECT_EQ((*found)->captures[0].name, "kind");
    EXPECT_EQ((*found)->captures[1].text, "film");
}

TEST(Rule6Ranges, TakeDigitsThenWords) {
    const Grammar grammar = of(R"~(
lists:
  half: {range: {from: 10, to: 30, fractions: halves}}
  tenth: {range: {from: 0, to: 5, fractions: tenths}}
  down: {range: {from: 0, to: 100, step: 5, multiplier: -1}}
  words: {range: {from: 0, to: 10, digits: false}}
  german: {range: {from: 0, to: 10, words_language: de}}
intents:
  Half: {data: [{sentences: ["half {half}"]}]}
  Tenth: {data: [{sentences: ["tenth {tenth}"]}]}
  Down: {data: [{sentences: ["down {down}%"]}]}
  Words: {data: [{sentences: ["words {words}"]}]}
  German: {data: [{sentences: ["german {german}"]}]}
  Inline: {data: [{sentences: ["inline {10..20,5:n}"]}]}
)~");
    EXPECT_EQ(read(grammar, "half 20.5"), "Half half=20.5");
    EXPECT_EQ(read(grammar, "half 20,5"), "Half half=20.5");
    EXPECT_EQ(read(grammar, "half 20.4"), "");
    EXPECT_EQ(read(grammar, "half twenty point five"), "Half half=20.5");
    EXPECT_EQ(read(grammar, "tenth 2.3"), "Tenth tenth=2.3");
    EXPECT_EQ(read(grammar, "tenth four point seven"), "Tenth tenth=4.7");
    EXPECT_EQ(read(grammar, "down 25%"), "Down down=-25");
    EXPECT_EQ(read(grammar, "down 26%"), "");
    EXPECT_EQ(read(grammar, "words 5"), "");
    EXPECT_EQ(read(grammar, "words five"), "Words words=5");
    EXPECT_EQ(read(grammar, "german fünf"), "German german=5");
    EXPECT_EQ(read(grammar, "inline 15"), "Inline n=15");
}

TEST(Rule7Wildcards, EndAtAnyLaterPlaceAndTheLastTakesTheRest) {
    const Grammar grammar = of(R"~(
lists: {a: {wildcard: true}, b: {wildcard: true}}
intents:
  By: {data: [{sentences: ["play {a} by {b}"]}]}
  Named: {data: [{sentences: ["dim {a} {name}"]}]}
)~");
    EXPECT_EQ(read(grammar, "play stand by me by ben"), "By a=stand b=me by ben")
        << "the fewest characters, then the first";
    EXPECT_EQ(read(grammar, "play by by by"), "By a=by b=by");
    EXPECT_EQ(read(grammar, "play by ben"), "") << "no wildcard is empty";
    EXPECT_EQ(read(grammar, "dim the old lamp two"), "Named a=the old name=Lamp 2");
}

TEST(Rule8Context, IsCheckedAgainAndCopiedIntoSlots) {
    const Grammar grammar = of(R"~(
intents:
  T:
    data:
      - sentences: ["here"]
        slots: {area: nowhere, fixed: [a, b]}
        requires_context: {area: {slot: true}, kind: {value: [x, y], slot: sort}, any: null}
)~");
    EXPECT_EQ(read(grammar, "here", {{"area", "Hall"}, {"kind", "y"}, {"any", "1"}}),
              "T fixed=[\"a\",\"b\"] area=Hall sort=y");
    EXPECT_EQ(read(grammar, "here", {{"area", "Hall"}, {"kind", "y"}}), "");
    EXPECT_EQ(read(grammar, "here", {{"area", "Hall"}, {"kind", "z"}, {"any", "1"}}), "");
}

// Not of hassil, which has no imports beside built-in sentences of its own.
TEST(CustomFiles, KeepTheirListsAndRulesToThemselves) {
    const SourceFile built_in{"built_in.yaml", R"~(
language: en
lists: {color: {values: [red]}}
expansion_rules: {paint: "(paint|colour)", it: "the wall"}
intents:
  Paint: {data: [{sentences: ["<paint> <it> {color}"]}]}
)~"};
    const SourceFile custom{"custom.yaml", R"~(
language: en
lists: {color: {values: [mauve]}, item: {wildcard: true}}
expansion_rules: {paint: "spray"}
intents:
  Spray: {data: [{sentences: ["<paint> <it> {color}", "{item} by hand"]}]}
)~",
                            true};
    const Grammar grammar = Grammar::compile("en", {built_in, custom});
    EXPECT_TRUE(grammar.warnings().empty());
    const Lists lists;
    const auto intent = [&](const std::string& words) {
        const auto read = grammar.recognise(words, lists);
        return read && *read ? (*read)->intent : std::string();
    };
    EXPECT_EQ(intent("paint the wall red"), "Paint") << "the built-in rule is as it was";
    EXPECT_EQ(intent("paint the wall mauve"), "") << "the built-in list is as it was";
    EXPECT_EQ(intent("spray the wall mauve"), "Spray")
        << "a custom sentence sees its own, and built-in rules besides";
    EXPECT_EQ(intent("spray the wall red"), "");
    EXPECT_EQ(intent("sanded by hand"), "Spray");
}

TEST(Guesses, AreReadingsThatLittleVouchesFor) {
    const SourceFile file{"test.yaml", R"~(
language: en
lists: {thing: {wildcard: true}, room: {values: [attic]}}
intents:
  Play: {data: [{sentences: ["play {thing}", "play {thing} in the {room}", "please remember this one {thing}"]}]}
  Marked: {data: [{sentences: ["the whole sentence stands here {thing}"], metadata: {needs_agreement: true}}]}
  Plain: {data: [{sentences: ["stop"]}]}
)~"};
    const Grammar grammar = Grammar::compile("en", {file});
    const Lists lists;
    const auto is_guess = [&](const std::string& words) {
        const auto read = grammar.recognise(words, lists);
        EXPECT_TRUE(read && *read) << words;
        return read && *read && (*read)->needs_agreement;
    };
    EXPECT_TRUE(is_guess("play chess with me"));
    EXPECT_FALSE(is_guess("play chess in the attic")) << "a known room vouches for it";
    EXPECT_FALSE(is_guess("please remember this one milk")) << "so much text vouches for it";
    EXPECT_TRUE(is_guess("the whole sentence stands here now"));
    EXPECT_FALSE(is_guess("stop"));
}

TEST(Rule9Best, IsCustomThenNamedThenLongThenPlainThenFirst) {
    const std::string own = R"~(
lists: {any: {wildcard: true}}
intents:
  Wild: {data: [{sentences: ["set {any}"]}]}
  Name: {data: [{sentences: ["set {name}[ two]"]}]}
  Literal: {data: [{sentences: ["set lamp two now", "put [it] down"]}]}
  Second: {data: [{sentences: ["put it down", "set {any} now"]}]}
  Third: {data: [{sentences: ["put it down"]}]}
)~";
    const Grammar grammar = of(own);
    EXPECT_EQ(read(grammar, "set lamp two"), "Name name=Lamp 2") << "the longest name";
    EXPECT_EQ(read(grammar, "set lamp two now"), "Literal") << "no wildcards";
    EXPECT_EQ(read(grammar, "set something now"), "Second any=something") << "more literal text";
    EXPECT_EQ(read(grammar, "put it down"), "Literal") << "the first in the files";
    const Grammar with_custom = Grammar::compile(
        "en", {{"own.yaml", own, false},
               {"mine.yaml", "intents: {Mine: {data: [{sentences: [\"set {any}\"]}]}}", true}});
    EXPECT_EQ(read(with_custom, "set lamp two"), "Mine any=lamp two") << "a user's own sentence";
}

TEST(Files, MergeAsHomeAssistantMergesThem) {
    const Grammar grammar = Grammar::compile(
        "en",
        {{"a.yaml",
          "lists: {c: {values: [red]}}\nexpansion_rules: {r: old}\nintents: {T: {data: [{sentences: ['<r> "
          "{c}']}]}}",
          false},
         {"b.yaml", "lists: {c: {values: [blue]}}\nexpansion_rules: {r: new}\nskip_words: [please]", false},
         {"c.yaml", "lists: {c: {wildcard: true}}\nintents: {T: {data: [{sentences: ['more {c}']}]}}",
          false}});
    EXPECT_EQ(read(grammar, "new red please"), "T c=red");
    EXPECT_EQ(read(grammar, "more blue"), "T c=blue");
    EXPECT_EQ(read(grammar, "old red"), "");
    EXPECT_EQ(read(grammar, "more green"), "") << "values count before a wildcard";
}

TEST(Files, BlocksHaveListsAndRulesOfTheirOwn) {
    const Grammar grammar = of(R"~(
lists: {c: {values: [red]}}
expansion_rules: {r: "shared <inner>", inner: outside}
intents:
  Own: {data: [{sentences: ["<r> {c}"], lists: {c: {values: [green]}}, expansion_rules: {inner: inside}}]}
  Shared: {data: [{sentences: ["<r> {c}"]}]}
)~");
    EXPECT_EQ(read(grammar, "shared inside green"), "Own c=green");
    EXPECT_EQ(read(grammar, "shared outside red"), "Shared c=red");
    EXPECT_EQ(read(grammar, "shared inside red"), "");
}

TEST(Files, OneFileForEachCombinationOfSlots) {
    const std::string catalogue = R"~(
Later: {slot_combinations: {only: {context_area: true}}}
Turn:
  slot_combinations:
    name: {name_domain_groups: {some: [light]}}
)~";
    const std::vector<SourceFile> files = {
        {"s/en/Turn/name.yaml",
         "language: en\ndata: [{sentences: ['turn {name}'], name_domains: some, response: done}, "
         "{sentences: ['spin {name}'], name_domains: some, speech_to_phrase: true}]",
         false},
        {"s/en/Later/only.yaml", "language: en\ndata: [{sentences: ['turn it'], inferred_domain: fan}]",
         false},
        {"s/en/Turn/unknown.yaml", "language: en\ndata: [{sentences: ['never']}]", false},
        {"intents.yaml", catalogue, false}};
    const Grammar grammar = Grammar::compile("en", files);
    EXPECT_EQ(read(grammar, "turn lamp"), "Turn name=Lamp");
    EXPECT_EQ(read(grammar, "spin lamp"), "") << "meant for another engine";
    EXPECT_EQ(read(grammar, "turn it"), "");
    EXPECT_EQ(read(grammar, "turn it", {{"area", "Hall"}}), "Later domain=fan area=Hall");
    ASSERT_EQ(grammar.warnings().size(), 1U);
    EXPECT_EQ(grammar.warnings()[0].file, "s/en/Turn/unknown.yaml");
    const auto found = grammar.recognise("turn it", Lists(), {{"area", "Hall"}});
    EXPECT_EQ((*found)->combination, "only");
}

TEST(NumberWords, AreThoseOfTheRecordedTables) {
    std::filesystem::path at = std::filesystem::current_path();
    while (at.has_relative_path() && !std::filesystem::exists(at / "layers.txt")) {
        at = at.parent_path();
    }
    const auto folder = at / "../shared/data/nlu/number-words";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "MISSING: " << folder << ", number words were not compared";
    }
    for (const char* language : {"en", "de", "fr", "es", "zh"}) {
        std::ifstream in(folder / (std::string(language) + ".json"));
        std::size_t compared = 0;
        const auto table = nlohmann::json::parse(in);
        for (const auto& [key, forms] : table.items()) {
            const double number = std::stod(key);
            const auto whole = static_cast<std::int64_t>(number);
            const int tenths = static_cast<int>((number - static_cast<double>(whole)) * 10 + 0.5);
            std::set<std::string> expected;
            for (const auto& form : forms) {
                std::string folded = fold(form.get<std::string>());
                expected.insert(folded);
                std::replace(folded.begin(), folded.end(), '-', ' ');
                expected.insert(folded);
            }
            const SpokenForms ours = number_words(whole, tenths, language);
            EXPECT_EQ(std::set<std::string>(ours.begin(), ours.end()), expected) << language << " " << key;
            ++compared;
        }
        EXPECT_GT(compared, 1'000U);
    }
}

TEST(NumberWords, InLanguagesWithoutATable) {
    const auto first = [](std::int64_t number, const char* language) {
        const SpokenForms forms = number_words(number, 0, language);
        return forms.empty() ? std::string() : forms.front();
    };
    EXPECT_EQ(first(1, "nl"), "één");
    EXPECT_EQ(first(22, "nl"), "tweeëntwintig");
    EXPECT_EQ(first(178, "nl"), "honderdachtenzeventig");
    EXPECT_EQ(first(21, "it"), "ventuno");
    EXPECT_EQ(first(33, "it"), "trentatré");
    EXPECT_EQ(first(2100, "it"), "duemilacento");
    EXPECT_EQ(first(121, "pt"), "cento e vinte e um");
    EXPECT_EQ(first(1100, "pt"), "mil e cem");
    EXPECT_EQ(first(21, "pl"), "dwadzieścia jeden");
    EXPECT_EQ(first(2000, "pl"), "dwa tysiące");
    EXPECT_EQ(first(5000, "pl"), "pięć tysięcy");
    EXPECT_EQ(first(1234, "ja"), "千二百三十四");
    EXPECT_EQ(number_words(20, 5, "it").front(), "venti virgola cinque");
    EXPECT_TRUE(number_words(5, 0, "xx").empty());
    EXPECT_TRUE(number_words(kSpokenNumberMax + 1, 0, "en").empty());
}

}  // namespace
}  // namespace ambit::language

// Names and texts from outside, in everything that a person reads: they stay text, on their line.
#include <algorithm>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

using testing::HasSubstr;

// Clears the screen in two ways, turns the text behind it around in two ways, and begins a line of its own;
// the letters and the emoji are harmless.
constexpr const char* kHostile =
    "evil\x1b[2J\xC2\x9b"
    "1m\xE2\x80\xAE"
    "b\xE2\x81\xA6\xE2\x80\xA8\r\nc d\x7f\xC3\xA9 \xE2\x80\x99\xF0\x9F\x92\xA1";
constexpr const char* kHarmless = "evil [2J 1m b    c d \xC3\xA9 \xE2\x80\x99\xF0\x9F\x92\xA1";

// Everything that a renderer reads, each text of it from outside; `flag`: what each yes or no is.
Json hostile_answer(bool flag) {
    const Json text = kHostile;
    Json leaf;
    for (const char* key : {"acting",        "against",   "api",        "area",     "as",      "asked_by",
                            "attribute",     "audience",  "by",         "device",   "doubt",   "domain",
                            "done_by",       "entity",    "extractor",  "file",     "floor",   "for",
                            "from",          "head",      "how",        "id",       "intent",  "key",
                            "kind",          "label",     "language",   "lesson",   "link",    "listen",
                            "matched",       "name",      "next_step",  "note",     "now",     "observed_by",
                            "option",        "output",    "outcome",    "owner",    "page",    "purpose",
                            "reason",        "recipient", "request_id", "role",     "rule",    "rung",
                            "said",          "say",       "secret",     "sentence", "source",  "subject",
                            "template",      "text",      "thing",      "to",       "told_by", "trust",
                            "understood_by", "unit",      "used_from",  "version",  "what",    "why",
                            "value"}) {
        leaf[key] = text;
    }
    for (const char* key : {"available", "builtin", "custom", "here", "intact", "learned", "more", "ok",
                            "sure", "time", "yes", "understood"}) {
        leaf[key] = flag;
    }
    leaf["error"] = {{"number", 6005}, {"detail", text}};
    Json node = leaf;
    for (const char* key : {"confirm_on", "devices", "does", "one_of", "readers", "used", "witnessed_by"}) {
        node[key] = Json::array({text, text});
    }
    for (const char* key : {"ignored", "imports", "next_best", "slots"}) {
        node[key] = Json::array({leaf});
    }
    node["state"] = {{"mode", text}, {"value", {{kHostile, text}}}, {"unit", text}};
    node["tells"] = Json::array({node});
    Json answer = node;
    for (const char* key :
         {"answers",  "areas",     "bridges",  "chain",   "devices",  "extractors", "facts",  "found",
          "items",    "languages", "left_out", "lessons", "near",     "pending",    "people", "problems",
          "readings", "replaced",  "rows",     "rules",   "settings", "things",     "tokens"}) {
        answer[key] = Json::array({node});
    }
    for (const char* key :
         {"device", "forgotten", "guess", "household", "lesson", "removed", "rule", "token"}) {
        answer[key] = node;
    }
    answer["explanation"] = answer;
    answer["recovery_words"] = Json::array({text});
    answer["withheld"] = Json::array({text});
    answer["would_tell"] = {{kHostile, text}};
    answer["error"] = {{"number", 64'999}, {"text", text}, {"detail", text}, {"next_step", text}};
    return answer;
}

std::string phrase(const Json& answer, const Look& /*look*/) {
    return device_phrase(answer["device"]);
}

using Renderer = std::string (*)(const Json&, const Look&);

class HostileText : public testing::TestWithParam<Renderer> {};

TEST_P(HostileText, StaysTextOnItsLine) {
    std::string shown;
    for (const bool flag : {false, true}) {
        shown += GetParam()(hostile_answer(flag), {});
        EXPECT_NO_THROW(
            GetParam()(hostile_answer(flag), {.color = true, .terminal = true, .now = {}, .columns = 60}));
    }
    EXPECT_THAT(shown, HasSubstr("evil")) << "it shows something from outside";
    EXPECT_THAT(shown, testing::Not(testing::ContainsRegex("(^|\n) *c d"))) << "no line of its own";
    shown.erase(std::remove(shown.begin(), shown.end(), '\n'), shown.end());
    EXPECT_EQ(for_terminal(shown), shown) << "nothing in it is obeyed";
}

INSTANTIATE_TEST_SUITE_P(All,
                         HostileText,
                         testing::Values(
                             status_text,
                             doctor_text,
                             created_text,
                             recovery_words_text,
                             devices_text,
                             people_text,
                             bridges_text,
                             config_text,
                             phrase,
                             answers_text,
                             plan_text,
                             why_text,
                             pending_text,
                             confirmed_text,
                             languages_text,
                             imported_text,
                             import_removed_text,
                             facts_text,
                             fact_line,
                             [](const Json& answer, const Look&) { return value_text(answer["state"]); },
                             explanation_text,
                             taught_text,
                             lessons_text,
                             forgotten_text,
                             sentences_text,
                             ledger_text,
                             verified_text,
                             rules_text,
                             things_text,
                             given_text,
                             areas_text,
                             floor_text,
                             device_area_text,
                             rule_text,
                             simulated_text,
                             token_made_text,
                             tokens_text));

TEST(HostileTextTest, LettersAndEmojiStay) {
    EXPECT_THAT(things_text(hostile_answer(true), {}), HasSubstr(kHarmless));
}

TEST(HostileTextTest, JsonIsTheSameAndNothingATerminalObeys) {
    const Json answer = hostile_answer(true);
    const std::string line = dumped(answer);
    EXPECT_EQ(for_terminal(line), line);
    EXPECT_EQ(Json::parse(line), answer);
    EXPECT_EQ(dumped(Json{{"name", "Küche 💡"}}), R"({"name":"Küche 💡"})")
        << "and is readable where it can be";
}

TEST(HostileTextTest, ALongNameLeavesTheOthersInSight) {
    Json answer = {{"things", Json::array({{{"id", "m/1"}, {"domain", "light"}, {"name", "Lamp"}}})},
                   {"all", 2}};
    Json thing = answer["things"][0];
    thing["name"] = "é" + std::string(10'000, 'x');
    answer["things"].push_back(thing);
    const std::string text = things_text(answer, {});
    EXPECT_LT(text.size(), 600U);
    EXPECT_THAT(text, HasSubstr("é" + std::string(98, 'x') + "…"));
}

}  // namespace
}  // namespace ambit::cli

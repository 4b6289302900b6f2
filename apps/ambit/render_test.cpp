// Golden texts: what a person sees for an answer of docs/spec/local-api.md.
#include "ambit/render.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace ambit::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Render : public testing::Test {
  protected:
    Render() {
        setenv("TZ", "UTC", 1);  // NOLINT(concurrency-mt-unsafe): before any thread
        tzset();
        look_.now = time_of(Json{{"t", "2026-11-22T12:00:00Z"}}, "t");
    }

    Look look_;
};

TEST_F(Render, Devices) {
    const Json answer = Json::parse(R"({"v":1,"devices":[
        {"name":"hub","kind":"hub","link":"here","does":["language","light 14"],"now":"idle"},
        {"name":"phone","kind":"phone","owner":"Anna","link":"direct","rtt_ms":3.14,"does":["language"]},
        {"name":"watch","kind":"watch","owner":"Anna","link":"direct","via":"tls","does":[],"battery_pct":72},
        {"name":"car","kind":"car","link":"away","since":"2026-11-22T10:00:00Z","does":["cabin"]}]})");
    EXPECT_EQ(devices_text(answer, look_),
              "DEVICE   KIND    OF       LINK            NOW            DOES\n"
              "hub      hub     shared   here            idle           language, light 14\n"
              "phone    phone   Anna     direct 3.1 ms   -              language\n"
              "watch    watch   Anna     direct          72 % battery   -\n"
              "car      car     shared   away 2 h        -              cabin\n");
}

TEST_F(Render, VersionsOnlyWhereTheyDiffer) {
    Json answer = Json::parse(R"({"devices":[{"name":"hub","link":"here","version":"0.2.0"},
        {"name":"car","link":"away"},{"name":"phone","link":"direct","version":"0.2.0"}]})");
    EXPECT_THAT(devices_text(answer, look_), testing::Not(HasSubstr("VERSION")));
    answer["devices"][2]["version"] = "0.1.0";
    EXPECT_THAT(devices_text(answer, look_), HasSubstr("VERSION"));
    EXPECT_THAT(devices_text(answer, look_), HasSubstr("0.1.0"));
}

TEST_F(Render, Answers) {
    const Json answer = Json::parse(R"({"v":1,"understood":true,"understood_ms":0.2,"answers":[
        {"text":"Kitchen light on","ok":true,"outcome":"done","capability":"light.set","done_by":"hub","done_ms":11.4},
        {"text":"Bedroom light","ok":false,"outcome":"not_done","error":{"number":6009,"detail":"lamp silent"}},
        {"text":"Garage door","ok":false,"outcome":"unknown","capability":"cover.toggle","done_by":"hub"},
        {"outcome":"pending","confirm_on":["phone","watch"],"expires_s":30}]})");
    const std::string text = answers_text(answer, look_);
    EXPECT_THAT(
        text,
        testing::StartsWith(
            "✓ Kitchen light on                       (understood here in 0.2 ms · done by hub in 11 ms)\n"
            "✗ Bedroom light.  No answer in time: lamp silent.  See what is wrong: "));
    EXPECT_THAT(text, HasSubstr("  (E6009)\n? Garage door\n"));
    EXPECT_THAT(
        text,
        HasSubstr("… This needs a yes on one of your own devices: sent to phone and watch.  (waits 30 s)\n"));
}

TEST_F(Render, SaysNothingTwice) {
    const Json answer = Json::parse(R"({"v":1,"understood":true,"answers":[{"outcome":"not_done",
        "text":"I know no light.", "error":{"number":4302,"detail":"I know no light."}}]})");
    EXPECT_THAT(answers_text(answer, look_), testing::StartsWith("✗ I know no light.  See what there is: "));
}

TEST_F(Render, WrapsTheLastColumnAtTheTerminalsEdge) {
    Table table({"KEY", "TEXT"});
    table.add({"a", "some words that are too many for one line"});
    EXPECT_EQ(table.text(look_), "KEY   TEXT\na     some words that are too many for one line\n");
    look_.columns = 30;
    EXPECT_EQ(table.text(look_), "KEY   TEXT\na     some words that are too\n      many for one line\n");
    look_.columns = 20;
    EXPECT_EQ(table.text(look_), "KEY   TEXT\na     some words that are too many for one line\n")
        << "too narrow";
}

TEST_F(Render, WordsNobodyUnderstood) {
    const Json answer = Json::parse(R"({"v":1,"understood":false,"answers":[],
        "error":{"number":6005,"detail":"no light called \"xyz\""}})");
    EXPECT_THAT(answers_text(answer, look_),
                testing::StartsWith("✗ E6005 nothing has that name: no light called \"xyz\"."));
}

TEST_F(Render, Why) {
    const Json answer = Json::parse(R"({"v":1,"chain":[
        {"depth":0,"time":"2026-11-22T07:38:00Z","what":"Kitchen light on","by":"hub","rule":"command"},
        {"depth":1,"time":"2026-11-22T07:37:59Z","what":"you said \"turn on the kitchen light\"","told_by":"phone"}],
        "withheld":["The words stayed on phone."]})");
    EXPECT_EQ(why_text(answer, look_),
              "07:38  Kitchen light on                         done by hub, at your word\n"
              "   because  you said \"turn on the kitchen light\"  told by phone at 07:37\n"
              "   The words stayed on phone.\n");
}

TEST_F(Render, WhyOfAnAgent) {
    const Json answer = Json::parse(R"({"v":1,"chain":[
        {"depth":0,"time":"2026-11-22T07:38:00Z","what":"Cabin on","by":"car","rule":"agent precondition"},
        {"depth":1,"time":"2026-11-22T07:00:00Z","what":"comfort 21 °C","told_by":"phone",
         "rule":"departure -> car","leaves":"2026-11-22T08:00:00Z"}],
        "withheld":[],"request_id":"3f9a27c1d50b4e88"})");
    EXPECT_EQ(why_text(answer, look_),
              "07:38  Cabin on                                 done by car, for the agent precondition\n"
              "   because  next departure 08:00, comfort 21 °C  told by phone at 07:00, under the rule "
              "\"departure -> car\"\n"
              "   Take it back:  ambit undo 3f9a27c1\n");
    const Json held = Json::parse(R"({"v":1,"chain":[
        {"depth":0,"time":"2026-11-22T07:38:00Z","what":"Cabin was left as it is","told_by":"car"},
        {"depth":1,"what":"it is not time yet","until":"2026-11-22T07:40:00Z"}],"withheld":[]})");
    EXPECT_EQ(why_text(held, look_),
              "07:38  Cabin was left as it is                  told by car\n"
              "   because  it is not time yet, until 07:40\n");
}

TEST_F(Render, ReleaseInFullAndTried) {
    const Json rule = Json::parse(R"({"v":1,"rule":{"id":"7c1e2a90","name":"sleep -> hub","owner":"Anna",
        "extractor":"body-state@1","source":"body_state","recipient":"device:hub","readers":["hub"],
        "purpose":"a calm bedroom","rate_per_hour":60,"used":12,
        "tells":[{"name":"state","one_of":["asleep","resting","unknown"]}]}})");
    EXPECT_EQ(rule_text(rule, look_),
              "sleep -> hub\n"
              "  Tells    state: asleep, resting or unknown; nothing else\n"
              "  From     body_state of Anna, by body-state@1\n"
              "  To       device:hub, now: hub\n"
              "  For      a calm bedroom\n"
              "  Until    you revoke it:  ambit release revoke 7c1e2a90\n"
              "  At most  60 times an hour; used 12 times in all\n");
    const Json tried = Json::parse(R"({"v":1,"extractor":"departure@1","source":"departure",
        "recipient":"device:car","readers":["car"],"would_tell":{"comfort_c":21.0,"leaves":null},
        "time":"2026-11-22T07:38:00Z","observed_by":"phone",
        "tells":[{"name":"leaves","time":true},{"name":"comfort_c","from":16,"to":26}]})");
    EXPECT_EQ(simulated_text(tried, look_),
              "Would tell device:car, now: car.\n"
              "  Now      comfort_c: 21.0, leaves: never, so since 07:38 by phone\n"
              "  Ever     leaves: a time; comfort_c: 16 to 26; nothing else\n"
              "Nothing was sent.  Allow it:  ambit release grant departure --to device:car\n");
    Json unknown = tried;
    unknown.erase("would_tell");
    EXPECT_NE(simulated_text(unknown, look_).find("nothing: no device of yours"), std::string::npos);
}

TEST_F(Render, Ledger) {
    const Json answer = Json::parse(R"({"v":1,"entries":312,"intact":true,"left_household":0,"rows":[
        {"time":"2026-11-22T06:02:00Z","from":"phone","to":"car","what":"next departure {time, comfort}",
         "rule":"departure -> car","outcome":"cleared","count":1},
        {"time":"2026-11-22T11:40:00Z","from":"watch","to":"speaker","what":"heart rate","outcome":"refused",
         "reason":"Anna's devices only","count":3}]})");
    EXPECT_EQ(
        ledger_text(answer, look_),
        "06:02   phone -> car       next departure {time, comfort}   rule \"departure -> car\"   cleared\n"
        "11:40   watch -> speaker   heart rate (3 times)             Anna's devices only       REFUSED\n"
        "312 entries, chain intact.  Nothing left the household.\n");
}

TEST_F(Render, Doctor) {
    const Json answer = Json::parse(R"({"v":1,"items":[
        {"key":"clock","ok":false,"text":"car is 7 min ahead","next_step":"set the car's clock"},
        {"key":"links","ok":true},{"key":"disk","ok":true}]})");
    EXPECT_EQ(doctor_text(answer, look_),
              "! clock   car is 7 min ahead\n          Next: set the car's clock\n✓ links  ✓ disk\n");
}

TEST_F(Render, CreatedShowsTheWordsAndOnATerminalTheQr) {
    Json answer =
        Json::parse(R"({"v":1,"household":{"name":"Home"},"device":{"name":"hub"},"recovery_qr":"x"})");
    for (int i = 0; i < 24; ++i) {
        answer["recovery_words"].push_back("word" + std::to_string(i));
    }
    EXPECT_THAT(created_text(answer, look_),
                testing::StartsWith(
                    "Household \"Home\" created on this device (hub).  Add the others:  ambit pair\n"));
    EXPECT_THAT(created_text(answer, look_), HasSubstr("24 word23\n"));
    EXPECT_THAT(created_text(answer, look_), Not(HasSubstr("█")));
    look_.terminal = true;
    EXPECT_THAT(created_text(answer, look_), HasSubstr("█"));
}

TEST_F(Render, FactsAndPlan) {
    const Json facts = Json::parse(R"({"v":1,"facts":[{"subject":"household","attribute":"time_zone",
        "value":"Europe/Berlin","audience":"household","source":"hub","time":"2026-11-22T06:00:00Z"},
        {"subject":"entity:mqtt:home/k","name":"Kitchen Light","attribute":"state","value":{"on":true,"brightness_pct":40},
        "audience":"household","source":"hub","time":"2026-11-20T06:00:00Z","trust":"untrusted"}]})");
    EXPECT_EQ(facts_text(facts, look_),
              "SUBJECT         ATTRIBUTE   READERS     FROM   WHEN        VALUE\n"
              "household       time_zone   household   hub    06:00       Europe/Berlin\n"
              "Kitchen Light   state       household   hub    Fri 06:00   on true, brightness_pct 40 "
              "(untrusted)\n");
    const Json plan =
        Json::parse(R"({"v":1,"rows":[{"device":"hub","rung":"mqtt:home","latency_ms":12,"chosen":true},
        {"device":"car","reason":"no such capability"}]})");
    EXPECT_EQ(plan_text(plan, look_),
              "  hub   mqtt:home   12 ms   -   chosen\n"
              "  car   -           -       -   no such capability\n");
}

TEST_F(Render, MissingMembersAndStrangeTypesAreNoTrouble) {
    const Json odd =
        Json::parse(R"({"devices":[{"name":5,"does":"x"},7,null],"answers":[{}],"understood":true,
        "chain":[{"depth":1e9}],"rows":[{}],"items":[{}],"facts":[{"value":[1]}],"people":[{}],"pending":[{}],
        "rules":[{}],"settings":[{}],"problems":[{}],"bridges":[{}],"recovery_words":["a"],"household":{}})");
    for (const auto render : {devices_text, answers_text, plan_text, why_text, doctor_text, facts_text,
                              people_text, pending_text, rules_text, config_text, bridges_text, created_text,
                              status_text, ledger_text, verified_text, confirmed_text}) {
        EXPECT_FALSE(render(odd, look_).empty());
        EXPECT_NO_THROW(render(Json::object(), look_));
    }
}

TEST_F(Render, ColoursDoNotMoveColumns) {
    look_.color = true;
    Table table({"A", "B"});
    table.add({red(look_, "x"), "1"});
    table.add({"é", "2"});
    EXPECT_EQ(table.text(look_), "\x1b[1mA   B\x1b[0m\n\x1b[31mx\x1b[0m   1\né   2\n");
}

TEST_F(Render, TimesAreRelativeToToday) {
    const auto at = [](const char* text) { return time_of(Json{{"t", text}}, "t"); };
    EXPECT_EQ(clock_text(look_, at("2026-11-22T07:38:00Z")), "07:38");
    EXPECT_EQ(clock_text(look_, at("2026-11-20T07:38:00Z")), "Fri 07:38");
    EXPECT_EQ(clock_text(look_, at("2025-11-20T07:38:00Z")), "2025-11-20 07:38");
    EXPECT_EQ(iso_text(at("2026-11-22T07:38:01.250Z")), "2026-11-22T07:38:01.250Z");
    EXPECT_EQ(iso_text(midnight_before(look_.now)), "2026-11-22T00:00:00.000Z");
    EXPECT_EQ(at("garbage"), WallTime());
    EXPECT_EQ(span_text(at("2026-11-22T07:38:00Z"), look_.now), "4 h");
}

TEST_F(Render, Things) {
    const Json answer = Json::parse(R"({"things":[
        {"id":"mqtt:home/2","name":"Hall Heating","domain":"climate","area":"Hall","can":["climate.set"],
         "state":{"on":true,"mode":"heat","temperature_c":19.5,"current_temperature_c":20},"available":true},
        {"id":"mqtt:home/1","name":"Lamp","domain":"light","can":["light.set"],"state":{"on":false},"available":true},
        {"id":"mqtt:home/3","name":"Door","domain":"lock","can":[],"state":{"locked":true},"available":false},
        {"id":"mqtt:home/4","name":"Power","domain":"sensor","can":[],"state":{"value":21.5,"unit":"W"},"available":true},
        {"id":"mqtt:home/5","name":"Shade","domain":"cover","can":[],"state":{"open":true,"position_pct":30}},
        {"id":"mqtt:home/6","name":"New","domain":"light","can":[]}],"all":7})");
    EXPECT_EQ(things_text(answer, look_),
              "THING          ROOM   KIND      STATE                             ID\n"
              "Door           -      lock      offline                           mqtt:home/3\n"
              "Lamp           -      light     off                               mqtt:home/1\n"
              "New            -      light     -                                 mqtt:home/6\n"
              "Power          -      sensor    21.5 W                            mqtt:home/4\n"
              "Shade          -      cover     open, at 30 %                     mqtt:home/5\n"
              "Hall Heating   Hall   climate   on, heat, to 19.5 °C, now 20 °C   mqtt:home/2\n"
              "and 1 more\n");
    EXPECT_THAT(things_text(Json::parse(R"({"things":[],"all":0})"), look_),
                testing::HasSubstr("ambit help home"));
    EXPECT_EQ(given_text(Json::parse(R"({"thing":"Lamp","id":"x","area":"Study"})"), look_),
              "Lamp is in Study.\n");
    EXPECT_EQ(given_text(Json::parse(R"({"thing":"Lamp","id":"x","name":""})"), look_),
              "Lamp has the name that its source gives it.\n");
}

}  // namespace
}  // namespace ambit::cli

#include "privacy/release.h"

#include <gmock/gmock.h>

#include "privacy/home_testing.h"
#include "storage/memory_storage.h"

namespace ambit::privacy {
namespace {

using testing::now_at;
constexpr Here kHere{"test"};

class ReleaseTest : public ::testing::Test {
  protected:
    ReleaseTest() : ledger(storage, home.key(home.watch)), rules(ledger) {
        const Extractor& sleep = *find_extractor("sleep-state", 1);
        rule.id = RuleId(std::array<std::uint8_t, 16>{1});
        rule.name = "sleep state -> household";
        rule.owner = home.ada;
        rule.extractor = sleep.name;
        rule.extractor_version = sleep.version;
        rule.code_hash = sleep.code_hash();
        rule.fields = sleep.fields;
        rule.source_attribute = "heart_rate";
        rule.purpose = "lights and heating follow sleep";
    }

    void add() { ASSERT_TRUE(rules.add(sign_rule(rule, home.key(home.phone)).value(), home.roster)); }

    Labelled<Bytes> reading(double beats, const Audience& audience) const {
        return {to_bytes("{\"beats_per_min\":" + std::to_string(beats) + ",\"resting_beats_per_min\":60}"),
                Label{audience}};
    }

    Result<Released> apply(double beats, std::int64_t at = 0) {
        return rules.apply(rule.id, "heart_rate", reading(beats, OnePerson{home.ada}), home.roster,
                           now_at(at));
    }

    testing::Home home;
    storage::MemoryStorage storage;
    Ledger ledger;
    ReleaseRules rules;
    ReleaseRule rule;
};

TEST_F(ReleaseTest, LetsOnlyTheTypedViewOut) {
    add();
    const auto released = apply(52);
    ASSERT_TRUE(released);
    EXPECT_EQ(to_text(released->value.read(kHere)), R"({"state":"asleep"})");
    EXPECT_EQ(released->value.label().audience, Audience(Household{}));
    const auto rows = ledger.query({});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].read(kHere).rule, rule.name);
    EXPECT_EQ(rows[0].label().audience, Audience(OnePerson{home.ada}));
}

TEST_F(ReleaseTest, SleepStates) {
    add();
    const std::map<double, std::string> expected{{40, "asleep"},  {57, "asleep"}, {58, "resting"},
                                                 {75, "resting"}, {90, "active"}, {150, "exertion"},
                                                 {300, "unknown"}};
    for (const auto& [beats, state] : expected) {
        EXPECT_EQ(to_text(apply(beats)->value.read(kHere)), "{\"state\":\"" + state + "\"}") << beats;
    }
}

TEST_F(ReleaseTest, OfADepartureOnlyTimeAndTemperatureGetOut) {
    const Extractor& departure = *find_extractor("departure", 1);
    const auto out = [&](const std::string& json) { return departure.run(view_of(json)); };
    const auto told = out(R"({"leaves_ms":1795000000000,"comfort_c":21.5,"appointment_ms":1,"travel_min":25,
                              "title":"canary","place":"canary"})");
    ASSERT_TRUE(told);
    EXPECT_EQ(*told, (Output{{"leaves", std::int64_t{1'795'000'000'000}}, {"comfort_c", 21.5}}));
    for (const char* bad :
         {"", "[]", "{}", R"({"leaves_ms":1.5,"comfort_c":21})", R"({"leaves_ms":"canary","comfort_c":21})",
          R"({"leaves_ms":1,"comfort_c":"x"})"}) {
        EXPECT_EQ(out(bad).error().code, ErrorCode::InvalidArgument) << bad;
    }
}

TEST_F(ReleaseTest, ADepartureOutsideItsBoundsIsNotReleased) {
    const Extractor& departure = *find_extractor("departure", 1);
    rule.extractor = departure.name;
    rule.code_hash = departure.code_hash();
    rule.fields = departure.fields;
    rule.source_attribute = "departure";
    rule.recipient = NamedAudience{ThisDevice{home.hub}};
    add();
    const auto release = [&](const std::string& json) {
        return rules.apply(rule.id, "departure", {to_bytes(json), Label{Audience(OnePerson{home.ada})}},
                           home.roster, now_at(0));
    };
    const auto told = release(R"({"leaves_ms":5,"comfort_c":21,"title":"canary"})");
    ASSERT_TRUE(told) << told.error().message();
    EXPECT_EQ(to_text(told->value.read(kHere)), R"({"comfort_c":21.0,"leaves":5})");
    EXPECT_EQ(told->value.label().audience, Audience(ThisDevice{home.hub}));
    EXPECT_FALSE(release(R"({"leaves_ms":5,"comfort_c":90})"));
}

TEST_F(ReleaseTest, OfABodyOnlyItsStateGetsOut) {
    const Extractor& body = *find_extractor("body-state", 1);
    const std::string json = R"({"state":"asleep","confidence":0.8,"resting_beats_per_min":54})";
    EXPECT_EQ(*body.run(view_of(json)), (Output{{"state", "asleep"}}));
    EXPECT_FALSE(body.run(view_of(std::string(R"({"state":3})"))));
    rule.extractor = body.name;
    rule.code_hash = body.code_hash();
    rule.fields = body.fields;
    rule.source_attribute = "body_state";
    add();
    const auto odd =
        rules.apply(rule.id, "body_state",
                    {to_bytes(std::string(R"({"state":"canary"})")), Label{Audience(OnePerson{home.ada})}},
                    home.roster, now_at(0));
    EXPECT_FALSE(odd) << "no word that is not one of the states";
}

TEST_F(ReleaseTest, TakesOnlyRulesOfTheOwnersDevices) {
    EXPECT_EQ(rules.add(sign_rule(rule, home.key(home.tablet)).value(), home.roster).error().code,
              ErrorCode::BadReleaseRule);
    EXPECT_EQ(rules.add(sign_rule(rule, home.key(home.hub)).value(), home.roster).error().code,
              ErrorCode::BadReleaseRule);
    auto forged = sign_rule(rule, home.key(home.tablet)).value();
    forged.signer = home.phone;
    EXPECT_EQ(rules.add(forged, home.roster).error().code, ErrorCode::BadSignature);
    auto changed = sign_rule(rule, home.key(home.phone)).value();
    changed.rule.recipient = NamedAudience{Anyone{}};  // not what was signed
    ASSERT_TRUE(rules.add(changed, home.roster));
    EXPECT_EQ(rules.list().at(0).recipient, ReleaseRecipient(NamedAudience{Household{}}));
}

TEST_F(ReleaseTest, AnotherPersonCannotReplaceARule) {
    add();
    rule.owner = home.ben;
    EXPECT_EQ(rules.add(sign_rule(rule, home.key(home.tablet)).value(), home.roster).error().code,
              ErrorCode::BadReleaseRule);
}

TEST_F(ReleaseTest, WidensOnlyWhatItsOwnerOwns) {
    add();
    const auto both = Audience(OnePerson{home.ada}).join(OnePerson{home.ben}).value();
    const auto released = rules.apply(rule.id, "heart_rate", reading(52, both), home.roster, now_at(0));
    ASSERT_TRUE(released);
    EXPECT_EQ(released->value.label().audience, Audience(OnePerson{home.ben}).join(Household{}).value());
    const auto own_device =
        rules.apply(rule.id, "heart_rate", reading(52, ThisDevice{home.watch}), home.roster, now_at(0));
    EXPECT_EQ(own_device->value.label().audience, Audience(Household{}));
}

TEST_F(ReleaseTest, RefusesAndWritesItDown) {
    rule.expires = now_at(100).wall;
    rule.rate_uses = 2;
    rule.rate_per = seconds(60);
    add();
    EXPECT_EQ(
        rules.apply(rule.id, "steps", reading(52, OnePerson{home.ada}), home.roster, now_at(0)).error().code,
        ErrorCode::ReleaseRefused);
    EXPECT_TRUE(apply(52, 1));
    EXPECT_TRUE(apply(52, 2));
    EXPECT_EQ(apply(52, 3).error().code, ErrorCode::ReleaseRate);
    EXPECT_TRUE(apply(52, 61));
    EXPECT_EQ(apply(52, 100).error().code, ErrorCode::ReleaseExpired);
    EXPECT_EQ(ledger.query({.refused_only = true}).size(), 3U);
}

TEST_F(ReleaseTest, TheRateHoldsAcrossARestart) {
    rule.rate_uses = 2;
    add();
    EXPECT_TRUE(apply(52, 1));
    EXPECT_TRUE(apply(52, 2));
    ReleaseRules again(ledger);
    ASSERT_TRUE(again.add(sign_rule(rule, home.key(home.phone)).value(), home.roster));
    EXPECT_EQ(again.apply(rule.id, "heart_rate", reading(52, OnePerson{home.ada}), home.roster, now_at(3))
                  .error()
                  .code,
              ErrorCode::ReleaseRate);
}

TEST_F(ReleaseTest, AChangedExtractorNeedsANewSignature) {
    rule.code_hash = Digest();
    add();
    EXPECT_EQ(apply(52).error().code, ErrorCode::ReleaseRefused);
}

TEST_F(ReleaseTest, ANarrowerSchemaHidesTheRest) {
    rule.fields[0].values = {"asleep"};
    add();
    EXPECT_TRUE(apply(52));
    EXPECT_EQ(apply(90).error().code, ErrorCode::ReleaseRefused);
}

TEST_F(ReleaseTest, RulesComeBackFromText) {
    rule.recipient = Service{"mqtt:home", Household{}};
    rule.expires = now_at(5).wall;
    const auto signed_rule = sign_rule(rule, home.key(home.phone)).value();
    const auto back = decode_rule(encode_rule(signed_rule)).value();
    EXPECT_EQ(back.body, signed_rule.body);
    EXPECT_EQ(back.rule.fields, rule.fields);
    EXPECT_EQ(back.rule.recipient, rule.recipient);
    EXPECT_EQ(back.rule.expires, rule.expires);
    EXPECT_FALSE(decode_rule("00"));
    EXPECT_FALSE(decode_rule("zz"));
}

TEST_F(ReleaseTest, ARuleCannotPassForABuiltInOne) {
    rule.name = "command";
    EXPECT_EQ(sign_rule(rule, home.key(home.phone)).error().code, ErrorCode::BadReleaseRule);
}

TEST_F(ReleaseTest, AnExplicitCommandReachesWhatActsAndNobodyElse) {
    const Labelled<Bytes> values(to_bytes(R"({"on":true})"), Label{Audience(OnePerson{home.ada})});
    const auto sent = rules.command(values, "light.set", "mqtt:home/lamp", home.ada, home.hub, home.roster);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->value.label().audience, Audience(ThisDevice{home.hub}));
    EXPECT_EQ(sent->why.rule, "command");
    EXPECT_EQ(sent->why.before, values.label());
    // On the hub: on to its broker.
    const Service broker{"mqtt:home", Household{}};
    const auto acted =
        rules.command(sent->value, "light.set", "mqtt:home/lamp", home.ada, broker, home.roster, home.hub);
    EXPECT_EQ(acted->value.label().audience, Audience(Household{}));
}

TEST_F(ReleaseTest, ACommandDoesNotReleaseAnotherPersonsData) {
    const Labelled<Bytes> values(to_bytes("{}"), Label{Audience(OnePerson{home.ben})});
    const auto sent = rules.command(values, "light.set", "lamp", home.ada, home.hub, home.roster);
    EXPECT_FALSE(may_read(sent->value.label().audience, home.roster, home.hub));
}

TEST_F(ReleaseTest, APersonCanNarrowCommands) {
    const auto text = encode_limits({{"lock.set", true, {}}, {"light.set", false, {"lamp"}}}).value();
    ASSERT_TRUE(rules.set_command_limits(home.ada, decode_limits(text).value()));
    const Labelled<Bytes> values(to_bytes("{}"), Label{Audience(OnePerson{home.ada})});
    const auto send = [&](const std::string& capability, const std::string& entity, const PersonId& person) {
        return rules.command(values, capability, entity, person, home.hub, home.roster).has_value();
    };
    EXPECT_FALSE(send("lock.set", "door", home.ada));
    EXPECT_TRUE(send("light.set", "lamp", home.ada));
    EXPECT_FALSE(send("light.set", "other", home.ada));
    EXPECT_TRUE(send("switch.set", "other", home.ada));
    EXPECT_TRUE(send("lock.set", "door", home.ben));
}

}  // namespace
}  // namespace ambit::privacy

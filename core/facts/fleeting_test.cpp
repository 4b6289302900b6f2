#include "facts/fleeting.h"

#include <gmock/gmock.h>

#include "facts/entry.h"
#include "privacy/home_testing.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr privacy::Here kHere("fleeting tests");
const privacy::NamedAudience kHousehold = privacy::Household{};

Now at(std::int64_t seconds) {
    return ambit::testing::now_at(seconds);
}

class FleetingTest : public ::testing::Test {
  protected:
    FleetingTest() { set_roster(); }

    void set_roster() {
        phone.set_roster(home.view());
        hub.set_roster(home.view());
    }

    static Key key(const std::string& subject, const privacy::NamedAudience& audience = kHousehold) {
        return {audience, subject, "load"};
    }

    Result<void> put(const std::string& subject, std::int64_t value, seconds life = seconds(60)) {
        return phone.put(key(subject), value, at(0).wall, life, at(0));
    }

    // What the phone has for `peer`, as bytes.
    std::vector<Bytes> messages(const DeviceId& peer, bool changed_only = false, Now now = at(0)) {
        std::vector<Bytes> out;
        for (const auto& message : phone.messages_for(peer, changed_only, now)) {
            out.push_back(message.read(kHere));
        }
        return out;
    }

    // The phone's only message, after `change`.
    Bytes changed(const std::function<void(v1::FleetingFact&)>& change) {
        v1::FleetingFacts message;
        const Bytes bytes = messages(home.hub).at(0);
        EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        change(*message.mutable_facts(0));
        return to_bytes(message.SerializeAsString());
    }

    ErrorCode refusal(const Bytes& message) {
        const auto taken = hub.on_message(home.phone, message, at(0));
        return taken ? ErrorCode::Internal : taken.error().code;
    }

    ambit::testing::Home home;
    Fleeting phone{home.phone};
    Fleeting hub{home.hub};
};

TEST_F(FleetingTest, KeepsTheLastValueUntilItExpires) {
    ASSERT_TRUE(put("cpu", 1));
    ASSERT_TRUE(put("cpu", 2));
    const auto facts = phone.query("", at(59));
    ASSERT_THAT(facts, SizeIs(1));
    EXPECT_EQ(facts[0].read(kHere).value, Value(std::int64_t{2}));
    EXPECT_EQ(facts[0].read(kHere).source, home.phone);
    EXPECT_EQ(facts[0].label().audience, privacy::Audience(kHousehold));
    EXPECT_THAT(phone.query("", at(60)), IsEmpty());
    EXPECT_THAT(messages(home.hub, false, at(60)), IsEmpty());
    ASSERT_TRUE(phone.put(key("cpu"), true, at(50).wall, seconds(60), at(50)));
    EXPECT_THAT(phone.query("", at(100)), SizeIs(1));
}

TEST_F(FleetingTest, IsFoundByThePrefixOfItsSubject) {
    ASSERT_TRUE(put("entity:a", 1));
    ASSERT_TRUE(put("entity:b", 1));
    ASSERT_TRUE(put("device:a", 1));
    EXPECT_THAT(phone.query("entity:", at(0)), SizeIs(2));
    phone.erase(key("entity:a"));
    EXPECT_THAT(phone.query("entity:", at(0)), SizeIs(1));
    phone.erase(key("entity:never"));
}

TEST_F(FleetingTest, ReachesPeersWithTheLifeThatIsLeft) {
    ASSERT_TRUE(put("cpu", 1));
    const auto sent = messages(home.hub, false, at(40));
    ASSERT_THAT(sent, SizeIs(1));
    const auto news = hub.on_message(home.phone, sent[0], at(40));
    ASSERT_TRUE(news) << news.error().message();
    EXPECT_THAT(*news, SizeIs(1));
    EXPECT_THAT(hub.query("cpu", at(59)), SizeIs(1));
    EXPECT_THAT(hub.query("cpu", at(60)), IsEmpty());
}

TEST_F(FleetingTest, GoesOnlyToItsAudienceAndNeverFromThisDevice) {
    ASSERT_TRUE(phone.put(key("heart", privacy::OnePerson{home.ada}), true, {}, seconds(60), at(0)));
    ASSERT_TRUE(phone.put(key("own", privacy::ThisDevice{home.phone}), true, {}, seconds(60), at(0)));
    EXPECT_THAT(messages(home.hub), IsEmpty());
    EXPECT_THAT(messages(home.watch), SizeIs(1));
    EXPECT_FALSE(hub.put(key("heart", privacy::OnePerson{home.ada}), true, {}, seconds(60), at(0)));
}

TEST_F(FleetingTest, WhatIsReleasedToOneDeviceReachesItAlone) {
    const Key to_hub = key("person:ada", privacy::ThisDevice{home.hub});
    ASSERT_TRUE(phone.put(to_hub, true, {}, seconds(60), at(0)));
    EXPECT_THAT(messages(home.watch), IsEmpty()) << "not even to its owner's other devices";
    EXPECT_THAT(messages(home.speaker), IsEmpty());
    const auto sent = messages(home.hub);
    ASSERT_THAT(sent, SizeIs(1));
    ASSERT_TRUE(hub.on_message(home.phone, sent[0], at(0)));
    ASSERT_THAT(hub.query("", at(0)), SizeIs(1));
    EXPECT_THAT(hub.messages_for(home.speaker, false, at(0)), IsEmpty()) << "the hub passes it to nobody";
    set_roster();
    EXPECT_THAT(hub.query("", at(0)), SizeIs(1)) << "the phone is still a member";
    home.roster.devices.erase(home.phone);
    hub.set_roster(home.view());
    EXPECT_THAT(hub.query("", at(0)), IsEmpty());
}

TEST_F(FleetingTest, NothingIsReleasedToWhoIsNoMember) {
    const Key to_nobody = key("x", privacy::ThisDevice{DeviceId{}});
    EXPECT_FALSE(phone.put(to_nobody, true, {}, seconds(60), at(0)));
}

TEST_F(FleetingTest, SendsAgainOnlyWhatChanged) {
    ASSERT_TRUE(put("cpu", 1));
    EXPECT_THAT(messages(home.hub, true), SizeIs(1));
    phone.clear_changed();
    EXPECT_THAT(messages(home.hub, true), IsEmpty());
    EXPECT_THAT(messages(home.hub, false), SizeIs(1));
    ASSERT_TRUE(put("cpu", 2));
    EXPECT_THAT(messages(home.hub, true), SizeIs(1));
}

TEST_F(FleetingTest, APeerSpeaksOnlyForItselfAndOnlyToItsAudience) {
    ASSERT_TRUE(put("cpu", 1));
    const Bytes of_the_hub = changed([&](auto& fact) {
        fact.set_source(to_text(home.hub.bytes()));
        fact.set_audience("person:" + home.ada.hex());
    });
    EXPECT_EQ(phone.on_message(home.hub, of_the_hub, at(0)).error().code, ErrorCode::ChannelForbidden)
        << "the hub is not Ada's, and says nothing to Ada's devices as if it were";
    EXPECT_EQ(refusal(changed([&](auto& fact) { fact.set_source(to_text(home.speaker.bytes())); })),
              ErrorCode::ChannelForbidden);
    EXPECT_EQ(refusal(changed([&](auto& fact) { fact.set_audience("person:" + home.ada.hex()); })),
              ErrorCode::ChannelForbidden)
        << "the hub is not Ada's";
    EXPECT_EQ(refusal(changed([&](auto& fact) { fact.set_audience("device:" + home.speaker.hex()); })),
              ErrorCode::ChannelForbidden)
        << "what is for one device is for no other";
    EXPECT_EQ(refusal(to_bytes("no message")), ErrorCode::BadEncoding);
    EXPECT_THAT(hub.query("", at(0)), IsEmpty());
}

TEST_F(FleetingTest, RefusesWhatIsNoFact) {
    ASSERT_TRUE(put("cpu", 1));
    EXPECT_EQ(refusal(changed([](auto& fact) { fact.set_lives_ms(0); })), ErrorCode::FactInvalid);
    EXPECT_EQ(refusal(changed([](auto& fact) { fact.set_subject(""); })), ErrorCode::FactInvalid);
    EXPECT_EQ(refusal(changed([](auto& fact) { fact.set_confidence(1.5); })), ErrorCode::FactInvalid);
    EXPECT_EQ(refusal(changed([](auto& fact) { fact.set_time_us(INT64_MIN); })), ErrorCode::FactInvalid);
    EXPECT_EQ(refusal(changed(
                  [](auto& fact) { fact.mutable_value()->set_text(std::string(kValueBytesMax + 1, 'x')); })),
              ErrorCode::FactInvalid);
    EXPECT_EQ(refusal(changed(
                  [](auto& fact) { fact.mutable_value()->set_json(std::string(kValueBytesMax, '[')); })),
              ErrorCode::FactInvalid);
    EXPECT_FALSE(put("", 1));
    EXPECT_FALSE(put("cpu", 1, seconds(0)));
    EXPECT_FALSE(put("cpu", 1, seconds(25 * 3600)));
}

TEST_F(FleetingTest, NothingOfAMessageWithAnythingWrongInItIsKept) {
    ASSERT_TRUE(put("a", 1));
    ASSERT_TRUE(put("b", 1));
    v1::FleetingFacts message;
    const Bytes bytes = messages(home.hub).at(0);
    ASSERT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    ASSERT_EQ(message.facts_size(), 2);
    message.mutable_facts(1)->set_lives_ms(0);
    EXPECT_EQ(refusal(to_bytes(message.SerializeAsString())), ErrorCode::FactInvalid);
    EXPECT_THAT(hub.query("", at(0)), IsEmpty());
}

TEST_F(FleetingTest, NobodyLivesLongerThanADay) {
    ASSERT_TRUE(put("cpu", 1));
    ASSERT_TRUE(
        hub.on_message(home.phone, changed([](auto& fact) { fact.set_lives_ms(UINT64_MAX); }), at(0)));
    EXPECT_THAT(hub.query("", at(24 * 3600 - 1)), SizeIs(1));
    EXPECT_THAT(hub.query("", at(24 * 3600)), IsEmpty());
}

TEST_F(FleetingTest, OneDeviceHasItsLimitAndRoomComesBack) {
    for (std::size_t i = 0; i < kFleetingPerSourceMax; ++i) {
        ASSERT_TRUE(put("s" + std::to_string(i), 1, seconds(i == 0 ? 10 : 60)));
    }
    const auto more = put("one more", 1);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::LimitExceeded);
    EXPECT_TRUE(put("s5", 2)) << "a new value of what is there";
    phone.on_tick(at(10));
    EXPECT_TRUE(put("one more", 1));
    EXPECT_FALSE(put("and another", 1));
    phone.erase(key("s7"));
    EXPECT_TRUE(put("and another", 1));
}

TEST_F(FleetingTest, OneDeviceHasItsBytesToo) {
    const Value large = std::string(kValueBytesMax, 'x');
    std::size_t kept = 0;
    while (kept < kFleetingPerSourceMax &&
           phone.put(key("s" + std::to_string(kept)), large, at(0).wall, seconds(60), at(0))) {
        ++kept;
    }
    EXPECT_GT(kept, 200U);
    EXPECT_LT(kept, 257U);
    EXPECT_FALSE(put("even a small one", 1) && phone.put(key("s"), large, at(0).wall, seconds(60), at(0)));
    EXPECT_TRUE(put("s1", 1)) << "what is there may shrink";
    EXPECT_TRUE(phone.put(key("again"), std::string(30'000, 'y'), at(0).wall, seconds(60), at(0)));
    for (const Bytes& message : messages(home.hub)) {
        EXPECT_LT(message.size(), 200U * 1024);
    }
}

TEST_F(FleetingTest, AMessageHoldsAtMost256) {
    for (std::size_t i = 0; i <= kFleetingPerMessageMax; ++i) {
        ASSERT_TRUE(put("s" + std::to_string(i), 1));
    }
    const auto sent = messages(home.hub);
    ASSERT_THAT(sent, SizeIs(2));
    v1::FleetingFacts all;
    for (const Bytes& bytes : sent) {
        EXPECT_TRUE(hub.on_message(home.phone, bytes, at(0)));
        v1::FleetingFacts part;
        ASSERT_TRUE(part.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        all.MergeFrom(part);
    }
    EXPECT_THAT(hub.query("", at(0)), SizeIs(kFleetingPerMessageMax + 1));
    EXPECT_EQ(refusal(to_bytes(all.SerializeAsString())), ErrorCode::LimitExceeded);
}

TEST_F(FleetingTest, WhatARemovedDeviceSaidGoesAtOnce) {
    ASSERT_TRUE(put("cpu", 1));
    ASSERT_TRUE(hub.on_message(home.phone, messages(home.hub).at(0), at(0)));
    ASSERT_THAT(hub.query("", at(0)), SizeIs(1));
    home.roster.devices.erase(home.phone);
    hub.set_roster(home.view());
    EXPECT_THAT(hub.query("", at(0)), IsEmpty());
}

}  // namespace
}  // namespace ambit::facts

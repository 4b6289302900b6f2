// What a writer sends unasked, and what others pass on.
#include "facts/facts_testing.h"

namespace ambit::facts {
namespace {

using testing::at_ms;
using testing::draft_of;
using testing::kHere;
using testing::Network;
using testing::Node;

const privacy::NamedAudience kHousehold = privacy::Household{};

class News : public ::testing::Test {
  protected:
    void write(const std::string& subject, const Value& value) {
        hub.put(draft_of(kHousehold, subject, value));
        hub.disk.settle();
    }

    // What the hub has to say to the phone, which clears it.
    std::vector<Bytes> from_hub() {
        std::vector<Bytes> out;
        for (const auto& message : hub.facts->news(net.home.phone)) {
            out.push_back(message.read(kHere));
        }
        heights_to_phone = hub.facts->changed_heights(net.home.phone, hub.now).size();
        hub.facts->clear_changed(hub.now);
        return out;
    }

    std::optional<Value> at_phone(const std::string& subject) {
        return phone.value({kHousehold, subject, "state"});
    }

    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    Node& watch = net.add(net.home.watch);
    std::size_t heights_to_phone = 0;
};

TEST_F(News, ArriveInOneMessageAndNothingElseIsSaid) {
    write("lamp", "on");
    const auto news = from_hub();
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(heights_to_phone, 0U);
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, news[0], phone.now));
    phone.disk.settle();
    EXPECT_EQ(at_phone("lamp"), std::optional(Value("on")));
    EXPECT_TRUE(from_hub().empty());
}

TEST_F(News, WithAGapBeforeThemCountAsAHeight) {
    write("lamp", "on");
    (void)from_hub();  // lost
    write("door", "shut");
    const auto news = from_hub();
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, news.at(0), phone.now));
    phone.disk.settle();
    EXPECT_FALSE(at_phone("door"));
    const auto wants = phone.facts->wants(net.home.hub);
    ASSERT_EQ(wants.size(), 1U);
    EXPECT_EQ(wants[0].first_seq, 1U);
    phone.facts->close_want(net.home.hub, wants[0].channel);
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_TRUE(at_phone("door"));
}

TEST_F(News, AreTakenFromTheirWriterAloneAndOnlyIfItSignedThem) {
    write("lamp", "on");
    const Bytes news = from_hub().at(0);
    const auto relayed = phone.facts->receive_news(net.home.watch, news, phone.now);
    ASSERT_FALSE(relayed);
    EXPECT_EQ(relayed.error().code, ErrorCode::ChannelForbidden);
    Range range = decode_range(news).value();
    Bytes entry((*range.entries.begin()).begin(), (*range.entries.begin()).end());
    entry.back() ^= 1U;
    range.entries = {entry};
    const auto forged = phone.facts->receive_news(net.home.hub, encode_range(range), phone.now);
    ASSERT_FALSE(forged);
    EXPECT_EQ(forged.error().code, ErrorCode::FactsForged);
    phone.disk.settle();
    EXPECT_FALSE(at_phone("lamp"));
}

TEST_F(News, OfThisDeviceAloneGoToNobody) {
    hub.put(draft_of(privacy::ThisDevice{net.home.hub}, "pin", "0815"));
    hub.disk.settle();
    EXPECT_TRUE(from_hub().empty());
}

TEST_F(News, OfManyEntriesAreLeftToBeAskedFor) {
    std::vector<Draft> many(kNewsEntriesMax + 1, draft_of(kHousehold, "lamp", "on"));
    ASSERT_TRUE(hub.facts->put_all(many, hub.now));
    hub.disk.settle();
    EXPECT_TRUE(from_hub().empty());
    EXPECT_EQ(heights_to_phone, 1U);
}

TEST_F(News, AreOverTheRoomThatTheStoreHas) {
    for (std::size_t i = 0; i < kUndurableRangesMax + 2; ++i) {
        write("lamp", static_cast<std::int64_t>(i));
        ASSERT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
    }
    EXPECT_EQ(phone.facts->range_credit(), 0U);
    phone.disk.settle();
    EXPECT_EQ(phone.facts->wants(net.home.hub).size(), 1U) << "the rest is asked for";
}

TEST_F(News, OthersPassOnAfterAWhileToThoseWhoDoNotHaveThem) {
    write("lamp", "on");
    const Bytes news = from_hub().at(0);
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, news, phone.now));
    phone.disk.settle();
    EXPECT_TRUE(phone.facts->changed_heights(net.home.watch, phone.now).empty());
    ASSERT_TRUE(phone.facts->next_relay());
    EXPECT_LE(*phone.facts->next_relay(), phone.now.mono + kRelayDelayMax);
    phone.now = at_ms(kRelayDelayMax.count());
    EXPECT_EQ(phone.facts->changed_heights(net.home.watch, phone.now).size(), 1U);

    // The watch says that it has it.
    ASSERT_TRUE(watch.facts->receive_news(net.home.hub, news, watch.now));
    watch.disk.settle();
    for (const auto& heights : watch.facts->heights(net.home.phone)) {
        ASSERT_TRUE(phone.facts->on_heights(net.home.watch, heights.read(kHere), phone.now));
    }
    EXPECT_TRUE(phone.facts->changed_heights(net.home.watch, phone.now).empty());
    phone.facts->clear_changed(phone.now);
    EXPECT_FALSE(phone.facts->next_relay());
}

}  // namespace
}  // namespace ambit::facts

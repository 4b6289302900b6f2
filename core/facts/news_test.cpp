// What a writer sends unasked, and what others pass on.
#include "facts/arrivals.h"
#include "facts/facts_testing.h"
#include "facts/sync.h"

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
        hub.settle();
    }

    // What the hub has to say to the phone, which clears it.
    std::vector<Bytes> from_hub() {
        std::vector<Bytes> out;
        for (const auto& message : hub.facts->news(net.home.phone)) {
            out.push_back(message.read(kHere));
        }
        heights_to_phone = heights_from(hub, net.home.phone);
        hub.facts->clear_changed(hub.now);
        return out;
    }

    // Messages that `node` has for `peer` while all others are linked to it.
    std::size_t heights_from(Node& node, const DeviceId& peer) const {
        std::set<DeviceId> others;
        for (const auto& other : net.nodes) {
            others.insert(other->id);
        }
        others.erase(node.id);
        const std::vector<DeviceId> up(others.begin(), others.end());
        const auto messages = node.facts->changed_heights(up, node.now);
        return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(),
                                                      [&](const auto& one) { return one.peer == peer; }));
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
    phone.settle();
    EXPECT_EQ(at_phone("lamp"), std::optional(Value("on")));
    EXPECT_TRUE(from_hub().empty());
}

TEST_F(News, WithAGapBeforeThemCountAsAHeight) {
    write("lamp", "on");
    (void)from_hub();  // lost
    write("door", "shut");
    const auto news = from_hub();
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, news.at(0), phone.now));
    phone.settle();
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
    phone.settle();
    EXPECT_FALSE(at_phone("lamp"));
}

TEST_F(News, OfThisDeviceAloneGoToNobody) {
    hub.put(draft_of(privacy::ThisDevice{net.home.hub}, "pin", "0815"));
    hub.settle();
    EXPECT_TRUE(from_hub().empty());
}

TEST_F(News, OfManyEntriesAreLeftToBeAskedFor) {
    std::vector<Draft> many(kNewsEntriesMax + 1, draft_of(kHousehold, "lamp", "on"));
    ASSERT_TRUE(hub.facts->put_all(many, hub.now));
    hub.settle();
    EXPECT_TRUE(from_hub().empty());
    EXPECT_EQ(heights_to_phone, 1U);
}

TEST_F(News, AreOverTheRoomThatTheStoreHas) {
    for (std::size_t i = 0; i < kUndurableRangesMax + 2; ++i) {
        write("lamp", static_cast<std::int64_t>(i));
        ASSERT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
    }
    EXPECT_EQ(phone.facts->range_credit(), 0U);
    phone.settle();
    EXPECT_EQ(phone.facts->wants(net.home.hub).size(), 1U) << "the rest is asked for";
}

TEST_F(News, OthersPassOnAfterAWhileToThoseWhoDoNotHaveThem) {
    write("lamp", "on");
    const Bytes news = from_hub().at(0);
    ASSERT_TRUE(phone.facts->receive_news(net.home.hub, news, phone.now));
    phone.settle();
    EXPECT_EQ(heights_from(phone, net.home.watch), 0U);
    ASSERT_TRUE(phone.facts->next_relay());
    EXPECT_LE(*phone.facts->next_relay(), phone.now.mono + kRelayDelayMax);
    phone.now = at_ms(kRelayDelayMax.count());
    EXPECT_EQ(heights_from(phone, net.home.watch), 1U);

    // The watch says that it has it.
    ASSERT_TRUE(watch.facts->receive_news(net.home.hub, news, watch.now));
    watch.settle();
    for (const auto& heights : watch.facts->heights(net.home.phone)) {
        ASSERT_TRUE(phone.facts->on_heights(net.home.watch, heights.read(kHere), phone.now));
    }
    EXPECT_EQ(heights_from(phone, net.home.watch), 0U);
    phone.facts->clear_changed(phone.now);

    // Later it says so to everybody else.
    ASSERT_TRUE(phone.facts->next_relay());
    EXPECT_GE(*phone.facts->next_relay(), at_ms(kSweepDelayMin.count()).mono);
    phone.now = at_ms(kSweepDelayMax.count());
    EXPECT_EQ(heights_from(phone, net.home.watch), 0U);
    EXPECT_EQ(heights_from(phone, net.home.hub), 1U);
    phone.facts->clear_changed(phone.now);
    EXPECT_FALSE(phone.facts->next_relay());
}

TEST_F(News, ArePassedOnSoonByTwoAloneAndByWhomTheWatchHadToAsk) {
    Node& tablet = net.add(net.home.tablet);
    Node& speaker = net.add(net.home.speaker);
    Node* silent = nullptr;
    std::size_t tell = 0;
    const auto pass_on = [&](const std::string& subject) {
        write(subject, "on");
        const Bytes news = from_hub().at(0);
        tell = 0;
        for (Node* node : {&phone, &tablet, &speaker}) {
            ASSERT_TRUE(node->facts->receive_news(net.home.hub, news, node->now));
            node->settle();
            node->now.mono = node->facts->next_relay().value();
            const std::size_t told = heights_from(*node, net.home.watch);
            tell += told;
            silent = told == 0 ? node : silent;
        }
    };
    pass_on("lamp");
    EXPECT_EQ(tell, kToldSoonMax);
    ASSERT_NE(silent, nullptr);
    ASSERT_TRUE(net.sync(watch, *silent));
    pass_on("door");
    EXPECT_EQ(tell, kToldSoonMax + 1);
}

TEST_F(News, AreNotPassedOnSoonToWhomNeverAsksUntilALinkIsLost) {
    std::int64_t writes = 0;
    const auto told_by_phone = [&] {
        write("lamp", ++writes);
        EXPECT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
        phone.now.mono += kArrivalsWait;
        phone.facts->commit_arrivals(phone.now);
        phone.settle();
        phone.now.mono += kRelayDelayMax;
        const std::size_t told = heights_from(phone, net.home.watch);
        phone.facts->clear_changed(phone.now);
        return told;
    };
    for (int i = 0; i < kToldInVainMax; ++i) {
        EXPECT_EQ(told_by_phone(), 1U);
    }
    EXPECT_EQ(told_by_phone(), 0U) << "the watch has it of the hub";
    phone.now.mono += kSweepDelayMax;
    EXPECT_EQ(heights_from(phone, net.home.watch), 1U) << "with everybody else, later";
    phone.facts->clear_changed(phone.now);

    phone.facts->forget_peer(net.home.tablet);
    EXPECT_EQ(told_by_phone(), 1U) << "the watch may have lost its link to the hub as well";
    EXPECT_EQ(told_by_phone(), 1U);
    ASSERT_TRUE(net.sync(watch, phone));
    for (int i = 0; i <= kToldInVainMax; ++i) {
        EXPECT_EQ(told_by_phone(), 1U) << "it had to ask: it is told whenever there is something";
    }
}

TEST_F(News, AreTakenToTheDiskTogether) {
    const auto take = [&](const std::string& subject, std::int64_t ms) {
        write(subject, "on");
        phone.now = at_ms(ms);
        ASSERT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
        phone.disk.settle();
    };
    take("lamp", 0);
    EXPECT_TRUE(at_phone("lamp")) << "after a quiet time at once";
    take("door", 50);
    take("fan", 100);
    EXPECT_FALSE(at_phone("door"));
    const auto offered = phone.facts->heights(net.home.watch);
    ASSERT_EQ(offered.size(), 1U);
    EXPECT_EQ(decode_heights(offered[0].read(kHere)).value().at(0).head.seq, 1U) << "only what is durable";
    ASSERT_EQ(phone.facts->next_commit(), at_ms(kArrivalsWait.count()).mono);
    phone.facts->commit_arrivals(at_ms(kArrivalsWait.count()));
    phone.disk.settle();
    EXPECT_TRUE(at_phone("door"));
    EXPECT_TRUE(at_phone("fan"));
    EXPECT_FALSE(phone.facts->next_commit());
}

TEST_F(News, WaitLongerInAHouseholdThatStaysBusy) {
    std::int64_t writes = 0;
    const auto take = [&] {
        write("lamp", ++writes);
        EXPECT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
        phone.disk.settle();
    };
    const auto waits = [&] {
        take();
        const auto waited = phone.facts->next_commit().value() - phone.now.mono;
        phone.now.mono += waited;
        phone.facts->commit_arrivals(phone.now);
        phone.disk.settle();
        return waited;
    };
    take();  // after a quiet time at once
    const MonoTime began = phone.now.mono;
    while (phone.now.mono < began + kArrivalsBusyAfter) {
        EXPECT_EQ(waits(), kArrivalsWait);
    }
    EXPECT_EQ(waits(), kArrivalsWaitBusy);
    phone.now.mono += kArrivalsPause;
    take();
    EXPECT_FALSE(phone.facts->next_commit()) << "after a pause at once";
    EXPECT_EQ(waits(), kArrivalsWait);
}

TEST_F(News, GoToTheDiskWithWhatIsWrittenHere) {
    for (const char* subject : {"lamp", "door"}) {
        write(subject, "on");
        ASSERT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
    }
    ASSERT_TRUE(phone.facts->next_commit());
    phone.put(draft_of(kHousehold, "fan", "on"));
    phone.disk.settle();
    EXPECT_TRUE(at_phone("door"));
    EXPECT_FALSE(phone.facts->next_commit());
}

TEST_F(News, WaitForNothingWhenTheyAreMany) {
    for (std::size_t i = 0; i <= kArrivalRangesMax; ++i) {
        write("lamp", static_cast<std::int64_t>(i));
        ASSERT_TRUE(phone.facts->receive_news(net.home.hub, from_hub().at(0), phone.now));
    }
    EXPECT_FALSE(phone.facts->next_commit());
}

}  // namespace
}  // namespace ambit::facts

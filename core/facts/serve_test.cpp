// Answers to peers that have a part of a channel already.
#include "facts/entry.h"
#include "facts/facts_testing.h"

namespace ambit::facts {
namespace {

using testing::at_ms;
using testing::draft_of;
using testing::kHere;
using testing::Network;
using testing::Node;

const privacy::NamedAudience kHousehold = privacy::Household{};

Key key(const std::string& subject) {
    return {kHousehold, subject, "state"};
}

std::string long_text() {
    return std::string(kValueBytesMax, 'v');
}

// So much lies before what is wanted that no reading from further back would come to it.
TEST(Serve, LongEntriesBeforeWhatIsWantedDoNotHideIt) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    for (int i = 0; i < 300; ++i) {
        hub.put(draft_of(kHousehold, "s" + std::to_string(i % 10), long_text()));
        hub.settle();
    }
    ASSERT_TRUE(net.sync(phone, hub));
    hub.put(draft_of(kHousehold, "last", true));
    hub.settle();
    const auto synced = net.sync(phone, hub);
    EXPECT_TRUE(synced) << synced.error().message();
    EXPECT_TRUE(phone.facts->get(key("last")));
    EXPECT_EQ(phone.facts->state_hash(kHousehold), hub.facts->state_hash(kHousehold));
}

// A guest's part may begin inside a batch: the hash before it is then found from the head before the batch.
TEST(Serve, AGuestsPartMayBeginInsideABatch) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    for (int i = 0; i < 280; ++i) {
        phone.put(draft_of(kHousehold, "old" + std::to_string(i), long_text()));
        phone.settle();
    }
    ASSERT_TRUE(net.sync(hub, phone));
    const PersonId guest = net.random.id<PersonId>();
    net.home.roster.people[guest] = {guest, "Gus", identity::Role::Guest, std::nullopt};
    const DeviceId device = net.home.add(net.random, "guest-phone", guest);
    hub.now = at_ms(10);
    net.set_roster();
    // Three writes in one batch, the first of them from before the guest came.
    phone.put(draft_of(kHousehold, "first of many", true));
    phone.now = at_ms(5);
    phone.put(draft_of(kHousehold, "before", true));
    phone.now = at_ms(20);
    phone.put(draft_of(kHousehold, "after", true));
    phone.put(draft_of(kHousehold, "after too", true));
    phone.settle();
    ASSERT_TRUE(net.sync(hub, phone));
    Node& visitor = net.add(device);
    ASSERT_TRUE(net.sync(visitor, hub));
    EXPECT_FALSE(visitor.facts->get(key("before")));
    EXPECT_TRUE(visitor.facts->get(key("after")));
    EXPECT_TRUE(visitor.facts->get(key("after too")));
}

TEST(Serve, AGuestsPartBeginsAtTheSameEntryAfterARestart) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    phone.put(draft_of(kHousehold, "before", true));
    net.sync_all();
    const PersonId guest = net.random.id<PersonId>();
    net.home.roster.people[guest] = {guest, "Gus", identity::Role::Guest, std::nullopt};
    const DeviceId device = net.home.add(net.random, "guest-phone", guest);
    hub.now = at_ms(10);
    hub.facts->set_roster(net.home.view(), hub.now);
    hub.settle();
    // Written before the guest joined, come here only after: it lies beyond the floor that is on the disk.
    phone.put(draft_of(kHousehold, "late", true));
    phone.settle();
    ASSERT_TRUE(net.sync(hub, phone));
    EXPECT_TRUE(hub.facts->heights(device).empty());
    for (int restart = 0; restart < 2; ++restart) {
        hub.start(net.home.view(), at_ms(1000));
        EXPECT_TRUE(hub.facts->heights(device).empty()) << "after restart " << restart;
    }
    hub.put(draft_of(kHousehold, "after", true));
    hub.settle();
    Node& visitor = net.add(device);
    ASSERT_TRUE(net.sync(visitor, hub));
    EXPECT_FALSE(visitor.facts->get(key("before")));
    EXPECT_FALSE(visitor.facts->get(key("late")));
    EXPECT_TRUE(visitor.facts->get(key("after")));
}

TEST(Serve, AFailedReadingEndsTheAnswerEmpty) {
    Network net;
    Node& hub = net.add(net.home.hub);
    hub.put(draft_of(kHousehold, "lamp", true));
    hub.settle();
    hub.read_error = Error{ErrorCode::StoreDamaged, "malformed"};
    const Channel channel = hub.facts->heads_of(hub.id).at(0).channel;
    const auto id = hub.facts->serve(net.home.phone, {channel, 1});
    ASSERT_TRUE(id);
    hub.settle();
    ASSERT_EQ(hub.served.size(), 1U);
    EXPECT_EQ(hub.served[0].serve, *id);
    EXPECT_TRUE(hub.served[0].range.read(kHere).empty());
    EXPECT_FALSE(hub.served[0].next);
}

}  // namespace
}  // namespace ambit::facts

// What a disk that lies, fails or is full does to the facts of a device, and what it does not.
#include "facts/facts_testing.h"
#include "facts/state.h"

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

// Each in a commit, and so under a head, of its own.
void write(Node& node, const std::vector<std::string>& subjects) {
    for (const std::string& subject : subjects) {
        node.put(draft_of(kHousehold, subject, "value of " + subject));
        node.settle();
    }
}

void flip_in_the_middle(Bytes& item) {
    item[item.size() / 2] ^= 1U;
}

TEST(Damage, AnEntryThatChangedOnDiskFreezesItsChannelThere) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    for (const char* subject : {"one", "two", "three"}) {
        write(hub, {subject});
        net.sync_all();
    }
    phone.tamper(2, flip_in_the_middle);
    phone.start(net.home.view(), phone.now);
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::Damaged});
    EXPECT_TRUE(phone.facts->get(key("one")));
    EXPECT_FALSE(phone.facts->get(key("two")));
    EXPECT_FALSE(phone.facts->get(key("three")));
    // It takes nothing more of that channel, and goes on with all others.
    write(hub, {"four"});
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_FALSE(phone.facts->get(key("four")));
    write(phone, {"own"});
    EXPECT_TRUE(phone.facts->get(key("own")));
}

TEST(Damage, ItsOwnLogGoesOnInANewIncarnationThatPeersTake) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    write(hub, {"one", "two"});
    const Incarnation before = hub.facts->incarnation();
    hub.tamper(2, flip_in_the_middle);
    hub.start(net.home.view(), hub.now);
    EXPECT_EQ(hub.events(), std::vector{Event::Kind::Damaged});
    EXPECT_NE(hub.facts->incarnation(), before);
    write(hub, {"after"});
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_TRUE(phone.facts->get(key("one")));
    EXPECT_FALSE(phone.facts->get(key("two")));
    EXPECT_TRUE(phone.facts->get(key("after")));
}

TEST(Damage, ALogWhoseEndIsMissingIsDamaged) {
    Network net;
    Node& hub = net.add(net.home.hub);
    const std::vector<Draft> batch{draft_of(kHousehold, "one", true), draft_of(kHousehold, "two", true)};
    ASSERT_TRUE(hub.facts->put_all(batch, hub.now));
    hub.settle();
    // The first of two entries, without the head that the second one carries.
    hub.tamper(2, [](Bytes& item) { item.clear(); });
    hub.start(net.home.view(), hub.now);
    EXPECT_EQ(hub.events(), std::vector{Event::Kind::Damaged});
    EXPECT_FALSE(hub.facts->get(key("one"))) << "nobody signed a log that ends there";
}

// A removal makes the phone fold all of the audience again, from the disk.
class Refold : public ::testing::Test {
  protected:
    Refold() {
        write(hub, {"one", "two"});
        seen = hub.facts->heads_of(hub.id).at(0);
        write(hub, {"three"});
        write(phone, {"own"});
        net.sync_all();
        phone.events();
    }

    void remove_hub() {
        const identity::Device device = net.home.roster.devices.at(net.home.hub);
        net.home.roster.removed[hub.id] = {
            hub.id, device.verify_key, {{seen.channel.stream(), seen.head.seq, seen.head.hash}}};
        net.home.roster.devices.erase(net.home.hub);
        phone.facts->set_roster(net.home.view(), phone.now);
        phone.settle();
    }

    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    Height seen;
};

TEST_F(Refold, AReadingThatFailsHidesNoFactsAndIsTriedAgain) {
    phone.read_error = Error{ErrorCode::LimitExceeded, "more than 1024 readings of the store wait"};
    remove_hub();
    EXPECT_TRUE(phone.facts->get(key("one")));
    EXPECT_TRUE(phone.facts->get(key("own")));
    EXPECT_TRUE(phone.facts->get(key("three"))) << "what is shown waits for the whole of what replaces it";
    EXPECT_EQ(phone.events().at(0), Event::Kind::Unreadable);
    phone.read_error.reset();
    phone.facts->on_tick(phone.now);
    phone.settle();
    EXPECT_TRUE(phone.facts->get(key("one")));
    EXPECT_TRUE(phone.facts->get(key("own")));
    EXPECT_FALSE(phone.facts->get(key("three")));
    write(phone, {"later"});
    EXPECT_TRUE(phone.facts->get(key("later")));
}

TEST(Damage, AFullDiskRefusesWritesWithItsReasonAndShowsWhatIsDurable) {
    Network net;
    Node& hub = net.add(net.home.hub);
    write(hub, {"kept"});
    hub.disk.fail(Error{ErrorCode::StorageFailed, "database or disk is full"});
    const auto last = hub.facts->put(draft_of(kHousehold, "lost", true), hub.now);
    ASSERT_TRUE(last) << "the disk has not said so yet";
    EXPECT_LT(hub.facts->durable_write(), *last);
    const auto refused = hub.facts->put(draft_of(kHousehold, "refused", true), hub.now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::StorageFailed);
    EXPECT_EQ(refused.error().detail, "database or disk is full");
    EXPECT_TRUE(hub.facts->get(key("kept")));
    EXPECT_FALSE(hub.facts->get(key("lost")));
}

// What a writer of another version may put into its log, signed like anything else.
class UnknownEntry : public ::testing::Test {
  protected:
    // Offers `entries` as one range of the hub's, and gives them.
    void receive(const std::vector<Entry>& entries) {
        Range range{channel, 1, chain_start(channel), {}, {}};
        Digest hash = range.previous;
        for (const Entry& entry : entries) {
            const Bytes bytes = encode_entry(entry);
            range.entries.push_back(bytes);
            hash = chain_next(hash, bytes);
        }
        range.head = sign_head(net.home.key(net.home.hub), channel, entries.size(), hash, {});
        const std::vector<Height> heights{{channel, range.head}};
        ASSERT_TRUE(phone.facts->on_heights(net.home.hub, encode_heights(heights), phone.now));
        ASSERT_EQ(phone.facts->wants(net.home.hub).size(), 1U);
        ASSERT_TRUE(phone.facts->receive(net.home.hub, encode_range(range), phone.now));
        phone.facts->close_want(net.home.hub, channel);
        phone.settle();
    }

    static Entry entry(const std::string& subject, std::uint32_t kind, bool critical) {
        Entry entry;
        entry.kind = kind;
        entry.critical = critical;
        entry.hlc = {static_cast<std::uint64_t>(1'795'000'000'000) << 16U};
        entry.subject = subject;
        entry.attribute = "state";
        entry.value = true;
        return entry;
    }

    Network net;
    Node& phone = net.add(net.home.phone);
    Channel channel{net.home.hub, kHousehold, Incarnation({7})};
};

TEST_F(UnknownEntry, ThatIsNotCriticalIsPassedOver) {
    receive({entry("a", 1, true), entry("b", 4711, false), entry("c", 1, true)});
    EXPECT_TRUE(phone.facts->get(key("a")));
    EXPECT_FALSE(phone.facts->get(key("b")));
    EXPECT_TRUE(phone.facts->get(key("c")));
    EXPECT_TRUE(phone.events().empty());
}

TEST_F(UnknownEntry, ThatIsCriticalStopsTheFoldOfItsChannelAndNothingElse) {
    receive({entry("a", 1, true), entry("b", 4711, true), entry("c", 1, true)});
    EXPECT_TRUE(phone.facts->get(key("a")));
    EXPECT_FALSE(phone.facts->get(key("c"))) << "it may mean something else after what is not understood";
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::UnknownEntry});
    write(phone, {"own"});
    EXPECT_TRUE(phone.facts->get(key("own")));
    // The bytes are kept and relayed, for devices that do understand them, and it is the same after a
    // restart.
    Node& watch = net.add(net.home.watch);
    ASSERT_TRUE(net.sync(watch, phone));
    EXPECT_EQ(watch.facts->state_hash(kHousehold), phone.facts->state_hash(kHousehold));
    EXPECT_EQ(watch.facts->heads_of(net.home.hub).at(0).head.seq, 3U);
    phone.start(net.home.view(), phone.now);
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::UnknownEntry});
    EXPECT_FALSE(phone.facts->get(key("c")));
}

TEST_F(UnknownEntry, AKnownKindOfANewerVersionIsUnknownToo) {
    Entry newer = entry("a", 1, true);
    newer.version = kEntryVersion + 1;
    receive({newer, entry("c", 1, true)});
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::UnknownEntry});
    EXPECT_FALSE(phone.facts->get(key("c")));
}

TEST_F(UnknownEntry, WhatNobodyCanShowOrKeepDoesNotCount) {
    Entry late = entry("late", 1, true);
    late.time_us = INT64_MIN;
    Entry endless = entry("endless", 1, true);
    endless.value = std::numeric_limits<double>::infinity();
    Entry empty = entry("", 1, true);
    Entry removes_nothing = entry("set", 4, true);
    receive({late, endless, empty, removes_nothing, entry("c", 1, true)});
    EXPECT_EQ(phone.facts->count(), 1U);
    EXPECT_TRUE(phone.facts->get(key("c")));
}

TEST(FactBytes, AreCountedAsTheyComeAndGo) {
    AudienceState state(kHousehold);
    const Channel channel{DeviceId({1}), kHousehold, Incarnation({1})};
    std::uint8_t next = 0;
    const auto apply = [&](Draft::Kind kind, const std::string& value, std::vector<EntryHash> observed = {}) {
        Entry entry;
        entry.kind = static_cast<std::uint32_t>(kind);
        entry.hlc = {++next};
        entry.subject = kind == Draft::Kind::Set || kind == Draft::Kind::Delete ? "lamp" : "set";
        entry.attribute = "a";
        entry.value = value;
        entry.observed = std::move(observed);
        state.apply(channel, EntryHash({next}), std::move(entry));
        return EntryHash({next});
    };
    apply(Draft::Kind::Set, std::string(1000, 'x'));
    EXPECT_EQ(state.bytes(), 5U + 1000U);
    apply(Draft::Kind::Set, std::string(10, 'x'));
    EXPECT_EQ(state.bytes(), 5U + 10U);
    apply(Draft::Kind::Delete, "");
    EXPECT_EQ(state.bytes(), 5U);
    const EntryHash added = apply(Draft::Kind::Add, std::string(100, 'y'));
    EXPECT_EQ(state.bytes(), 5U + 4U + 200U);
    apply(Draft::Kind::Remove, std::string(100, 'y'), {added});
    EXPECT_EQ(state.bytes(), 5U + 4U + 100U) << "a removed element keeps its place";
    apply(Draft::Kind::Remove, std::string(5000, 'z'));
    EXPECT_EQ(state.bytes(), 5U + 4U + 100U) << "a removal of nothing costs nothing";
}

}  // namespace
}  // namespace ambit::facts

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

// Signs a range of `entries` as `writer` would.
Range forge(const Network& net,
            const Channel& channel,
            std::uint64_t first_seq,
            Digest previous,
            const storage::Items& entries) {
    Range range{channel, first_seq, previous, entries, {}};
    Digest hash = previous;
    for (const ByteView entry : range.entries) {
        hash = chain_next(hash, entry);
    }
    range.head =
        sign_head(net.home.key(channel.writer), channel, first_seq + range.entries.size() - 1, hash, {});
    return range;
}

Bytes heights_of(const Range& range) {
    return encode_heights(std::vector<Height>{{range.channel, range.head}});
}

// A hub's channel that the hub itself never wrote, offered to `node` by the hub.
Channel made_up(const Network& net) {
    return {net.home.hub, kHousehold, Incarnation({1})};
}

Draft random_draft(Network& net, const Node& node) {
    const privacy::NamedAudience audience = node.id == net.home.phone && net.chance(30)
                                                ? privacy::NamedAudience(privacy::OnePerson{net.home.ada})
                                                : kHousehold;
    const auto kind = static_cast<Draft::Kind>(1 + net.random.below(4));
    return draft_of(audience, "s" + std::to_string(net.random.below(4)), std::int64_t(net.random.below(3)),
                    kind);
}

TEST(Sync, DevicesConvergeUnderLossRepetitionAndAnyOrder) {
    for (std::uint8_t seed = 1; seed <= 40; ++seed) {
        Network net(seed);
        const DeviceId devices[] = {net.home.hub, net.home.phone, net.home.watch, net.home.tablet,
                                    net.home.speaker};
        const std::size_t count = 2 + net.random.below(4);
        for (std::size_t i = 0; i < count; ++i) {
            net.add(devices[i]);
        }
        for (int step = 0; step < 60; ++step) {
            Node& node = *net.nodes[net.random.below(count)];
            node.now = at_ms(static_cast<std::int64_t>(net.random.below(10'000)));
            if (net.chance(60)) {
                node.put(random_draft(net, node));
            }
            if (net.chance(50)) {
                node.settle();
            }
            if (net.chance(5)) {
                node.disk.crash();
                node.start(net.home.view(), node.now);
            }
            Node& other = *net.nodes[net.random.below(count)];
            if (&other != &node) {
                const auto result = net.sync(node, other, 30, 30);
                EXPECT_TRUE(result || result.error().code == ErrorCode::FactsGap) << result.error().message();
            }
        }
        net.sync_all();
        net.expect_converged(kHousehold);
        net.expect_converged(privacy::OnePerson{net.home.ada});
        for (auto& node : net.nodes) {
            const Digest before = node->facts->state_hash(kHousehold);
            node->start(net.home.view(), at_ms(20'000));
            EXPECT_EQ(node->facts->state_hash(kHousehold), before) << "seed " << int{seed};
        }
    }
}

TEST(Sync, LongChannelsGoInSeveralRanges) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    std::vector<Draft> drafts;
    for (int i = 0; i < 1000; ++i) {
        drafts.push_back(draft_of(kHousehold, "s" + std::to_string(i), std::string(400, 'v')));
    }
    ASSERT_TRUE(hub.facts->put_all(drafts, hub.now));
    hub.settle();
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_EQ(phone.facts->count(), 1000U);
    // From the middle of what the phone holds as longer groups.
    hub.put(draft_of(kHousehold, "later", true));
    hub.settle();
    ASSERT_TRUE(net.sync(phone, hub));
    Node& watch = net.add(net.home.watch);
    ASSERT_TRUE(net.sync(watch, phone));
    net.expect_converged(kHousehold);
    EXPECT_EQ(watch.facts->count(), 1001U);
}

TEST(Sync, OutsidersLearnNothing) {
    Network net;
    Node& phone = net.add(net.home.phone);
    Node& hub = net.add(net.home.hub);
    phone.put(draft_of(privacy::OnePerson{net.home.ada}, "diary", "private"));
    phone.put(draft_of(privacy::ThisDevice{net.home.phone}, "own", "private"));
    phone.settle();
    EXPECT_TRUE(phone.facts->heights(net.home.hub).empty());
    EXPECT_EQ(phone.facts->heights(net.home.watch).size(), 1U);
    for (const Height& height : phone.facts->heads_of(net.home.phone)) {
        EXPECT_EQ(phone.facts->serve(net.home.hub, {height.channel, 1}).error().code,
                  ErrorCode::ChannelForbidden);
        const auto offered = encode_heights(std::vector<Height>{height});
        EXPECT_EQ(hub.facts->on_heights(net.home.phone, offered, hub.now).error().code,
                  ErrorCode::ChannelForbidden);
    }
    EXPECT_TRUE(hub.facts->wants(net.home.phone).empty());
}

TEST(Sync, ForgeriesAndGapsAreErrorsThatNameThePeer) {
    Network net;
    Node& phone = net.add(net.home.phone);
    const Channel channel = made_up(net);
    const Range honest = forge(net, channel, 1, chain_start(channel), {to_bytes("x"), to_bytes("y")});
    const auto code = [&](const Range& range) {
        const auto result = phone.facts->receive(net.home.hub, encode_range(range), phone.now);
        return result ? ErrorCode::Internal : result.error().code;
    };
    EXPECT_EQ(code(honest), ErrorCode::ChannelForbidden);  // not asked for
    ASSERT_TRUE(phone.facts->on_heights(net.home.hub, heights_of(honest), phone.now));
    ASSERT_EQ(phone.facts->wants(net.home.hub).size(), 1U);
    EXPECT_TRUE(phone.facts->wants(net.home.hub).empty());  // outstanding
    Range bad = honest;
    bad.entries = {to_bytes("x"), to_bytes("z")};
    EXPECT_EQ(code(bad), ErrorCode::FactsForged);
    bad = honest;
    bad.head.ledger = Digest({1});
    EXPECT_EQ(code(bad), ErrorCode::FactsForged);
    bad = honest;
    bad.head.seq = 7;
    EXPECT_EQ(code(bad), ErrorCode::BadEncoding);
    EXPECT_EQ(code(forge(net, channel, 1, Digest({9}), {to_bytes("x")})), ErrorCode::FactsForged);
    EXPECT_EQ(code(forge(net, channel, 3, honest.head.hash, {to_bytes("x")})), ErrorCode::FactsGap);
    EXPECT_EQ(code(forge(net, channel, 1, chain_start(channel), {Bytes(kEntryBytesMax + 1)})),
              ErrorCode::LimitExceeded);
    EXPECT_EQ(phone.facts->receive(net.home.hub, to_bytes("garbage"), phone.now).error().code,
              ErrorCode::BadEncoding);
    EXPECT_TRUE(phone.facts->receive(net.home.hub, encode_range(honest), phone.now));
    EXPECT_TRUE(phone.facts->receive(net.home.hub, encode_range(honest), phone.now))
        << "a repetition is harmless";
    phone.facts->close_want(net.home.hub, channel);
    // An offer that is not kept is an event about the peer.
    Range higher =
        forge(net, channel, 1, chain_start(channel), {to_bytes("a"), to_bytes("b"), to_bytes("c")});
    ASSERT_TRUE(phone.facts->on_heights(net.home.hub, heights_of(higher), phone.now));
    ASSERT_EQ(phone.facts->wants(net.home.hub).size(), 1U);
    phone.events();
    phone.facts->close_want(net.home.hub, channel);
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::NotServed});
}

TEST(Sync, TwoHistoriesFreezeTheChannelAndStayFrozen) {
    Network net;
    Node& phone = net.add(net.home.phone);
    const Channel channel = made_up(net);
    const Range one = forge(net, channel, 1, chain_start(channel), {to_bytes("x")});
    const Range two = forge(net, channel, 1, chain_start(channel), {to_bytes("y"), to_bytes("z")});
    ASSERT_TRUE(phone.facts->on_heights(net.home.hub, heights_of(one), phone.now));
    phone.facts->wants(net.home.hub);
    ASSERT_TRUE(phone.facts->receive(net.home.hub, encode_range(one), phone.now));
    phone.settle();
    phone.facts->close_want(net.home.hub, channel);
    ASSERT_TRUE(phone.facts->on_heights(net.home.hub, heights_of(two), phone.now));
    ASSERT_EQ(phone.facts->wants(net.home.hub).size(), 1U);
    phone.events();
    EXPECT_EQ(phone.facts->receive(net.home.hub, encode_range(two), phone.now).error().code,
              ErrorCode::FactsForked);
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::Forked});
    phone.settle();
    EXPECT_EQ(phone.disk.load_table("facts.forks").value().size(), 1U);
    phone.start(net.home.view(), at_ms(0));
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::Forked});
    ASSERT_TRUE(phone.facts->on_heights(net.home.hub, heights_of(two), phone.now));
    EXPECT_TRUE(phone.facts->wants(net.home.hub).empty());
}

TEST(Sync, ARestoredBackupGoesOnInANewIncarnationAndLosesNothing) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    hub.put(draft_of(kHousehold, "a", true));
    hub.settle();
    const storage::MemoryStorage backup = hub.disk;
    hub.put(draft_of(kHousehold, "b", true));
    hub.settle();
    ASSERT_TRUE(net.sync(phone, hub));
    const Incarnation before = hub.facts->incarnation();
    hub.disk = backup;
    hub.start(net.home.view(), at_ms(5));
    EXPECT_EQ(hub.facts->incarnation(), before);
    EXPECT_FALSE(hub.facts->get(key("b")));
    ASSERT_TRUE(net.sync(hub, phone));
    EXPECT_EQ(hub.events(), std::vector{Event::Kind::Restored});
    EXPECT_NE(hub.facts->incarnation(), before);
    EXPECT_TRUE(hub.facts->get(key("b")));
    hub.put(draft_of(kHousehold, "c", true));
    net.sync_all();
    EXPECT_EQ(phone.facts->count(), 3U);
    net.expect_converged(kHousehold);
    const Incarnation second = hub.facts->incarnation();
    hub.start(net.home.view(), at_ms(5), true);  // a known restore
    EXPECT_NE(hub.facts->incarnation(), second);
}

TEST(Sync, ARestoredBackupDoesNotTrustAPeerThatIsBehindItself) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    Node& watch = net.add(net.home.watch);
    hub.put(draft_of(kHousehold, "a", true));
    net.sync_all();
    const storage::MemoryStorage backup = hub.disk;
    hub.put(draft_of(kHousehold, "b", true));
    hub.settle();
    ASSERT_TRUE(net.sync(phone, hub));
    const Incarnation before = hub.facts->incarnation();
    hub.disk = backup;
    hub.start(net.home.view(), at_ms(5));
    ASSERT_TRUE(net.sync(hub, watch));  // knows as little
    hub.put(draft_of(kHousehold, "c", true));
    hub.settle();
    EXPECT_NE(hub.facts->incarnation(), before);
    net.sync_all();
    EXPECT_TRUE(phone.events().empty()) << "no fork";
    EXPECT_EQ(phone.facts->count(), 3U);
    net.expect_converged(kHousehold);
}

TEST(Sync, ARestartedDeviceGoesOnWhereItWasOnceEverybodyHasShownThatTheyKnowNoMore) {
    Network net;
    Node& hub = net.add(net.home.hub);
    for (const DeviceId& other : {net.home.phone, net.home.watch, net.home.tablet, net.home.speaker}) {
        net.add(other);
    }
    hub.put(draft_of(kHousehold, "a", true));
    net.sync_all();
    const Incarnation before = hub.facts->incarnation();
    hub.start(net.home.view(), at_ms(5));
    for (std::size_t i = 1; i < net.nodes.size(); ++i) {
        ASSERT_TRUE(net.sync(hub, *net.nodes[i]));
    }
    hub.put(draft_of(kHousehold, "b", true));
    EXPECT_EQ(hub.facts->incarnation(), before);
}

TEST(Sync, AGuestGetsWhatIsWrittenSinceItJoined) {
    Network net;
    Node& hub = net.add(net.home.hub);
    hub.put(draft_of(kHousehold, "before", true));
    hub.settle();
    const PersonId guest = net.random.id<PersonId>();
    net.home.roster.people[guest] = {guest, "Gus", identity::Role::Guest, std::nullopt};
    const DeviceId device = net.home.add(net.random, "guest-phone", guest);
    net.set_roster();
    Node& visitor = net.add(device);
    EXPECT_TRUE(hub.facts->heights(device).empty());
    hub.now = at_ms(10);
    hub.put(draft_of(kHousehold, "after", true));
    hub.settle();
    ASSERT_TRUE(net.sync(visitor, hub));
    EXPECT_TRUE(visitor.facts->get(key("after")));
    EXPECT_FALSE(visitor.facts->get(key("before")));
    visitor.start(net.home.view(), at_ms(20));
    EXPECT_TRUE(visitor.facts->get(key("after")));
    visitor.put(draft_of(kHousehold, "by guest", true));
    visitor.settle();
    ASSERT_TRUE(net.sync(hub, visitor));
    EXPECT_TRUE(hub.facts->get(key("by guest")));
    Node& phone = net.add(net.home.phone);
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_TRUE(phone.facts->get(key("before"))) << "members get all of it";
}

TEST(Sync, WhatARemovedWriterWroteConcurrentlyDoesNotCount) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    hub.put(draft_of(kHousehold, "lamp", "seen"));
    hub.settle();
    const Height seen = hub.facts->heads_of(net.home.hub).at(0);
    hub.put(draft_of(kHousehold, "lamp", "unseen"));
    net.sync_all();
    EXPECT_EQ(phone.value(key("lamp")), Value("unseen"));
    const identity::Device device = net.home.roster.devices.at(net.home.hub);
    net.home.roster.removed[net.home.hub] = {
        net.home.hub, device.verify_key, {{seen.channel.stream(), seen.head.seq, seen.head.hash}}};
    net.home.roster.devices.erase(net.home.hub);
    net.set_roster();
    EXPECT_EQ(phone.value(key("lamp")), Value("seen"));
    EXPECT_EQ(phone.changes.back().fact.read(kHere).value, Value("seen"));
    Node& watch = net.add(net.home.watch);
    ASSERT_TRUE(net.sync(watch, phone));
    EXPECT_EQ(watch.value(key("lamp")), Value("seen"));
    EXPECT_EQ(watch.facts->state_hash(kHousehold), phone.facts->state_hash(kHousehold));
    // The removal itself turned out not to count.
    net.home.roster.removed.clear();
    net.home.roster.devices[net.home.hub] = device;
    net.set_roster();
    EXPECT_EQ(phone.value(key("lamp")), Value("unseen"));
}

TEST(Sync, EntriesFromAFarFutureWaitForTheClock) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    hub.now = at_ms(400'000);
    hub.put(draft_of(kHousehold, "lamp", true));
    hub.settle();
    ASSERT_TRUE(net.sync(phone, hub));
    EXPECT_FALSE(phone.facts->get(key("lamp")));
    EXPECT_EQ(phone.events(), std::vector{Event::Kind::ClockAhead});
    Node& watch = net.add(net.home.watch);
    watch.now = at_ms(400'000);
    ASSERT_TRUE(net.sync(watch, phone));
    EXPECT_TRUE(watch.facts->get(key("lamp"))) << "kept and relayed meanwhile";
    phone.put(draft_of(kHousehold, "own", true));
    phone.settle();
    EXPECT_LT(phone.facts->get(key("own"))->read(kHere).order.ms(),
              hub.facts->get(key("lamp"))->read(kHere).order.ms());
    phone.now = at_ms(99'000);
    phone.facts->on_tick(phone.now);
    phone.settle();
    EXPECT_FALSE(phone.facts->get(key("lamp")));
    phone.now = at_ms(100'001);
    phone.facts->on_tick(phone.now);
    phone.settle();
    EXPECT_TRUE(phone.facts->get(key("lamp")));
}

}  // namespace
}  // namespace ambit::facts

// Holds docs/spec/vectors/facts.json to what this code does.
#include <algorithm>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/vectors_testing.h"
#include "facts/entry.h"
#include "facts/state.h"

namespace ambit::facts {
namespace {

using nlohmann::json;

const privacy::Here kHere("facts vectors");

crypto::Seed counting_seed() {
    crypto::Seed seed{};
    for (std::size_t i = 0; i < seed.size(); ++i) {
        seed[i] = static_cast<std::uint8_t>(i + 1);
    }
    return seed;
}

Entry entry_of(std::uint32_t kind, const std::string& attribute, const Value& value, std::uint64_t counter) {
    Entry entry;
    entry.kind = kind;
    entry.hlc.packed = (1'795'000'000'000ULL << 16U) + counter;
    entry.subject = "household";
    entry.attribute = attribute;
    entry.value = value;
    entry.time_us = 1'795'000'000'000'000;
    return entry;
}

// A channel of five entries, its head, and the messages that carry it.
json compute() {
    const auto key = crypto::SigningKey::from_seed(counting_seed());
    const Channel channel{crypto::device_id_of(key.verify_key()), privacy::Household{},
                          Incarnation({0xaa, 0xbb})};
    json vector;
    vector["seed"] = to_hex(counting_seed());
    vector["public_key"] = key.verify_key().hex();
    vector["writer"] = channel.writer.hex();
    vector["audience"] = privacy::to_string(channel.audience);
    vector["incarnation"] = channel.incarnation.hex();
    vector["stream"] = channel.stream();
    vector["chain_start"] = chain_start(channel).hex();

    Range range{channel, 1, chain_start(channel), {}, {}};
    AudienceState state(channel.audience);
    Digest hash = range.previous;
    const auto append = [&](const Entry& entry) {
        const Bytes bytes = encode_entry(entry);
        range.entries.push_back(bytes);
        hash = chain_next(hash, bytes);
        state.apply(channel, hash, Entry(entry));
        vector["entries"].push_back({{"bytes", to_hex(bytes)}, {"hash", hash.hex()}});
        return hash;
    };
    append(entry_of(1, "name", std::string("Home"), 0));
    append(entry_of(1, "name", std::string("Zu Hause"), 1));
    const Digest milk = append(entry_of(3, "groceries", std::string("milk"), 2));
    append(entry_of(3, "groceries", std::string("eggs"), 3));
    Entry removal = entry_of(4, "groceries", std::string("milk"), 4);
    removal.observed = {milk};
    append(removal);

    Digest ledger({0x4c});
    range.head = sign_head(key, channel, range.entries.size(), hash, ledger);
    EXPECT_TRUE(verify_head(key.verify_key(), channel, range.head));
    vector["head"] = {{"seq", range.head.seq},
                      {"hash", hash.hex()},
                      {"ledger", ledger.hex()},
                      {"signature", range.head.signature.hex()}};
    vector["state"] = {{"hash", state.hash().hex()}, {"name", "Zu Hause"}, {"groceries", {"eggs"}}};
    EXPECT_EQ(state.get("household", "name")->read(kHere).value, Value("Zu Hause"));
    EXPECT_EQ(state.elements("household", "groceries").size(), 1U);
    vector["range"] = to_hex(encode_range(range));
    vector["heights"] = to_hex(encode_heights(std::vector<Height>{{channel, range.head}}));
    vector["want"] = to_hex(encode_want({channel, 1}));
    return vector;
}

TEST(Vectors, TheSpecificationsAreWhatThisCodeMakes) {
    hold_to_vectors("facts.json", compute().dump(2) + "\n");
}

TEST(AudienceState, IsTheSameInEveryOrderAndForEveryRepetition) {
    const Channel one{DeviceId({1}), privacy::Household{}, {}};
    const Channel two{DeviceId({2}), privacy::Household{}, {}};
    std::vector<std::pair<const Channel*, Entry>> entries = {{&one, entry_of(1, "a", std::int64_t{1}, 5)},
                                                             {&two, entry_of(2, "a", {}, 5)},
                                                             {&one, entry_of(3, "s", true, 1)},
                                                             {&two, entry_of(4, "s", true, 2)}};
    std::vector<Digest> hashes;
    for (std::uint8_t i = 0; i < entries.size(); ++i) {
        hashes.push_back(Digest({static_cast<std::uint8_t>(0xf0 + i), 0xff, 0xff}));
    }
    entries[3].second.observed = {hashes[2]};
    std::vector<std::size_t> order = {0, 1, 2, 3};
    std::optional<Digest> expected;
    do {
        AudienceState state(privacy::Household{});
        for (int repetition = 0; repetition < 2; ++repetition) {
            for (const std::size_t i : order) {
                state.apply(*entries[i].first, hashes[i], Entry(entries[i].second));
            }
        }
        EXPECT_EQ(state.hash(), state.hash_slowly());
        EXPECT_EQ(state.hash(), expected.value_or(state.hash()));
        expected = state.hash();
        EXPECT_FALSE(state.get("household", "a"));
        EXPECT_TRUE(state.elements("household", "s").empty());
    } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace ambit::facts

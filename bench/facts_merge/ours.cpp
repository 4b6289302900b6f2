// facts-merge, Ambit's side: one concurrent set from every device into one register.
//
//   facts-merge-ours DEVICES
//
// Reads a line, merges once, prints one JSON line; see bench/facts-merge.  What is timed is what a receiver
// does with the bytes of a range apart from its signature: decode it, check its hash chain, decode the entry,
// fold it in.  A household has at most 255 devices, and so many writers Facts takes; the merge below it has
// no such limit.
#include <cstdio>
#include <iostream>

#include "crypto/seeded_random.h"
#include "facts/entry.h"
#include "facts/messages.h"
#include "facts/state.h"

using namespace ambit;
using namespace ambit::facts;
using Clock = std::chrono::steady_clock;

namespace {

struct Update {
    Bytes range;
    crypto::VerifyKey key;
    std::size_t entry_bytes = 0;
};

Update update_of(std::size_t device, Random& random) {
    const auto key = crypto::SigningKey::generate(random);
    const Channel channel{crypto::device_id_of(key.verify_key()), privacy::Household{},
                          Incarnation(random.bytes<Incarnation::kSize>())};
    Entry entry;
    entry.hlc = Hlc{(1'800'000'000'000 + device % 7) << 16U};
    entry.subject = "map";
    entry.attribute = "v";
    entry.value = Json{std::to_string(device)};
    entry.time_us = 1'800'000'000'000'000;
    const Bytes bytes = encode_entry(entry);
    Range range{channel, 1, chain_start(channel), {bytes}, {}};
    const Digest hash = chain_next(range.previous, bytes);
    range.head = sign_head(key, channel, 1, hash, Digest());
    return {encode_range(range), key.verify_key(), bytes.size()};
}

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "facts-merge-ours: %s\n", what);
    std::exit(1);
}

// The merged state's hash, so that nothing of this can be left out.
Digest merge(const std::vector<Update>& updates, std::vector<Channel>& channels) {
    AudienceState state{privacy::Household{}};
    for (const Update& update : updates) {
        auto range = decode_range(update.range);
        if (!range || range->previous != chain_start(range->channel)) {
            fail("a range cannot be read");
        }
        Digest hash = range->previous;
        channels.push_back(std::move(range->channel));
        for (const ByteView bytes : range->entries) {
            hash = chain_next(hash, bytes);
            auto entry = decode_entry(bytes);
            if (!entry) {
                fail("an entry cannot be read");
            }
            state.apply(channels.back(), hash, std::move(*entry));
        }
        if (hash != range->head.hash) {
            fail("a chain is broken");
        }
    }
    return state.hash();
}

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t devices = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0;
    crypto::SeededRandom random({1});
    std::vector<Update> updates;
    double bytes = 0;
    double entry_bytes = 0;
    for (std::size_t i = 0; i < devices; ++i) {
        updates.push_back(update_of(i, random));
        bytes += static_cast<double>(updates.back().range.size());
        entry_bytes += static_cast<double>(updates.back().entry_bytes);
    }
    std::vector<Update> reversed(updates.rbegin(), updates.rend());
    std::vector<Channel> other;
    other.reserve(devices);
    const Digest expected = merge(reversed, other);
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<Channel> channels;  // borrowed by the state
        channels.reserve(devices);
        auto start = Clock::now();
        if (merge(updates, channels) != expected) {
            fail("another order gives another state");
        }
        const double merged = ms_since(start);
        std::vector<std::pair<Channel, SignedHead>> heads;
        for (const Update& update : updates) {
            const auto range = decode_range(update.range);
            heads.emplace_back(range->channel, range->head);
        }
        start = Clock::now();
        for (std::size_t i = 0; i < devices; ++i) {
            if (!verify_head(updates[i].key, heads[i].first, heads[i].second)) {
                fail("a signature does not match");
            }
        }
        std::printf(R"({"ms":%.3f,"verify_ms":%.3f,"bytes_per_op":%.1f,"entry_bytes_per_op":%.1f})"
                    "\n",
                    merged, ms_since(start), bytes / static_cast<double>(devices),
                    entry_bytes / static_cast<double>(devices));
        std::fflush(stdout);
    }
}

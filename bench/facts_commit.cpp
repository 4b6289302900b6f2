// facts-commit: durable commits per second in groups of 32, against plain SQLite inserts of the same bytes.
//
// floor: BEGIN, 32 inserts, COMMIT on one plain table.      log: the same items through storage::Storage.
// state: drafts through Facts: encoded, chained, signed, committed, folded.   Runs are interleaved in one
// process.
#include <algorithm>

#include "facts_bench.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr std::size_t kGroup = 32;
constexpr std::size_t kGroupsPerRound = 100;
constexpr std::size_t kRounds = 11;

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// Items as Facts would store them: one signed head at the end of the group.
std::vector<Bytes> items_like_facts() {
    std::vector<Bytes> items;
    for (std::size_t i = 0; i < kGroup; ++i) {
        facts::Entry entry;
        const facts::Draft like = draft(i + 1000);
        entry.subject = like.key.subject;
        entry.attribute = like.key.attribute;
        entry.value = like.value;
        entry.hlc.packed = 1'795'000'000'000ULL << 16U;
        entry.time_us = like.time.time_since_epoch().count();
        const facts::SignedHead head{
            .seq = 100'000, .hash = Digest({1}), .ledger = Digest({2}), .signature = {}};
        items.push_back(facts::encode_stored(facts::encode_entry(entry), i + 1 == kGroup ? &head : nullptr));
    }
    return items;
}

double floor_round(PlainLog& log, const std::vector<Bytes>& items) {
    const auto start = Clock::now();
    for (std::size_t group = 0; group < kGroupsPerRound; ++group) {
        log.begin();
        for (const Bytes& item : items) {
            log.insert(item);
        }
        log.commit();
    }
    return seconds_since(start);
}

double log_round(Device& device, const std::vector<Bytes>& items, std::uint64_t& seq) {
    const auto start = Clock::now();
    for (std::size_t group = 0; group < kGroupsPerRound; ++group) {
        const auto ticket = device.store->commit({storage::Append{"bench", seq, items}});
        seq += items.size();
        while (device.store->durable() < ticket) {
            device.turn();
        }
    }
    return seconds_since(start);
}

double state_round(Device& device, std::size_t& number) {
    std::vector<std::vector<facts::Draft>> groups(kGroupsPerRound);
    for (auto& group : groups) {
        for (std::size_t i = 0; i < kGroup; ++i) {
            group.push_back(draft(number++));
        }
    }
    const auto start = Clock::now();
    for (const auto& group : groups) {
        device.write(group);
    }
    return seconds_since(start);
}

}  // namespace

int main() {
    const TemporaryFolder folder;
    const Household home;
    PlainLog plain(folder.path() + "/plain.db");
    Device log_device(folder.path() + "/log", home.one, home.roster, 1);
    Device state_device(folder.path() + "/state", home.one, home.roster, 2);
    const std::vector<Bytes> items = items_like_facts();
    std::vector<double> floor;
    std::vector<double> log;
    std::vector<double> state;
    std::uint64_t seq = 1;
    std::size_t number = 0;
    for (std::size_t round = 0; round < kRounds; ++round) {
        floor.push_back(floor_round(plain, items));
        log.push_back(log_round(log_device, items, seq));
        state.push_back(state_round(state_device, number));
    }
    const double base = median(floor);
    std::printf(
        "facts-commit: groups of %zu items of about %zu bytes, %zu groups a round, median of %zu rounds\n",
        kGroup, items[0].size(), kGroupsPerRound, kRounds);
    std::printf(
        "settings of all three: SQLite %s, WAL, synchronous FULL, exclusive, autocheckpoint 1000 pages\n",
        sqlite3_libversion());
    std::printf("%-48s %12s %8s\n", "what", "commits/s", "ratio");
    const auto line = [base](const char* what, double time) {
        std::printf("%-48s %12.0f %8.2f\n", what, double{kGroupsPerRound} / time, time / base);
    };
    line("floor: plain inserts, one thread", base);
    line("log: storage port, worker thread, same items", median(log));
    line("state: put, encode, chain, sign, commit, fold", median(state));
    std::printf("BENCH facts-commit ratio_log=%.3f ratio_state=%.3f\n", median(log) / base,
                median(state) / base);
    return 0;
}

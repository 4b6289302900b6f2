// facts-commit: durable commits per second in groups of 32, against plain SQLite inserts of the same bytes.
//
// floor: BEGIN, 32 inserts, COMMIT on one plain table.      log: the same items through storage::Storage.
// state: drafts through Facts: encoded, chained, signed, committed, folded.   Runs are interleaved in one
// process.
#include "facts_bench.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr std::size_t kGroup = 32;
constexpr std::size_t kGroupsPerRound = 100;
constexpr std::size_t kRounds = 31;

// Items as Facts would store them: one signed head at the end of the group.
storage::Items items_like_facts() {
    storage::Items items;
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
        facts::add_stored(items, facts::encode_entry(entry), i + 1 == kGroup ? &head : nullptr);
    }
    return items;
}

double floor_round(PlainLog& log, const storage::Items& items) {
    const auto start = Clock::now();
    for (std::size_t group = 0; group < kGroupsPerRound; ++group) {
        log.begin();
        for (const ByteView item : items) {
            log.insert(item);
        }
        log.commit();
    }
    return seconds_since(start);
}

double log_round(Device& device, const storage::Items& items, std::uint64_t& seq) {
    std::vector<storage::Batch> groups;
    for (std::size_t group = 0; group < kGroupsPerRound; ++group) {
        groups.push_back({storage::Append{"bench", seq, items}});
        seq += items.size();
    }
    const auto start = Clock::now();
    for (storage::Batch& group : groups) {
        const auto ticket = device.store->commit(std::move(group));
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
    const storage::Items items = items_like_facts();
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
    std::printf(
        "facts-commit: groups of %zu items of about %zu bytes, %zu groups a round, median of %zu rounds\n",
        kGroup, (*items.begin()).size(), kGroupsPerRound, kRounds);
    print_disk_settings(folder.path());
    std::printf("%-48s %12s %8s\n", "what", "commits/s", "ratio");
    const auto line = [&floor](const char* what, const std::vector<double>& times) {
        std::printf("%-48s %12.0f %8.2f\n", what, double{kGroupsPerRound} / median(times),
                    ratio(times, floor));
    };
    line("floor: plain inserts, one thread", floor);
    line("log: storage port, worker thread, same items", log);
    line("state: put, encode, chain, sign, commit, fold", state);
    std::printf("BENCH facts-commit ratio_log=%.2f ratio_state=%.2f\n", ratio(log, floor),
                ratio(state, floor));
    return 0;
}

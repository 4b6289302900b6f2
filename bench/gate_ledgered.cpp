// gate-ledgered: a message through the gate until it may leave: checked, copied, its ledger row durable on
// disk.
//
// Per message: each waits for the disk before the next comes.  Grouped: 32 at once share one commit.
// floor: plain SQLite, the same row bytes, the same transactions.  Runs are interleaved in one process.
#include <boost/asio/io_context.hpp>

#include "plain_log.h"
#include "privacy/home_testing.h"
#include "privacy/ledger.h"
#include "storage/memory_storage.h"
#include "store/store.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr std::size_t kMessageBytes = 256;
constexpr std::size_t kGroup = 32;
constexpr std::size_t kCommitsPerRound = 100;
constexpr std::size_t kRounds = 31;

const privacy::Egress kWhy{"light.set mqtt:home/kitchen", "command"};

// The phone's gate and ledger, on a store of its own.
class Phone final : public storage::StorageEvents {
  public:
    explicit Phone(const std::string& folder)
        : store_(open(folder, loop_)), ledger_(*store_, home_.key(home_.phone)), gate_(home_.phone, ledger_) {
        store_->set_events(this);
        require(ledger_.load().has_value(), "load the ledger");
        gate_.set_roster(home_.view());
    }

    void on_durable(storage::Ticket /*up_to*/) override {}

    void on_read(storage::ReadId /*id*/, Result<storage::Items> /*items*/) override {}

    void on_storage_failed(const Error& error) override { require(false, error.detail.c_str()); }

    void send(std::size_t messages) {
        const privacy::Recipient hub = home_.hub;
        storage::Ticket last = 0;
        for (std::size_t i = 0; i < messages; ++i) {
            const auto cleared = gate_.clear(message_, hub, kWhy, Loop::now());
            require(cleared.has_value(), "clear");
            last = cleared->ticket();
        }
        while (store_->durable() < last) {
            loop_.io().run_one();
        }
    }

  private:
    static std::unique_ptr<store::SqliteStore> open(const std::string& folder, Loop& loop) {
        auto opened = store::SqliteStore::open({.folder = folder, .vfs = {}}, loop);
        require(opened.has_value(), "open the store");
        return std::move(*opened);
    }

    testing::Home home_;
    Loop loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.io().get_executor()};
    std::unique_ptr<store::SqliteStore> store_;
    privacy::Ledger ledger_;
    privacy::Gate gate_;
    const privacy::Labelled<Bytes> message_{Bytes(kMessageBytes, 1),
                                            privacy::Label{privacy::Audience(privacy::Household{})}};
};

// A row as the ledger stores it.
Bytes row_like_the_ledgers() {
    const testing::Home home;
    storage::MemoryStorage storage;
    privacy::Ledger ledger(storage, home.key(home.phone));
    ledger.append_cleared(to_string(privacy::Recipient(home.hub)), kWhy,
                          privacy::Label{privacy::Audience(privacy::Household{})}, Loop::now());
    storage.settle();
    Bytes row;
    const auto loaded =
        storage.load_streams("ledger", [&row](const std::string& /*stream*/, std::uint64_t /*seq*/,
                                              ByteView item) { row.assign(item.begin(), item.end()); });
    require(loaded.has_value() && !row.empty(), "a ledger row");
    return row;
}

struct Size {
    const char* what;
    std::size_t messages;  // per commit
    std::vector<double> gate;
    std::vector<double> floor;

    // Microseconds of one message.
    double us(const std::vector<double>& rounds) const {
        return median(rounds) * 1e6 / static_cast<double>(kCommitsPerRound * messages);
    }
};

void measure(Size& size, Phone& phone, PlainLog& plain, const Bytes& row) {
    auto start = Clock::now();
    for (std::size_t commit = 0; commit < kCommitsPerRound; ++commit) {
        phone.send(size.messages);
    }
    size.gate.push_back(seconds_since(start));
    start = Clock::now();
    for (std::size_t commit = 0; commit < kCommitsPerRound; ++commit) {
        plain.begin();
        for (std::size_t i = 0; i < size.messages; ++i) {
            plain.insert(row);
        }
        plain.commit();
    }
    size.floor.push_back(seconds_since(start));
}

}  // namespace

int main() {
    const TemporaryFolder folder;
    Phone phone(folder.path() + "/phone");
    PlainLog plain(folder.path() + "/plain.db");
    const Bytes row = row_like_the_ledgers();
    Size single{"one message a commit", 1, {}, {}};
    Size grouped{"32 messages a commit", kGroup, {}, {}};
    for (std::size_t round = 0; round < kRounds; ++round) {
        measure(single, phone, plain, row);
        measure(grouped, phone, plain, row);
    }
    std::printf(
        "gate-ledgered: messages of %zu bytes, ledger rows of %zu, %zu commits a round, median of %zu "
        "rounds\n",
        kMessageBytes, row.size(), kCommitsPerRound, kRounds);
    print_disk_settings(folder.path());
    std::printf("%-32s %16s %16s %8s\n", "microseconds a message", "gate and ledger", "plain SQLite",
                "ratio");
    for (const Size* size : {&single, &grouped}) {
        std::printf("%-32s %16.1f %16.1f %8.2f\n", size->what, size->us(size->gate), size->us(size->floor),
                    ratio(size->gate, size->floor));
    }
    std::printf("BENCH gate-ledgered us_single=%.1f us_grouped=%.1f\n", single.us(single.gate),
                grouped.us(grouped.gate));
    return 0;
}

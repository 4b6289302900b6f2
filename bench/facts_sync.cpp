// facts-sync: cold sync of 100,000 facts between two devices over TLS 1.3 on loopback.
//
// floor: the same bytes over the same TLS, the same number of signature checks, the same items inserted into
// plain SQLite in as many transactions.  Both sides run two threads: one sends, one receives.  Runs are
// interleaved.  Then the source starts anew with what it holds.
#include <thread>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "facts_bench.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr std::size_t kFacts = 100'000;
constexpr std::size_t kRounds = 9;

// Both ends of a TLS 1.3 connection over a socket pair.
class TlsPair {
  public:
    TlsPair() {
        require(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_) == 0, "socketpair");
        context_ = SSL_CTX_new(TLS_method());
        SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
        EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        X509* certificate = X509_new();
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        require(X509_sign(certificate, key, nullptr) != 0, "certificate");
        SSL_CTX_use_certificate(context_, certificate);
        SSL_CTX_use_PrivateKey(context_, key);
        X509_free(certificate);
        EVP_PKEY_free(key);
        for (int i = 0; i < 2; ++i) {
            ends_[i] = SSL_new(context_);
            SSL_set_fd(ends_[i], sockets_[i]);
        }
        std::thread other([this] { require(SSL_accept(ends_[1]) == 1, "accept"); });
        require(SSL_connect(ends_[0]) == 1, "connect");
        other.join();
    }

    ~TlsPair() {
        for (int i = 0; i < 2; ++i) {
            SSL_free(ends_[i]);
            close(sockets_[i]);
        }
        SSL_CTX_free(context_);
    }

    TlsPair(const TlsPair&) = delete;
    TlsPair& operator=(const TlsPair&) = delete;

    void send(const Bytes& message) {
        const std::uint32_t size = static_cast<std::uint32_t>(message.size());
        require(SSL_write(ends_[0], &size, sizeof size) == sizeof size, "write");
        require(SSL_write(ends_[0], message.data(), static_cast<int>(size)) == static_cast<int>(size),
                "write");
    }

    Bytes receive() {
        std::uint32_t size = 0;
        read(&size, sizeof size);
        Bytes message(size);
        read(message.data(), size);
        return message;
    }

    const char* cipher() const { return SSL_get_cipher(ends_[0]); }

  private:
    void read(void* into, std::size_t size) {
        auto* at = static_cast<std::uint8_t*>(into);
        while (size > 0) {
            const int got = SSL_read(ends_[1], at, static_cast<int>(size));
            require(got > 0, "read");
            at += got;
            size -= static_cast<std::size_t>(got);
        }
    }

    int sockets_[2] = {-1, -1};
    SSL_CTX* context_ = nullptr;
    SSL* ends_[2] = {nullptr, nullptr};
};

const privacy::Here kHere("facts-sync benchmark");

// What this thread had of a core so far.
double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Of one side: until all is there, and the processor time of the thread that receives.
struct Cost {
    double time = 0;
    double cpu = 0;
};

std::vector<double> all_of(const std::vector<Cost>& costs, double Cost::*what) {
    std::vector<double> values;
    for (const Cost& cost : costs) {
        values.push_back(cost.*what);
    }
    return values;
}

struct Measured {
    Cost cost;
    std::size_t transactions = 0;
    std::vector<Bytes> messages;
};

Measured measured_round(Device& source,
                        const Household& home,
                        const DeviceId& source_id,
                        const DeviceId& sink_id) {
    const TemporaryFolder folder;
    Device sink(folder.path() + "/sink", home.two, home.roster, 3);
    TlsPair tls;
    const auto heights = source.facts->heights(sink_id);
    Measured result;
    const auto start = Clock::now();
    const double cpu_before = cpu_seconds();
    require(sink.facts->on_heights(source_id, heights.at(0).read(kHere), Loop::now()).has_value(), "heights");
    const auto wants = sink.facts->wants(source_id);
    std::thread sender([&] {
        bool more = true;
        source.on_served = [&](facts::Served served) {
            tls.send(served.range.read(kHere));
            more = served.next.has_value();
            if (more) {
                require(source.facts->serve(sink_id, *served.next).has_value(), "serve");
            }
        };
        require(source.facts->serve(sink_id, wants.at(0)).has_value(), "serve");
        while (more) {
            source.turn();
        }
        tls.send({});
    });
    for (Bytes message = tls.receive(); !message.empty(); message = tls.receive()) {
        result.messages.push_back(std::move(message));
        const auto taken = sink.facts->receive(source_id, result.messages.back(), Loop::now());
        require(taken.has_value(), "receive");
        sink.loop.io().poll();
        while (sink.facts->range_credit() == 0) {
            sink.turn();
        }
    }
    sender.join();
    while (sink.facts->count() < kFacts) {
        sink.turn();
    }
    result.cost = {seconds_since(start), cpu_seconds() - cpu_before};
    result.transactions = sink.transactions;
    require(sink.facts->state_hash(privacy::Household{}) == source.facts->state_hash(privacy::Household{}),
            "hash");
    return result;
}

Cost floor_round(const Measured& like, const Household& home) {
    const TemporaryFolder folder;
    PlainLog log(folder.path() + "/floor.db");
    TlsPair tls;
    std::vector<facts::Range> ranges;
    std::vector<storage::Items> items;
    for (const Bytes& message : like.messages) {
        ranges.push_back(facts::decode_range(message).value());
        items.emplace_back();
        std::size_t left = ranges.back().entries.size();
        for (const ByteView entry : ranges.back().entries) {
            facts::add_stored(items.back(), entry, --left == 0 ? &ranges.back().head : nullptr);
        }
    }
    const std::size_t per_transaction = (ranges.size() + like.transactions - 1) / like.transactions;
    const auto start = Clock::now();
    const double cpu_before = cpu_seconds();
    std::thread sender([&] {
        for (const Bytes& message : like.messages) {
            tls.send(message);
        }
    });
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        tls.receive();
        require(facts::verify_head(home.one.verify_key(), ranges[i].channel, ranges[i].head).has_value(),
                "verify");
        if (i % per_transaction == 0) {
            log.begin();
        }
        for (const ByteView item : items[i]) {
            log.insert(item);
        }
        if (i % per_transaction == per_transaction - 1 || i + 1 == ranges.size()) {
            log.commit();
        }
    }
    sender.join();
    return {seconds_since(start), cpu_seconds() - cpu_before};
}

}  // namespace

int main() {
    const TemporaryFolder folder;
    const Household home;
    const DeviceId source_id = crypto::device_id_of(home.one.verify_key());
    const DeviceId sink_id = crypto::device_id_of(home.two.verify_key());
    const auto open_source = [&] {
        return std::make_unique<Device>(folder.path() + "/source", home.one, home.roster, std::uint8_t{1});
    };
    auto source = open_source();
    for (std::size_t number = 0; number < kFacts;) {
        std::vector<facts::Draft> drafts;
        for (; drafts.size() < 5000; ++number) {
            drafts.push_back(draft(number));
        }
        source->write(drafts);
    }
    std::vector<Cost> floor;
    std::vector<Cost> measured;
    std::size_t transactions = 0;
    std::size_t bytes = 0;
    for (std::size_t round = 0; round < kRounds; ++round) {
        const Measured run = measured_round(*source, home, source_id, sink_id);
        measured.push_back(run.cost);
        floor.push_back(floor_round(run, home));
        transactions = run.transactions;
        bytes = 0;
        for (const Bytes& message : run.messages) {
            bytes += message.size();
        }
    }
    const TlsPair sample;
    std::printf("facts-sync: %zu facts, %zu bytes, %zu transactions, median of %zu rounds\n", kFacts, bytes,
                transactions, kRounds);
    std::printf("both: TLS 1.3 (%s) over a socket pair, one thread sends, one receives\n", sample.cipher());
    print_disk_settings(folder.path());
    std::printf("%-64s %8s %12s %24s\n", "what", "s", "facts/s", "receiver, us of CPU each");
    const auto line = [](const char* what, const std::vector<Cost>& costs) {
        const double time = median(all_of(costs, &Cost::time));
        const double cpu_us = median(all_of(costs, &Cost::cpu)) * 1e6 / double{kFacts};
        std::printf("%-64s %8.3f %12.0f %24.2f\n", what, time, double{kFacts} / time, cpu_us);
        return cpu_us;
    };
    const double floor_us = line("floor: bytes over TLS, signature checks, plain durable inserts", floor);
    const double sync_us = line("sync: read, send, check chain and signature, store, fold", measured);
    source.reset();
    const auto start = Clock::now();
    source = open_source();
    const double start_s = seconds_since(start);
    require(source->facts->count() == kFacts, "start");
    std::printf("start with them: %.3f s\n", start_s);
    std::printf("BENCH facts-sync ratio_floor=%.2f cpu_us=%.2f floor_cpu_us=%.2f start_s=%.3f\n",
                ratio(all_of(measured, &Cost::time), all_of(floor, &Cost::time)), sync_us, floor_us, start_s);
    return 0;
}

// facts-sync: cold sync of 100,000 facts between two devices over TLS 1.3 on loopback.
//
// floor: the same bytes over the same TLS, the same number of signature checks, the same items inserted into
// plain SQLite in as many transactions.  Both sides run two threads: one sends, one receives.  Runs are
// interleaved.
#include <thread>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
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

struct Measured {
    double time = 0;
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
    result.time = seconds_since(start);
    result.transactions = sink.transactions;
    require(sink.facts->state_hash(privacy::Household{}) == source.facts->state_hash(privacy::Household{}),
            "hash");
    return result;
}

double floor_round(const Measured& like, const Household& home) {
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
    return seconds_since(start);
}

}  // namespace

int main() {
    const TemporaryFolder folder;
    const Household home;
    const DeviceId source_id = crypto::device_id_of(home.one.verify_key());
    const DeviceId sink_id = crypto::device_id_of(home.two.verify_key());
    Device source(folder.path() + "/source", home.one, home.roster, 1);
    for (std::size_t number = 0; number < kFacts;) {
        std::vector<facts::Draft> drafts;
        for (; drafts.size() < 5000; ++number) {
            drafts.push_back(draft(number));
        }
        source.write(drafts);
    }
    std::vector<double> floor;
    std::vector<double> measured;
    std::size_t transactions = 0;
    std::size_t bytes = 0;
    for (std::size_t round = 0; round < kRounds; ++round) {
        const Measured run = measured_round(source, home, source_id, sink_id);
        measured.push_back(run.time);
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
    std::printf("%-64s %8s %12s\n", "what", "s", "facts/s");
    const auto line = [](const char* what, double time) {
        std::printf("%-64s %8.3f %12.0f\n", what, time, double{kFacts} / time);
    };
    line("floor: bytes over TLS, signature checks, plain durable inserts", median(floor));
    line("sync: read, send, check chain and signature, store, fold", median(measured));
    std::printf("BENCH facts-sync ratio_floor=%.2f\n", ratio(measured, floor));
    return 0;
}

// mesh-rtt: a 256-byte ping between two nodes, beside the same link without Ambit and TLS over TCP alone.
//
// Each side runs on its own thread and loop.  The three paths take turns, one ping each, so that whatever
// else the machine does hits all of them alike.
#include <array>
#include <cstdlib>
#include <future>
#include <thread>

#include <sched.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "bare_link.h"
#include "mesh/mesh_transport.h"
#include "no_storage.h"
#include "privacy/ledger.h"
#include "times.h"
#include "wire/links.h"

namespace ambit::bench {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPingBytes = 256;
constexpr int kWarmUp = 500;
constexpr int kRounds = 5000;

// Two devices have a processor each.  Left to itself, the scheduler puts both sides of one path on one core
// and those of the next on two, and that is all one would measure.
void stay_on_core(std::size_t side) {
    static const cpu_set_t kAllowed = [] {  // before any thread limits itself and those that it starts
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        sched_getaffinity(0, sizeof allowed, &allowed);
        return allowed;
    }();
    for (std::size_t core = 0; CPU_COUNT(&kAllowed) > 1 && core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &kAllowed) && side-- == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(core, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
    }
}

// A node of wire and mesh; answers pings, and makes them when asked from another thread.
class Node final : public wire::TransportEvents {
  public:
    Node(std::uint8_t number, std::size_t side)
        : key_(key_of(number)),
          ledger_(storage_, key_),
          gate_(crypto::device_id_of(key_.verify_key()), ledger_),
          transport_(std::move(mesh::MeshTransport::create(loop_, key_)).value()),
          links_(key_, true, wire::Dialect{}, *transport_, gate_, storage_, Loop::system_random()) {
        if (!ledger_.load()) {
            std::abort();
        }
        transport_->set_events(this);
        gate_.set_roster(two_devices());
        address_ = transport_->listen({"127.0.0.1", 0}).value();
        thread_ = std::thread([this, side] {
            stay_on_core(side);
            links_.set_roster(two_devices(), Loop::now());
            after();
            loop_.run([] {});
        });
    }

    ~Node() override {
        loop_.post([this] { loop_.stop(); });
        thread_.join();
    }

    const wire::Address& address() const { return address_; }

    DeviceId id() const { return crypto::device_id_of(key_.verify_key()); }

    void meet(const Node& peer) {
        std::promise<void> up;
        up_ = &up;
        loop_.post([this, &peer] {
            links_.add_hint(peer.id(), peer.address(), Loop::now());
            after();
        });
        up.get_future().wait();
    }

    void ping(const DeviceId& peer) {
        std::promise<void> done;
        done_ = &done;
        loop_.post([this, peer] {
            auto body = clear(peer, Bytes(kPingBytes, 7));
            if (!links_.call(peer, "node.ping", std::move(body), {}, Loop::now())) {
                std::abort();
            }
            after();
        });
        done.get_future().wait();
    }

    void on_link_up(const wire::LinkUp& up, Now now) override {
        links_.on_link_up(up, now);
        after();
    }

    void on_link_down(wire::LinkId link, const Error& reason, Now now) override {
        links_.on_link_down(link, reason, now);
        after();
    }

    void on_frame(wire::LinkId link, ByteView frame, Now now) override {
        links_.on_frame(link, frame, now);
        after();
    }

    void on_writable(wire::LinkId link, Now now) override {
        links_.on_writable(link, now);
        after();
    }

    void on_dial_failed(wire::DialId id, const Error& reason, Now now) override {
        links_.on_dial_failed(id, reason, now);
        after();
    }

  private:
    // As node::Node does for "node.ping": pings to one peer share a ledger row.
    privacy::Cleared<Bytes> clear(const DeviceId& peer, Bytes body) {
        const privacy::Labelled<Bytes> value(std::move(body),
                                             privacy::Label{privacy::Audience(privacy::Household{})});
        auto& session = sessions_.try_emplace(peer, privacy::SyncSession(peer, "ping")).first->second;
        return gate_.clear_in(session, value, Loop::now()).value();
    }

    // What a node does after every event: takes what links say, and sets its one timer.
    void after() {
        static constexpr privacy::Here here("mesh-rtt");
        for (wire::Event& event : links_.drain_events()) {
            if (std::holds_alternative<wire::PeerUp>(event) && up_ != nullptr) {
                std::exchange(up_, nullptr)->set_value();
            } else if (const auto* incoming = std::get_if<wire::Incoming>(&event)) {
                auto answer = clear(incoming->peer, incoming->body.read(here));
                static_cast<void>(links_.finish(incoming->call, std::move(answer), Loop::now()));
            } else if (std::holds_alternative<wire::Closed>(event)) {
                std::exchange(done_, nullptr)->set_value();
            }
        }
        if (const auto next = links_.next_deadline(); next && *next != wake_) {
            wake_ = *next;
            loop_.wake_at(*next, [this] {
                wake_ = MonoTime();
                links_.on_tick(Loop::now());
                after();
            });
        }
    }

    Loop loop_;
    crypto::SigningKey key_;
    NoStorage storage_;
    privacy::Ledger ledger_;
    privacy::Gate gate_;
    std::unique_ptr<mesh::MeshTransport> transport_;
    wire::Links links_;
    std::map<DeviceId, privacy::SyncSession> sessions_;
    wire::Address address_;
    MonoTime wake_;
    std::promise<void>* up_ = nullptr;
    std::promise<void>* done_ = nullptr;
    std::thread thread_;
};

// One end of a bare link: a thread with an io_context, as a node has, and asynchronous operations, as a node
// uses.
template <typename Stream>
class Bare {
  public:
    Bare() {
        tcp::acceptor acceptor(io_[0], {asio::ip::make_address("127.0.0.1"), 0});
        tcp::socket dialled(io_[1]);
        dialled.connect(acceptor.local_endpoint());
        stream_[0].emplace(acceptor.accept(), *tls_[0]);
        stream_[1].emplace(std::move(dialled), *tls_[1]);
        std::thread server([this] { begin(*stream_[0], asio::ssl::stream_base::server); });
        begin(*stream_[1], asio::ssl::stream_base::client);
        server.join();
        serve();
        for (std::size_t side = 0; side < io_.size(); ++side) {
            threads_.emplace_back([&io = io_[side], side] {
                stay_on_core(side);
                const auto work = asio::make_work_guard(io);
                io.run();
            });
        }
    }

    ~Bare() {
        for (asio::io_context& io : io_) {
            io.stop();
        }
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }

    void ping() {
        std::promise<void> done;
        asio::post(io_[1], [this, &done] {
            write(*stream_[1], data_[1],
                  [this, &done] { read(*stream_[1], data_[1], [&done] { done.set_value(); }); });
        });
        done.get_future().wait();
    }

  private:
    static constexpr bool kWebSocket = std::is_same_v<Stream, WebSocket>;

    void serve() {
        read(*stream_[0], data_[0], [this] { write(*stream_[0], data_[0], [this] { serve(); }); });
    }

    template <typename Next>
    void write(Stream& stream, Bytes& data, Next next) {
        const auto done = [next](auto error, std::size_t /*size*/) {
            if (!error) {
                next();
            }
        };
        if constexpr (kWebSocket) {
            stream.async_write(asio::buffer(data), done);
        } else {
            asio::async_write(stream, asio::buffer(data), done);
        }
    }

    template <typename Next>
    void read(Stream& stream, Bytes& data, Next next) {
        if constexpr (kWebSocket) {
            boost::beast::flat_buffer& buffer = buffer_[&data - data_.data()];
            buffer.clear();
            stream.async_read(buffer, [next](auto error, std::size_t /*size*/) {
                if (!error) {
                    next();
                }
            });
        } else {
            asio::async_read(stream, asio::buffer(data), [next](auto error, std::size_t /*size*/) {
                if (!error) {
                    next();
                }
            });
        }
    }

    std::array<asio::io_context, 2> io_;
    std::array<std::unique_ptr<asio::ssl::context>, 2> tls_{mesh::make_tls_context(key_of(1)).value(),
                                                            mesh::make_tls_context(key_of(2)).value()};
    std::array<std::optional<Stream>, 2> stream_;
    std::array<Bytes, 2> data_{Bytes(kPingBytes, 7), Bytes(kPingBytes, 7)};
    std::array<boost::beast::flat_buffer, 2> buffer_;
    std::vector<std::thread> threads_;
};

int run() {
    Node a(1, 1);
    Node b(2, 0);
    a.meet(b);
    stay_on_core(1);  // where all pings begin
    Bare<WebSocket> link;
    Bare<Tls> tls;
    Times ambit_times;
    Times link_times;
    Times tls_times;
    for (int i = -kWarmUp; i < kRounds; ++i) {
        if (i == 0) {
            for (Times* times : {&ambit_times, &link_times, &tls_times}) {
                times->clear();
            }
        }
        ambit_times.measure([&] { a.ping(b.id()); });
        link_times.measure([&] { link.ping(); });
        tls_times.measure([&] { tls.ping(); });
    }
    std::printf("mesh-rtt: %d pings of %zu bytes each, taking turns\n", kRounds, kPingBytes);
    std::printf(
        "all: TLS 1.3 between Ed25519 certificates over loopback, TCP_NODELAY, a thread, a loop and a core a "
        "side\n");
    std::printf(
        "Ambit: gate, envelopes, liveness; the ledger has one row a peer, as in the daemon, so that no ping "
        "waits for the disk\n");
    print_header("microseconds");
    print_us("Ambit: node.ping between two devices", ambit_times);
    print_us("bare link: WebSocket over TLS", link_times);
    print_us("TCP and TLS alone", tls_times);
    std::printf("BENCH mesh-rtt p50_us=%.1f p99_us=%.1f ratio_link=%.2f ratio_tls=%.2f\n",
                ambit_times.us(0.5), ambit_times.us(0.99), ambit_times.us(0.5) / link_times.us(0.5),
                ambit_times.us(0.5) / tls_times.us(0.5));
    return 0;
}

}  // namespace
}  // namespace ambit::bench

int main() {
    return ambit::bench::run();
}

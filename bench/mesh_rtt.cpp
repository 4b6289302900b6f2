// mesh-rtt: a 256-byte ping between two nodes, beside the same link without Ambit and TLS over TCP alone.
//
// Each side runs on its own thread and loop.  The three paths take turns, one ping each, so that whatever
// else the machine does hits all of them alike.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "mesh/mesh_transport.h"
#include "mesh/tls.h"
#include "privacy/ledger.h"
#include "wire/links.h"

namespace ambit {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using Tls = beast::ssl_stream<tcp::socket>;
using WebSocket = websocket::stream<Tls>;

constexpr std::size_t kPingBytes = 256;
constexpr int kWarmUp = 500;
constexpr int kRounds = 5000;

crypto::SigningKey key_of(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

identity::RosterView household() {
    auto roster = std::make_shared<identity::Roster>();
    for (const auto number : {std::uint8_t{1}, std::uint8_t{2}}) {
        identity::Device device;
        device.verify_key = key_of(number).verify_key();
        device.id = crypto::device_id_of(device.verify_key);
        device.mains_powered = true;
        roster->devices[device.id] = device;
    }
    return roster;
}

// Everything is durable at once and nothing is kept: the disk is not what is measured here (facts-commit does
// that).
class InstantStorage final : public storage::Storage {
  public:
    storage::Ticket commit(storage::Batch /*batch*/) override { return ++ticket_; }

    storage::Ticket durable() const override { return ticket_; }

    storage::ReadId read(const storage::ReadRequest& /*request*/) override { return 0; }

    Result<void> load_streams(std::string_view /*prefix*/, const StreamVisitor& /*visitor*/) override {
        return {};
    }

    Result<std::map<std::string, Bytes>> load_table(const std::string& /*table*/) override {
        return std::map<std::string, Bytes>();
    }

  private:
    storage::Ticket ticket_ = 0;
};

// A node of wire and mesh; answers pings, and makes them when asked from another thread.
class Node final : public wire::TransportEvents {
  public:
    explicit Node(std::uint8_t number)
        : key_(key_of(number)),
          ledger_(storage_, key_),
          gate_(crypto::device_id_of(key_.verify_key()), ledger_),
          transport_(std::move(mesh::MeshTransport::create(loop_, key_)).value()),
          links_(key_, true, *transport_, gate_, storage_, Loop::system_random()) {
        if (!ledger_.load()) {
            std::abort();
        }
        transport_->set_events(this);
        gate_.set_roster(household());
        address_ = transport_->listen({"127.0.0.1", 0}).value();
        thread_ = std::thread([this] {
            links_.set_roster(household(), Loop::now());
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
    privacy::Cleared<Bytes> clear(const DeviceId& peer, Bytes body) {
        const privacy::Labelled<Bytes> value(std::move(body),
                                             privacy::Label{privacy::Audience(privacy::Household{})});
        return gate_.clear(value, peer, {"ping", "audience"}, Loop::now()).value();
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
    InstantStorage storage_;
    privacy::Ledger ledger_;
    privacy::Gate gate_;
    std::unique_ptr<mesh::MeshTransport> transport_;
    wire::Links links_;
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
        const identity::RosterView roster = household();
        tcp::acceptor acceptor(io_[0], {asio::ip::make_address("127.0.0.1"), 0});
        std::thread server([&] { accept(acceptor, roster); });
        dial(acceptor.local_endpoint(), roster);
        server.join();
        serve();
        for (asio::io_context& io : io_) {
            threads_.emplace_back([&io] {
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

    static Tls& tls(Tls& stream) { return stream; }

    static Tls& tls(WebSocket& stream) { return stream.next_layer(); }

    void accept(tcp::acceptor& acceptor, const identity::RosterView& roster) {
        stream_[0].emplace(acceptor.accept(), *tls_[0]);
        mesh::PeerCheck check{roster, std::nullopt, std::nullopt};
        mesh::attach(tls(*stream_[0]).native_handle(), check);
        tls(*stream_[0]).next_layer().set_option(tcp::no_delay(true));
        tls(*stream_[0]).handshake(asio::ssl::stream_base::server);
        if constexpr (kWebSocket) {
            stream_[0]->binary(true);
            stream_[0]->accept();
        }
    }

    void dial(const tcp::endpoint& to, const identity::RosterView& roster) {
        tcp::socket socket(io_[1]);
        socket.connect(to);
        socket.set_option(tcp::no_delay(true));
        stream_[1].emplace(std::move(socket), *tls_[1]);
        mesh::PeerCheck check{roster, std::nullopt, std::nullopt};
        mesh::attach(tls(*stream_[1]).native_handle(), check);
        tls(*stream_[1]).handshake(asio::ssl::stream_base::client);
        if constexpr (kWebSocket) {
            stream_[1]->binary(true);
            stream_[1]->handshake("bench", "/ambit/v1");
        }
    }

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
            beast::flat_buffer& buffer = buffer_[&data - data_.data()];
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
    std::array<beast::flat_buffer, 2> buffer_;
    std::vector<std::thread> threads_;
};

struct Times {
    std::vector<double> us;

    template <typename Action>
    void measure(Action action) {
        const auto start = std::chrono::steady_clock::now();
        action();
        us.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }

    double quantile(double q) {
        std::sort(us.begin(), us.end());
        return us[static_cast<std::size_t>(q * static_cast<double>(us.size() - 1))];
    }
};

int run() {
    Node a(1);
    Node b(2);
    a.meet(b);
    Bare<WebSocket> link;
    Bare<Tls> tls;
    Times ambit_times;
    Times link_times;
    Times tls_times;
    for (int i = -kWarmUp; i < kRounds; ++i) {
        if (i == 0) {
            ambit_times = link_times = tls_times = Times();
        }
        ambit_times.measure([&] { a.ping(b.id()); });
        link_times.measure([&] { link.ping(); });
        tls_times.measure([&] { tls.ping(); });
    }
    std::printf("%d pings of %zu bytes each, interleaved; TLS 1.3 over loopback, TCP_NODELAY, no disk\n",
                kRounds, kPingBytes);
    std::printf("%-28s %10s %10s\n", "", "p50 us", "p99 us");
    std::printf("%-28s %10.1f %10.1f\n", "Ambit", ambit_times.quantile(0.5), ambit_times.quantile(0.99));
    std::printf("%-28s %10.1f %10.1f\n", "bare WebSocket + TLS", link_times.quantile(0.5),
                link_times.quantile(0.99));
    std::printf("%-28s %10.1f %10.1f\n", "TCP + TLS", tls_times.quantile(0.5), tls_times.quantile(0.99));
    std::printf("BENCH mesh-rtt p50_us=%.1f p99_us=%.1f ratio_link=%.2f ratio_tls=%.2f\n",
                ambit_times.quantile(0.5), ambit_times.quantile(0.99),
                ambit_times.quantile(0.5) / link_times.quantile(0.5),
                ambit_times.quantile(0.5) / tls_times.quantile(0.5));
    return 0;
}

}  // namespace
}  // namespace ambit

int main() {
    return ambit::run();
}

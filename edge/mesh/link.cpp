#include "mesh/link.h"

#include <deque>

#include <netinet/tcp.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "mesh/limits.h"
#include "wire/limits.h"

namespace ambit::mesh {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using beast::error_code;

constexpr const char* kPath = "/ambit/v1";

}  // namespace

class Link::Impl : public std::enable_shared_from_this<Link::Impl> {
    using Step = void (Impl::*)(error_code);

    // A completion handler that keeps this alive and does nothing once it is closed.
    auto bind(Step step) {
        return [self = shared_from_this(), step](error_code error, auto&&... /*sizes*/) {
            if (self->state_ != State::Closed) {
                ((*self).*step)(error);
            }
        };
    }

  public:
    Impl(const Setup& setup, wire::LinkId id)
        : id_(id),
          owner_(&setup.owner),
          check_{setup.roster, PeerCheck::Welcome::MemberOrRecovery, std::nullopt, std::nullopt, false},
          stream_(tcp::socket(setup.io), setup.tls),
          resolver_(setup.io),
          timer_(setup.io) {
        attach(tls().native_handle(), check_);
        websocket::stream_base::timeout none{};
        none.handshake_timeout = websocket::stream_base::none();
        none.idle_timeout = websocket::stream_base::none();
        none.keep_alive_pings = false;
        stream_.set_option(none);  // our own timer covers the handshakes, wire::Liveness the rest
        stream_.binary(true);
        stream_.auto_fragment(false);
        stream_.read_message_max(wire::kFrameBytesMax);
    }

    void accept(int socket) {
        error_code error;
        tcp_socket().assign(protocol_of(socket), socket, error);
        if (!error) {
            prepare_socket(error);
        }
        if (error) {
            fail(error);
            return;
        }
        start_timer(kHandshakeTimeout);
        tls().async_handshake(asio::ssl::stream_base::server, bind(&Impl::on_server_tls));
    }

    void dial(const wire::Address& address, const std::optional<DeviceId>& expected) {
        check_.welcome = expected ? PeerCheck::Welcome::Expected : PeerCheck::Welcome::Anybody;
        check_.expected = expected;
        dial_host_ = address.to_string();
        start_timer(kDialHandshakeTimeout);
        error_code error;
        const auto literal = asio::ip::make_address(address.host, error);
        if (!error) {
            connect({tcp::endpoint(literal, address.port)});
            return;
        }
        resolver_.async_resolve(address.host, std::to_string(address.port),
                                [self = shared_from_this()](error_code failed, const auto& results) {
                                    if (failed) {
                                        self->fail(failed);
                                    } else if (self->owner_ != nullptr) {
                                        self->connect({results.begin(), results.end()});
                                    }
                                });
    }

    bool up() const { return state_ == State::Up; }

    const DeviceId& peer() const { return *check_.found; }

    bool recovers() const { return check_.recovers; }

    bool still_welcome() const { return check_.admits(*check_.found); }

    const wire::Address& remote() const { return remote_; }

    bool send(Bytes frame) {
        if (state_ != State::Up) {
            return true;
        }
        buffered_ += frame.size();
        outbox_.push_back(std::move(frame));
        if (buffered_ > kLinkBufferBytesMax) {
            error_code error;
            tcp_socket().cancel(error);  // the pending read reports it
        } else if (outbox_.size() == 1) {
            write();
        }
        full_ = buffered_ >= kLinkBufferBytes;
        return !full_;
    }

    void close() {
        owner_ = nullptr;
        if (state_ != State::Up) {
            abandon();
            return;
        }
        state_ = State::Closing;
        start_timer(kCloseTimeout);
        if (outbox_.empty()) {
            finish_sending();
        }
    }

    void abandon() {
        owner_ = nullptr;
        state_ = State::Closed;
        timer_.cancel();
        resolver_.cancel();
        error_code error;
        tcp_socket().close(error);
    }

  private:
    enum class State : std::uint8_t { Handshake, Up, Closing, Closed };
    using Stream = websocket::stream<beast::ssl_stream<tcp::socket>>;

    beast::ssl_stream<tcp::socket>& tls() { return stream_.next_layer(); }

    tcp::socket& tcp_socket() { return tls().next_layer(); }

    static tcp protocol_of(int socket) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
        return address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
    }

    void prepare_socket(error_code& error) {
        tcp_socket().set_option(tcp::no_delay(true), error);
        if (!error) {
            tcp_socket().set_option(asio::socket_base::keep_alive(true), error);
        }
        const auto endpoint = error ? tcp::endpoint() : tcp_socket().remote_endpoint(error);
        remote_ = {endpoint.address().to_string(), endpoint.port()};
    }

    void start_timer(milliseconds timeout) {
        timer_.expires_after(timeout);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && self->state_ != State::Up) {
                self->fail(asio::error::timed_out);
            }
        });
    }

    void connect(std::vector<tcp::endpoint> endpoints) {
        endpoints_ = std::move(endpoints);
        asio::async_connect(tcp_socket(), endpoints_, bind(&Impl::on_connected));
    }

    void on_connected(error_code error) {
        if (!error) {
            prepare_socket(error);
        }
        if (error) {
            fail(error);
            return;
        }
        tls().async_handshake(asio::ssl::stream_base::client, bind(&Impl::on_client_tls));
    }

    void on_client_tls(error_code error) {
        if (error) {
            fail(error);
            return;
        }
        stream_.async_handshake(dial_host_, kPath, bind(&Impl::on_upgraded));
    }

    void on_server_tls(error_code error) {
        if (error) {
            fail(error);
            return;
        }
        request_.header_limit(kUpgradeHeaderBytesMax);
        http::async_read(tls(), buffer_, request_, bind(&Impl::on_request));
    }

    void on_request(error_code error) {
        if (!error && (!websocket::is_upgrade(request_.get()) || request_.get().target() != kPath)) {
            error = websocket::error::no_connection_upgrade;
        }
        if (error) {
            fail(error);
            return;
        }
        stream_.async_accept(request_.get(), bind(&Impl::on_upgraded));
    }

    void on_upgraded(error_code error) {
        // A first frame may not come before the upgrade is answered.
        if (!error && buffer_.size() != 0) {
            error = websocket::error::bad_method;
        }
        if (error || !check_.found) {
            fail(error);
            return;
        }
        state_ = State::Up;
        timer_.cancel();
        read();
        owner_->on_link_ready(id_);
    }

    void read() { stream_.async_read(buffer_, bind(&Impl::on_read)); }

    void on_read(error_code error) {
        if (error) {
            fail(error);
            return;
        }
        if (state_ == State::Up) {
            if (!stream_.got_binary()) {
                fail(websocket::error::bad_opcode);
                return;
            }
            const auto data = buffer_.cdata();
            owner_->on_link_frame(id_, {static_cast<const std::uint8_t*>(data.data()), data.size()});
            if (state_ == State::Closed) {
                return;
            }
        }
        buffer_.clear();
        if (buffer_.capacity() > kReadBufferKept) {
            buffer_.shrink_to_fit();
        }
        read();
    }

    void write() { stream_.async_write(asio::buffer(outbox_.front()), bind(&Impl::on_written)); }

    void on_written(error_code error) {
        if (error) {
            fail(error);
            return;
        }
        buffered_ -= outbox_.front().size();
        outbox_.pop_front();
        if (!outbox_.empty()) {
            write();
        } else if (state_ == State::Closing) {
            finish_sending();
        }
        if (full_ && buffered_ < kLinkBufferBytes / 2 && state_ == State::Up) {
            full_ = false;
            owner_->on_link_writable(id_);
        }
    }

    // Half-closes, so that what was sent last isn't thrown away by a reset; the peer's close ends the pending
    // read.
    void finish_sending() {
        error_code error;
        tcp_socket().shutdown(tcp::socket::shutdown_send, error);
        if (error) {
            abandon();
        }
    }

    void fail(error_code error) {
        LinkOwner* owner = owner_;
        const bool was_up = state_ == State::Up;
        abandon();
        if (owner == nullptr) {
            return;
        }
        if (was_up) {
            owner->on_link_broken(id_, Error{ErrorCode::LinkBroken, error.message()});
        } else {
            const bool connected = !remote_.host.empty();
            owner->on_link_failed(
                id_, Error{connected ? ErrorCode::HandshakeFailed : ErrorCode::DialFailed, error.message()});
        }
    }

    const wire::LinkId id_;
    LinkOwner* owner_;
    PeerCheck check_;
    Stream stream_;
    tcp::resolver resolver_;
    asio::steady_timer timer_;
    State state_ = State::Handshake;
    std::string dial_host_;
    std::vector<tcp::endpoint> endpoints_;
    wire::Address remote_;
    http::request_parser<http::empty_body> request_;
    beast::flat_buffer buffer_{wire::kFrameBytesMax + kUpgradeHeaderBytesMax};
    std::deque<Bytes> outbox_;
    std::size_t buffered_ = 0;
    bool full_ = false;
};

Link::Link(const Setup& setup, wire::LinkId id) : impl_(std::make_shared<Impl>(setup, id)) {}

Link::~Link() {
    // A closing link keeps itself alive until it is flushed; its owner is forgotten already.
}

void Link::accept(int socket) {
    impl_->accept(socket);
}

void Link::dial(const wire::Address& address, const std::optional<DeviceId>& expected) {
    impl_->dial(address, expected);
}

bool Link::up() const {
    return impl_->up();
}

const DeviceId& Link::peer() const {
    return impl_->peer();
}

bool Link::recovers() const {
    return impl_->recovers();
}

bool Link::still_welcome() const {
    return impl_->still_welcome();
}

const wire::Address& Link::remote() const {
    return impl_->remote();
}

bool Link::send(Bytes frame) {
    return impl_->send(std::move(frame));
}

void Link::close() {
    impl_->close();
}

void Link::abandon() {
    impl_->abandon();
}

}  // namespace ambit::mesh

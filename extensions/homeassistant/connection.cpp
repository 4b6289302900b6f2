#include "homeassistant/connection.h"

#include <charconv>
#include <deque>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace ambit::homeassistant {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::websocket::stream<beast::tcp_stream>;

constexpr const char* kPath = "/api/websocket";

// One connection; what is under way on it holds on to it.
struct Live {
    explicit Live(asio::io_context& io) : stream(io) {}

    Stream stream;
    beast::flat_buffer buffer;
};

}  // namespace

Result<Place> parse_url(const std::string& url) {
    constexpr std::string_view kScheme = "http://";
    const Error bad{ErrorCode::InvalidArgument, "\"" + url + "\": expected http://HOST:PORT"};
    if (!url.starts_with(kScheme)) {
        return bad;
    }
    std::string rest = url.substr(kScheme.size());
    if (rest.ends_with('/')) {
        rest.pop_back();
    }
    Place place;
    const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
    const std::size_t colon = bracket == std::string::npos ? bracket : rest.find(':', bracket);
    place.host = rest.substr(0, colon);
    if (place.host.starts_with('[') && place.host.ends_with(']')) {
        place.host = place.host.substr(1, place.host.size() - 2);
    }
    if (place.host.empty() || place.host.find_first_of("/?#@[] ") != std::string::npos) {
        return bad;
    }
    if (colon == std::string::npos) {
        return place;
    }
    const std::string port = rest.substr(colon + 1);
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (failed != std::errc() || end != port.data() + port.size() || place.port == 0) {
        return bad;
    }
    return place;
}

class Connection::Impl final : public std::enable_shared_from_this<Impl> {
  public:
    Impl(Place place, Loop& loop, ConnectionHandlers handlers)
        : place_(std::move(place)),
          io_(loop.io()),
          handlers_(std::move(handlers)),
          resolver_(io_),
          timer_(io_) {}

    void start() { wait(milliseconds{0}); }

    void send(std::string text);
    void close(const std::string& reason, bool refused);

    void good() { pause_ = kPauseMin; }

    // For good.
    void end() {
        handlers_ = {};
        ended_ = true;
        timer_.cancel();
        resolver_.cancel();
        drop();
    }

  private:
    void wait(milliseconds pause);
    void connect();
    void shake_hands();
    void opened();
    void read();
    void write();
    void fail(std::uint64_t round, const std::string& reason);

    void drop() {
        if (live_) {
            error_code ignored;
            beast::get_lowest_layer(live_->stream).socket().close(ignored);
            live_.reset();
        }
        out_.clear();
        out_bytes_ = 0;
        writing_ = false;
        open_ = false;
        ++round_;
    }

    const Place place_;
    asio::io_context& io_;
    ConnectionHandlers handlers_;
    tcp::resolver resolver_;
    asio::steady_timer timer_;
    std::shared_ptr<Live> live_;
    std::deque<std::shared_ptr<const std::string>> out_;
    std::size_t out_bytes_ = 0;
    milliseconds pause_ = kPauseMin;
    std::uint64_t round_ = 0;  // of the connection; what an earlier one still reports does not count
    bool writing_ = false;
    bool open_ = false;
    bool ended_ = false;
};

void Connection::Impl::wait(milliseconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled && !self->ended_) {
            self->connect();
        }
    });
}

void Connection::Impl::connect() {
    const std::uint64_t round = ++round_;
    live_ = std::make_shared<Live>(io_);
    resolver_.async_resolve(
        place_.host, std::to_string(place_.port),
        [self = shared_from_this(), round](error_code error, const tcp::resolver::results_type& found) {
            if (self->ended_ || round != self->round_) {
                return;
            }
            if (error) {
                return self->fail(round, error.message());
            }
            auto& tcp_stream = beast::get_lowest_layer(self->live_->stream);
            tcp_stream.expires_after(kConnectMax);
            tcp_stream.async_connect(
                found, [self, round, live = self->live_](error_code failed, const tcp::endpoint& /*at*/) {
                    if (self->ended_ || round != self->round_) {
                        return;
                    }
                    failed ? self->fail(round, failed.message()) : self->shake_hands();
                });
        });
}

void Connection::Impl::shake_hands() {
    auto& tcp_stream = beast::get_lowest_layer(live_->stream);
    error_code ignored;
    tcp_stream.socket().set_option(tcp::no_delay(true), ignored);
    tcp_stream.expires_never();
    live_->stream.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::client));
    live_->stream.read_message_max(kMessageBytesMax);
    const std::string host =
        (place_.host.find(':') == std::string::npos ? place_.host : "[" + place_.host + "]") + ":" +
        std::to_string(place_.port);
    live_->stream.async_handshake(
        host, kPath, [self = shared_from_this(), round = round_, live = live_](error_code error) {
            if (self->ended_ || round != self->round_) {
                return;
            }
            error ? self->fail(round, error.message()) : self->opened();
        });
}

void Connection::Impl::opened() {
    open_ = true;
    const std::uint64_t round = round_;
    handlers_.opened();
    if (!ended_ && round == round_) {
        read();
    }
}

void Connection::Impl::read() {
    live_->stream.async_read(live_->buffer, [self = shared_from_this(), round = round_, live = live_](
                                                error_code error, std::size_t /*bytes*/) {
        if (self->ended_ || round != self->round_) {
            return;
        }
        if (error) {
            return self->fail(round, error.message());
        }
        const auto data = live->buffer.cdata();
        self->handlers_.text({static_cast<const char*>(data.data()), data.size()});
        live->buffer.clear();
        if (!self->ended_ && round == self->round_) {
            self->read();
        }
    });
}

void Connection::Impl::send(std::string text) {
    if (!open_) {
        return;
    }
    out_bytes_ += text.size();
    out_.push_back(std::make_shared<const std::string>(std::move(text)));
    if (out_bytes_ > kOutBytesMax) {
        return close("it reads too slowly", false);
    }
    if (!writing_) {
        write();
    }
}

void Connection::Impl::write() {
    writing_ = true;
    live_->stream.text(true);
    live_->stream.async_write(asio::buffer(*out_.front()),
                              [self = shared_from_this(), round = round_, live = live_, text = out_.front()](
                                  error_code error, std::size_t /*bytes*/) {
                                  if (self->ended_ || round != self->round_) {
                                      return;
                                  }
                                  if (error) {
                                      return self->fail(round, error.message());
                                  }
                                  self->out_bytes_ -= text->size();
                                  self->out_.pop_front();
                                  self->writing_ = false;
                                  if (!self->out_.empty()) {
                                      self->write();
                                  }
                              });
}

void Connection::Impl::close(const std::string& reason, bool refused) {
    if (refused) {
        pause_ = kPauseRefused;
    }
    fail(round_, reason);
}

void Connection::Impl::fail(std::uint64_t round, const std::string& reason) {
    if (ended_ || round != round_) {
        return;
    }
    drop();
    // A quarter more or less by chance, so that a household does not knock in step.
    const auto chance = static_cast<std::int64_t>(Loop::system_random().below(512));
    const milliseconds pause = pause_ * (768 + chance) / 1024;
    pause_ = std::min<milliseconds>(pause_ * 2, std::max(kPauseMax, pause_));
    wait(pause);
    handlers_.closed(reason);
}

Connection::Connection(Place place, Loop& loop, ConnectionHandlers handlers)
    : impl_(std::make_shared<Impl>(std::move(place), loop, std::move(handlers))) {
    impl_->start();
}

Connection::~Connection() {
    impl_->end();
}

void Connection::send(std::string text) {
    impl_->send(std::move(text));
}

void Connection::close(const std::string& reason, bool refused) {
    impl_->close(reason, refused);
}

void Connection::good() {
    impl_->good();
}

}  // namespace ambit::homeassistant

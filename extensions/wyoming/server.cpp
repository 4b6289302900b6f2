#include <deque>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "wyoming/allow.h"
#include "wyoming/wyoming.h"

namespace ambit::wyoming {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using nlohmann::json;

// Out of file descriptors: try again after this.
constexpr milliseconds kAcceptRetry{100};
constexpr std::size_t kReadBytes = 8192;

std::string text_json(const std::string& text) {
    return json{{"text", text}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

class WyomingServer::Impl final : public std::enable_shared_from_this<Impl> {
  public:
    Impl(const Settings& settings,
         Allow allow,
         std::function<std::vector<std::string>()> languages,
         OnText on_text,
         Loop& loop)
        : version_(settings.version),
          idle_max_(settings.idle_max),
          allow_(std::move(allow)),
          languages_(std::move(languages)),
          on_text_(std::move(on_text)),
          acceptor_(loop.io()),
          timer_(loop.io()) {}

    Result<void> listen(std::uint16_t port);
    void cut();

    std::uint16_t port() const {
        error_code ignored;
        return acceptor_.local_endpoint(ignored).port();
    }

  private:
    class Connection;

    error_code listen_at(const tcp::endpoint& at);
    void accept();
    void admit(tcp::socket socket);

    const std::string version_;
    const milliseconds idle_max_;
    const Allow allow_;
    const std::function<std::vector<std::string>()> languages_;
    const OnText on_text_;
    tcp::acceptor acceptor_;
    asio::steady_timer timer_;
    std::set<std::shared_ptr<Connection>> connections_;
    bool stopping_ = false;
};

// One sentence, usually; whoever wants may send more, one after another.
class WyomingServer::Impl::Connection final : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket socket, const std::shared_ptr<Impl>& server)
        : socket_(std::move(socket)),
          timer_(socket_.get_executor()),
          idle_max_(server->idle_max_),
          server_(server) {}

    void start() {
        arm(idle_max_);
        read();
    }

    void close() {
        closed_ = true;
        error_code ignored;
        timer_.cancel();
        socket_.close(ignored);
        if (const auto server = server_.lock()) {
            server->connections_.erase(shared_from_this());
        }
    }

  private:
    void arm(milliseconds limit) {
        timer_.expires_after(limit);
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled && !self->closed_) {
                self->close();
            }
        });
    }

    void read() {
        socket_.async_read_some(asio::buffer(buffer_),
                                [self = shared_from_this()](error_code error, std::size_t bytes) {
                                    if (self->closed_) {
                                        return;
                                    }
                                    if (error) {
                                        return self->close();
                                    }
                                    self->on_bytes(std::string_view(self->buffer_.data(), bytes));
                                });
    }

    void on_bytes(std::string_view bytes) {
        if (const auto read = reader_.feed(bytes); !read) {
            ending_ = true;
            return send("error", json{{"text", read.error().message()}, {"code", "protocol"}}.dump());
        }
        next();
    }

    // One event after another; nothing more is read while one is being answered.  Only a whole one, or an
    // answer, starts the time anew: who dribbles is not waited for.
    void next() {
        while (const auto event = reader_.next()) {
            arm(idle_max_);
            if (on_event(*event)) {
                return;
            }
        }
        read();
    }

    // True if an answer is on its way.
    bool on_event(const Event& event) {
        const auto server = server_.lock();
        if (!server) {
            close();
            return true;
        }
        const json data = json::parse(event.data_json);
        const auto text = [&](const char* name) {
            return data.contains(name) && data[name].is_string() ? data[name].get<std::string>()
                                                                 : std::string();
        };
        if (event.type == "describe") {
            send("info", info_json(server->version_, server->languages_()));
            return true;
        }
        if (event.type == "ping") {
            send("pong", text_json(printable(text("text"), kTextBytesMax)));
            return true;
        }
        if (event.type != "transcript") {
            return false;
        }
        if (text("text").size() > kTextBytesMax) {
            send("not-handled", text_json("That was too long."));
            return true;
        }
        // A little longer than what the answer is given, which then says itself that it took too long.
        arm(kAnswerMax + seconds{5});
        server->on_text_(text("text"), kAnswerMax,
                         [weak = weak_from_this()](const Result<std::string>& answer) {
                             const auto self = weak.lock();
                             if (self && !self->closed_) {
                                 self->on_answer(answer);
                             }
                         });
        return true;
    }

    void on_answer(const Result<std::string>& answer) {
        if (answer) {
            return send("handled", text_json(*answer));
        }
        const std::string why(describe(answer.error().code).text);
        send("not-handled", text_json("Sorry: " + why + "."));
    }

    void send(std::string_view type, const std::string& data_json) {
        out_ = write_event(type, data_json);
        arm(idle_max_);
        asio::async_write(socket_, asio::buffer(out_),
                          [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                              if (self->closed_) {
                                  return;
                              }
                              if (error || self->ending_) {
                                  return self->close();
                              }
                              self->arm(self->idle_max_);
                              self->next();
                          });
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    const milliseconds idle_max_;
    std::weak_ptr<Impl> server_;
    EventReader reader_;
    std::array<char, kReadBytes> buffer_{};
    std::string out_;
    bool ending_ = false;
    bool closed_ = false;
};

Result<void> WyomingServer::Impl::listen(std::uint16_t port) {
    using namespace asio::ip;
    error_code error;
    if (allow_.empty()) {
        error = listen_at({address_v4::loopback(), port});
    } else if (error = listen_at({address_v6::any(), port});
               error == asio::error::address_family_not_supported) {
        error = listen_at({address_v4::any(), port});  // this machine has no IPv6
    }
    if (error) {
        return Error{ErrorCode::WyomingUnavailable, "port " + std::to_string(port) + ": " + error.message()};
    }
    accept();
    return {};
}

error_code WyomingServer::Impl::listen_at(const tcp::endpoint& at) {
    error_code error;
    acceptor_.open(at.protocol(), error);
    if (!error) {
        acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && at.address().is_v6()) {
        acceptor_.set_option(asio::ip::v6_only(false), error);  // IPv4 comes in through it too
    }
    if (!error) {
        acceptor_.bind(at, error);
    }
    if (!error) {
        acceptor_.listen(static_cast<int>(kConnectionsMax), error);
    }
    return error;
}

void WyomingServer::Impl::accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (self->stopping_ || error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            self->admit(std::move(socket));
            self->accept();
            return;
        }
        self->timer_.expires_after(kAcceptRetry);
        self->timer_.async_wait([self](error_code cancelled) {
            if (!cancelled && !self->stopping_) {
                self->accept();
            }
        });
    });
}

void WyomingServer::Impl::admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error || !allow_.lets_in(remote.address().to_string()) || connections_.size() >= kConnectionsMax) {
        return;
    }
    const auto connection = std::make_shared<Connection>(std::move(socket), shared_from_this());
    connections_.insert(connection);
    connection->start();
}

void WyomingServer::Impl::cut() {
    stopping_ = true;
    timer_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& connection : std::set(connections_)) {
        connection->close();
    }
}

Result<std::unique_ptr<WyomingServer>> WyomingServer::create(
    const Settings& settings,
    std::function<std::vector<std::string>()> languages,
    OnText on_text,
    Loop& loop) {
    AMBIT_TRY_ASSIGN(Allow allow, Allow::parse(settings.allow));
    auto impl =
        std::make_shared<Impl>(settings, std::move(allow), std::move(languages), std::move(on_text), loop);
    AMBIT_TRY(impl->listen(settings.port));
    return std::unique_ptr<WyomingServer>(new WyomingServer(std::move(impl)));
}

WyomingServer::WyomingServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WyomingServer::~WyomingServer() {
    impl_->cut();
}

std::uint16_t WyomingServer::port() const {
    return impl_->port();
}

}  // namespace ambit::wyoming

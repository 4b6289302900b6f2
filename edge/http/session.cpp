#include "http/session.h"

#include <deque>
#include <optional>

#include <sys/socket.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/message.h"
#include "http/page.h"
#include "http/target.h"
#include "http/unix_server.h"

namespace ambit::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using AnyProtocol = asio::generic::stream_protocol;
using Parser = beast::http::request_parser<beast::http::string_body>;
using Message = Parser::value_type;

class Connection final : public Session, public std::enable_shared_from_this<Connection> {
  public:
    Connection(asio::io_context& io,
               int fd,
               std::optional<Visitor> visitor,
               api::Handler handler,
               std::function<void(Session*)> on_end)
        : socket_(io, AnyProtocol(visitor ? visitor->family : AF_UNIX, 0), fd),
          timer_(io),
          visitor_(std::move(visitor)),
          handler_(std::move(handler)),
          on_end_(std::move(on_end)) {}

    void await_request();
    void drain() override;
    void close() override;

    // For the responder of the exchange under way.
    void send_reply(int status, std::string json);
    bool send_event(std::string_view name, std::string json);
    void send_end();
    void watch_reader(std::function<void()> on_closed);

  private:
    enum class State { Idle, Reading, Handling, Streaming, Finishing, Closed };

    void read_request();
    void on_request(error_code error);
    void dispatch();
    // What the port does and the unix socket does not: true if that answers it.
    bool visit(const Message& message, api::Caller& caller);
    void send_file(const Message& message, const PageFile& file);
    void refuse(const Error& error, int status);
    void detect_close();
    void begin_stream();
    void enqueue(std::string bytes);
    void write_some();
    void on_written_all();
    void arm(seconds limit);

    AnyProtocol::socket socket_;
    asio::steady_timer timer_;
    const std::optional<Visitor> visitor_;
    api::Handler handler_;
    std::function<void(Session*)> on_end_;
    std::function<void()> on_closed_;
    beast::flat_buffer buffer_{kHeaderBytesMax + kBodyBytesMax};
    std::optional<Parser> parser_;
    std::deque<std::string> out_;
    std::size_t out_bytes_ = 0;
    std::size_t written_ = 0;  // of out_.front()
    State state_ = State::Idle;
    bool writing_ = false;
    bool keep_alive_ = true;
    bool draining_ = false;
};

// What a handler holds: forwards to the connection until the answer is complete.
class Exchange final : public api::Responder {
  public:
    explicit Exchange(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

    ~Exchange() override {
        if (connection_ != nullptr) {
            fail({ErrorCode::Internal, "the daemon gave no answer"});
        }
    }

    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    using Responder::reply;

    void reply(int status, std::string json) override {
        if (const auto connection = std::exchange(connection_, nullptr)) {
            connection->send_reply(status, std::move(json));
        }
    }

    bool event(std::string_view name, std::string json) override {
        streaming_ = true;
        return connection_ != nullptr && connection_->send_event(name, std::move(json));
    }

    void end() override {
        if (const auto connection = std::exchange(connection_, nullptr)) {
            connection->send_end();
        }
    }

    void on_closed(std::function<void()> callback) override {
        if (connection_ != nullptr) {
            connection_->watch_reader(std::move(callback));
        }
    }

  protected:
    bool streaming() const override { return streaming_; }

  private:
    std::shared_ptr<Connection> connection_;
    bool streaming_ = false;
};

void Connection::arm(seconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error) {
            self->close();
        }
    });
}

void Connection::await_request() {
    state_ = State::Idle;
    if (buffer_.size() > 0) {  // the next request came together with the last one
        read_request();
        return;
    }
    arm(kIdleMax);
    socket_.async_wait(socket_.wait_read, [self = shared_from_this()](error_code error) {
        if (!error && self->state_ == State::Idle) {
            self->read_request();
        }
    });
}

void Connection::read_request() {
    state_ = State::Reading;
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    arm(kRequestMax);
    beast::http::async_read(socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                                if (self->state_ == State::Reading) {
                                    self->on_request(error);
                                }
                            });
}

void Connection::on_request(error_code error) {
    timer_.cancel();
    using Http = beast::http::error;
    if (error == Http::body_limit) {
        refuse({ErrorCode::LimitExceeded, "a body of more than " + std::to_string(kBodyBytesMax) + " bytes"},
               413);
    } else if (error == Http::header_limit) {
        refuse(
            {ErrorCode::LimitExceeded, "headers of more than " + std::to_string(kHeaderBytesMax) + " bytes"},
            431);
    } else if (error && error.category() == make_error_code(Http::end_of_stream).category() &&
               error != Http::end_of_stream && error != Http::partial_message) {
        refuse({ErrorCode::BadRequest, "not HTTP/1.1: " + error.message()}, 400);
    } else if (error) {
        close();
    } else {
        dispatch();
    }
}

void Connection::refuse(const Error& error, int status) {
    state_ = State::Handling;
    keep_alive_ = false;
    send_reply(status, api::error_json(error));
}

void Connection::dispatch() {
    auto message = parser_->release();
    parser_.reset();
    keep_alive_ = message.keep_alive() && !draining_;
    state_ = State::Handling;
    api::Request request;
    if (visitor_ && visit(message, request.caller)) {
        return;
    }
    const auto exchange = std::make_shared<Exchange>(shared_from_this());
    const auto target = parse_target(std::string_view(message.target().data(), message.target().size()));
    if (!target) {
        exchange->fail(target.error());
        return;
    }
    request.method = std::string(message.method_string());
    if (request.method != "GET" && request.method != "POST" && request.method != "DELETE") {
        exchange->reply(405, api::error_json({ErrorCode::BadRequest, "method is not GET, POST or DELETE"}));
        return;
    }
    request.path = target->path;
    request.query = target->query;
    request.body = message.body().empty() ? "{}" : std::move(message.body());
    if (const auto checked = api::check_json(request.body); !checked) {
        exchange->fail(checked.error());
        return;
    }
    detect_close();
    try {
        handler_(std::move(request), exchange);
    } catch (const std::exception& thrown) {
        // The last net for rule 3 (ARCHITECTURE.md): nothing a client sends may end the daemon.
        exchange->fail({ErrorCode::Internal, thrown.what()});
    }
}

bool Connection::visit(const Message& message, api::Caller& caller) {
    using beast::http::field;
    const auto text = [&](field name) { return std::string(message[name]); };
    const Head head{std::string(message.target()), text(field::host), text(field::origin),
                    text(field::sec_fetch_site), text(field::authorization)};
    const bool one_host = message.count(field::host) == 1 && message.count(field::authorization) <= 1;
    const auto checked = one_host
                             ? check_visit(*visitor_, head)
                             : Result<void>(Error{ErrorCode::BadRequest, "one Host and one token, please"});
    if (!checked) {
        keep_alive_ = false;
        send_reply(api::http_status(checked.error().code), api::error_json(checked.error()));
        return true;
    }
    caller = {visitor_->address, visitor_->loopback, bearer_of(head.authorization)};
    const PageFile* file = find_page_file(head.target);
    if (file == nullptr) {
        // Whoever asked with HEAD expects no body, and would take it for the next answer.
        keep_alive_ = keep_alive_ && message.method() != beast::http::verb::head;
        return false;
    }
    send_file(message, *file);
    return true;
}

void Connection::send_file(const Message& message, const PageFile& file) {
    using beast::http::verb;
    const bool head_only = message.method() == verb::head;
    if (message.method() != verb::get && !head_only) {
        send_reply(405, api::error_json({ErrorCode::BadRequest, "the page can only be read"}));
        return;
    }
    const bool known = message[beast::http::field::if_none_match] == file.tag;
    state_ = State::Finishing;
    enqueue(file_message(file, known, head_only, keep_alive_));
}

// While an answer is being made the client has nothing to send: readable means gone, or a pipelined request.
void Connection::detect_close() {
    socket_.async_wait(socket_.wait_read, [self = shared_from_this()](error_code error) {
        if (error || (self->state_ != State::Handling && self->state_ != State::Streaming)) {
            return;
        }
        char byte = 0;
        const ssize_t got = recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            self->close();
        }
    });
}

void Connection::watch_reader(std::function<void()> on_closed) {
    if (state_ == State::Closed) {
        asio::post(socket_.get_executor(), std::move(on_closed));
    } else {
        on_closed_ = std::move(on_closed);
    }
}

void Connection::send_reply(int status, std::string json) {
    if (state_ != State::Handling) {
        return;
    }
    std::string body = versioned(std::move(json));
    if (body.size() > kReplyBytesMax) {
        status = 500;
        body = versioned(api::error_json({ErrorCode::LimitExceeded, "the answer is too long: ask for less"}));
    }
    state_ = State::Finishing;
    on_closed_ = nullptr;
    enqueue(reply_message(status, body, keep_alive_, visitor_.has_value()));
}

void Connection::begin_stream() {
    if (state_ == State::Handling) {
        state_ = State::Streaming;
        keep_alive_ = false;
        enqueue(stream_head(visitor_.has_value()));
    }
}

bool Connection::send_event(std::string_view name, std::string json) {
    begin_stream();
    if (state_ != State::Streaming) {
        return false;
    }
    enqueue(event_chunk(name, versioned(std::move(json))));
    if (out_bytes_ > kStreamBytesMax) {
        close();
    }
    return state_ == State::Streaming;
}

void Connection::send_end() {
    begin_stream();  // a stream may have no events
    if (state_ == State::Streaming) {
        state_ = State::Finishing;
        on_closed_ = nullptr;
        enqueue(last_chunk());
    }
}

void Connection::enqueue(std::string bytes) {
    out_bytes_ += bytes.size();
    out_.push_back(std::move(bytes));
    if (!writing_) {
        write_some();
    }
}

void Connection::write_some() {
    writing_ = true;
    arm(kWriteMax);
    const std::string& front = out_.front();
    socket_.async_write_some(asio::buffer(front.data() + written_, front.size() - written_),
                             [self = shared_from_this()](error_code error, std::size_t bytes) {
                                 if (self->state_ == State::Closed) {
                                     return;
                                 }
                                 if (error) {
                                     self->close();
                                     return;
                                 }
                                 self->out_bytes_ -= bytes;
                                 self->written_ += bytes;
                                 if (self->written_ == self->out_.front().size()) {
                                     self->out_.pop_front();
                                     self->written_ = 0;
                                 }
                                 if (self->out_.empty()) {
                                     self->on_written_all();
                                 } else {
                                     self->write_some();
                                 }
                             });
}

void Connection::on_written_all() {
    writing_ = false;
    timer_.cancel();
    if (state_ != State::Finishing) {
        return;
    }
    if (!keep_alive_ || draining_) {
        close();
        return;
    }
    error_code ignored;
    socket_.cancel(ignored);  // the watch for a client that leaves
    await_request();
}

void Connection::drain() {
    draining_ = true;
    if (state_ == State::Idle || state_ == State::Reading) {
        close();
    } else if (state_ == State::Streaming) {
        auto on_closed = std::exchange(on_closed_, nullptr);
        send_end();
        if (on_closed) {
            on_closed();
        }
    }
}

void Connection::close() {
    if (state_ == State::Closed) {
        return;
    }
    state_ = State::Closed;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    out_.clear();
    if (const auto on_closed = std::exchange(on_closed_, nullptr)) {
        asio::post(socket_.get_executor(), on_closed);
    }
    if (const auto on_end = std::exchange(on_end_, nullptr)) {
        on_end(this);
    }
}

}  // namespace

std::shared_ptr<Session> start_session(asio::io_context& io,
                                       int fd,
                                       std::optional<Visitor> visitor,
                                       api::Handler handler,
                                       std::function<void(Session*)> on_end) {
    auto connection =
        std::make_shared<Connection>(io, fd, std::move(visitor), std::move(handler), std::move(on_end));
    connection->await_request();
    return connection;
}

}  // namespace ambit::http

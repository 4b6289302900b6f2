#include "http/unix_client.h"

#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "http/event_reader.h"

namespace ambit::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;

// Asynchronous operations on a loop of its own, each run to its end: that is how a blocking call gets a
// deadline.
class Call {
  public:
    explicit Call(const std::string& path) : path_(path) {}

    Result<void> send(const Ask& ask);
    Result<Answer> read_answer();
    // Reads the head only; true if a stream follows.
    Result<bool> read_head();
    Result<void> read_events(const UnixClient::OnEvent& on_event);

  private:
    template <typename Start>
    Result<void> run(Start start);
    Result<void> failed(error_code error) const;

    std::string path_;
    asio::io_context io_;
    beast::basic_stream<Protocol> stream_{io_};
    beast::flat_buffer buffer_;
    beast::http::response_parser<beast::http::string_body> parser_;
};

Result<void> Call::failed(error_code error) const {
    namespace errc = boost::system::errc;
    if (!error) {
        return {};
    }
    if (error == beast::error::timeout) {
        return Error{ErrorCode::TimedOut, ""};
    }
    if (error == errc::no_such_file_or_directory || error == errc::connection_refused) {
        return Error{ErrorCode::NotRunning, ""};
    }
    if (error == errc::permission_denied) {
        return Error{ErrorCode::NotYours, path_};
    }
    return Error{ErrorCode::AnswerBroken, error.message()};
}

template <typename Start>
Result<void> Call::run(Start start) {
    error_code result;
    start([&result](error_code error, auto... /*bytes*/) { result = error; });
    io_.restart();
    io_.run();
    return failed(result);
}

Result<void> Call::send(const Ask& ask) {
    if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
        return Error{ErrorCode::SocketFailed, "the path is too long: " + path_};
    }
    stream_.expires_after(ask.timeout);
    parser_.body_limit(kAnswerBytesMax);
    AMBIT_TRY(run([&](auto done) { stream_.async_connect(Protocol::endpoint(path_), done); }));
    beast::http::request<beast::http::string_body> request(beast::http::string_to_verb(ask.method),
                                                           ask.target, 11, ask.body);
    request.set(beast::http::field::host, "ambit");
    request.set(beast::http::field::content_type, "application/json");
    request.keep_alive(false);
    request.prepare_payload();
    return run([&](auto done) { beast::http::async_write(stream_, request, done); });
}

Result<Answer> Call::read_answer() {
    AMBIT_TRY(run([&](auto done) { beast::http::async_read(stream_, buffer_, parser_, done); }));
    return Answer{static_cast<int>(parser_.get().result_int()), std::move(parser_.get().body())};
}

Result<bool> Call::read_head() {
    AMBIT_TRY(run([&](auto done) { beast::http::async_read_header(stream_, buffer_, parser_, done); }));
    return parser_.get()[beast::http::field::content_type].starts_with("text/event-stream");
}

Result<void> Call::read_events(const UnixClient::OnEvent& on_event) {
    EventReader events(kAnswerBytesMax);
    stream_.expires_never();
    parser_.body_limit(boost::none);  // a stream has no length; each event is bounded by EventReader
    for (;;) {
        AMBIT_TRY(events.feed(parser_.get().body()));
        parser_.get().body().clear();
        while (const auto event = events.next()) {
            if (!on_event(event->name, event->data)) {
                return {};
            }
        }
        if (parser_.is_done()) {
            return {};
        }
        AMBIT_TRY(run([&](auto done) { beast::http::async_read_some(stream_, buffer_, parser_, done); }));
    }
}

}  // namespace

UnixClient::UnixClient(std::string socket_path) : socket_path_(std::move(socket_path)) {}

Result<Answer> UnixClient::request(const Ask& ask) const {
    Call call(socket_path_);
    AMBIT_TRY(call.send(ask));
    return call.read_answer();
}

Result<Answer> UnixClient::stream(const Ask& ask, const OnEvent& on_event) const {
    Call call(socket_path_);
    AMBIT_TRY(call.send(ask));
    AMBIT_TRY_ASSIGN(const bool is_stream, call.read_head());
    if (!is_stream) {
        return call.read_answer();
    }
    AMBIT_TRY(call.read_events(on_event));
    return Answer{200, ""};
}

}  // namespace ambit::http

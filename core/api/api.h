// API: what a local program asks the daemon, and how the daemon answers; the port between edge/http and
// core/node.
//
// Ownership: a Responder is shared by the server and the handler; dropping the last copy unanswered answers
// Internal. Threads: the loop's.  Failure: answers are Results turned into {error} by fail(); a caller that
// is gone makes every call a no-op.  Spec: docs/spec/local-api.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"

namespace ambit::api {

inline constexpr std::string_view kRoot = "/api/v1/";

// Who asks over the network; empty for a program that came through the unix socket.
struct Caller {
    std::string address;    // "192.0.2.9"
    bool loopback = false;  // it is this machine
    std::string bearer;     // the token that came, if one did
};

struct Request {
    std::string method;                        // "GET", "POST", "DELETE"
    std::string path;                          // below kRoot, decoded: "devices/rename"
    std::map<std::string, std::string> query;  // decoded; a repeated key keeps its last value
    std::string body;                          // "{}" when none came; passed check_json()
    Caller caller = {};
};

// Answers one request: either reply() or fail() once, or any number of event() and then end() or fail().
class Responder {
  public:
    virtual ~Responder() = default;

    // `json` is one object; `"v":1` is put in front by the server.
    virtual void reply(int status, std::string json) = 0;
    // Starts a stream of server-sent events with the first call.  False once the reader is gone or so slow
    // that kStreamBytesMax wait for it (the stream is then cut): stop producing.
    virtual bool event(std::string_view name, std::string json) = 0;
    virtual void end() = 0;
    // Called once if the reader goes away before the answer is complete.
    virtual void on_closed(std::function<void()> callback) = 0;

    void reply(std::string json) { reply(200, std::move(json)); }

    // Answers with the error and its status; in a stream, the event "failed" and the end.
    void fail(const Error& error);

  protected:
    virtual bool streaming() const = 0;
};

using Handler = std::function<void(Request, std::shared_ptr<Responder>)>;

// {"error":{"number","name","text","detail","next_step"}}
std::string error_json(const Error& error);
// 400 for what the caller got wrong, 403 refused, 404 nothing there, 409 not in this state, 503 stopping,
// else 500.
int http_status(ErrorCode code);

struct JsonLimits {
    std::size_t bytes_max = 1U << 20U;
    std::size_t depth_max = 32;
    std::size_t values_max = 100'000;
};

// True JSON (one value, UTF-8), inside the limits?  After it, parsing and printing `text` can neither throw
// nor use more than a known amount of stack.  BadRequest or LimitExceeded otherwise.
Result<void> check_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace ambit::api

// UnixClient: asks a daemon over its unix socket, and waits.
//
// Ownership: the caller's; one request at a time.  Threads: one, which it blocks.
// Failure: NotRunning (nobody answers on the socket), NotYours, TimedOut, AnswerBroken.  An {error} answer is
// an Answer, not a failure.  Spec: docs/spec/local-api.md.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace ambit::http {

// Bound on one answer, and on one event of a stream.
inline constexpr std::size_t kAnswerBytesMax = 16U << 20U;

struct Answer {
    int status = 0;
    std::string json;
};

struct Ask {
    std::string method = "GET";
    std::string target = {};             // "/api/v1/status?x=1", encoded
    std::string body = {};               // JSON object, or empty
    milliseconds timeout = seconds{30};  // for the whole answer; in a stream, for its start
};

class UnixClient {
  public:
    // Returns false to leave the stream.
    using OnEvent = std::function<bool(std::string_view name, std::string_view json)>;

    explicit UnixClient(std::string socket_path);

    Result<Answer> request(const Ask& ask) const;
    // Reads events until the stream ends (status 200, json "") or `on_event` returns false.  When the daemon
    // answers without a stream (an error), returns that answer.  AnswerBroken when the stream is cut off.
    Result<Answer> stream(const Ask& ask, const OnEvent& on_event) const;

  private:
    std::string socket_path_;
};

}  // namespace ambit::http

// Context: what every command shares - global options, where output goes, and the daemon to ask.
//
// Ownership: main() owns one; commands borrow it.  Threads: one.
// Failure: every call returns a Result; run() prints the error with its next step and picks the exit code.
// Spec: docs/cli.md.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "ambit/json.h"
#include "ambit/look.h"
#include "paths/paths.h"

namespace ambit::cli {

// Exit codes (docs/cli.md).
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNotRunning = 3;

struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool in_is_terminal = false;
};

class Context {
  public:
    // Answers an event of a stream; an error ends the stream.
    using OnEvent = std::function<Result<void>(const std::string& name, const Json& data)>;

    Context(Streams streams, const Look& look) : streams_(streams), look_(look) {}

    // Set by the global options before a command runs.
    std::string instance = "default";
    bool json = false;
    bool quiet = false;
    double timeout_s = 30;

    // Set by the command that ran.
    int exit_code = kOk;

    const Look& look() const { return look_; }

    // The place of the instance; InvalidArgument for a bad name.
    Result<Paths> paths() const;

    // Asks the daemon; an {error} answer is an Error.  `path` is below /api/v1/, encoded; `body` may be null.
    Result<Json> get(const std::string& path) const;
    Result<Json> post(const std::string& path, const Json& body) const;
    Result<Json> remove(const std::string& path) const;
    // Reads a stream.  With --json every event is printed as a line and `on_event` still sees it; the event
    // "failed" becomes its error.
    Result<void> stream(const std::string& method,
                        const std::string& path,
                        const Json& body,
                        const OnEvent& on_event) const;

    // The answer: `json` itself with --json, else what `render` makes of it.
    using Render = std::string (*)(const Json&, const Look&);
    void show(const Json& answer, Render render) const;
    // Gets and shows, for commands that do no more.
    Result<void> get_and_show(const std::string& path, Render render) const;
    Result<void> post_and_show(const std::string& path, const Json& body, Render render) const;
    void print(const std::string& text) const;  // to stdout, not with --json
    void note(const std::string& text) const;   // to stderr, not with --quiet
    void put(const std::string& line) const;    // to stdout: lines that are JSON already

    // A line typed by the person, after `prompt` on stderr; Declined when stdin is not a terminal or ends.
    Result<std::string> ask_person(const std::string& prompt) const;
    // A line of stdin, whatever stdin is.
    Result<std::string> read_line() const;

    bool has_person() const { return streams_.in_is_terminal; }

    // Prints the error of `result`, if it has one, and sets exit_code.
    void finish(const Result<void>& result);

  private:
    Result<Json> ask(const std::string& method, const std::string& path, const std::string& body) const;

    Streams streams_;
    Look look_;
};

}  // namespace ambit::cli

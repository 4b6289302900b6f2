// Wyoming: lets Home Assistant hand what was said to Ambit (the protocol's service "handle").
//
// Home Assistant does the speech; it opens a connection for each sentence, sends `transcript` and waits for
// `handled` or `not-handled`.  The protocol has no authentication: who may connect is a list of addresses,
// and what comes is the household's, never a person's.  Ownership: the daemon owns it and destroys it before
// the loop. Threads: the loop's.  Failure: create() returns InvalidArgument or WyomingUnavailable; a visitor
// that breaks the protocol is told and cut.  Limits: kConnectionsMax, kIdleMax, kAnswerMax, and those of
// event.h. Spec: docs/spec/wyoming.md.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"
#include "loop/loop.h"
#include "wyoming/event.h"

namespace ambit::wyoming {

inline constexpr std::size_t kConnectionsMax = 16;
// Without a complete event for this long a connection is closed.
inline constexpr seconds kIdleMax{30};
// What was asked must be answered within this; Home Assistant's own patience is longer.
inline constexpr seconds kAnswerMax{15};
inline constexpr std::size_t kTextBytesMax = 4096;

struct Settings {
    std::uint16_t port = 0;          // 0: any free one
    std::vector<std::string> allow;  // empty: this machine alone
    std::string version;             // Ambit's
    milliseconds idle_max = kIdleMax;
};

// What was said, in, and the answer, out; called back once, at the latest after `timeout`.
using OnAnswer = std::function<void(Result<std::string>)>;
using OnText = std::function<void(const std::string& text, milliseconds timeout, OnAnswer on_answer)>;

class WyomingServer {
  public:
    static Result<std::unique_ptr<WyomingServer>> create(const Settings& settings,
                                                         std::function<std::vector<std::string>()> languages,
                                                         OnText on_text,
                                                         Loop& loop);
    ~WyomingServer();
    WyomingServer(const WyomingServer&) = delete;
    WyomingServer& operator=(const WyomingServer&) = delete;

    std::uint16_t port() const;

  private:
    class Impl;
    explicit WyomingServer(std::shared_ptr<Impl> impl);

    std::shared_ptr<Impl> impl_;
};

// The answer to `describe`: one program with one model, and every key that clients require.
std::string info_json(const std::string& version, const std::vector<std::string>& languages);

}  // namespace ambit::wyoming

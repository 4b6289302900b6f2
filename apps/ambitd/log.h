// Log: events with keys, one line each on stderr; never content, prompts or keys.
//
// Ownership: value.  Threads: the loop's.  Failure: none.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace ambit::daemon {

enum class Level { Error, Warn, Info, Debug };

class Log {
  public:
    using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

    // "error", "warn", "info" or "debug"; anything else is "info".
    void set_level(std::string_view name);

    // time=2026-11-22T16:00:00Z level=info event=peer_up device=hub
    void write(Level level, std::string_view event, Fields fields) const;

    void error(std::string_view event, Fields fields) const { write(Level::Error, event, fields); }

    void warn(std::string_view event, Fields fields) const { write(Level::Warn, event, fields); }

    void info(std::string_view event, Fields fields) const { write(Level::Info, event, fields); }

  private:
    Level least_ = Level::Info;
};

// Libraries that print for themselves say nothing: what a peer sent is not for the log.
void silence_libraries();

}  // namespace ambit::daemon

// EventReader: splits a stream of server-sent events as it arrives.
//
// Ownership: value.  Threads: one.  Failure: LimitExceeded for an event over `bytes_max`.
// Spec: WHATWG HTML, "Server-sent events"; only the fields event and data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ambit::http {

struct Event {
    std::string name;
    std::string data;
};

class EventReader {
  public:
    explicit EventReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    Result<void> feed(std::string_view bytes);
    // The next complete event, if one has arrived.
    std::optional<Event> next();

  private:
    std::size_t bytes_max_;
    std::string pending_;
};

}  // namespace ambit::http

// Event: the framing of the Wyoming protocol - a line of JSON, then the data and the payload it announces.
//
// Reads both forms of data (in the line, and behind it, which wins); a payload, which is audio and none of
// our business, is skipped and never kept.  Ownership: values.  Threads: one. Failure: WyomingBroken, after
// which the reader is of no use.  Limits: named below. Spec: docs/spec/wyoming.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit::wyoming {

inline constexpr std::size_t kLineBytesMax = 16U << 10U;
inline constexpr std::size_t kDataBytesMax = 64U << 10U;
inline constexpr std::size_t kPayloadBytesMax = 1U << 20U;

struct Event {
    std::string type;
    std::string data_json;  // an object
};

class EventReader {
  public:
    // Takes what arrived; WyomingBroken for what is no event or goes over a limit.
    Result<void> feed(std::string_view bytes);
    // The next complete event.
    std::optional<Event> next();

    // Of what is kept between calls: at most kLineBytesMax + kDataBytesMax.
    std::size_t waiting() const { return bytes_.size(); }

  private:
    // One event out of bytes_; false while it is not complete.
    Result<bool> take();
    Result<void> read_line(std::string_view line);
    Result<void> finish(std::string_view data);

    std::string bytes_;
    std::optional<Event> header_;  // its line is read
    std::size_t data_left_ = 0;
    std::size_t payload_left_ = 0;
    std::vector<Event> ready_;
};

// The bytes of an event; `data_json` is an object.
std::string write_event(std::string_view type, std::string_view data_json);

}  // namespace ambit::wyoming

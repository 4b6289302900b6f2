#include "http/event_reader.h"

namespace ambit::http {
namespace {

// The value of "field: value" (one space after the colon is not part of it), or nothing.
std::optional<std::string_view> value_of(std::string_view line, std::string_view field) {
    if (!line.starts_with(field) || line.substr(field.size(), 1) != ":") {
        return std::nullopt;
    }
    line.remove_prefix(field.size() + 1);
    if (line.starts_with(' ')) {
        line.remove_prefix(1);
    }
    return line;
}

}  // namespace

Result<void> EventReader::feed(std::string_view bytes) {
    if (pending_.size() + bytes.size() > bytes_max_) {
        return Error{ErrorCode::LimitExceeded,
                     "an event of more than " + std::to_string(bytes_max_) + " bytes"};
    }
    pending_ += bytes;
    return {};
}

std::optional<Event> EventReader::next() {
    const std::size_t end = pending_.find("\n\n");
    if (end == std::string::npos) {
        return std::nullopt;
    }
    Event event;
    std::string_view rest = std::string_view(pending_).substr(0, end + 1);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        if (const auto name = value_of(line, "event")) {
            event.name = *name;
        } else if (const auto data = value_of(line, "data")) {
            event.data += *data;
        }
    }
    pending_.erase(0, end + 2);
    return event;
}

}  // namespace ambit::http

#include "wyoming/event.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/api.h"

namespace ambit::wyoming {
namespace {

using nlohmann::json;

constexpr std::size_t kTypeBytesMax = 64;
constexpr std::size_t kReadyMax = 64;

Error broken(const std::string& what) {
    return {ErrorCode::WyomingBroken, what};
}

Result<json> object_of(std::string_view text, std::size_t bytes_max) {
    if (const auto checked = api::check_json(text, {bytes_max, 16, 10'000}); !checked) {
        return broken(checked.error().detail);
    }
    json object = json::parse(text, nullptr, false);
    if (!object.is_object()) {
        return broken("expected a JSON object");
    }
    return object;
}

Result<std::size_t> length_at(const json& header, const char* name, std::size_t max) {
    const auto at = header.find(name);
    if (at == header.end() || at->is_null()) {
        return std::size_t{0};
    }
    if (!at->is_number_unsigned() || at->get<std::uint64_t>() > max) {
        return broken(std::string(name) + ": expected 0 to " + std::to_string(max));
    }
    return at->get<std::size_t>();
}

std::string dump(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Result<void> EventReader::feed(std::string_view bytes) {
    // A payload is skipped as it comes, so that no more than a line and its data is ever kept.
    while (!bytes.empty()) {
        if (header_ && data_left_ == 0 && payload_left_ > 0) {
            const std::size_t skipped = std::min(payload_left_, bytes.size());
            payload_left_ -= skipped;
            bytes.remove_prefix(skipped);
            if (payload_left_ == 0) {
                ready_.push_back(*std::exchange(header_, std::nullopt));
            }
            continue;
        }
        const std::size_t room = kLineBytesMax + kDataBytesMax - bytes_.size();
        const std::size_t taken = std::min(room, bytes.size());
        bytes_.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        for (;;) {
            AMBIT_TRY_ASSIGN(const bool more, take());
            if (!more) {
                break;
            }
        }
        if (taken == 0) {
            return broken("more than one event may hold");
        }
        if (ready_.size() > kReadyMax) {
            return broken("too many events at once");
        }
    }
    return {};
}

Result<bool> EventReader::take() {
    if (!header_) {
        const std::size_t end = bytes_.find('\n');
        if (end == std::string::npos) {
            return bytes_.size() > kLineBytesMax ? Result<bool>(broken("a line without an end")) : false;
        }
        if (end > kLineBytesMax) {
            return broken("a line of more than 16 KiB");
        }
        AMBIT_TRY(read_line(std::string_view(bytes_).substr(0, end)));
        bytes_.erase(0, end + 1);
    }
    if (data_left_ > 0) {
        if (bytes_.size() < data_left_) {
            return false;
        }
        AMBIT_TRY(finish(std::string_view(bytes_).substr(0, data_left_)));
        bytes_.erase(0, data_left_);
        data_left_ = 0;
    }
    const std::size_t skipped = std::min(payload_left_, bytes_.size());
    bytes_.erase(0, skipped);
    payload_left_ -= skipped;
    if (payload_left_ > 0) {
        return false;
    }
    ready_.push_back(*std::exchange(header_, std::nullopt));
    return !bytes_.empty();
}

Result<void> EventReader::read_line(std::string_view line) {
    AMBIT_TRY_ASSIGN(const json header, object_of(line, kLineBytesMax));
    const auto type = header.find("type");
    if (type == header.end() || !type->is_string() ||
        type->get_ref<const std::string&>().size() > kTypeBytesMax) {
        return broken("an event has a short \"type\"");
    }
    AMBIT_TRY_ASSIGN(data_left_, length_at(header, "data_length", kDataBytesMax));
    AMBIT_TRY_ASSIGN(payload_left_, length_at(header, "payload_length", kPayloadBytesMax));
    const auto data = header.find("data");
    const bool inline_data = data != header.end() && data->is_object();
    header_ = Event{type->get<std::string>(), inline_data ? dump(*data) : "{}"};
    return {};
}

Result<void> EventReader::finish(std::string_view data) {
    AMBIT_TRY_ASSIGN(const json behind, object_of(data, kDataBytesMax));
    json merged = json::parse(header_->data_json);
    merged.update(behind);
    header_->data_json = dump(merged);
    return {};
}

std::optional<Event> EventReader::next() {
    if (ready_.empty()) {
        return std::nullopt;
    }
    Event first = std::move(ready_.front());
    ready_.erase(ready_.begin());
    return first;
}

std::string write_event(std::string_view type, std::string_view data_json) {
    const json header = {{"type", type}, {"version", "1.9.0"}, {"data_length", data_json.size()}};
    return dump(header) + "\n" + std::string(data_json);
}

}  // namespace ambit::wyoming

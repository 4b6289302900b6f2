#include "wearable/posted.h"

#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::wearable {
namespace {

using nlohmann::json;

constexpr double kIntervalMax = 60'000;
constexpr double kRateMax = 1e6;  // what no heart does is left out later; this is no number for one

// Takes numbers of a fixed width from the front of a text.
class TextFront {
  public:
    explicit TextFront(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        const char* end = rest_.data() + std::min(count, rest_.size());
        const auto [stop, failed] = std::from_chars(rest_.data(), end, value);
        good_ = good_ && rest_.size() >= count && rest_.front() >= '0' && rest_.front() <= '9' &&
                failed == std::errc() && stop == rest_.data() + count;
        rest_.remove_prefix(std::min(count, rest_.size()));
        return value;
    }

    char one_of(std::string_view allowed) {
        const char found = rest_.empty() ? '\0' : rest_.front();
        good_ = good_ && found != '\0' && allowed.find(found) != std::string_view::npos;
        rest_.remove_prefix(rest_.empty() ? 0 : 1);
        return found;
    }

    bool skip(char c) {
        const bool there = rest_.starts_with(c);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }

    // ".250" and the like, to the microsecond; nothing if there is none.
    microseconds fraction() {
        microseconds value{};
        int unit = 100'000;
        if (skip('.')) {
            do {
                value += microseconds(unit * digits(1));
                unit /= 10;
            } while (good_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9');
        }
        return value;
    }

    bool good() const { return good_; }

    bool done() const { return good_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool good_ = true;
};

std::optional<std::chrono::minutes> offset_of(TextFront& front) {
    const char sign = front.one_of("Zz+-");
    if (sign == 'Z' || sign == 'z') {
        return std::chrono::minutes(0);
    }
    const int hours = front.digits(2);
    front.skip(':');
    const int minutes = front.digits(2);
    if (!front.good() || hours > 14 || minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return sign == '-' ? -offset : offset;
}

Error refuse(const std::string& why) {
    return {ErrorCode::BadRequest, why};
}

bool is_number(const json& value, double low, double high) {
    return value.is_number() && value.get<double>() >= low && value.get<double>() <= high;
}

Result<HeartReading> reading_of(const json& value, WallTime now) {
    HeartReading reading;
    reading.at = now;
    if (is_number(value, 0, kRateMax)) {
        reading.beats_per_min = value.get<double>();
        return reading;
    }
    if (!value.is_object()) {
        return refuse("expected a number or an object");
    }
    if (const auto time = value.find("time"); time != value.end()) {
        const auto at = time->is_string() ? moment(time->get_ref<const std::string&>()) : std::nullopt;
        if (!at) {
            return refuse("\"time\": expected one such as 2026-11-29T07:30:00+01:00");
        }
        reading.at = *at;
    }
    const auto rate = value.find("beats_per_min");
    const auto intervals = value.find("rr_ms");
    if (intervals == value.end()) {
        if (rate == value.end() || !is_number(*rate, 0, kRateMax)) {
            return refuse("\"beats_per_min\": expected a number");
        }
        reading.beats_per_min = rate->get<double>();
        return reading;
    }
    if (!intervals->is_array() || intervals->empty() || intervals->size() > Readings::kIntervalsMax) {
        return refuse("\"rr_ms\": expected 1 to " + std::to_string(Readings::kIntervalsMax) + " numbers");
    }
    for (const json& interval : *intervals) {
        if (!is_number(interval, 1, kIntervalMax)) {
            return refuse("\"rr_ms\": expected milliseconds");
        }
        reading.intervals_ms.push_back(interval.get<double>());
    }
    return reading;
}

}  // namespace

std::optional<WallTime> moment(std::string_view text) {
    using namespace std::chrono;
    TextFront front(text);
    const int years = front.digits(4);
    front.one_of("-");
    const int months = front.digits(2);
    front.one_of("-");
    const int days_of_month = front.digits(2);
    front.one_of("Tt ");
    const int hour = front.digits(2);
    front.one_of(":");
    const int minute = front.digits(2);
    front.one_of(":");
    const int second = front.digits(2);
    const microseconds fraction = front.fraction();
    front.skip(' ');
    const auto offset = offset_of(front);
    const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                              day(static_cast<unsigned>(days_of_month))};
    if (!offset || !front.done() || years < 1970 || !date.ok() || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    return WallTime(sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second) +
                    fraction - *offset);
}

Result<std::vector<HeartReading>> read_posted(std::string_view text, WallTime now) {
    const auto value = json::parse(text, nullptr, false);
    std::vector<HeartReading> readings;
    if (!value.is_array()) {
        AMBIT_TRY_ASSIGN(HeartReading one, reading_of(value, now));
        readings.push_back(std::move(one));
        return readings;
    }
    if (value.empty() || value.size() > kPostedMax) {
        return refuse("expected 1 to " + std::to_string(kPostedMax) + " readings");
    }
    readings.reserve(value.size());
    for (const json& one : value) {
        auto reading = reading_of(one, now);
        if (!reading) {
            return refuse("reading " + std::to_string(readings.size() + 1) + ": " + reading.error().detail);
        }
        readings.push_back(std::move(reading).value());
    }
    return readings;
}

}  // namespace ambit::wearable

#include "ambit/json.h"

#include <cstdio>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

constexpr api::JsonLimits kAnswerLimits{.bytes_max = 16U << 20U, .depth_max = 40, .values_max = 2'000'000};

}  // namespace

Result<Json> parse_answer(std::string_view text) {
    if (const auto checked = api::check_json(text, kAnswerLimits); !checked) {
        return Error{ErrorCode::AnswerBroken, checked.error().detail};
    }
    Json answer = Json::parse(text);
    if (!answer.is_object()) {
        return Error{ErrorCode::AnswerBroken, "not an object"};
    }
    return answer;
}

Json typed_value(const std::string& text) {
    return api::check_json(text) ? Json::parse(text) : Json(text);
}

std::string dumped(const Json& json) {
    const auto text = [&](bool ascii) { return json.dump(-1, ' ', ascii, Json::error_handler_t::replace); };
    std::string readable = text(false);
    // What a terminal would obey is written as \u009b: it means the same.
    return for_terminal(readable) == readable ? readable : text(true);
}

std::string text_of(const Json& object, const char* key) {
    const auto at = object.find(key);
    if (at == object.end()) {
        return "";
    }
    return for_terminal(at->is_string() ? at->get_ref<const std::string&>() : dumped(*at));
}

double number_of(const Json& object, const char* key, double fallback) {
    const auto at = object.find(key);
    return at != object.end() && at->is_number() ? at->get<double>() : fallback;
}

bool flag_of(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_boolean() && at->get<bool>();
}

std::vector<Json> list_of(const Json& object, const char* key) {
    const auto at = object.find(key);
    if (at == object.end() || !at->is_array()) {
        return {};
    }
    return {at->begin(), at->end()};
}

std::string joined(const Json& object, const char* key, std::string_view separator) {
    std::string out;
    for (const Json& item : list_of(object, key)) {
        if (item.is_string()) {
            out += (out.empty() ? "" : std::string(separator)) +
                   for_terminal(item.get_ref<const std::string&>());
        }
    }
    return out;
}

Json object_of(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_object() ? *at : Json::object();
}

Error error_of(const Json& object) {
    const Json error = object.contains("error") ? object_of(object, "error") : object;
    const auto number = static_cast<std::uint16_t>(std::clamp(number_of(error, "number"), 0.0, 65535.0));
    const auto code = static_cast<ErrorCode>(number);
    if (describe(code).code == code) {
        return {code, text_of(error, "detail")};
    }
    return {ErrorCode::AnswerBroken, fmt::format("E{} {}: {}.  {}", number, text_of(error, "text"),
                                                 text_of(error, "detail"), text_of(error, "next_step"))};
}

WallTime time_of(const Json& object, const char* key) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    double second = 0;
    const std::string text = text_of(object, key);
    if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%lfZ", &year, &month, &day, &hour, &minute, &second) !=
        6) {
        return {};
    }
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok() || second < 0 || second > 61) {
        return {};
    }
    return WallTime(sys_days(date)) + hours(hour) + minutes(minute) +
           microseconds(static_cast<long>(second * 1e6));
}

std::string iso_text(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count(), clock.subseconds().count());
}

}  // namespace ambit::cli

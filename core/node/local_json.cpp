#include "node/local_json.h"

#include <array>
#include <charconv>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

Error bad_member(const char* name, const char* expected) {
    return {ErrorCode::BadRequest, std::string("\"") + name + "\": expected " + expected};
}

std::string subject_name(const std::string& subject, const Parts& parts) {
    const auto rest = [&](std::string_view prefix) { return subject.substr(prefix.size()); };
    if (subject.starts_with("entity:")) {
        const capability::Entity* entity = parts.directory.entity(rest("entity:"));
        return entity == nullptr ? "" : entity->name;
    }
    if (subject.starts_with("device:")) {
        const auto id = DeviceId::from_hex(rest("device:"));
        const identity::Device* device = id ? parts.roster->device(*id) : nullptr;
        return device == nullptr ? "" : device->name;
    }
    if (subject.starts_with("person:")) {
        const auto id = PersonId::from_hex(rest("person:"));
        const identity::Person* person = id ? parts.roster->person(*id) : nullptr;
        return person == nullptr ? "" : person->name;
    }
    return subject == "household" ? parts.roster->name : "";
}

}  // namespace

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string time_text(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<milliseconds>(time - day)};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

Result<WallTime> parse_time(std::string_view text) {
    const Error bad{ErrorCode::BadRequest, "expected a time in UTC such as 2026-11-22T16:00:00Z"};
    const std::string copy(text);
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int read = 0;
    const int fields = std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%n", &year, &month, &day, &hour,
                                   &minute, &second, &read);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    const bool in_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (fields != 6 || !date.ok() || year < 1970 || !in_day) {
        return bad;
    }
    WallTime time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                    seconds(second);
    std::string_view rest = text.substr(static_cast<std::size_t>(read));
    if (rest.starts_with('.')) {
        double fraction = 0;
        const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), fraction);
        if (failed != std::errc{} || fraction < 0 || fraction >= 1) {
            return bad;
        }
        time += microseconds(static_cast<std::int64_t>(fraction * 1e6));
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    }
    if (rest != "Z") {
        return bad;
    }
    return time;
}

std::string audience_text(const privacy::NamedAudience& audience, const identity::Roster& roster) {
    if (const auto* device = std::get_if<privacy::ThisDevice>(&audience)) {
        return "device:" + device_name(device->device, roster);
    }
    if (const auto* one = std::get_if<privacy::OnePerson>(&audience)) {
        const identity::Person* person = roster.person(one->person);
        return "person:" + (person == nullptr ? one->person.short_hex() : person->name);
    }
    return privacy::to_string(audience);
}

std::string audience_text(const privacy::Audience& audience, const identity::Roster& roster) {
    std::string text;
    for (const auto& clause : audience.clauses()) {
        text += (text.empty() ? "" : " & ") + audience_text(clause, roster);
    }
    return text.empty() ? "anyone" : text;
}

Result<privacy::NamedAudience> parse_audience(std::string_view text, const Parts& parts) {
    const auto named = [](auto audience) { return privacy::NamedAudience(audience); };
    if (text == "household") {
        return named(privacy::Household{});
    }
    if (text == "anyone") {
        return named(privacy::Anyone{});
    }
    if (text == "device") {
        return named(privacy::ThisDevice{parts.self});
    }
    if (text == "me") {
        const auto person = parts.person();
        if (!person) {
            return Error{ErrorCode::BadRequest, "this device is shared: there is no \"me\" here"};
        }
        return named(privacy::OnePerson{*person});
    }
    constexpr std::string_view device_prefix = "device:";
    constexpr std::string_view person_prefix = "person:";
    if (text.starts_with(device_prefix)) {
        AMBIT_TRY_ASSIGN(const identity::Device* device,
                         device_named(std::string(text.substr(device_prefix.size())), *parts.roster));
        return named(privacy::ThisDevice{device->id});
    }
    if (text.starts_with(person_prefix)) {
        AMBIT_TRY_ASSIGN(const identity::Person* person,
                         person_named(std::string(text.substr(person_prefix.size())), *parts.roster));
        return named(privacy::OnePerson{person->id});
    }
    return Error{ErrorCode::BadRequest,
                 "expected an audience: household, anyone, me, device, person:NAME or device:NAME"};
}

Json value_json(const facts::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return *whole;
    }
    if (const auto* number = std::get_if<double>(&value)) {
        return *number;
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    if (const auto* json = std::get_if<facts::Json>(&value)) {
        Json parsed = Json::parse(json->text, nullptr, false);
        return parsed.is_discarded() ? Json(nullptr) : parsed;
    }
    return nullptr;
}

facts::Value value_of(const Json& json) {
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_number_integer() && !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
        return json.get<std::int64_t>();
    }
    if (json.is_number()) {
        return json.get<double>();
    }
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_null()) {
        return std::monostate{};
    }
    return facts::Json{dump(json)};
}

Json fact_json(const facts::Fact& fact, const Parts& parts) {
    Json json = {{"subject", fact.key.subject}};
    if (const std::string name = subject_name(fact.key.subject, parts); !name.empty()) {
        json["name"] = name;
    }
    json["attribute"] = fact.key.attribute;
    json["value"] = value_json(fact.value);
    json["audience"] = audience_text(fact.key.audience, *parts.roster);
    json["trust"] = fact.trust == privacy::Trust::Trusted ? "trusted" : "untrusted";
    json["time"] = time_text(fact.time);
    json["source"] = device_name(fact.source, *parts.roster);
    json["confidence"] = fact.confidence;
    const bool kept = !fact.hash.is_zero();
    json["kept"] = kept;
    if (kept) {
        json["hash"] = fact.hash.hex();
    }
    if (!fact.causes.empty()) {
        json["causes"] = fact.causes;
    }
    return json;
}

std::string device_name(const DeviceId& id, const identity::Roster& roster) {
    const identity::Device* device = roster.device(id);
    return device == nullptr ? id.short_hex() : device->name;
}

Result<const identity::Device*> device_named(const std::string& name, const identity::Roster& roster) {
    if (const identity::Device* device = roster.device_named(name)) {
        return device;
    }
    const auto id = DeviceId::from_hex(name);
    const identity::Device* device = id ? roster.device(*id) : nullptr;
    if (device == nullptr) {
        return Error{ErrorCode::NoSuchThing, "no device is called \"" + name + "\""};
    }
    return device;
}

Result<const identity::Person*> person_named(const std::string& name, const identity::Roster& roster) {
    const identity::Person* person = roster.person_named(name);
    if (person == nullptr) {
        return Error{ErrorCode::NoSuchThing, "nobody is called \"" + name + "\""};
    }
    return person;
}

Json device_json(const identity::Device& device, const identity::Roster& roster) {
    Json json = {{"name", device.name}, {"id", device.id.hex()}, {"kind", device.kind}};
    const identity::Person* owner = device.owner ? roster.person(*device.owner) : nullptr;
    if (owner != nullptr) {
        json["owner"] = owner->name;
    }
    const identity::Person* meant_for = device.meant_for ? roster.person(*device.meant_for) : nullptr;
    if (meant_for != nullptr) {
        json["meant_for"] = meant_for->name;
    }
    json["admin"] = roster.is_admin(device.id);
    json["mains_powered"] = device.mains_powered;
    return json;
}

Json person_json(const identity::Person& person, const Parts& parts) {
    Json devices = Json::array();
    for (const DeviceId& id : parts.roster->devices_of(person.id)) {
        devices.push_back(device_name(id, *parts.roster));
    }
    Json json = {{"name", person.name},
                 {"id", person.id.hex()},
                 {"role", identity::name_of(person.role)},
                 {"devices", std::move(devices)}};
    if (person.expires) {
        json["expires"] = time_text(*person.expires);
    }
    json["here"] = parts.person() == person.id;
    return json;
}

Json household_json(const identity::Roster& roster) {
    return {{"name", roster.name}, {"id", roster.household.hex()}};
}

Json error_member(const Error& error) {
    return Json::parse(api::error_json(error)).at("error");
}

Json words_json(const std::string& words, std::string_view separator) {
    Json list = Json::array();
    for (std::size_t begin = 0;;) {
        const std::size_t end = words.find(separator, begin);
        list.push_back(words.substr(begin, end - begin));
        if (end == std::string::npos) {
            return list;
        }
        begin = end + separator.size();
    }
}

Result<Json> parse_body(const api::Request& request) {
    Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) {
        return Error{ErrorCode::BadRequest, "the body must be a JSON object"};
    }
    return body;
}

Result<std::string> text_member(const Json& body, const char* name) {
    const auto at = body.find(name);
    if (at == body.end() || !at->is_string() || at->get_ref<const std::string&>().empty()) {
        return bad_member(name, "a text");
    }
    return at->get<std::string>();
}

Result<std::string> text_in(const Result<Json>& body, const char* name) {
    return body ? text_member(*body, name) : Result<std::string>(body.error());
}

Result<std::vector<std::string>> texts_in(const Result<Json>& body, const char* name) {
    return body ? texts_member(*body, name) : Result<std::vector<std::string>>(body.error());
}

Result<const identity::Device*> device_in(const Result<Json>& body, const identity::Roster& roster) {
    AMBIT_TRY_ASSIGN(const std::string name, text_in(body, "device"));
    return device_named(name, roster);
}

Result<const identity::Person*> person_in(const Result<Json>& body, const identity::Roster& roster) {
    AMBIT_TRY_ASSIGN(const std::string name, text_in(body, "person"));
    return person_named(name, roster);
}

std::optional<std::string> optional_text(const Json& body, const char* name) {
    const auto at = body.find(name);
    if (at == body.end() || !at->is_string()) {
        return std::nullopt;
    }
    return at->get<std::string>();
}

std::string text_or(const Json& body, const char* name, std::string fallback) {
    return optional_text(body, name).value_or(std::move(fallback));
}

bool flag_or(const Json& body, const char* name, bool fallback) {
    const auto at = body.find(name);
    return at != body.end() && at->is_boolean() ? at->get<bool>() : fallback;
}

std::int64_t number_or(const Json& body, const char* name, std::int64_t fallback) {
    const auto at = body.find(name);
    return at != body.end() && at->is_number_integer() ? at->get<std::int64_t>() : fallback;
}

Result<std::vector<std::string>> texts_member(const Json& body, const char* name) {
    const auto at = body.find(name);
    std::vector<std::string> texts;
    if (at == body.end() || !at->is_array()) {
        return bad_member(name, "a list of texts");
    }
    for (const Json& item : *at) {
        if (!item.is_string()) {
            return bad_member(name, "a list of texts");
        }
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

Result<identity::Role> parse_role(std::string_view text) {
    for (const auto role :
         {identity::Role::Guest, identity::Role::Child, identity::Role::Adult, identity::Role::Admin}) {
        if (identity::name_of(role) == text) {
            return role;
        }
    }
    return Error{ErrorCode::BadRequest, "expected a role: admin, adult, child or guest"};
}

std::string query_text(const api::Request& request, const char* name) {
    const auto at = request.query.find(name);
    return at == request.query.end() ? "" : at->second;
}

std::size_t query_limit(const api::Request& request, std::size_t fallback, std::size_t max) {
    const std::string text = query_text(request, "limit");
    std::size_t limit = fallback;
    std::from_chars(text.data(), text.data() + text.size(), limit);
    return std::clamp<std::size_t>(limit, 1, max);
}

}  // namespace ambit::node

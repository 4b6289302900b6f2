#include "capability/screen.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::capability {
namespace {

using nlohmann::json;

bool is_id(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string text_of(const json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

std::string encode_shown(const Shown& shown) {
    const json of = {
        {"id", shown.of.id}, {"name", shown.of.name}, {"kind", shown.of.kind}, {"version", shown.of.version}};
    const json all = {{"id", shown.id},
                      {"of", of},
                      {"name", shown.name},
                      {"domain", shown.domain},
                      {"device_class", shown.device_class},
                      {"unit", shown.unit},
                      {"state", json::parse(shown.state_json, nullptr, false)},
                      {"available", shown.available}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Shown> decode_shown(std::string_view text) {
    const json all = json::parse(text, nullptr, false);
    const json of = all.is_object() ? all.value("of", json()) : json();
    if (!of.is_object() || !all.value("state", json()).is_object()) {
        return Error{ErrorCode::InvalidArgument, "not something to be shown"};
    }
    Shown shown;
    shown.id = text_of(all, "id");
    shown.of = {text_of(of, "id"), text_of(of, "name"), text_of(of, "kind"), text_of(of, "version")};
    shown.name = text_of(all, "name");
    shown.domain = text_of(all, "domain");
    shown.device_class = text_of(all, "device_class");
    shown.unit = text_of(all, "unit");
    shown.state_json = all["state"].dump();
    shown.available = all.contains("available") && all["available"] == true;
    if (!is_id(shown.id) || !is_id(shown.of.id)) {
        return Error{ErrorCode::InvalidArgument, "it has no id that topics may have"};
    }
    return shown;
}

}  // namespace ambit::capability

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "settings_file/settings_file.h"

namespace ambit::settings {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
    return std::visit([](const auto& held) { return Json(held); }, value);
}

// A settings file may hold bytes that are not UTF-8: replaced, never thrown on.
std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string config_json(const std::string& file, const Loaded& loaded) {
    Json rows = Json::array();
    for (const Setting& setting : catalogue()) {
        const Value value = setting.get(loaded.settings);
        rows.push_back({{"name", setting.name},
                        {"value", json_of(value)},
                        {"default", json_of(setting.fallback)},
                        {"type", setting.type},
                        {"unit", setting.unit},
                        {"sentence", setting.sentence},
                        {"min", setting.min},
                        {"max", setting.max},
                        {"set", value != setting.fallback}});
    }
    Json problems = Json::array();
    for (const Error& problem : loaded.problems) {
        problems.push_back(Json::parse(api::error_json(problem)).at("error"));
    }
    return text_of({{"file", file}, {"settings", std::move(rows)}, {"problems", std::move(problems)}});
}

std::string changed_json(const std::string& name, const Value& value, bool restart_needed) {
    return text_of({{"name", name}, {"value", json_of(value)}, {"restart_needed", restart_needed}});
}

}  // namespace ambit::settings

#include "ambitd/config_api.h"

#include <nlohmann/json.hpp>

#include "node/local_json.h"
#include "settings_file/settings_file.h"

namespace ambit::daemon {
namespace {

using node::Json;

Json json_of(const settings::Value& value) {
    return std::visit([](const auto& known) { return Json(known); }, value);
}

// Text as a person would type it, or the value as JSON has it.
Result<settings::Value> value_of(const settings::Setting& setting, const Json& json) {
    if (json.is_string()) {
        return settings::parse_value(setting, json.get<std::string>());
    }
    if (json.is_boolean()) {
        return settings::Value(json.get<bool>());
    }
    if (json.is_number_integer()) {
        return settings::Value(json.get<std::int64_t>());
    }
    if (json.is_array()) {
        settings::List list;
        for (const Json& item : json) {
            if (!item.is_string()) {
                return Error{ErrorCode::BadSetting, "a list holds texts"};
            }
            list.push_back(item.get<std::string>());
        }
        return settings::Value(std::move(list));
    }
    return Error{ErrorCode::BadRequest, "\"value\": expected a text, number, flag or list"};
}

}  // namespace

void get_config(const std::string& file, api::Responder& reply) {
    const auto loaded = settings::load(file);
    if (!loaded) {
        return reply.fail(loaded.error());
    }
    Json rows = Json::array();
    for (const settings::Setting& setting : settings::catalogue()) {
        const settings::Value value = setting.get(loaded->settings);
        rows.push_back({{"name", setting.name},
                        {"value", json_of(value)},
                        {"default", json_of(setting.fallback)},
                        {"type", setting.type},
                        {"unit", setting.unit},
                        {"sentence", setting.sentence},
                        {"min", setting.min},
                        {"max", setting.max},
                        {"set", !(value == setting.fallback)}});
    }
    Json problems = Json::array();
    for (const Error& problem : loaded->problems) {
        problems.push_back(node::error_member(problem));
    }
    reply.reply(
        node::dump({{"file", file}, {"settings", std::move(rows)}, {"problems", std::move(problems)}}));
}

void post_config(const std::string& file, const api::Request& request, api::Responder& reply) {
    const auto stored = [&]() -> Result<Json> {
        AMBIT_TRY_ASSIGN(const Json body, node::parse_body(request));
        AMBIT_TRY_ASSIGN(const std::string name, node::text_member(body, "name"));
        AMBIT_TRY_ASSIGN(const settings::Setting* setting, settings::find(name));
        if (!body.contains("value")) {
            return Error{ErrorCode::BadRequest, "\"value\" is missing"};
        }
        AMBIT_TRY_ASSIGN(const settings::Value value, value_of(*setting, body["value"]));
        AMBIT_TRY(settings::store(file, name, value));
        return Json{{"name", name}, {"value", json_of(value)}, {"restart_needed", true}};
    }();
    if (!stored) {
        return reply.fail(stored.error());
    }
    reply.reply(node::dump(*stored));
}

}  // namespace ambit::daemon

#include "ambitd/config_api.h"

#include <nlohmann/json.hpp>

#include "node/local_json.h"
#include "settings_file/settings_file.h"

namespace ambit::daemon {
namespace {

using node::Json;

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
    reply.reply(settings::config_json(file, *loaded));
}

void post_config(const std::string& file, const api::Request& request, api::Responder& reply) {
    const auto stored = [&]() -> Result<std::string> {
        AMBIT_TRY_ASSIGN(const Json body, node::parse_body(request));
        AMBIT_TRY_ASSIGN(const std::string name, node::text_member(body, "name"));
        AMBIT_TRY_ASSIGN(const settings::Setting* setting, settings::find(name));
        if (!body.contains("value")) {
            return Error{ErrorCode::BadRequest, "\"value\" is missing"};
        }
        AMBIT_TRY_ASSIGN(const settings::Value value, value_of(*setting, body["value"]));
        AMBIT_TRY(settings::store(file, name, value));
        return settings::changed_json(name, value, true);
    }();
    if (!stored) {
        return reply.fail(stored.error());
    }
    reply.reply(*stored);
}

}  // namespace ambit::daemon

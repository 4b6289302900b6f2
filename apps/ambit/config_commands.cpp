// config: the settings of this device; asks the daemon, or works on the file while none runs.
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "settings_file/settings_file.h"

namespace ambit::cli {
namespace {

// What the daemon would have answered, while none runs.
Json as_answer(const std::string& json) {
    Json answer = {{"v", 1}};
    answer.update(Json::parse(json));
    return answer;
}

Result<Json> config_from_file(const Context& context) {
    AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
    AMBIT_TRY_ASSIGN(const settings::Loaded loaded, settings::load(paths.settings_file));
    return as_answer(settings::config_json(paths.settings_file, loaded));
}

Result<Json> current_config(const Context& context) {
    auto answer = context.get("config");
    return !answer && answer.error().code == ErrorCode::NotRunning ? config_from_file(context)
                                                                   : std::move(answer);
}

Result<void> get(const Context& context, const std::string& name) {
    AMBIT_TRY(settings::find(name));
    AMBIT_TRY_ASSIGN(const Json answer, current_config(context));
    for (const Json& setting : list_of(answer, "settings")) {
        if (text_of(setting, "name") == name) {
            context.show(setting, [](const Json& row, const Look&) {
                const Json value = row.value("value", Json());
                return (value.is_boolean() ? (value.get<bool>() ? "on" : "off") : value_text(value)) + "\n";
            });
            return {};
        }
    }
    return Error{ErrorCode::UnknownSetting, name};
}

std::string changed_text(const Json& answer, const Look& /*look*/) {
    return text_of(answer, "name") + " = " + text_of(answer, "value") +
           (flag_of(answer, "restart_needed") ? "   (from the next start: ambit down, ambit up)\n" : "\n");
}

Result<void> set(const Context& context, const std::string& name, const std::string& text) {
    AMBIT_TRY_ASSIGN(const settings::Setting* setting, settings::find(name));
    AMBIT_TRY_ASSIGN(const settings::Value value, settings::parse_value(*setting, text));
    auto answer = context.post("config", {{"name", name}, {"value", text}});
    if (!answer && answer.error().code == ErrorCode::NotRunning) {
        AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
        AMBIT_TRY(make_folders(paths));
        AMBIT_TRY(settings::store(paths.settings_file, name, value));
        answer = as_answer(settings::changed_json(name, value, false));
    }
    AMBIT_TRY_ASSIGN(const Json shown, std::move(answer));
    context.show(shown, changed_text);
    return {};
}

}  // namespace

void add_config_commands(CLI::App& app, Context& context) {
    const auto show = [&context] {
        const auto answer = current_config(context);
        if (answer) {
            context.show(*answer, config_text);
        }
        context.finish(answer ? Result<void>() : Result<void>(answer.error()));
    };
    CLI::App* config = app.add_subcommand("config", "The settings of this device")->require_subcommand(0, 1);
    config->footer(
        "Examples:\n  ambit config\n  ambit config set mqtt.host 192.0.2.3\n  ambit config set mqtt.enabled "
        "on\n");
    config->callback([config, show] {
        if (config->get_subcommands().empty()) {
            show();
        }
    });
    config->add_subcommand("show", "Show them all, each with what it is")->callback(show);
    const auto name = std::make_shared<std::string>();
    const auto value = std::make_shared<std::string>();
    CLI::App* command = config->add_subcommand("get", "Print one value");
    command->add_option("name", *name, "For example mqtt.host")->required();
    command->callback([&context, name] { context.finish(get(context, *name)); });
    command = config->add_subcommand("set", "Change one");
    command->add_option("name", *name, "For example mqtt.host")->required();
    command->add_option("value", *value, "on or off, a number, text, or texts with commas")->required();
    command->callback([&context, name, value] { context.finish(set(context, *name, *value)); });
}

}  // namespace ambit::cli

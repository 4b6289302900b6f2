// facts: what the household knows, as far as this device may read it.
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

struct FactOptions {
    std::string subject;
    std::string attribute;
    std::string audience;
    std::string value;
    int limit = 1000;
};

std::string query_of(const FactOptions& options) {
    std::string query = "?limit=" + std::to_string(options.limit);
    const auto add = [&query](const char* key, const std::string& value) {
        if (!value.empty()) {
            query += std::string("&") + key + "=" + http::url_encode(value);
        }
    };
    add("subject", options.subject);
    add("attribute", options.attribute);
    add("audience", options.audience);
    return query;
}

Result<void> list(const Context& context, const FactOptions& options) {
    return context.get_and_show("facts" + query_of(options), facts_text);
}

// The value alone when there is exactly one, so that scripts can use it; else the table.
Result<void> get(const Context& context, const FactOptions& options) {
    AMBIT_TRY_ASSIGN(const Json answer, context.get("facts" + query_of(options)));
    const auto facts = list_of(answer, "facts");
    if (facts.empty()) {
        return Error{ErrorCode::NoSuchThing, options.subject + " " + options.attribute};
    }
    context.show(answer, [](const Json& whole, const Look& look) {
        const auto found = list_of(whole, "facts");
        return found.size() == 1 ? value_text(found.front().value("value", Json())) + "\n"
                                 : facts_text(whole, look);
    });
    return {};
}

Result<void> set(const Context& context, const FactOptions& options) {
    const Json body = {{"subject", options.subject},
                       {"attribute", options.attribute},
                       {"value", typed_value(options.value)},
                       {"audience", options.audience.empty() ? "household" : options.audience}};
    return context.post_and_show("facts", body, [](const Json& answer, const Look& look) {
        return fact_line(object_of(answer, "fact"), look);
    });
}

Result<void> watch(const Context& context, const FactOptions& options) {
    return context.stream(
        "GET", "facts/watch" + query_of(options), Json(),
        [&](const std::string& event, const Json& data) -> Result<void> {
            if (event == "fact") {
                context.print(fact_line(data, context.look()));
            } else if (event == "gone") {
                context.print(text_of(data, "subject") + "  " + text_of(data, "attribute") + " expired\n");
            }
            return {};
        });
}

void add_filters(CLI::App& command, const std::shared_ptr<FactOptions>& options) {
    command.add_option("--subject", options->subject, "Only this subject; may end in *");
    command.add_option("--attribute", options->attribute, "Only this attribute");
    command.add_option("--audience", options->audience,
                       "Only this audience: device, me, person:NAME, household, anyone");
    command.add_option("--limit", options->limit, "At most this many")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
}

}  // namespace

void add_fact_commands(CLI::App& app, Context& context) {
    const auto options = std::make_shared<FactOptions>();
    CLI::App* facts = app.add_subcommand("facts", "What the household knows, and who may read it")
                          ->require_subcommand(0, 1);
    facts->footer(
        "Examples:\n  ambit facts\n  ambit facts get household time_zone\n"
        "  ambit facts set person comfort_temperature 21 --audience me\n  ambit facts watch --subject "
        "'entity:*'\n");
    add_filters(*facts, options);
    facts->callback([&context, facts, options] {
        if (facts->get_subcommands().empty()) {
            context.finish(list(context, *options));
        }
    });
    CLI::App* command = facts->add_subcommand("list", "List them");
    add_filters(*command, options);
    command->callback([&context, options] { context.finish(list(context, *options)); });

    command = facts->add_subcommand("get", "Print one value");
    command->add_option("subject", options->subject, "For example household")->required();
    command->add_option("attribute", options->attribute, "For example time_zone")->required();
    command->add_option("--audience", options->audience, "If it is known to several audiences");
    command->callback([&context, options] { context.finish(get(context, *options)); });

    command = facts->add_subcommand("set", "Write one; it is kept and synced to its audience");
    command->add_option("subject", options->subject, "For example household")->required();
    command->add_option("attribute", options->attribute, "For example time_zone")->required();
    command->add_option("value", options->value, "Text, or JSON")->required();
    command->add_option("--audience", options->audience,
                        "device, me, person:NAME, household (default), anyone");
    command->callback([&context, options] { context.finish(set(context, *options)); });

    command = facts->add_subcommand("watch", "Print them now and whenever they change, until Ctrl-C");
    add_filters(*command, options);
    command->callback([&context, options] { context.finish(watch(context, *options)); });
}

}  // namespace ambit::cli

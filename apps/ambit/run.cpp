#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "ambit/commands.h"

namespace ambit::cli {
namespace {

void add_global_options(CLI::App& app, Context& context) {
    app.add_option("--instance", context.instance, "Which device on this machine")
        ->envname("AMBIT_INSTANCE")
        ->capture_default_str();
    app.add_flag("--json", context.json, "Answer in JSON (docs/spec/local-api.md)");
    app.add_flag("-q,--quiet", context.quiet, "Print the answer and errors only");
    app.add_option("--timeout", context.timeout_s, "Seconds to wait for an answer")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 3600.0));
}

// Global options are understood behind a command too, as people type them.
void let_fall_through(CLI::App& app) {
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        command->fallthrough();
        let_fall_through(*command);
    }
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Streams& streams, const Look& look) {
    Context context(streams, look);
    CLI::App app("Ambit, the household AI: one private AI across the devices of a household.", "ambit");
    app.require_subcommand(0, 1);
    app.footer(
        "Start with:  ambit up      Then:  ambit pair      Say:  ambit ask \"turn on the kitchen light\"\n");
    add_global_options(app, context);
    add_daemon_commands(app, context);
    add_pairing_commands(app, context);
    add_household_commands(app, context);
    add_request_commands(app, context);
    add_teaching_commands(app, context);
    add_thing_commands(app, context);
    add_language_commands(app, context);
    add_fact_commands(app, context);
    add_privacy_commands(app, context);
    add_token_commands(app, context);
    add_config_commands(app, context);
    add_help_commands(app, context);
    add_examples(app);
    let_fall_through(app);
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        streams.out << app.help();
        return kOk;
    } catch (const CLI::ParseError& error) {
        streams.err << fmt::format("E{} {}.  See: ambit help\n", static_cast<int>(ErrorCode::Usage),
                                   error.what());
        return kUsage;
    }
    if (app.get_subcommands().empty()) {
        streams.out << app.help();
    }
    return context.exit_code;
}

}  // namespace ambit::cli

// ledger and release: what left, what was refused, and what the owner allows.
#include <charconv>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

struct LedgerOptions {
    std::string since;
    std::string to;
    bool today = false;
    bool refused = false;
    int limit = 200;
};

// "today", "90m", "2h", "3d", or a time as it is.
std::string since_text(const std::string& text, WallTime now) {
    if (text == "today") {
        return iso_text(midnight_before(now));
    }
    int amount = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const std::string_view unit = std::string_view(text).substr(static_cast<std::size_t>(end - text.data()));
    if (failed == std::errc() && amount >= 0 && amount < 100'000 &&
        (unit == "m" || unit == "h" || unit == "d")) {
        const std::chrono::minutes one(unit == "m" ? 1 : unit == "h" ? 60 : 24 * 60);
        return iso_text(now - amount * one);
    }
    return text;
}

Result<void> ledger(const Context& context, const LedgerOptions& options) {
    std::string path = "ledger?limit=" + std::to_string(options.limit);
    const std::string since = options.today ? "today" : options.since;
    if (!since.empty()) {
        path += "&since=" + http::url_encode(since_text(since, context.look().now));
    }
    if (!options.to.empty()) {
        path += "&to=" + http::url_encode(options.to);
    }
    return context.get_and_show(path + (options.refused ? "&refused=true" : ""), ledger_text);
}

void verify(Context& context) {
    const auto answer = context.get("ledger/verify");
    if (!answer) {
        context.finish(answer.error());
        return;
    }
    context.show(*answer, verified_text);
    context.exit_code = flag_of(*answer, "intact") ? kOk : kFailed;
}

void add_ledger(CLI::App& app, Context& context) {
    const auto options = std::make_shared<LedgerOptions>();
    CLI::App* command =
        app.add_subcommand("ledger", "What left this device, and what was refused")->require_subcommand(0, 1);
    command->add_option("--since", options->since, "today, 2h, 3d, or a time such as 2026-11-22T06:00:00Z");
    command->add_flag("--today", options->today, "The same as --since today");
    command->add_option("--to", options->to, "Only what went to this device or service");
    command->add_flag("--refused", options->refused, "Only what was refused");
    command->add_option("--limit", options->limit, "At most this many rows, the newest")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
    command->footer(
        "Examples:\n  ambit ledger --today\n  ambit ledger --refused --to speaker\n  ambit ledger verify\n");
    command->callback([&context, command, options] {
        if (command->get_subcommands().empty()) {
            context.finish(ledger(context, *options));
        }
    });
    command->add_subcommand("verify", "Check that no row was changed after it was written")
        ->callback([&context] { verify(context); });
}

struct GrantOptions {
    std::string extractor;
    std::string recipient;
    std::string purpose;
    std::string expires;
    std::string name;
    int rate_per_hour = 0;
};

std::string granted_text(const Json& answer, const Look& /*look*/) {
    const Json rule = object_of(answer, "rule");
    return "Granted: " + text_of(rule, "name") +
           ".  Every use is in the ledger.  Undo:  ambit release revoke " + text_of(rule, "id").substr(0, 8) +
           "\n";
}

Json body_of(const GrantOptions& options) {
    Json body = {
        {"extractor", options.extractor}, {"recipient", options.recipient}, {"purpose", options.purpose}};
    if (!options.expires.empty()) {
        body["expires"] = options.expires;
    }
    if (!options.name.empty()) {
        body["name"] = options.name;
    }
    if (options.rate_per_hour > 0) {
        body["rate_per_hour"] = options.rate_per_hour;
    }
    return body;
}

Result<void> revoke(const Context& context, const std::string& id) {
    AMBIT_TRY_ASSIGN(const Json answer, context.remove("release/" + http::url_encode(id)));
    context.show(answer, [](const Json& whole, const Look&) {
        const Json rule = object_of(whole, "revoked");
        return "Revoked: " + text_of(rule, "name") +
               (text_of(rule, "extractor").starts_with("departure@")
                    ? ".  A departure that was told stays told.\n"
                    : ".  What it told last is taken back on every device that is on.\n");
    });
    return {};
}

// The options that say what would be told, and to whom.
void add_what(CLI::App& command, const std::shared_ptr<GrantOptions>& options) {
    command.add_option("extractor", options->extractor, "What is told, for example sleep-state")->required();
    command.add_option("--to", options->recipient, "household, person:NAME or device:NAME")->required();
}

void add_release(CLI::App& app, Context& context) {
    CLI::App* release = app.add_subcommand("release", "Rules by which you let something about you be told")
                            ->require_subcommand(0, 1);
    release->footer(
        "Examples:\n  ambit release\n  ambit release simulate body-state --to device:hub\n"
        "  ambit release grant sleep-state --to household --purpose \"wake-up light\"\n"
        "  ambit release revoke 7c1e\n");
    release->callback([&context, release] {
        if (release->get_subcommands().empty()) {
            context.finish(context.get_and_show("release", rules_text));
        }
    });
    release->add_subcommand("list", "List the rules, and what could be told")->callback([&context] {
        context.finish(context.get_and_show("release", rules_text));
    });
    const auto options = std::make_shared<GrantOptions>();
    CLI::App* command =
        release->add_subcommand("simulate", "Show what would be told now, and to whom; nothing is sent");
    add_what(*command, options);
    command->callback([&context, options] {
        context.finish(context.post_and_show("release/simulate", body_of(*options), simulated_text));
    });
    command = release->add_subcommand("grant", "Allow it; run it on a device of yours");
    add_what(*command, options);
    command->add_option("--purpose", options->purpose, "What for, in your words");
    command->add_option("--until", options->expires, "When it ends, for example 2026-12-24T18:00:00Z");
    command->add_option("--rate", options->rate_per_hour, "At most this often an hour")
        ->check(CLI::Range(1, 3600));
    command->add_option("--name", options->name, "What the rule is called");
    command->callback([&context, options] {
        context.finish(context.post_and_show("release", body_of(*options), granted_text));
    });
    const auto id = std::make_shared<std::string>();
    command = release->add_subcommand("show", "Show one rule in full");
    command->add_option("id", *id, "Its id, or the first digits")->required();
    command->callback([&context, id] {
        context.finish(context.get_and_show("release/" + http::url_encode(*id), rule_text));
    });
    command = release->add_subcommand("revoke", "End a rule");
    command->add_option("id", *id, "Its id, or the first digits")->required();
    command->callback([&context, id] { context.finish(revoke(context, *id)); });
}

}  // namespace

void add_privacy_commands(CLI::App& app, Context& context) {
    add_ledger(app, context);
    add_release(app, context);
}

}  // namespace ambit::cli

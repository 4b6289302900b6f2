// token: what lets programs in that are no devices - the page, a phone's shortcuts, scripts.
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

Result<void> revoke(const Context& context, const std::string& name) {
    AMBIT_TRY_ASSIGN(const Json answer, context.remove("token/" + http::url_encode(name)));
    context.show(answer, [](const Json& whole, const Look&) {
        return "Revoked: " + text_of(object_of(whole, "revoked"), "name") +
               ".  It works no more, from now on.\n";
    });
    return {};
}

}  // namespace

void add_token_commands(CLI::App& app, Context& context) {
    CLI::App* token = app.add_subcommand("token", "Tokens for programs and browsers that are no devices")
                          ->require_subcommand(0, 1);
    token->footer(
        "Examples:\n  ambit token add page\n  ambit token add \"Anna's shortcuts\" --audience person\n"
        "  ambit token revoke page\n");
    token->callback([&context, token] {
        if (token->get_subcommands().empty()) {
            context.finish(context.get_and_show("token", tokens_text));
        }
    });
    token->add_subcommand("list", "List them, with their last use")->callback([&context] {
        context.finish(context.get_and_show("token", tokens_text));
    });
    const auto name = std::make_shared<std::string>();
    const auto audience = std::make_shared<std::string>("household");
    CLI::App* command = token->add_subcommand("add", "Make one; it is shown this once");
    command->add_option("name", *name, "What it is for, for example page")->required();
    command
        ->add_option("--audience", *audience,
                     "household: sees what all may see; person: sees what is yours, on this machine only")
        ->check(CLI::IsMember({"household", "person"}))
        ->capture_default_str();
    command->callback([&context, name, audience] {
        const Json body = {{"name", *name}, {"audience", *audience == "person" ? "me" : "household"}};
        context.finish(context.post_and_show("token", body, token_made_text));
    });
    command = token->add_subcommand("revoke", "End one; what is open with it is cut at once");
    command->add_option("name", *name, "Its name")->required();
    command->callback([&context, name] { context.finish(revoke(context, *name)); });
}

}  // namespace ambit::cli

// help, version, completion: ambit about itself.
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"

namespace ambit::cli {
namespace {

void collect_paths(const CLI::App& app, const std::string& prefix, std::vector<std::string>& out) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string path = prefix.empty() ? command->get_name() : prefix + " " + command->get_name();
        out.push_back(path);
        collect_paths(*command, path, out);
    }
}

// "E6001" or "6001".
const ErrorEntry* error_entry(const std::string& topic) {
    const std::size_t start = topic.starts_with('E') || topic.starts_with('e') ? 1 : 0;
    int number = 0;
    const auto [end, failed] = std::from_chars(topic.data() + start, topic.data() + topic.size(), number);
    if (failed != std::errc() || end != topic.data() + topic.size()) {
        return nullptr;
    }
    for (const ErrorEntry& entry : error_catalogue()) {
        if (static_cast<int>(entry.code) == number) {
            return &entry;
        }
    }
    return nullptr;
}

Result<void> help(const Context& context,
                  const CLI::App& app,
                  const std::vector<std::string>& topic,
                  bool all) {
    if (all) {
        std::string out;
        for (const std::string& path : command_paths(app)) {
            out += path + "\n";
        }
        context.print(out);
        return {};
    }
    if (const CLI::App* command = find_command(app, topic)) {
        std::string parents = topic.empty() ? "" : "ambit";
        for (std::size_t i = 0; i + 1 < topic.size(); ++i) {
            parents += " " + topic[i];
        }
        context.print(command->help(parents));
        return {};
    }
    const std::string& first = topic.front();
    if (const ErrorEntry* entry = error_entry(first)) {
        context.print(fmt::format("E{} {}\n{}.\nNext: {}\n", static_cast<int>(entry->code), entry->name,
                                  entry->text, entry->next_step));
        return {};
    }
    if (const std::string text = topic_text(first); !text.empty()) {
        context.print(text);
        return {};
    }
    std::string known;
    for (const std::string& name : topics()) {
        known += " " + name;
    }
    return Error{ErrorCode::Usage,
                 "no help on \"" + first + "\"; topics:" + known + ", any command, any error number"};
}

}  // namespace

const CLI::App* find_command(const CLI::App& app, const std::vector<std::string>& path) {
    const CLI::App* at = &app;
    for (const std::string& name : path) {
        const auto named =
            at->get_subcommands([&name](const CLI::App* sub) { return sub->get_name() == name; });
        if (named.empty()) {
            return nullptr;
        }
        at = named.front();
    }
    return at;
}

std::vector<std::string> command_paths(const CLI::App& app) {
    std::vector<std::string> out;
    collect_paths(app, "", out);
    return out;
}

void add_help_commands(CLI::App& app, Context& context) {
    const auto topic = std::make_shared<std::vector<std::string>>();
    const auto all = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("help", "Explain a command, an error number or a topic");
    command->add_option("topic", *topic, "For example pair, E6001, files");
    command->add_flag("--all", *all, "List every command, one a line");
    command->footer("Examples:\n  ambit help devices rename\n  ambit help E6001\n  ambit help files\n");
    command->callback([&context, &app, topic, all] { context.finish(help(context, app, *topic, *all)); });

    command = app.add_subcommand("version", "Print the version");
    command->callback([&context] {
        context.show(Json{{"v", 1}, {"version", AMBIT_VERSION}}, [](const Json& answer, const Look&) {
            return "ambit " + text_of(answer, "version") + "\n";
        });
    });

    const auto shell = std::make_shared<std::string>();
    command = app.add_subcommand("completion", "Print a script that completes commands in your shell");
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer(
        "Examples:\n  source <(ambit completion bash)\n  ambit completion fish > "
        "~/.config/fish/completions/ambit.fish\n");
    command->callback([&context, &app, shell] { context.print(completion_script(app, *shell)); });
}

}  // namespace ambit::cli

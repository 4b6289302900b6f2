// Completion scripts, generated from the tree of commands, so that they can't fall behind it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "ambit/commands.h"

namespace ambit::cli {
namespace {

// What may follow a command: its sub-commands and its long options.
std::string words_after(const CLI::App& command) {
    std::string out;
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        out += sub->get_name() + " ";
    }
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            out += "--" + name + " ";
        }
    }
    if (!out.empty()) {
        out.pop_back();
    }
    return out;
}

// `path` is one of command_paths().
const CLI::App& at(const CLI::App& app, const std::string& path) {
    return *find_command(app, CLI::detail::split(path, ' '));
}

std::string bash_script(const CLI::App& app) {
    std::string cases;
    for (const std::string& path : command_paths(app)) {
        cases += fmt::format("        '{}') words='{}' ;;\n", path, words_after(at(app, path)));
    }
    return fmt::format(R"(_ambit() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} path='' word words
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in -*) ;; *) path="${{path:+$path }}$word" ;; esac
    done
    case $path in
        '') words='{}' ;;
{}        *) words='' ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _ambit ambit
)",
                       words_after(app), cases);
}

std::string fish_script(const CLI::App& app) {
    std::string out = "complete -c ambit -f\n";
    const auto add = [&out](const std::string& condition, const CLI::App& parent) {
        for (const CLI::App* sub : parent.get_subcommands([](const CLI::App*) { return true; })) {
            std::string text = sub->get_description();
            for (std::size_t quote = text.find('\''); quote != std::string::npos;
                 quote = text.find('\'', quote + 2)) {
                text.insert(quote, "\\");
            }
            out +=
                fmt::format("complete -c ambit -n '{}' -a '{}' -d '{}'\n", condition, sub->get_name(), text);
        }
    };
    add("__fish_use_subcommand", app);
    for (const std::string& path : command_paths(app)) {
        add("__fish_seen_subcommand_from " + path, at(app, path));
        for (const CLI::Option* option : at(app, path).get_options()) {
            for (const std::string& name : option->get_lnames()) {
                out +=
                    fmt::format("complete -c ambit -n '__fish_seen_subcommand_from {}' -l {}\n", path, name);
            }
        }
    }
    return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
    if (shell == "bash") {
        return bash_script(app);
    }
    if (shell == "zsh") {
        return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
    }
    return shell == "fish" ? fish_script(app) : "";
}

}  // namespace ambit::cli

// Examples for the help of the commands that say none of their own.
#include <array>
#include <utility>

#include <CLI/CLI.hpp>

#include "ambit/commands.h"

namespace ambit::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 38> kExamples{{
    {"areas floor", "ambit areas floor Bedroom upstairs"},
    {"config get", "ambit config get mqtt.host"},
    {"config set", "ambit config set mqtt.enabled on"},
    {"config show", "ambit config show --json"},
    {"devices area", "ambit devices area speaker Kitchen"},
    {"devices bind", "ambit devices bind phone Anna"},
    {"devices bridge", "ambit devices bridge mqtt:home hub speaker"},
    {"devices list", "ambit devices list --json"},
    {"devices remove", "ambit devices remove car"},
    {"devices rename", "ambit devices rename car bus"},
    {"doctor", "ambit doctor"},
    {"down", "ambit --instance hub down"},
    {"facts get", "ambit facts get household time_zone"},
    {"facts list", "ambit facts list --subject 'entity:*' --attribute state"},
    {"facts set", "ambit facts set me comfort_temperature 21 --audience me"},
    {"facts watch", "ambit facts watch --subject 'entity:*'"},
    {"language", "ambit language list"},
    {"language forget", "ambit language forget 3f9a"},
    {"language import", "ambit language import ~/custom_sentences --language de"},
    {"language lessons", "ambit language lessons"},
    {"language list", "ambit language list --json"},
    {"language remove", "ambit language remove custom_sentences --language de"},
    {"ledger verify", "ambit ledger verify"},
    {"pending", "ambit pending"},
    {"people list", "ambit people list --json"},
    {"people remove", "ambit people remove Ben"},
    {"people role", "ambit people role Anna admin"},
    {"release grant", "ambit release grant sleep-state --to household --purpose \"wake-up light\""},
    {"release list", "ambit release list"},
    {"release revoke", "ambit release revoke 3f9a"},
    {"release show", "ambit release show 3f9a"},
    {"release simulate", "ambit release simulate body-state --to device:hub"},
    {"repair", "ambit repair"},
    {"status", "ambit status --json"},
    {"token add", "ambit token add page"},
    {"token list", "ambit token list --json"},
    {"token revoke", "ambit token revoke page"},
    {"version", "ambit version"},
}};

}  // namespace

void add_examples(CLI::App& app) {
    for (const auto& [path, example] : kExamples) {
        CLI::App* at = &app;
        for (const std::string& name : CLI::detail::split(std::string(path), ' ')) {
            at = at->get_subcommand(name);
        }
        at->footer("Example:\n  " + std::string(example) + "\n");
    }
}

}  // namespace ambit::cli

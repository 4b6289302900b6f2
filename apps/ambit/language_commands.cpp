// language: what is understood here, what was taught, and the models that read it.
#include <CLI/CLI.hpp>

#include "ambit/commands.h"

namespace ambit::cli {

void add_language_commands(CLI::App& app, Context& context) {
    CLI::App* language = app.add_subcommand("language", "What Ambit understands, and what you taught it");
    language->require_subcommand(1, 1);
    add_lesson_commands(*language, context);
    add_sentence_commands(*language, context);
    add_model_commands(*language, context);
}

}  // namespace ambit::cli

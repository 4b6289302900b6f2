// Commands: one function per group of nouns; each adds its commands, with examples, to the App.
//
// Ownership: the App and the Context outlive the call of run().  Threads: one.
// Failure: a command that runs reports through Context::finish().  Spec: docs/cli.md.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "ambit/context.h"

namespace CLI {
class App;
}

namespace ambit::cli {

void add_daemon_commands(CLI::App& app, Context& context);     // up down status doctor repair recover
void add_pairing_commands(CLI::App& app, Context& context);    // pair join
void add_household_commands(CLI::App& app, Context& context);  // devices people ping
void add_fact_commands(CLI::App& app, Context& context);       // facts
void add_request_commands(CLI::App& app, Context& context);    // ask plan why pending confirm
void add_teaching_commands(CLI::App& app, Context& context);   // undo
void add_thing_commands(CLI::App& app, Context& context);      // things areas
void add_privacy_commands(CLI::App& app, Context& context);    // ledger release
void add_token_commands(CLI::App& app, Context& context);      // token
void add_config_commands(CLI::App& app, Context& context);     // config
void add_language_commands(CLI::App& app, Context& context);   // language
void add_help_commands(CLI::App& app, Context& context);       // help version completion
// Parts of `language`.
void add_lesson_commands(CLI::App& language, Context& context);    // teach lessons forget test
void add_sentence_commands(CLI::App& language, Context& context);  // list import remove sample
void add_model_commands(CLI::App& language, Context& context);     // train eval

// Every part of what was asked was done, or waits for a yes.
bool all_answers_ok(const Json& answer);
// Gives the commands that have no example in their help one.
void add_examples(CLI::App& app);
// The command at a path ({"devices", "rename"}; {} is the app itself); null if there is none.
const CLI::App* find_command(const CLI::App& app, const std::vector<std::string>& path);
// Every command's path ("devices rename"), in order.
std::vector<std::string> command_paths(const CLI::App& app);
// A script that completes ambit's commands and options; "" for a shell it doesn't know.
std::string completion_script(const CLI::App& app, const std::string& shell);
// The text of `ambit help TOPIC`; "" if there is none.
std::string topic_text(const std::string& topic);
std::vector<std::string> topics();

// The whole program: parses `arguments` (without the program's name) and runs one command.  Returns the exit
// code.
int run(const std::vector<std::string>& arguments, const Streams& streams, const Look& look);

}  // namespace ambit::cli

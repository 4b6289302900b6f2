// up, down, status, doctor, repair, recover: this daemon's own life.
#include <algorithm>
#include <memory>
#include <sstream>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/daemon.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

constexpr seconds kStopMax{15};
constexpr std::size_t kRecoveryWords = 17;

struct UpOptions {
    std::string name;
    std::string kind = "workstation";
    std::string household = "Home";
    std::string owner;
    std::vector<std::string> languages = {"en"};
    bool keep_admin = false;
    bool foreground = false;
    bool no_household = false;
};

// The machine's name as a device's name, until somebody gives a better one.
std::string machine_name() {
    char name[65] = "";
    gethostname(name, sizeof name - 1);
    std::string out = name;
    out = out.substr(0, std::min<std::size_t>(out.find('.'), 32));
    return out.empty() ? "device" : out;
}

Result<void> create_household(const Context& context, const UpOptions& options) {
    Json body = {{"name", options.name},
                 {"kind", options.kind},
                 {"household_name", options.household},
                 {"languages", options.languages},
                 {"keep_admin", options.keep_admin}};
    if (!options.owner.empty()) {
        body["owner"] = {{"name", options.owner}};
    }
    return context.post_and_show("household/create", body, created_text);
}

Result<void> up(const Context& context, const UpOptions& options) {
    AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
    pid_t attached = 0;
    if (!is_answering(paths)) {
        AMBIT_TRY_ASSIGN(const std::string program, find_daemon());
        const Attachment attachment = options.foreground ? Attachment::Attached : Attachment::Detached;
        AMBIT_TRY_ASSIGN(const pid_t daemon, start_daemon(program, paths, attachment, kStartMax));
        attached = options.foreground ? daemon : 0;
        context.note("Daemon started.\n");
    } else if (options.foreground) {
        return Error{ErrorCode::AlreadyRunning, ""};
    }
    AMBIT_TRY_ASSIGN(const Json status, context.get("status"));
    if (status.contains("household") || options.no_household) {
        context.show(status, status_text);
    } else {
        AMBIT_TRY(create_household(context, options));
    }
    return attached != 0 ? follow(attached) : Result<void>();
}

Result<void> down(const Context& context) {
    AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
    AMBIT_TRY_ASSIGN(const Json answer, context.post("down", Json::object()));
    AMBIT_TRY(await_stopped(paths, kStopMax));
    context.show(answer, [](const Json&, const Look&) { return std::string("Stopped.\n"); });
    return {};
}

std::vector<std::string> words_in(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

// From stdin, so that the words stay out of the shell's history and the process list.
Result<std::vector<std::string>> read_words(const Context& context) {
    if (context.has_person()) {
        context.note("Type the 17 recovery words, in order; as many on a line as you like.\n");
    }
    std::vector<std::string> words;
    while (words.size() < kRecoveryWords) {
        AMBIT_TRY_ASSIGN(const std::string line, context.read_line());
        const auto more = words_in(line);
        words.insert(words.end(), more.begin(), more.end());
    }
    return words;
}

Result<void> repair(const Context& context) {
    AMBIT_TRY_ASSIGN(const Json answer, context.post("repair", Json::object()));
    context.show(answer, [](const Json& moved, const Look&) {
        return "The damaged store is now " + text_of(moved, "set_aside") +
               ".\nBring back what the household shares:  `ambit pair` on another device, then `ambit join "
               "CODE` "
               "here\n";
    });
    return {};
}

struct RecoverOptions {
    std::string name;
    std::string kind = "workstation";
    std::string owner;
    std::string at;
};

Result<void> recover(const Context& context, const RecoverOptions& options) {
    AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
    if (!is_answering(paths)) {
        AMBIT_TRY_ASSIGN(const std::string program, find_daemon());
        AMBIT_TRY(start_daemon(program, paths, Attachment::Detached, kStartMax));
    }
    AMBIT_TRY_ASSIGN(const std::vector<std::string> words, read_words(context));
    Json body = {{"words", words}, {"name", options.name}, {"kind", options.kind}};
    if (!options.owner.empty()) {
        body["owner"] = {{"name", options.owner}};
    }
    if (!options.at.empty()) {
        body["at"] = options.at;
    }
    return context.stream(
        "POST", "recover", body, [&](const std::string& event, const Json& data) -> Result<void> {
            if (event == "finding") {
                context.note("Looking for the household...\n");
            } else if (event == "words") {
                context.print(
                    recovery_words_text(data, context.look()) +
                    "\nThey replace the ones you typed as soon as the household has heard of it.\n\n");
            } else if (event == "recovered") {
                context.print("Recovered: this device (" + text_of(object_of(data, "device"), "name") +
                              ") is an admin of \"" + text_of(object_of(data, "household"), "name") +
                              "\".  Remove what you lost:  ambit devices remove NAME\n");
            }
            return {};
        });
}

}  // namespace

void add_daemon_commands(CLI::App& app, Context& context) {
    const auto options = std::make_shared<UpOptions>();
    options->name = machine_name();
    CLI::App* command =
        app.add_subcommand("up", "Start this device's daemon, and a household if there is none");
    command->add_option("--name", options->name, "What this device is called")->capture_default_str();
    command->add_option("--kind", options->kind, "phone, watch, speaker, car, hub, workstation")
        ->capture_default_str();
    command->add_option("--household", options->household, "Name of a new household")->capture_default_str();
    command->add_option("--owner", options->owner,
                        "This device is personal, and this person the first admin");
    command->add_option("--language", options->languages, "Languages spoken at home")
        ->delimiter(',')
        ->capture_default_str();
    command->add_flag("--keep-admin", options->keep_admin,
                      "A shared device stays admin when the first adult joins");
    command->add_flag("--no-household", options->no_household, "Only start the daemon");
    command->add_flag("--foreground", options->foreground,
                      "Stay until the daemon ends (for service managers)");
    command->footer(
        "Examples:\n  ambit up --name hub --kind hub\n  ambit up --name phone --kind phone --owner Anna\n");
    command->callback([&context, options] { context.finish(up(context, *options)); });

    command = app.add_subcommand("down", "Stop this device's daemon");
    command->callback([&context] { context.finish(down(context)); });

    command = app.add_subcommand("status", "Show this device and its household in a few lines");
    command->callback([&context] { context.finish(context.get_and_show("status", status_text)); });

    command = app.add_subcommand("doctor", "Show what needs attention, each with its next step");
    const auto source = std::make_shared<std::string>();
    command->add_option("source", *source,
                        "Only what comes from there (\"mqtt\"), and what of it is used or not");
    command->callback([&context, source] {
        const std::string path = source->empty() ? "doctor" : "doctor?source=" + http::url_encode(*source);
        context.finish(context.get_and_show(path, doctor_text));
    });

    command = app.add_subcommand("repair", "Set a damaged store aside, so that this device can join again");
    command->callback([&context] { context.finish(repair(context)); });

    const auto recovery = std::make_shared<RecoverOptions>();
    recovery->name = machine_name();
    command = app.add_subcommand("recover",
                                 "Become admin of a household again with its recovery words (from stdin)");
    command->add_option("--name", recovery->name, "What this device is called")->capture_default_str();
    command->add_option("--kind", recovery->kind, "phone, hub, ...")->capture_default_str();
    command->add_option("--owner", recovery->owner,
                        "The person this device belongs to; the one admin if not given");
    command->add_option("--at", recovery->at, "HOST:PORT of any device of the household, if none is found");
    command->footer(
        "Examples:\n  ambit recover --name hub2 --kind hub\n  ambit recover --at 192.0.2.7:41877 < "
        "words.txt\n");
    command->callback([&context, recovery] { context.finish(recover(context, *recovery)); });
}

}  // namespace ambit::cli

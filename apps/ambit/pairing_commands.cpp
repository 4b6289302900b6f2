// pair and join: the two sides of adding a device, each with a person who compares what both show.
#include <memory>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/daemon.h"
#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

struct PairOptions {
    bool shared = false;
    std::string person;
    std::string new_person;
    std::string role = "adult";
    bool yes = false;
};

Json owner_body(const PairOptions& options) {
    if (!options.person.empty()) {
        return {{"person", options.person}};
    }
    if (!options.new_person.empty()) {
        return {{"new_person", {{"name", options.new_person}, {"role", options.role}}}};
    }
    return options.shared ? Json{{"shared", true}} : Json();
}

void show_verifier(const Context& context, const Json& data) {
    context.print("Both screens must show:  " + bold(context.look(), joined(data, "words", " · ")) + "\n");
}

// Asks whether both screens agree, and tells the daemon; a no is told too, so that the other side learns it
// at once.
Result<void> confirm(const Context& context) {
    const auto typed = context.ask_person("Does the other screen show the same words? [y/N] ");
    const bool same = typed && (*typed == "y" || *typed == "Y" || *typed == "yes");
    const auto told = context.post("pair/answer", {{"confirm", same}});
    if (!typed) {
        return Error{ErrorCode::Declined, "nobody is here to compare the words; --yes takes them unseen"};
    }
    return told ? Result<void>() : Result<void>(told.error());
}

Result<Json> chosen_owner(const Context& context, const Json& data) {
    const auto people = list_of(data, "people");
    std::string prompt = "Whose is it?  [1] shared  [2] new person";
    for (std::size_t i = 0; i < people.size(); ++i) {
        prompt += fmt::format("  [{}] {}", i + 3,
                              people[i].is_string() ? for_terminal(people[i].get<std::string>()) : "");
    }
    AMBIT_TRY_ASSIGN(const std::string typed, context.ask_person(prompt + "  "));
    if (typed == "1") {
        return Json{{"shared", true}};
    }
    if (typed == "2") {
        AMBIT_TRY_ASSIGN(const std::string name, context.ask_person("Their name: "));
        return Json{{"new_person", {{"name", name}, {"role", "adult"}}}};
    }
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (typed == std::to_string(i + 3)) {
            return Json{{"person", people[i]}};
        }
    }
    return Error{ErrorCode::Declined, "\"" + typed + "\" is none of the choices"};
}

void show_code(const Context& context, const Json& data) {
    const auto minutes = static_cast<int>(number_of(data, "expires_s", 180) / 60);
    context.print(fmt::format("On the new device:   {}   ({} minutes, one use)\n",
                              bold(context.look(), "ambit join " + text_of(data, "code")), minutes));
    if (const std::string at = text_of(data, "at"); !at.empty()) {
        context.print("If it isn't found:   ambit join " + text_of(data, "code") + " --at " + at + "\n");
    }
    if (context.look().terminal && data.contains("qr_text")) {
        context.print(qr_picture(text_of(data, "qr_text")));
    }
}

Result<void> pair(const Context& context, const PairOptions& options) {
    Json body = {{"accept_verifier", options.yes}};
    if (const Json owner = owner_body(options); !owner.is_null()) {
        body["owner"] = owner;
    }
    return context.stream(
        "POST", "pair", body, [&](const std::string& event, const Json& data) -> Result<void> {
            if (event == "code") {
                show_code(context, data);
            } else if (event == "peer") {
                context.print(
                    fmt::format("{} ({}) is here.\n", text_of(data, "name"), text_of(data, "kind")));
            } else if (event == "verifier") {
                show_verifier(context, data);
            } else if (event == "need_confirm") {
                return confirm(context);
            } else if (event == "need_owner") {
                AMBIT_TRY_ASSIGN(const Json owner, chosen_owner(context, data));
                AMBIT_TRY(context.post("pair/answer", {{"owner", owner}}));
            } else if (event == "done") {
                context.print(device_phrase(object_of(data, "device")) + " joined.\n");
            }
            return {};
        });
}

struct JoinOptions {
    std::string code;
    std::string at;
    std::string name;
    std::string kind = "workstation";
    bool yes = false;
};

Result<void> join(const Context& context, const JoinOptions& options) {
    AMBIT_TRY_ASSIGN(const Paths paths, context.paths());
    if (!is_answering(paths)) {
        AMBIT_TRY_ASSIGN(const std::string program, find_daemon());
        AMBIT_TRY(start_daemon(program, paths, Attachment::Detached, kStartMax));
        context.note("Daemon started.\n");
    }
    Json body = {{"code", options.code}, {"kind", options.kind}, {"accept_verifier", options.yes}};
    body["name"] = options.name.empty() ? options.kind : options.name;
    if (!options.at.empty()) {
        body["at"] = options.at;
    }
    const auto on_event = [&](const std::string& event, const Json& data) -> Result<void> {
        if (event == "finding") {
            context.note("Looking for the other device...\n");
        } else if (event == "verifier") {
            show_verifier(context, data);
            return options.yes ? Result<void>() : confirm(context);
        } else if (event == "waiting") {
            context.note("Waiting for the other device...\n");
        } else if (event == "joined") {
            context.print(fmt::format("{} joined \"{}\".  Try:  ambit devices\n",
                                      device_phrase(object_of(data, "device")),
                                      text_of(object_of(data, "household"), "name")));
        }
        return {};
    };
    return context.stream("POST", "household/join", body, on_event);
}

}  // namespace

void add_pairing_commands(CLI::App& app, Context& context) {
    const auto options = std::make_shared<PairOptions>();
    CLI::App* command = app.add_subcommand("pair", "Show a code with which a new device joins");
    auto* shared = command->add_flag("--shared", options->shared,
                                     "It belongs to nobody in particular (speaker, hub, car)");
    auto* person =
        command->add_option("--person", options->person, "It belongs to this person of the household");
    auto* added =
        command->add_option("--new-person", options->new_person, "It is the first device of this new person");
    person->excludes(shared)->excludes(added);
    added->excludes(shared);
    command->add_option("--role", options->role, "Role of the new person: admin, adult, child, guest")
        ->needs(added)
        ->capture_default_str();
    command->add_flag("--yes", options->yes, "Don't ask whether both screens show the same words");
    command->footer(
        "Examples:\n  ambit pair\n  ambit pair --shared\n  ambit pair --new-person Anna --role admin\n");
    command->callback([&context, options] { context.finish(pair(context, *options)); });

    const auto joining = std::make_shared<JoinOptions>();
    command = app.add_subcommand("join", "Join a household with the code that `ambit pair` shows elsewhere");
    command->add_option("code", joining->code, "For example 4821-7730")->required();
    command->add_option("--at", joining->at, "HOST:PORT of the other device, if it isn't found");
    command->add_option("--name", joining->name, "What this device is called; its kind if not given");
    command->add_option("--kind", joining->kind, "phone, watch, speaker, car, hub, workstation")
        ->capture_default_str();
    command->add_flag("--yes", joining->yes, "Don't ask whether both screens show the same words");
    command->footer(
        "Examples:\n  ambit join 4821-7730 --name phone --kind phone\n  ambit join 4821-7730 --at "
        "192.0.2.7:41877\n");
    command->callback([&context, joining] { context.finish(join(context, *joining)); });
}

}  // namespace ambit::cli

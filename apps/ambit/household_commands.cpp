// devices, people, ping: who belongs to the household, and whether they answer.
#include <memory>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"

namespace ambit::cli {
namespace {

std::string removed_text(const Json& answer, const Look& /*look*/) {
    return text_of(object_of(answer, "removed"), "name") + " is removed; its links are closed everywhere.\n";
}

std::string device_text(const Json& answer, const Look& /*look*/) {
    return device_phrase(object_of(answer, "device")) + "\n";
}

std::string bridge_text(const Json& answer, const Look& /*look*/) {
    if (list_of(answer, "devices").empty()) {
        return text_of(answer, "source") + ": no order any more; whichever device reaches it acts.\n";
    }
    return text_of(answer, "source") + ": " + joined(answer, "devices", ", then ") + "\n";
}

std::string person_text(const Json& answer, const Look& /*look*/) {
    const Json person = object_of(answer, "person");
    return text_of(person, "name") + " is " + text_of(person, "role") + "\n";
}

void add_devices(CLI::App& app, Context& context) {
    CLI::App* devices =
        app.add_subcommand("devices", "The devices of the household")->require_subcommand(0, 1);
    devices->footer(
        "Examples:\n  ambit devices\n  ambit devices rename car bus\n  ambit devices bridge mqtt:home hub "
        "speaker\n");
    devices->callback([&context, devices] {
        if (devices->get_subcommands().empty()) {
            context.finish(context.get_and_show("devices", devices_text));
        }
    });
    devices->add_subcommand("list", "List them")->callback([&context] {
        context.finish(context.get_and_show("devices", devices_text));
    });
    const auto one = std::make_shared<std::string>();
    const auto other = std::make_shared<std::string>();
    CLI::App* command =
        devices->add_subcommand("remove", "Remove a device; what it had stays, what it does stops");
    command->add_option("device", *one, "Its name")->required();
    command->callback([&context, one] {
        context.finish(context.post_and_show("devices/remove", {{"device", *one}}, removed_text));
    });
    command = devices->add_subcommand("rename", "Give a device another name");
    command->add_option("device", *one, "Its name")->required();
    command->add_option("name", *other, "Its new name")->required();
    command->callback([&context, one, other] {
        context.finish(
            context.post_and_show("devices/rename", {{"device", *one}, {"name", *other}}, device_text));
    });
    command = devices->add_subcommand("bind", "Make a device personal; run it on a device of that person");
    command->add_option("device", *one, "Its name")->required();
    command->add_option("person", *other, "Whose it is")->required();
    command->callback([&context, one, other] {
        context.finish(
            context.post_and_show("devices/bind", {{"device", *one}, {"person", *other}}, device_text));
    });
    command = devices->add_subcommand("area", "Say which room a device stands in: what \"here\" means there");
    command->add_option("device", *one, "Its name")->required();
    command->add_option("area", *other, "The room")->required();
    command->callback([&context, one, other] {
        context.finish(
            context.post_and_show("devices/area", {{"device", *one}, {"area", *other}}, device_area_text));
    });
    const auto list = std::make_shared<std::vector<std::string>>();
    command = devices->add_subcommand("bridge",
                                      "Name who acts for a source, first, and who stands by; or list that");
    command->add_option("source", *one, "For example mqtt:home");
    command->add_option("devices", *list, "The acting device, then its standbys");
    command->callback([&context, one, list] {
        context.finish(one->empty()
                           ? context.get_and_show("bridges", bridges_text)
                           : context.post_and_show("devices/bridge", {{"source", *one}, {"devices", *list}},
                                                   bridge_text));
    });
}

void add_people(CLI::App& app, Context& context) {
    CLI::App* people = app.add_subcommand("people", "The people of the household")->require_subcommand(0, 1);
    people->footer("Examples:\n  ambit people\n  ambit people role Anna admin\n");
    people->callback([&context, people] {
        if (people->get_subcommands().empty()) {
            context.finish(context.get_and_show("people", people_text));
        }
    });
    people->add_subcommand("list", "List them")->callback([&context] {
        context.finish(context.get_and_show("people", people_text));
    });
    const auto person = std::make_shared<std::string>();
    const auto role = std::make_shared<std::string>();
    const auto expires = std::make_shared<std::string>();
    CLI::App* command = people->add_subcommand("remove", "Remove a person and their devices");
    command->add_option("person", *person, "Their name")->required();
    command->callback([&context, person] {
        context.finish(context.post_and_show("people/remove", {{"person", *person}}, removed_text));
    });
    command = people->add_subcommand("role", "Give a person another role");
    command->add_option("person", *person, "Their name")->required();
    command->add_option("role", *role, "admin, adult, child or guest")
        ->required()
        ->check(CLI::IsMember({"admin", "adult", "child", "guest"}));
    command->add_option("--until", *expires, "When a guest leaves, for example 2026-12-24T18:00:00Z");
    command->callback([&context, person, role, expires] {
        Json body = {{"person", *person}, {"role", *role}};
        if (!expires->empty()) {
            body["expires"] = *expires;
        }
        context.finish(context.post_and_show("people/role", body, person_text));
    });
}

Result<void> ping(const Context& context, const std::string& device, int count) {
    double received = 0;
    const auto on_event = [&](const std::string& event, const Json& data) -> Result<void> {
        if (event == "pong") {
            const std::string address = text_of(data, "address");
            context.print(fmt::format("pong from {} via {} in {}\n", device,
                                      address.empty() ? text_of(data, "via") : address,
                                      duration_text(number_of(data, "rtt_ms"))));
        } else if (event == "lost") {
            context.print(fmt::format("no pong from {} ({:.0f})\n", device, number_of(data, "seq")));
        } else if (event == "summary") {
            received = number_of(data, "received");
            context.print(fmt::format(
                "{:.0f} sent, {:.0f} received; {} / {} / {} (least, mean, most)\n", number_of(data, "sent"),
                received, duration_text(number_of(data, "min_ms")), duration_text(number_of(data, "avg_ms")),
                duration_text(number_of(data, "max_ms"))));
        }
        return {};
    };
    AMBIT_TRY(context.stream("POST", "ping", {{"device", device}, {"count", count}}, on_event));
    return received > 0 ? Result<void>() : Error{ErrorCode::TimedOut, device + " does not answer"};
}

}  // namespace

void add_household_commands(CLI::App& app, Context& context) {
    add_devices(app, context);
    add_people(app, context);
    const auto device = std::make_shared<std::string>();
    const auto count = std::make_shared<int>(4);
    CLI::App* command = app.add_subcommand("ping", "Measure the way to a device, through the mesh");
    command->add_option("device", *device, "Its name")->required();
    command->add_option("-c,--count", *count, "How often")->capture_default_str()->check(CLI::Range(1, 1000));
    command->footer("Example:\n  ambit ping hub\n");
    command->callback([&context, device, count] { context.finish(ping(context, *device, *count)); });
}

}  // namespace ambit::cli

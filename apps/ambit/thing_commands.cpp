// things and areas: what is in the home, what it is called, and where it stands.
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

// One text about one thing.
void add_giving(CLI::App& things, Context& context, const char* what, const char* help, const char* example) {
    const auto thing = std::make_shared<std::string>();
    const auto given = std::make_shared<std::string>();
    CLI::App* command = things.add_subcommand(what, help);
    command->add_option("thing", *thing, "Its name, or its id where several have that name")->required();
    command->add_option(what, *given, "What to call it; \"\": as its source does")->required();
    command->footer(std::string("Example:\n  ") + example + "\n");
    const std::string path = std::string("things/") + what;
    command->callback([&context, path, what, thing, given] {
        context.finish(context.post_and_show(path, {{"thing", *thing}, {what, *given}}, given_text));
    });
}

void add_things(CLI::App& app, Context& context) {
    CLI::App* things = app.add_subcommand("things", "What is in the home: lights, heating, locks, sensors")
                           ->require_subcommand(0, 1);
    const auto area = std::make_shared<std::string>();
    things->add_option("--area", *area, "Only those in this room");
    things->footer(
        "Examples:\n  ambit things\n  ambit things --area Kitchen\n  ambit things area \"Desk Lamp\" "
        "Study\n");
    things->callback([&context, things, area] {
        if (things->get_subcommands().empty()) {
            const std::string query = area->empty() ? "" : "?area=" + http::url_encode(*area);
            context.finish(context.get_and_show("things" + query, things_text));
        }
    });
    add_giving(*things, context, "area", "Say which room a thing is in",
               "ambit things area \"Desk Lamp\" Study");
    add_giving(*things, context, "name", "Call a thing something else",
               "ambit things name mqtt:home/0x00158d_light \"Desk Lamp\"");
}

void add_areas(CLI::App& app, Context& context) {
    CLI::App* areas = app.add_subcommand("areas", "The rooms of the home, and the floors they are on")
                          ->require_subcommand(0, 1);
    areas->footer("Examples:\n  ambit areas\n  ambit areas floor Bedroom upstairs\n");
    areas->callback([&context, areas] {
        if (areas->get_subcommands().empty()) {
            context.finish(context.get_and_show("areas", areas_text));
        }
    });
    const auto area = std::make_shared<std::string>();
    const auto floor = std::make_shared<std::string>();
    CLI::App* command = areas->add_subcommand("floor", "Say which floor a room is on");
    command->add_option("area", *area, "The room")->required();
    command->add_option("floor", *floor, "What you call the floor")->required();
    command->callback([&context, area, floor] {
        context.finish(
            context.post_and_show("areas/floor", {{"area", *area}, {"floor", *floor}}, floor_text));
    });
}

}  // namespace

void add_thing_commands(CLI::App& app, Context& context) {
    add_things(app, context);
    add_areas(app, context);
}

}  // namespace ambit::cli

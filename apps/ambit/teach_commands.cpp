// undo, and what people teach: language teach, lessons, forget, test.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

constexpr std::size_t kListBytesMax = 512UL * 1024;

struct Teaching {
    std::string say;
    std::string means;
    std::string audience = "me";
    bool replace = false;
};

// Asks when it would change what other words mean, if there is somebody to ask.
Result<void> teach(const Context& context, const Teaching& teaching) {
    Json body = {{"say", teaching.say},
                 {"as", teaching.means},
                 {"for", teaching.audience},
                 {"replace", teaching.replace}};
    auto answer = context.post("language/lessons", body);
    if (!answer && answer.error().code == ErrorCode::LessonConflict && context.has_person()) {
        AMBIT_TRY_ASSIGN(const std::string yes,
                         context.ask_person(answer.error().detail + ".  Teach it all the same? [y/N] "));
        if (yes == "y" || yes == "Y" || yes == "yes") {
            body["replace"] = true;
            answer = context.post("language/lessons", body);
        }
    }
    if (!answer) {
        return answer.error();
    }
    context.show(*answer, taught_text);
    return {};
}

Result<std::string> read_list(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return Error{ErrorCode::InvalidArgument, path + ": cannot be read"};
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.size() > kListBytesMax) {
        return Error{ErrorCode::LimitExceeded, path + ": more than 512 KiB"};
    }
    return text;
}

// Fails when a sentence does not mean what it should, or a line can't be read.
Result<void> test(Context& context, const std::string& path) {
    AMBIT_TRY_ASSIGN(const std::string text, read_list(path));
    AMBIT_TRY_ASSIGN(const Json report, context.post("language/test", {{"file", path}, {"text", text}}));
    context.show(report, sentences_text);
    const bool all_right =
        number_of(report, "right") == number_of(report, "sentences") && list_of(report, "problems").empty();
    context.exit_code = all_right ? kOk : kFailed;
    return {};
}

}  // namespace

void add_teaching_commands(CLI::App& app, Context& context) {
    const auto id = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("undo", "Take back what was last asked for from here");
    command->add_option("id", *id, "The request, if it is not the last one (`ambit why` shows it)");
    command->footer("Examples:\n  ambit undo\n  ambit undo 3f9a\n");
    command->callback([&context, id] {
        const Json body = {{"id", *id}, {"timeout_ms", static_cast<std::int64_t>(context.timeout_s * 1000)}};
        const auto answer = context.post("undo", body);
        if (answer) {
            context.show(*answer, answers_text);
            context.exit_code = all_answers_ok(*answer) ? kOk : kFailed;
        } else {
            context.finish(answer.error());
        }
    });
}

void add_lesson_commands(CLI::App& language, Context& context) {
    const auto teaching = std::make_shared<Teaching>();
    CLI::App* command = language.add_subcommand("teach", "Teach a sentence of your own");
    command->add_option("say", teaching->say, "What you want to say; {area}, {name} and {floor} may vary")
        ->required();
    command->add_option("--as", teaching->means, "What it means, in words that are understood")->required();
    command->add_option("--for", teaching->audience, "Whose sentence it is")
        ->capture_default_str()
        ->check(CLI::IsMember({"me", "household"}));
    command->add_flag("--replace", teaching->replace, "Even if other words then mean something else");
    command->footer(
        "Examples:\n  ambit language teach \"movie time\" --as \"dim the living room to 20 percent\"\n"
        "  ambit language teach \"movie time in {area}\" --as \"dim {area} to 20 percent\" --for "
        "household\n");
    command->callback([&context, teaching] { context.finish(teach(context, *teaching)); });

    command = language.add_subcommand("lessons", "List what was taught and learned");
    command->callback([&context] { context.finish(context.get_and_show("language/lessons", lessons_text)); });

    const auto id = std::make_shared<std::string>();
    command = language.add_subcommand("forget", "Forget one of them");
    command->add_option("id", *id, "Its id, or the first digits of it (`ambit language lessons`)")
        ->required();
    command->callback([&context, id] {
        const auto answer = context.remove("language/lessons/" + http::url_encode(*id));
        if (answer) {
            context.show(*answer, forgotten_text);
        }
        context.finish(answer ? Result<void>() : answer.error());
    });

    const auto path = std::make_shared<std::string>();
    command = language.add_subcommand("test", "Try a list of your sentences, and do nothing");
    command->add_option("file", *path, "Lines such as: turn on the kitchen light -> HassTurnOn Kitchen Light")
        ->required();
    command->footer("Example:\n  ambit language test my-sentences.txt\n");
    command->callback([&context, path] { context.finish(test(context, *path)); });
}

}  // namespace ambit::cli

// ask, plan, why, pending, confirm: requests, before, while and after they are carried out.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/render.h"
#include "base/ids.h"
#include "http/target.h"

namespace ambit::cli {
namespace {

// Several words without quotes are one sentence.
std::string sentence(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + word;
    }
    return out;
}

void ask(Context& context, const std::string& text, bool explain) {
    Json body = {{"text", text}, {"timeout_ms", static_cast<std::int64_t>(context.timeout_s * 1000)}};
    if (explain) {
        body["explain"] = true;
    }
    const auto answer = context.post("ask", body);
    if (!answer) {
        context.finish(answer.error());
        return;
    }
    context.show(*answer, answers_text);
    context.exit_code = all_answers_ok(*answer) ? kOk : kFailed;
}

bool is_request_id(const std::string& text) {
    return text.size() == 2 * RequestId::kSize && RequestId::from_hex(text).has_value();
}

}  // namespace

bool all_answers_ok(const Json& answer) {
    const auto answers = list_of(answer, "answers");
    return flag_of(answer, "understood") && std::all_of(answers.begin(), answers.end(), [](const Json& item) {
               return flag_of(item, "ok") || text_of(item, "outcome") == "pending";
           });
}

void add_request_commands(CLI::App& app, Context& context) {
    const auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand("ask", "Say what you want, in your own words");
    command->add_option("text", *words, "For example \"turn on the kitchen light\"")->required();
    const auto explain = std::make_shared<bool>(false);
    command->add_flag("--explain", *explain, "Show how the words were understood, and what came near");
    command->footer(
        "Examples:\n  ambit ask \"turn on the kitchen light\"\n  ambit ask turn off everything in the "
        "bedroom\n  ambit ask --explain \"movie time\"\n");
    command->callback([&context, words, explain] { ask(context, sentence(*words), *explain); });

    command = app.add_subcommand("plan", "Show who would do it and why not the others, and do nothing");
    command->add_option("text", *words, "What you would ask")->required();
    command->footer("Example:\n  ambit plan \"turn on the kitchen light\"\n");
    command->callback([&context, words] {
        context.finish(context.get_and_show("plan?text=" + http::url_encode(sentence(*words)), plan_text));
    });

    command = app.add_subcommand("why", "Show what led to something that happened");
    command->add_option("text", *words, "Words of what happened, or a request's id")->required();
    const auto not_done = std::make_shared<bool>(false);
    command->add_flag("--not", *not_done, "Why it did not happen");
    command->footer(
        "Examples:\n  ambit why kitchen light\n  ambit why \"cabin is warm\"\n  ambit why --not \"cabin is "
        "warm\"\n");
    command->callback([&context, words, not_done] {
        const std::string text = sentence(*words);
        const std::string key = is_request_id(text) ? "request" : "text";
        context.finish(context.get_and_show(
            "why?" + key + "=" + http::url_encode(text) + (*not_done ? "&not=true" : ""), why_text));
    });

    command = app.add_subcommand("pending", "Show what waits for your yes");
    command->callback([&context] { context.finish(context.get_and_show("pending", pending_text)); });

    const auto id = std::make_shared<std::string>();
    const auto no = std::make_shared<bool>(false);
    command = app.add_subcommand("confirm", "Say yes to what waits (`ambit pending`), on a device of yours");
    command->add_option("id", *id, "Its id")->required();
    command->add_flag("--no", *no, "Say no instead");
    command->footer("Examples:\n  ambit confirm 3f9a\n  ambit confirm 3f9a --no\n");
    command->callback([&context, id, no] {
        context.finish(context.post_and_show("confirm", {{"id", *id}, {"yes", !*no}}, confirmed_text));
    });
}

}  // namespace ambit::cli

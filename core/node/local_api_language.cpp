// Lessons and lists of sentences.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "language/expectations.h"
#include "node/local_api.h"

namespace ambit::node {
namespace {

Json lesson_json(const LessonBook::Kept& kept, const Parts& parts) {
    return {{"id", kept.lesson.id},
            {"kind", kept.kind},
            {"say", kept.lesson.say},
            {"as", kept.lesson.means},
            {"audience", audience_text(kept.key.audience, *parts.roster)},
            {"time", time_text(kept.time)},
            {"by", device_name(kept.source, *parts.roster)}};
}

}  // namespace

void LocalApi::get_lessons(const api::Request& /*request*/, const Reply& reply) {
    Json rows = Json::array();
    const auto clashes = node_.conversation().learning().clashes(parts_.home_audience());
    for (const LessonBook::Kept& kept : node_.conversation().lessons().all()) {
        Json row = lesson_json(kept, parts_);
        const auto clash = std::find_if(clashes.begin(), clashes.end(), [&](const language::Clash& one) {
            return one.lesson == kept.lesson.id;
        });
        if (clash != clashes.end()) {
            row["against"] = clash->earlier;
        }
        rows.push_back(std::move(row));
    }
    const auto took = node_.conversation().learning().took();
    reply->reply(
        dump({{"lessons", std::move(rows)}, {"learned_ms", static_cast<double>(took.count()) / 1000.0}}));
}

void LocalApi::post_lessons(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto say = text_in(body, "say");
    const auto means = text_in(body, "as");
    if (!say || !means) {
        return reply->fail(!say ? say.error() : means.error());
    }
    const std::string for_whom = text_or(*body, "for", "me");
    if (for_whom != "me" && for_whom != "household") {
        return reply->fail({ErrorCode::BadRequest, "\"for\": expected \"me\" or \"household\""});
    }
    const auto taught = node_.conversation().teach(
        {*say, *means, for_whom == "household", flag_or(*body, "replace", false)}, node_.now());
    if (!taught) {
        return reply->fail(taught.error());
    }
    Json replaced = Json::array();
    for (const LessonBook::Kept& kept : taught->replaced) {
        replaced.push_back(lesson_json(kept, parts_));
    }
    const Json answer = {{"lesson", lesson_json(taught->kept, parts_)}, {"replaced", std::move(replaced)}};
    when_written(taught->write, reply, [reply, answer] { reply->reply(dump(answer)); });
}

void LocalApi::delete_lesson(const api::Request& request, const Reply& reply) {
    const std::string id = request.path.substr(std::string_view("language/lessons/").size());
    std::vector<LessonBook::Kept> fitting;
    for (LessonBook::Kept& kept : node_.conversation().lessons().all()) {
        if (!id.empty() && kept.lesson.id.starts_with(id)) {
            fitting.push_back(std::move(kept));
        }
    }
    if (fitting.size() != 1) {
        return reply->fail({ErrorCode::NoSuchThing,
                            "no one lesson has the id \"" + id + "\" (their ids: `ambit language lessons`)"});
    }
    const auto written = node_.conversation().lessons().forget(fitting.front().key, node_.now());
    if (!written) {
        return reply->fail(written.error());
    }
    const Json answer = {{"forgotten", lesson_json(fitting.front(), parts_)}};
    when_written(*written, reply, [reply, answer] { reply->reply(dump(answer)); });
}

void LocalApi::post_language_test(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto text = text_in(body, "text");
    if (!text) {
        return reply->fail(text.error());
    }
    const auto list = language::parse_expectations(text_or(*body, "file", "sentences"), *text);
    const language::Home& home = node_.home().home();
    Json rows = Json::array();
    std::size_t right = 0;
    for (const language::Expectation& expected : list.expectations) {
        const auto understood = node_.conversation().understand(expected.words);
        const std::string wrong =
            understood ? language::difference(expected, *understood, home) : understood.error().message();
        Json row = {{"line", expected.line}, {"text", expected.words}, {"ok", wrong.empty()}};
        if (understood) {
            row["meant"] = language::summary(*understood, home);
        }
        if (!wrong.empty()) {
            row["difference"] = wrong;
        }
        right += wrong.empty() ? 1 : 0;
        rows.push_back(std::move(row));
    }
    Json problems = Json::array();
    for (const language::Warning& problem : list.problems) {
        problems.push_back({{"line", problem.line}, {"text", problem.message()}});
    }
    reply->reply(dump({{"right", right},
                       {"sentences", list.expectations.size()},
                       {"rows", std::move(rows)},
                       {"problems", std::move(problems)}}));
}

}  // namespace ambit::node

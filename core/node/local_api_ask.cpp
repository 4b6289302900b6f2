#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/explaining.h"
#include "node/local_api.h"
#include "node/why_agents.h"

namespace ambit::node {
namespace {

constexpr std::int64_t kAskTimeoutMs = 10'000;

std::string_view outcome_text(Answer::State state) {
    switch (state) {
        case Answer::State::Done:
            return "done";
        case Answer::State::NotDone:
            return "not_done";
        case Answer::State::Unknown:
            return "unknown";
        case Answer::State::Pending:
            return "pending";
    }
    return "unknown";
}

ErrorCode why_nothing(language::Meaning meaning) {
    return meaning == language::Meaning::NotFound     ? ErrorCode::NothingFound
           : meaning == language::Meaning::NothingCan ? ErrorCode::NothingCan
           : meaning == language::Meaning::Clarify    ? ErrorCode::SeveralFound
                                                      : ErrorCode::NotUnderstood;
}

Result<milliseconds> timeout_in(const Json& body) {
    const milliseconds timeout{number_or(body, "timeout_ms", kAskTimeoutMs)};
    if (timeout < milliseconds{1} || timeout > Conversation::kTimeoutMax) {
        return Error{ErrorCode::BadRequest, "\"timeout_ms\": 1 to 60000"};
    }
    return timeout;
}

Json answer_json(const Answer& answer) {
    Json json = {{"text", answer.text},
                 {"ok", answer.state == Answer::State::Done},
                 {"outcome", outcome_text(answer.state)}};
    const auto add = [&](const char* name, const std::string& text) {
        if (!text.empty()) {
            json[name] = text;
        }
    };
    add("capability", answer.capability);
    add("entity", answer.entity);
    add("entity_name", answer.entity_name);
    add("done_by", answer.done_by);
    if (answer.took.count() > 0) {
        json["done_ms"] = static_cast<double>(answer.took.count()) / 1000.0;
    }
    if (answer.request) {
        json["request_id"] = answer.request->hex();
    }
    if (answer.error) {
        json["error"] = error_member(*answer.error);
    }
    if (answer.state == Answer::State::Pending) {
        json["confirm_on"] = answer.confirm_on;
        json["expires_s"] = std::chrono::round<seconds>(answer.expires_in).count();
    }
    return json;
}

Json ask_json(const std::string& text, const AskResult& result, const std::string& understood_by) {
    Json json = {{"text", text}, {"understood", result.understood}};
    json["understood_ms"] = static_cast<double>(result.understood_in.count()) / 1000.0;
    if (result.understood) {
        json["understood_by"] = understood_by;
    }
    if (!result.note.empty()) {
        json["note"] = result.note;
    }
    json["answers"] = Json::array();
    for (const Answer& answer : result.answers) {
        json["answers"].push_back(answer_json(answer));
    }
    if (!result.choices.empty()) {
        json["choices"] = Json::array();
        for (const language::Choice& choice : result.choices) {
            json["choices"].push_back({{"entity", choice.entity}, {"label", choice.label}});
        }
    }
    if (result.error) {
        json["error"] = error_member(*result.error);
    }
    return json;
}

}  // namespace

Answer LocalApi::shown_to(const Viewer& viewer, const Answer& answer) {
    if (!answer.label || viewer.may_see(*answer.label, parts_)) {
        return answer;
    }
    const privacy::Egress why{"answer", "audience"};
    parts_.ledger.append_refused(privacy::to_string(privacy::Recipient(*viewer.client)), why, *answer.label,
                                 ErrorCode::AudienceForbids, node_.now());
    Answer kept_back;
    kept_back.text =
        "Not told here: only " + privacy::describe(answer.label->audience, *parts_.roster) + " may know";
    kept_back.error =
        Error{ErrorCode::AudienceForbids, audience_text(answer.label->audience, *parts_.roster)};
    return kept_back;
}

void LocalApi::post_ask(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    const auto body = parse_body(request);
    const auto text = text_in(body, "text");
    if (!text) {
        return reply->fail(text.error());
    }
    const auto timeout = timeout_in(*body);
    if (!timeout) {
        return reply->fail(timeout.error());
    }
    const bool stream = flag_or(*body, "stream", false);
    // What came near, and every name that was looked at, are for who is at this device.
    const bool explain = flag_or(*body, "explain", false) && !viewer.client;
    Conversation::OnAnswer on_answer;
    if (stream) {
        (void)reply->event("heard", dump({{"text", *text}}));
        on_answer = [this, reply, viewer](const Answer& answer) {
            (void)reply->event("answer", dump(answer_json(shown_to(viewer, answer))));
        };
    }
    node_.conversation().ask(*text, *timeout, answerer({*text, viewer, explain, stream}, reply), node_.now(),
                             viewer.asker(), on_answer);
}

void LocalApi::post_undo(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto timeout = body ? timeout_in(*body) : Result<milliseconds>(body.error());
    if (!timeout) {
        return reply->fail(timeout.error());
    }
    node_.conversation().undo(text_or(*body, "id", ""), *timeout,
                              answerer({"undo", viewer_here(parts_), false, false}, reply), node_.now());
}

Conversation::OnAnswered LocalApi::answerer(Asking asking, const Reply& reply) {
    return [this, asking = std::move(asking), reply](AskResult result) {
        for (Answer& answer : result.answers) {
            answer = shown_to(asking.viewer, answer);
        }
        Json json = ask_json(asking.text, result, device_name(parts_.self, *parts_.roster));
        if (asking.explain) {
            json["explanation"] =
                explanation_json(asking.text, result.understanding, node_.conversation(), parts_.directory);
        }
        if (asking.stream) {
            (void)reply->event("done", dump(json));
            reply->end();
        } else {
            reply->reply(dump(json));
        }
        for (const Answer& answer : result.answers) {
            if (answer.request) {
                streams_.tell_request({{"request_id", answer.request->hex()},
                                       {"text", asking.text},
                                       {"outcome", outcome_text(answer.state)},
                                       {"capability", answer.capability},
                                       {"entity", answer.entity}},
                                      asking.viewer.audience);
            }
        }
    };
}

void LocalApi::get_plan(const api::Request& request, const Reply& reply) {
    const std::string text = query_text(request, "text");
    if (text.empty()) {
        return reply->fail({ErrorCode::BadRequest, "\"text\": expected words"});
    }
    Json json = {{"text", text}};
    Json rows = Json::array();
    const auto planned = node_.conversation().plan(text, node_.now());
    if (!planned) {
        json["error"] = error_member(planned.error());
    } else {
        const auto& [understanding, plans] = *planned;
        if (understanding.meaning == language::Meaning::Question) {
            rows.push_back({{"device", device_name(parts_.self, *parts_.roster)},
                            {"rung", "what is known here"},
                            {"chosen", true},
                            {"reason", "chosen"}});
        } else if (understanding.commands.empty()) {
            json["error"] = error_member({why_nothing(understanding.meaning), understanding.text});
        }
        for (std::size_t i = 0; i < plans.size(); ++i) {
            const language::Command& command = understanding.commands[i];
            const capability::Entity* entity = parts_.directory.entity(command.entity);
            if (i == 0) {
                json["capability"] = command.capability;
                json["entity_name"] = entity == nullptr ? command.entity : entity->name;
            }
            const std::string rung = entity == nullptr ? command.capability : entity->source;
            for (std::size_t place = 0; place < plans[i].devices.size(); ++place) {
                rows.push_back({{"device", device_name(plans[i].devices[place], *parts_.roster)},
                                {"rung", rung},
                                {"chosen", place == 0},
                                {"reason", place == 0 ? "chosen" : "stands by"}});
            }
            for (const request::LeftOut& left_out : plans[i].left_out) {
                rows.push_back({{"device", device_name(left_out.device, *parts_.roster)},
                                {"rung", rung},
                                {"chosen", false},
                                {"reason", std::string(describe(left_out.why.code).text)}});
            }
        }
    }
    json["rows"] = std::move(rows);
    reply->reply(dump(json));
}

void LocalApi::get_why(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    const std::string id_text = query_text(request, "request");
    const MaySee may_see = [&](const privacy::Label& label) { return viewer.may_see(label, parts_); };
    Result<Explanation> explained = Error{ErrorCode::NoSuchThing, ""};
    if (query_text(request, "not") == "true") {
        explained = explain_not(parts_, query_text(request, "text"), may_see, node_.now());
    } else if (id_text.empty()) {
        explained = explain(parts_, query_text(request, "text"), may_see);
    } else {
        const auto id = RequestId::from_hex(id_text);
        if (!id) {
            return reply->fail(id.error());
        }
        explained = explain(parts_, *id, may_see);
    }
    if (!explained) {
        return reply->fail(explained.error());
    }
    Json chain = Json::array();
    for (const WhyEntry& entry : explained->chain) {
        Json json = {{"depth", entry.depth}};
        if (entry.time) {
            json["time"] = time_text(*entry.time);
        }
        json["what"] = entry.what;
        const auto add = [&](const char* name, const std::string& text) {
            if (!text.empty()) {
                json[name] = text;
            }
        };
        add("by", entry.by);
        add("told_by", entry.told_by);
        add("rule", entry.rule);
        if (entry.leaves) {
            json["leaves"] = time_text(*entry.leaves);
        }
        if (entry.until) {
            json["until"] = time_text(*entry.until);
        }
        chain.push_back(std::move(json));
    }
    Json json = {{"chain", std::move(chain)}, {"withheld", explained->withheld}};
    if (explained->request) {
        json["request_id"] = explained->request->hex();
    }
    reply->reply(dump(json));
}

void LocalApi::get_pending(const api::Request& /*request*/, const Reply& reply, const Viewer& viewer) {
    Json rows = Json::array();
    if (!viewer.may_see({privacy::Audience(parts_.home_audience()), privacy::Trust::Trusted}, parts_)) {
        return reply->reply(dump({{"pending", std::move(rows)}}));
    }
    for (const request::Pending& pending : parts_.confirmations.pending()) {
        rows.push_back(pending_json(pending, node_));
    }
    reply->reply(dump({{"pending", std::move(rows)}}));
}

void LocalApi::post_confirm(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    if (viewer.client && !viewer.person) {
        return reply->fail({ErrorCode::NotAllowed, "a yes comes from a person: use a token of theirs"});
    }
    const auto body = parse_body(request);
    const auto id = text_in(body, "id");
    if (!id) {
        return reply->fail(id.error());
    }
    const auto yes_member = body->find("yes");
    if (yes_member == body->end() || !yes_member->is_boolean()) {
        return reply->fail({ErrorCode::BadRequest, "\"yes\": expected true or false"});
    }
    const bool yes = yes_member->get<bool>();
    std::vector<request::Pending> fitting;
    for (request::Pending& pending : parts_.confirmations.pending()) {
        if (pending.ask.request.hex().starts_with(*id)) {
            fitting.push_back(std::move(pending));
        }
    }
    if (fitting.size() != 1) {
        const char* why = parts_.person() ? "" : " (this device is shared: say yes on one of your own)";
        return reply->fail({ErrorCode::NothingPending, *id + why});
    }
    const Json what = pending_json(fitting.front(), node_);
    if (const auto done = node_.actions().confirm(fitting.front().ask.request, yes, node_.now()); !done) {
        return reply->fail(done.error());
    }
    reply->reply(dump({{"id", what["id"]}, {"yes", yes}, {"text", what["text"]}}));
}

}  // namespace ambit::node

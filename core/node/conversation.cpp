#include "node/conversation.h"

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"conversation"};

std::string device_name(const Parts& parts, const DeviceId& id) {
    const identity::Device* device = parts.roster->device(id);
    return device == nullptr ? id.short_hex() : device->name;
}

std::string dump(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string request_subject(const RequestId& request) {
    return "request:" + request.hex();
}

std::string say_done(const std::string& entity_name,
                     const std::string& capability,
                     const std::string& input_json) {
    const nlohmann::json input = nlohmann::json::parse(input_json, nullptr, false);
    if (input.is_object()) {
        if (input.contains("brightness_pct") && input["brightness_pct"].is_number()) {
            return entity_name + " at " + dump(input["brightness_pct"]) + " %";
        }
        if (input.contains("on") && input["on"].is_boolean()) {
            return entity_name + (input["on"].get<bool>() ? " on" : " off");
        }
        if (input.contains("locked") && input["locked"].is_boolean()) {
            return entity_name + (input["locked"].get<bool>() ? " locked" : " unlocked");
        }
    }
    return entity_name + ": " + capability;
}

Result<language::Understanding> Conversation::understand(const std::string& text) const {
    std::optional<language::Understanding> best;
    for (const language::Grammar& grammar : grammars_) {
        AMBIT_TRY_ASSIGN(language::Understanding understanding,
                         language::understand(grammar, home_.home(), text, language::Speaker{}));
        const bool better = !best || best->meaning == language::Meaning::NotUnderstood ||
                            (best->meaning == language::Meaning::NotFound &&
                             understanding.meaning < language::Meaning::NotFound);
        if (better) {
            best = std::move(understanding);
        }
    }
    if (!best) {
        return Error{ErrorCode::NotUnderstood, "no sentences are loaded"};
    }
    return std::move(*best);
}

void Conversation::ask(const std::string& text,
                       milliseconds timeout,
                       const OnAnswered& on_answered,
                       Now now,
                       const std::optional<Asker>& asker,
                       const OnAnswer& on_answer) {
    const auto running = std::make_shared<Running>();
    running->on_answered = on_answered;
    running->on_answer = on_answer;
    running->asker = asker.value_or(here());
    const MonoTime started = clock_();
    const auto understanding = understand(text);
    running->result.understood_in = clock_() - started;
    if (!understanding) {
        running->result.error = understanding.error();
        on_answered(running->result);
        return;
    }
    running->result.understood = understanding->meaning != language::Meaning::NotUnderstood;
    Answer said;
    said.text = understanding->text;
    switch (understanding->meaning) {
        case language::Meaning::NotUnderstood:
            running->result.error = Error{ErrorCode::NotUnderstood, understanding->text};
            break;
        case language::Meaning::NotFound:
            said.error = Error{ErrorCode::NothingFound, understanding->text};
            running->result.answers.push_back(said);
            break;
        case language::Meaning::Clarify:
            said.error = Error{ErrorCode::SeveralFound, understanding->text};
            running->result.answers.push_back(said);
            running->result.choices = understanding->choices;
            break;
        case language::Meaning::Question: {
            const language::Question& question = *understanding->question;
            const auto states = known_states(question, now);
            const auto reading = states.empty() ? reading_for(question) : std::nullopt;
            if (reading) {
                read(running, question, *reading, timeout, now);
                return;
            }
            running->result.answers.push_back(answer_question(question, states));
            break;
        }
        case language::Meaning::Commands:
            running->open = understanding->commands.size();
            running->result.answers.resize(running->open);
            for (std::size_t i = 0; i < understanding->commands.size(); ++i) {
                start(running, i, understanding->commands[i], text, timeout, now);
            }
            return;
    }
    on_answered(running->result);
}

request::Intent Conversation::intent_for(const language::Command& command,
                                         const Asker& asker,
                                         milliseconds timeout,
                                         Now now) {
    const privacy::Label label{privacy::Audience(asker.audience), privacy::Trust::Trusted};
    return {.id = parts_.random.id<RequestId>(),
            .capability = command.capability,
            .entity = command.entity,
            .input = privacy::Labelled<Bytes>(to_bytes(command.input_json), label),
            .person = asker.person,
            .deadline = now.mono + std::clamp(timeout, milliseconds{1}, kTimeoutMax),
            .command = true};
}

void Conversation::start(const std::shared_ptr<Running>& running,
                         std::size_t index,
                         const language::Command& command,
                         const std::string& text,
                         milliseconds timeout,
                         Now now) {
    request::Intent intent = intent_for(command, running->asker, timeout, now);
    const capability::Entity* entity = parts_.directory.entity(command.entity);
    Answer& answer = running->result.answers[index];
    answer.capability = command.capability;
    answer.entity = command.entity;
    answer.entity_name = entity == nullptr ? command.entity : entity->name;
    answer.request = intent.id;
    remember_asked(intent.id, running->asker, command, text, now);

    const std::string input_json = command.input_json;
    const auto on_finished = [this, running, index, input_json](const request::RequestResult& result, Now) {
        Answer& mine = running->result.answers[index];
        if (mine.state == Answer::State::Pending) {
            return;  // answered already: it waits for a yes; its end is told as a fact
        }
        mine.took = result.ended - result.started;
        mine.done_by = result.acted_by ? device_name(parts_, *result.acted_by) : "";
        switch (result.outcome) {
            case request::Outcome::Done:
                mine.state = Answer::State::Done;
                mine.text = say_done(mine.entity_name, mine.capability, input_json);
                break;
            case request::Outcome::NotDone:
                mine.error = result.error;
                mine.text = "Not done: " + say_done(mine.entity_name, mine.capability, input_json);
                break;
            case request::Outcome::Unknown:
                mine.state = Answer::State::Unknown;
                mine.error = result.error;
                mine.text = "It can't be known whether this happened: " +
                            say_done(mine.entity_name, mine.capability, input_json);
                break;
        }
        settle(running, index);
    };
    const auto on_waiting = [this, running, index, input_json](const std::vector<DeviceId>& devices,
                                                               milliseconds expires_in, Now) {
        Answer& mine = running->result.answers[index];
        mine.state = Answer::State::Pending;
        mine.expires_in = expires_in;
        mine.text = say_done(mine.entity_name, mine.capability, input_json) +
                    ": this needs a yes on one of your own devices";
        for (const DeviceId& device : devices) {
            mine.confirm_on.push_back(device_name(parts_, device));
        }
        settle(running, index);
    };
    actions_.invoke(std::move(intent), on_finished, on_waiting, now);
}

void Conversation::settle(const std::shared_ptr<Running>& running, std::size_t index) {
    if (running->on_answer) {
        running->on_answer(running->result.answers[index]);
    }
    if (--running->open == 0) {
        running->on_answered(running->result);
    }
}

void Conversation::remember_asked(const RequestId& request,
                                  const Asker& asker,
                                  const language::Command& command,
                                  const std::string& text,
                                  Now now) {
    facts::Draft draft;
    draft.key = {asker.audience, request_subject(request), std::string(kAskedAttribute)};
    draft.value = facts::Json{dump({{"text", text},
                                    {"capability", command.capability},
                                    {"entity", command.entity},
                                    {"device", parts_.self.hex()}})};
    draft.time = now.wall;
    if (const auto written = parts_.facts.put(draft, now); !written) {
        parts_.health.bad("facts.write", written.error());
    }
}

void Conversation::on_acted(const Acted& acted, Now now) {
    const auto capability = capability::find_capability(acted.capability);
    if (capability && (*capability)->effect == capability::Effect::None) {
        return;  // nothing was changed: who reads what is not the household's to know
    }
    facts::Draft draft;
    draft.key = {privacy::Household{}, "entity:" + acted.entity, std::string(kLastActionAttribute)};
    nlohmann::json value = {{"request", acted.request.hex()},
                            {"capability", acted.capability},
                            {"input", nlohmann::json::parse(acted.input_json, nullptr, false)},
                            {"outcome", acted.outcome == request::Outcome::Done ? "done" : "unknown"},
                            {"asked_by", acted.asked_by.hex()},
                            {"rule", "command"}};
    if (acted.person) {
        value["person"] = acted.person->hex();
    }
    draft.value = facts::Json{dump(value)};
    draft.time = now.wall;
    draft.causes = {acted.request.hex()};
    if (const auto written = parts_.facts.put(draft, now); !written) {
        parts_.health.bad("facts.write", written.error());
    }
}

std::map<std::string, std::string> Conversation::known_states(const language::Question& question,
                                                              Now now) const {
    std::map<std::string, std::string> states;
    for (const std::string& entity : question.entities) {
        if (const auto state = home_.state(entity, now)) {
            states[entity] = state->state_json;
        }
    }
    return states;
}

std::optional<language::Command> Conversation::reading_for(const language::Question& question) const {
    const capability::Entity* entity =
        question.entities.size() == 1 ? parts_.directory.entity(question.entities.front()) : nullptr;
    if (entity == nullptr) {
        return std::nullopt;
    }
    for (const std::string& name : entity->capabilities) {
        const auto capability = capability::find_capability(name);
        if (capability && (*capability)->effect == capability::Effect::None) {
            return language::Command{name, entity->id, "{}"};
        }
    }
    return std::nullopt;
}

void Conversation::read(const std::shared_ptr<Running>& running,
                        const language::Question& question,
                        const language::Command& reading,
                        milliseconds timeout,
                        Now now) {
    running->open = 1;
    const auto on_finished = [this, running, question, reading](const request::RequestResult& result, Now) {
        std::map<std::string, std::string> states;
        if (result.outcome == request::Outcome::Done) {
            states[reading.entity] = to_text(result.output.read(kHere));
        }
        Answer answer = answer_question(question, states);
        answer.took = result.ended - result.started;
        if (result.acted_by) {
            answer.done_by = device_name(parts_, *result.acted_by);
        }
        answer.label = result.output.label();
        if (result.outcome != request::Outcome::Done) {
            answer.state = Answer::State::NotDone;
            answer.error = result.error;
        }
        running->result.answers.push_back(std::move(answer));
        settle(running, running->result.answers.size() - 1);
    };
    actions_.invoke(intent_for(reading, running->asker, timeout, now), on_finished, {}, now);
}

Answer Conversation::answer_question(const language::Question& question,
                                     const std::map<std::string, std::string>& states) const {
    Answer answer;
    answer.state = Answer::State::Done;
    const std::string language = grammars_.empty() ? "en" : grammars_.front().language();
    answer.text = language::say_state(question, home_.home(), states, language);
    answer.done_by = device_name(parts_, parts_.self);
    return answer;
}

Result<std::pair<language::Understanding, std::vector<request::Plan>>> Conversation::plan(
    const std::string& text, Now now) {
    AMBIT_TRY_ASSIGN(language::Understanding understanding, understand(text));
    std::vector<request::Plan> plans;
    for (const language::Command& command : understanding.commands) {
        AMBIT_TRY_ASSIGN(request::Plan one, request::plan(intent_for(command, here(), kTimeoutMax, now),
                                                          parts_.world(), parts_.rules));
        plans.push_back(std::move(one));
    }
    return std::pair{std::move(understanding), std::move(plans)};
}

}  // namespace ambit::node

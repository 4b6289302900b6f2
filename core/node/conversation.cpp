#include "node/conversation.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "language/phrases.h"

namespace ambit::node {
namespace {

std::string device_name(const Parts& parts, const DeviceId& id) {
    const identity::Device* device = parts.roster->device(id);
    return device == nullptr ? id.short_hex() : device->name;
}

ErrorCode why_nothing(language::Meaning meaning) {
    return meaning == language::Meaning::NotFound     ? ErrorCode::NothingFound
           : meaning == language::Meaning::NothingCan ? ErrorCode::NothingCan
                                                      : ErrorCode::SeveralFound;
}

// What speaks against a reading: another language may have a better one.
int cost_of(const language::Understanding& understanding) {
    const bool guessed = is_paraphrase(understanding) ||
                         std::any_of(understanding.found.begin(), understanding.found.end(),
                                     [](const language::Found& found) { return found.how == "typo"; });
    return understanding.meaning == language::Meaning::NotUnderstood ? 3
           : understanding.meaning >= language::Meaning::NotFound    ? 2
           : guessed                                                 ? 1
                                                                     : 0;
}

std::string dump(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string joined(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + " " + second;
}

}  // namespace

std::string request_subject(const RequestId& request) {
    return "request:" + request.hex();
}

std::string say_done(const std::string& entity_name,
                     const std::string& capability,
                     const std::string& input_json) {
    if (capability == "button.press") {
        return entity_name + " pressed";
    }
    const nlohmann::json input = nlohmann::json::parse(input_json, nullptr, false);
    if (capability == "cabin.precondition" && input.is_object() && input.contains("target_c")) {
        return entity_name + " pre-conditioning to " + dump(input["target_c"]) + " °C";
    }
    const auto has = [&](const char* member, bool (nlohmann::json::*is)() const noexcept) {
        return input.is_object() && input.contains(member) && (input[member].*is)();
    };
    constexpr std::pair<const char*, const char*> kLevels[] = {
        {"brightness_pct", " %"}, {"position_pct", " %"},   {"speed_pct", " %"},
        {"volume_pct", " %"},     {"temperature_c", " °C"}, {"color_temp_k", " K"}};
    for (const auto& [member, unit] : kLevels) {
        if (has(member, &nlohmann::json::is_number)) {
            return entity_name + " at " + dump(input[member]) + unit;
        }
    }
    constexpr std::array<const char*, 3> kStates[] = {{"on", " on", " off"},
                                                      {"locked", " locked", " unlocked"},
                                                      {"open", " open", " closed"},
                                                      {"playing", " playing", " paused"},
                                                      {"muted", " muted", " not muted"}};
    for (const auto& [member, is_so, is_not] : kStates) {
        if (has(member, &nlohmann::json::is_boolean)) {
            return entity_name + (input[member].get<bool>() ? is_so : is_not);
        }
    }
    for (const char* member : {"activity", "mode", "item"}) {
        if (has(member, &nlohmann::json::is_string)) {
            return entity_name + (entity_name.empty() ? "" : ": ") + input[member].get<std::string>();
        }
    }
    return entity_name + (entity_name.empty() ? "" : ": ") + capability;
}

std::vector<std::string> Conversation::skip_words() const {
    return grammars_.empty() ? std::vector<std::string>() : grammars_.front().skip_words();
}

Result<language::Understanding> Conversation::understand(const std::string& text) {
    const privacy::NamedAudience of = parts_.home_audience();
    return understand(text, lessons_.lessons(skip_words(), of), nullptr, learning_.rung(of));
}

Result<language::Understanding> Conversation::understand(const std::string& text,
                                                         const language::Lessons& lessons,
                                                         const language::Talk* talk,
                                                         const language::Rung* next) const {
    language::Speaker speaker;
    speaker.area = home_.area_of(parts_.self);
    speaker.fahrenheit = home_.fahrenheit();
    speaker.talk = talk;
    const auto lesson = lessons.apply(text, home_.home());
    const std::string& words = lesson ? lesson->means : text;
    std::optional<language::Understanding> best;
    for (const language::Grammar& grammar : grammars_) {
        AMBIT_TRY_ASSIGN(language::Understanding understanding,
                         language::understand(grammar, home_.home(), words, speaker, next));
        if (!best || cost_of(understanding) < cost_of(*best)) {
            best = std::move(understanding);
        }
    }
    if (!best) {
        return Error{ErrorCode::NotUnderstood, "no sentences are loaded"};
    }
    best->lesson = lesson ? lesson->id : "";
    return std::move(*best);
}

std::vector<language::NearMiss> Conversation::near_misses(const std::string& text,
                                                          const std::string& language) const {
    for (const language::Grammar& grammar : grammars_) {
        if (grammar.language() == language) {
            return grammar.near_misses(text, home_.home().lists());
        }
    }
    return {};
}

Conversation::Speaking& Conversation::speaking(const privacy::NamedAudience& of, Now now) {
    const auto known = std::find_if(speaking_.begin(), speaking_.end(),
                                    [&](const Speaking& speaking) { return speaking.of == of; });
    Speaking mine;
    mine.of = of;
    if (known != speaking_.end()) {
        mine = std::move(*known);
        speaking_.erase(known);
    } else if (speaking_.size() >= kSpeakingMax) {
        speaking_.erase(speaking_.begin());
    }
    // What was said before the device changed hands is not for these ears, nor for the same ones later.
    std::erase_if(speaking_, [&](const Speaking& other) {
        return std::holds_alternative<privacy::OnePerson>(other.of) && other.of != parts_.home_audience();
    });
    speaking_.push_back(std::move(mine));
    speaking_.back().talk.expire(now.mono);
    return speaking_.back();
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
    Speaking& heard = speaking(running->asker.audience, now);
    auto corrected = correction(text, heard, now);
    auto understood = corrected ? corrected->meant
                                : understand(text, lessons_.lessons(skip_words(), heard.of), &heard.talk,
                                             learning_.rung(heard.of));
    running->result.understood_in = clock_() - started;
    if (!understood) {
        running->result.error = understood.error();
        on_answered(running->result);
        return;
    }
    running->result.understanding = std::move(*understood);
    const language::Understanding& understanding = running->result.understanding;
    running->result.understood = understanding.meaning != language::Meaning::NotUnderstood;
    if (corrected) {
        running->learned = learn_correction(*corrected, heard, now);
        heard.talk.remember(understanding, now.mono);
        respond(running, text, timeout, now);
    } else if (!pass_on(running, text, timeout, now)) {
        conclude(running, text, timeout, now);
    }
}

void Conversation::conclude(const std::shared_ptr<Running>& running,
                            const std::string& text,
                            milliseconds timeout,
                            Now now) {
    Speaking& heard = speaking(running->asker.audience, now);
    learn_from(text, running->result.understanding, heard, now);
    heard.talk.remember(running->result.understanding, now.mono);
    respond(running, text, timeout, now);
}

void Conversation::respond(const std::shared_ptr<Running>& running,
                           const std::string& text,
                           milliseconds timeout,
                           Now now) {
    const language::Understanding& understanding = running->result.understanding;
    Answer said;
    said.text = understanding.text;
    switch (understanding.meaning) {
        case language::Meaning::NotUnderstood:
            running->result.error = Error{ErrorCode::NotUnderstood, understanding.text};
            break;
        case language::Meaning::Nothing:
            said.state = Answer::State::Done;
            said.done_by = device_name(parts_, parts_.self);
            running->result.answers.push_back(said);
            break;
        case language::Meaning::NotFound:
        case language::Meaning::NothingCan:
        case language::Meaning::Clarify:
            said.error = Error{why_nothing(understanding.meaning), understanding.text};
            running->result.answers.push_back(said);
            running->result.choices = understanding.choices;
            break;
        case language::Meaning::Question: {
            running->result.note = joined(understanding.text, running->learned);
            const language::Question& question = *understanding.question;
            const auto states = known_states(question, now);
            const auto reading = states.empty() ? reading_for(question) : std::nullopt;
            if (reading) {
                read(running, question, *reading, timeout, now);
                return;
            }
            running->result.answers.push_back(answer_question(question, states));
            break;
        }
        case language::Meaning::Undo:
        case language::Meaning::Commands: {
            running->result.note = joined(understanding.text, running->learned);
            std::vector<Step> steps;
            if (understanding.meaning == language::Meaning::Undo) {
                steps = undo_steps("", running->asker.audience);
            }
            for (const language::Command& command : understanding.commands) {
                steps.push_back({command, std::nullopt, ""});
            }
            carry_out(running, std::move(steps), text, timeout, now);
            return;
        }
    }
    running->on_answered(running->result);
}

void Conversation::command(const language::Command& command,
                           const std::string& text,
                           const Asker& asker,
                           milliseconds timeout,
                           const OnAnswered& on_answered,
                           Now now) {
    const auto running = std::make_shared<Running>();
    running->on_answered = on_answered;
    running->result.understood = true;
    running->asker = asker;
    carry_out(running, {{command, std::nullopt, ""}}, text, timeout, now);
}

void Conversation::undo(const std::string& id,
                        milliseconds timeout,
                        const OnAnswered& on_answered,
                        Now now,
                        const std::optional<Asker>& asker) {
    const auto running = std::make_shared<Running>();
    running->on_answered = on_answered;
    running->result.understood = true;
    running->asker = asker.value_or(here());
    std::vector<Step> steps = undo_steps(id, running->asker.audience);
    if (id.empty()) {
        language::Understanding meant;
        meant.meaning = language::Meaning::Undo;
        Speaking& heard = speaking(running->asker.audience, now);
        learn_from("undo", meant, heard, now);
    }
    carry_out(running, std::move(steps), "undo", timeout, now);
}

std::vector<Conversation::Step> Conversation::undo_steps(const std::string& id,
                                                         const privacy::NamedAudience& of) const {
    const auto found = undoing(parts_, of, id);
    if (!found) {
        return {{{}, found.error(), ""}};
    }
    std::vector<Step> steps;
    for (const Undoing& one : *found) {
        steps.push_back({{one.capability, one.entity, one.input ? *one.input : "", std::nullopt},
                         one.input ? std::nullopt : std::optional(one.input.error()),
                         one.request.hex()});
    }
    return steps;
}

void Conversation::settle_turn(Step& step, const std::string& language, Now now) const {
    if (!step.command.turn || step.refusal) {
        return;
    }
    const auto state = home_.state(step.command.entity, now);
    const auto absolute = state ? language::made_absolute(step.command, state->state_json) : std::nullopt;
    if (absolute) {
        step.command = *absolute;
        return;
    }
    const capability::Entity* entity = parts_.directory.entity(step.command.entity);
    step.refusal = Error{ErrorCode::StateUnknown,
                         language::phrase(language::Phrase::SayANumber, language,
                                          entity == nullptr ? step.command.entity : entity->name)};
}

void Conversation::carry_out(const std::shared_ptr<Running>& running,
                             std::vector<Step> steps,
                             const std::string& text,
                             milliseconds timeout,
                             Now now) {
    running->result.answers.resize(steps.size());
    const Saying saying{text, parts_.random.id<RequestId>().hex()};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        settle_turn(steps[i], running->result.understanding.language, now);
        if (!steps[i].refusal) {
            ++running->open;
            continue;
        }
        const capability::Entity* entity = parts_.directory.entity(steps[i].command.entity);
        Answer& answer = running->result.answers[i];
        answer.capability = steps[i].command.capability;
        answer.entity = steps[i].command.entity;
        answer.entity_name = entity == nullptr ? answer.entity : entity->name;
        answer.text =
            steps[i].refusal->code == ErrorCode::StateUnknown ? steps[i].refusal->detail : answer.entity_name;
        answer.error = steps[i].refusal;
    }
    if (running->open == 0) {
        running->on_answered(running->result);
        return;
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].refusal) {
            start(running, i, steps[i], saying, timeout, now);
        }
    }
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
                         const Step& step,
                         const Saying& saying,
                         milliseconds timeout,
                         Now now) {
    const language::Command& command = step.command;
    request::Intent intent = intent_for(command, running->asker, timeout, now);
    const capability::Entity* entity = parts_.directory.entity(command.entity);
    Answer& answer = running->result.answers[index];
    answer.capability = command.capability;
    answer.entity = command.entity;
    answer.entity_name = entity == nullptr ? command.entity : entity->name;
    answer.request = intent.id;
    remember_asked(intent.id, running->asker, step, saying, now);

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

void Conversation::remember_asked(
    const RequestId& request, const Asker& asker, const Step& step, const Saying& saying, Now now) {
    facts::Draft draft;
    draft.key = {asker.audience, request_subject(request), std::string(kAskedAttribute)};
    nlohmann::json value = {{"text", saying.text},
                            {"capability", step.command.capability},
                            {"entity", step.command.entity},
                            {"device", parts_.self.hex()},
                            {"turn", saying.turn}};
    if (!step.undoes.empty()) {
        value["undoes"] = step.undoes;
    }
    draft.value = facts::Json{dump(value)};
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
    const auto before = nlohmann::json::parse(acted.before_json, nullptr, false);
    if (before.is_object() && acted.before_json.size() <= kBeforeBytesMax) {
        value["before"] = before;
    }
    if (!acted.because_json.empty()) {
        value.merge_patch(nlohmann::json::parse(acted.because_json, nullptr, false));
    }
    draft.value = facts::Json{dump(value)};
    draft.time = now.wall;
    draft.causes = {acted.request.hex()};
    if (const auto written = parts_.facts.put(draft, now); !written) {
        parts_.health.bad("facts.write", written.error());
    }
}

Result<std::pair<language::Understanding, std::vector<request::Plan>>> Conversation::plan(
    const std::string& text, Now now) {
    AMBIT_TRY_ASSIGN(
        language::Understanding understanding,
        understand(text, lessons_.lessons(skip_words(), parts_.home_audience()),
                   &speaking(parts_.home_audience(), now).talk, learning_.rung(parts_.home_audience())));
    std::vector<request::Plan> plans;
    for (const language::Command& command : understanding.commands) {
        AMBIT_TRY_ASSIGN(request::Plan one, request::plan(intent_for(command, here(), kTimeoutMax, now),
                                                          parts_.world(), parts_.rules));
        plans.push_back(std::move(one));
    }
    return std::pair{std::move(understanding), std::move(plans)};
}

}  // namespace ambit::node

// Questions about states: from what is known here, else from the one thing that can be read.
#include "capability/descriptor.h"
#include "node/conversation.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"questions"};

std::string name_of(const Parts& parts, const DeviceId& id) {
    const identity::Device* device = parts.roster->device(id);
    return device == nullptr ? id.short_hex() : device->name;
}

}  // namespace

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
            answer.done_by = name_of(parts_, *result.acted_by);
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
    answer.done_by = name_of(parts_, parts_.self);
    return answer;
}

}  // namespace ambit::node

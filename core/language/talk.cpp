#include "language/talk.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "language/intents.h"
#include "language/phrases.h"
#include "language/text.h"

namespace ambit::language {
namespace {

constexpr std::string_view kTargetSlots[] = {"name", "area", "floor", "domain", "device_class", "quantity"};

bool is_target_slot(const Slot& slot) {
    return std::find(std::begin(kTargetSlots), std::end(kTargetSlots), slot.name) != std::end(kTargetSlots);
}

// What was said, that is: an area that the context gave points at nothing.
bool names_a_target(const Recognition& recognition) {
    return std::any_of(recognition.slots.begin(), recognition.slots.end(), [](const Slot& slot) {
        return !slot.text.empty() && (slot.name == "name" || slot.name == "area" || slot.name == "floor");
    });
}

Slot fixed_slot(std::string name, std::string value) {
    Slot slot;
    slot.name = std::move(name);
    slot.value = std::move(value);
    return slot;
}

class FollowUp {
  public:
    FollowUp(const Recognition& recognition,
             const Home& home,
             const Speaker& speaker,
             std::string_view language)
        : said_(recognition), home_(home), speaker_(speaker), talk_(*speaker.talk), language_(language) {}

    std::optional<Understanding> run() {
        const std::string& intent = said_.intent;
        if (intent == "AmbitAgain") {
            return again();
        }
        if (intent == "AmbitInstead") {
            return instead();
        }
        if (intent == "AmbitOther") {
            return other();
        }
        if (intent == "AmbitChoose" || intent == "AmbitYes") {
            return choose();
        }
        if ((attribute_turned(said_) || intent == "AmbitSet") && !names_a_target(said_)) {
            return turn_same();
        }
        if (intent == "AmbitSwitch") {
            return switch_same();
        }
        return std::nullopt;
    }

    // The thing that was asked about is `entity`: everything that waited for it is meant now.
    Understanding pick(const std::string& entity) const {
        Speaker speaker = speaker_;
        speaker.picked = talk_.picked();
        speaker.picked.push_back(entity);
        Understanding all;
        all.meaning = talk_.waiting()->meaning;
        for (const Recognition& recognition : talk_.waiting()->recognitions) {
            Understanding one = resolve(recognition, home_, speaker, language_);
            if (one.meaning == Meaning::Clarify || one.meaning == Meaning::NotFound) {
                one.recognitions = talk_.waiting()->recognitions;
                return one;
            }
            all.meaning = one.meaning;
            all.question = one.question;
            all.text += one.text;
            all.commands.insert(all.commands.end(), one.commands.begin(), one.commands.end());
            all.found.insert(all.found.end(), one.found.begin(), one.found.end());
        }
        all.recognitions = talk_.waiting()->recognitions;
        return all;
    }

  private:
    // "And the bedroom": what was said last, of another thing.
    std::optional<Understanding> again() const {
        const auto& before = talk_.waiting() ? talk_.waiting() : talk_.last();
        if (!before || before->recognitions.empty()) {
            return std::nullopt;
        }
        return resolve(of_other_target(before->recognitions.back()), home_, speaker_, language_);
    }

    // "No, the bedroom": the same, and what was done is taken back.
    std::optional<Understanding> instead() const {
        auto out = again();
        if (out && out->meaning == Meaning::Commands && !talk_.waiting() && !talk_.last()->commands.empty()) {
            out->meaning = Meaning::Undo;
        }
        return out;
    }

    Recognition of_other_target(const Recognition& before) const {
        Recognition out = before;
        const bool named = said_.slot("name") != nullptr;
        std::erase_if(out.slots, is_target_slot);
        out.context.erase("domain");
        for (const Slot& slot : said_.slots) {
            if (is_target_slot(slot)) {
                out.slots.push_back(slot);
            }
        }
        const auto domain = said_.context.find("domain");
        if (named && domain != said_.context.end()) {
            out.context["domain"] = domain->second;
        } else if (!named && said_.slot("domain") == nullptr) {
            // Of the kind that was talked about: "the bedroom" after a lamp means lamps.
            const std::string kind = kind_of_last();
            if (!kind.empty()) {
                out.slots.push_back(fixed_slot("domain", kind));
            }
            if (const Slot* device_class = before.slot("device_class")) {
                out.slots.push_back(*device_class);
            }
        }
        return out;
    }

    std::string kind_of_last() const {
        std::string kind;
        for (const std::string& id : talk_.entities()) {
            const HomeEntity* entity = home_.find(id);
            if (entity == nullptr || (!kind.empty() && kind != entity->domain)) {
                return "";
            }
            kind = entity->domain;
        }
        return kind;
    }

    // "No, the other one": of those that were offered, else of its kind in its room.
    std::optional<Understanding> other() const {
        if (talk_.waiting() || !talk_.last() || talk_.last()->recognitions.empty()) {
            return talk_.waiting();
        }
        const auto used = talk_.entities();
        const auto is_used = [&](const std::string& id) {
            return std::find(used.begin(), used.end(), id) != used.end();
        };
        std::vector<Choice> others;
        for (const Choice& choice : talk_.offered()) {
            if (!is_used(choice.entity)) {
                others.push_back(choice);
            }
        }
        const HomeEntity* last = used.empty() ? nullptr : home_.find(used.front());
        if (others.empty() && last != nullptr) {
            for (const HomeEntity& entity : home_.entities()) {
                if (entity.domain == last->domain && entity.area == last->area && !is_used(entity.id)) {
                    others.push_back({entity.id, entity.name});
                }
            }
        }
        Understanding out;
        out.recognitions = {talk_.last()->recognitions.back()};
        if (others.size() == 1) {
            out = resolve_for(out.recognitions.front(), {others.front().entity}, home_, speaker_, language_);
            if (out.meaning == Meaning::Commands && !talk_.last()->commands.empty()) {
                out.meaning = Meaning::Undo;
            }
            return out;
        }
        out.meaning = others.empty() ? Meaning::NotFound : Meaning::Clarify;
        others.resize(std::min(others.size(), kChoicesMax));
        std::vector<std::string> labels;
        for (const Choice& choice : others) {
            labels.push_back(choice.label);
        }
        out.choices = std::move(others);
        out.text = labels.empty()
                       ? phrase(Phrase::NothingOfKind, language_,
                                kind_of_thing(last == nullptr ? "" : last->domain, language_))
                       : phrase(Phrase::WhichOne, language_, enumerate(labels, Phrase::Or, language_));
        return out;
    }

    std::optional<Understanding> choose() const {
        if (!talk_.waiting()) {
            return std::nullopt;
        }
        const auto& choices = talk_.waiting()->choices;
        if (said_.intent == "AmbitYes") {
            return choices.size() == 1 ? pick(choices.front().entity) : *talk_.waiting();
        }
        const Slot* number = said_.slot("number");
        int place = 0;
        if (number != nullptr) {
            std::from_chars(number->value.data(), number->value.data() + number->value.size(), place);
        }
        const int count = static_cast<int>(choices.size());
        const int index = place < 0 ? count + place : place - 1;  // -1: the last one
        return index >= 0 && index < count ? pick(choices[static_cast<std::size_t>(index)].entity)
                                           : *talk_.waiting();
    }

    // "A bit brighter", "back to 40": the things of before.
    std::optional<Understanding> turn_same() const {
        const Slot* domain = said_.slot("domain");
        const bool fits = domain == nullptr || domain->value == kind_of_last();
        if (fits && !talk_.entities().empty()) {
            return resolve_for(said_, talk_.entities(), home_, speaker_, language_);
        }
        return std::nullopt;
    }

    std::optional<Understanding> switch_same() const {
        if (talk_.entities().empty()) {
            return std::nullopt;
        }
        Recognition turn = said_;
        const Slot* state = said_.slot("state");
        turn.intent = state != nullptr && state->value == "off" ? "HassTurnOff" : "HassTurnOn";
        return resolve_for(turn, talk_.entities(), home_, speaker_, language_);
    }

    const Recognition& said_;
    const Home& home_;
    const Speaker& speaker_;
    const Talk& talk_;
    std::string_view language_;
};

// Every word that one choice may be called by.
std::set<std::string> words_of_choice(const Choice& choice, const Home& home) {
    std::set<std::string> words;
    for (std::string& word : words_in(choice.label)) {
        words.insert(std::move(word));
    }
    const HomeEntity* entity = home.find(choice.entity);
    if (entity != nullptr) {
        std::vector<std::string> texts = entity->aliases;
        texts.push_back(entity->name);
        texts.push_back(entity->area);
        texts.push_back(home.floor_of(entity->area));
        for (const std::string& text : texts) {
            for (std::string& word : words_in(text)) {
                words.insert(std::move(word));
            }
        }
    }
    return words;
}

}  // namespace

void Talk::remember(const Understanding& understanding, MonoTime now) {
    switch (understanding.meaning) {
        case Meaning::Commands:
        case Meaning::Question:
        case Meaning::Undo: {
            keep_offered(understanding);
            const bool taken_back = understanding.meaning == Meaning::Undo && understanding.commands.empty();
            if (!taken_back) {
                last_ = understanding;
                last_->meaning = understanding.question ? Meaning::Question : Meaning::Commands;
            }
            waiting_.reset();
            picked_.clear();
            break;
        }
        case Meaning::Clarify:
            if (understanding.choices.empty()) {
                return;
            }
            if (waiting_) {
                for (const Found& found : understanding.found) {
                    picked_.push_back(found.entity);
                }
            }
            waiting_ = understanding;
            break;
        case Meaning::Nothing:
            waiting_.reset();
            picked_.clear();
            break;
        case Meaning::NotFound:
        case Meaning::NothingCan:
        case Meaning::NotUnderstood:
            return;
    }
    until_ = now + kTalkLife;
}

// "The other one" goes on being about what was offered, as long as one of those is talked about.
void Talk::keep_offered(const Understanding& understanding) {
    if (waiting_) {
        offered_ = waiting_->choices;
    }
    const auto is_offered = [this](const Command& command) {
        return std::any_of(offered_.begin(), offered_.end(),
                           [&](const Choice& choice) { return choice.entity == command.entity; });
    };
    if (std::none_of(understanding.commands.begin(), understanding.commands.end(), is_offered)) {
        offered_.clear();
    }
}

void Talk::expire(MonoTime now) {
    if (is_open() && now >= until_) {
        *this = Talk();
    }
}

std::vector<std::string> Talk::entities() const {
    std::vector<std::string> out;
    if (last_) {
        for (const Command& command : last_->commands) {
            if (!command.entity.empty()) {
                out.push_back(command.entity);
            }
        }
        if (out.empty() && last_->question) {
            out = last_->question->entities;
        }
    }
    return out;
}

std::optional<Understanding> follow_up(const Recognition& recognition,
                                       const Home& home,
                                       const Speaker& speaker,
                                       std::string_view language) {
    if (speaker.talk == nullptr || !recognition.intent.starts_with("Ambit")) {
        return std::nullopt;
    }
    auto out = FollowUp(recognition, home, speaker, language).run();
    if (out && out->recognitions.empty()) {
        out->recognitions = {recognition};
    }
    return out;
}

std::optional<Understanding> answer_choice(std::string_view utterance,
                                           const Home& home,
                                           const Speaker& speaker,
                                           std::string_view language) {
    if (speaker.talk == nullptr || !speaker.talk->waiting()) {
        return std::nullopt;
    }
    const auto& choices = speaker.talk->waiting()->choices;
    const auto said = words_in(utterance);
    if (said.empty() || said.size() > kChoiceWordsMax) {
        return std::nullopt;
    }
    const Recognition none;
    const FollowUp answer(none, home, speaker, language);
    std::size_t number = 0;
    const std::string& only = said.front();
    if (said.size() == 1 &&
        std::from_chars(only.data(), only.data() + only.size(), number).ec == std::errc() && number >= 1 &&
        number <= choices.size()) {
        return answer.pick(choices[number - 1].entity);
    }
    std::vector<std::size_t> scores;
    for (const Choice& choice : choices) {
        const auto words = words_of_choice(choice, home);
        scores.push_back(static_cast<std::size_t>(std::count_if(
            said.begin(), said.end(), [&](const std::string& word) { return words.contains(word); })));
    }
    const auto best = std::max_element(scores.begin(), scores.end());
    // Most of what was said must be about it, and about no other choice as much.
    if (best == scores.end() || *best == 0 || *best * 3 < said.size() ||
        std::count(scores.begin(), scores.end(), *best) > 1) {
        return std::nullopt;
    }
    return answer.pick(choices[static_cast<std::size_t>(best - scores.begin())].entity);
}

}  // namespace ambit::language

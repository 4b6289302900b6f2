// resolve(): which entities one recognition means, and what to do with them.
#include <algorithm>
#include <charconv>
#include <functional>

#include "language/intents.h"
#include "language/near_names.h"
#include "language/openings.h"
#include "language/phrases.h"
#include "language/text.h"

namespace ambit::language {
namespace {

using Indexes = std::vector<std::size_t>;
using Able = std::function<bool(const HomeEntity&)>;

constexpr const char* kTemperature = "current_temperature_c";

std::string string_slot(const Recognition& recognition, std::string_view name) {
    const Slot* slot = recognition.slot(name);
    return slot == nullptr ? std::string() : slot->value;
}

bool has_capability(const HomeEntity& entity, std::string_view capability) {
    return std::find(entity.capabilities.begin(), entity.capabilities.end(), capability) !=
           entity.capabilities.end();
}

bool is_cabin(const HomeEntity& entity) {
    return has_capability(entity, "cabin.precondition");
}

// The kind of thing the sentence is about, if it says so: the domain, else what a named thing is, else what
// Home Assistant's classes of covers are.
std::string domain_said(const Recognition& recognition) {
    if (const std::string slot = string_slot(recognition, "domain"); !slot.empty()) {
        return slot;
    }
    const auto named = recognition.context.find("domain");
    if (named != recognition.context.end()) {
        return named->second;
    }
    return recognition.slot("device_class") == nullptr ? ""
           : recognition.intent == "HassGetState"      ? "binary_sensor"
                                                       : "cover";
}

class Resolver {
  public:
    Resolver(const Recognition& recognition,
             const Home& home,
             const Speaker& speaker,
             std::string_view language)
        : recognition_(recognition),
          home_(home),
          speaker_(speaker),
          language_(language),
          domain_(domain_said(recognition)) {}

    // Only these things are meant, whatever was said.
    void narrow_to(const std::vector<std::string>& entities) {
        only_.emplace();
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            if (std::find(entities.begin(), entities.end(), home_.entities()[i].id) != entities.end()) {
                only_->push_back(i);
            }
        }
    }

    Understanding run() {
        out_.recognitions = {recognition_};
        const std::string& intent = recognition_.intent;
        if (intent == "HassGetState") {
            question(aspect_said(), [](const HomeEntity&) { return true; });
        } else if (intent == "HassClimateGetTemperature") {
            question(kTemperature, [this](const HomeEntity& entity) {
                return recognition_.slot("name") != nullptr ||
                       (entity.domain == "climate" && !is_cabin(entity));
            });
        } else if (intent == "AmbitCarReady" &&
                   std::any_of(home_.entities().begin(), home_.entities().end(), is_cabin)) {
            question(kTemperature, is_cabin);
        } else if (const auto attribute = attribute_turned(recognition_)) {
            turn_dial(std::string(*attribute));
        } else if (intent == "AmbitSet") {
            set_dial();
        } else if (intent == "AmbitUndo") {
            out_.meaning = Meaning::Undo;
        } else if (intent == "HassNevermind" || intent == "AmbitNo") {
            out_.meaning = Meaning::Nothing;
            out_.text = phrase(Phrase::Nevermind, language_);
        } else {
            act();
        }
        return std::move(out_);
    }

  private:
    void act() {
        const auto targets = targets_of(recognition_);
        if (targets.empty()) {
            const std::string_view needed = needed_for(recognition_.intent);
            out_.meaning = needed.empty() ? Meaning::NotUnderstood : Meaning::NothingCan;
            out_.text = needed.empty()
                            ? phrase(Phrase::CannotDo, language_, recognition_.intent)
                            : phrase(Phrase::NothingCan, language_, kind_of_thing(needed, language_));
            return;
        }
        if (targets.front()->reach == Reach::NoEntity) {
            act_without_entity(*targets.front());
            return;
        }
        if (says_when()) {
            out_.meaning = Meaning::NothingCan;
            out_.text = phrase(Phrase::NotLater, language_);
            return;
        }
        const auto target_of = [&](const HomeEntity& entity) -> const Target* {
            const auto found = std::find_if(targets.begin(), targets.end(), [&](const Target* target) {
                return has_capability(entity, target->capability) && reaches(*target, entity);
            });
            return found == targets.end() ? nullptr : *found;
        };
        if (!anything_offers(targets)) {
            nothing_can(targets.front()->capability);
            return;
        }
        risky_ = [&](std::size_t index) { return target_of(home_.entities()[index])->risky; };
        for (const std::size_t index :
             select([&](const HomeEntity& entity) { return target_of(entity) != nullptr; })) {
            const HomeEntity& entity = home_.entities()[index];
            const Target& target = *target_of(entity);
            if (target.risky && recognition_.rung != "T0" && !was_picked(index)) {
                ask_about(index);
                return;
            }
            const auto input = input_for(target, recognition_, speaker_.fahrenheit);
            if (!input) {
                out_.meaning = Meaning::NotUnderstood;
                out_.text = phrase(Phrase::CannotDo, language_, recognition_.intent);
                out_.commands.clear();
                return;
            }
            out_.meaning = Meaning::Commands;
            const bool toggles = recognition_.intent == "HassToggle";
            out_.commands.push_back({std::string(target.capability), entity.id, toggles ? "" : *input,
                                     toggles ? std::optional(Command::Turn{"on", 0}) : std::nullopt});
        }
    }

    // "Vacuum at five": to do it at once, or for good, is not what was asked for.
    bool says_when() const {
        return std::any_of(recognition_.slots.begin(), recognition_.slots.end(), [](const Slot& slot) {
            return !slot.text.empty() &&
                   (slot.name == "date" || slot.name == "time" || slot.name == "duration");
        });
    }

    // What must not be done by mistake is not done because a model thinks that it was meant.
    void ask_about(std::size_t index) {
        const HomeEntity& entity = home_.entities()[index];
        out_.commands.clear();
        out_.meaning = Meaning::Clarify;
        out_.text = phrase(Phrase::IsMeant, language_, entity.name);
        out_.choices = {{entity.id, entity.name}};
    }

    void act_without_entity(const Target& target) {
        const auto input = input_for(target, recognition_, speaker_.fahrenheit);
        if (!input) {
            out_.meaning = Meaning::NotUnderstood;
            out_.text = phrase(Phrase::CannotDo, language_, recognition_.intent);
        } else if (!home_.offers(target.capability)) {
            nothing_can(target.capability);
        } else {
            out_.meaning = Meaning::Commands;
            out_.commands.push_back({std::string(target.capability), "", *input, std::nullopt});
        }
    }

    bool reaches(const Target& target, const HomeEntity& entity) const {
        const bool named = recognition_.slot("name") != nullptr || only_;
        switch (target.reach) {
            case Reach::Everything:
                return true;
            case Reach::Kind:
                return named || domain_ == entity.domain;
            case Reach::Said:
                return domain_ == entity.domain;
            case Reach::Named:
                return named;
            case Reach::NoEntity:
                break;
        }
        return false;
    }

    bool anything_offers(const std::vector<const Target*>& targets) const {
        return std::any_of(targets.begin(), targets.end(), [&](const Target* target) {
            return std::any_of(home_.entities().begin(), home_.entities().end(), [&](const auto& entity) {
                return has_capability(entity, target->capability);
            });
        });
    }

    void nothing_can(std::string_view capability) {
        out_.meaning = Meaning::NothingCan;
        const std::string kind(capability.substr(0, capability.find('.')));
        out_.text = phrase(Phrase::NothingCan, language_, kind_of_thing(kind, language_));
    }

    // "A bit brighter": from where the thing is now, which who carries it out knows.
    void turn_dial(const std::string& attribute) {
        const bool volume = recognition_.intent == "HassSetVolumeRelative";
        const std::string direction = string_slot(recognition_, volume ? "volume_step" : "direction");
        const std::string degree = string_slot(recognition_, "degree");
        double amount = 0;
        const bool by_number =
            std::from_chars(direction.data(), direction.data() + direction.size(), amount).ec == std::errc();
        each_dial(attribute, [&](const HomeEntity& entity, const Dial& dial) {
            const double step = degree == "little" ? dial.little : degree == "much" ? dial.much : dial.step;
            const double by = by_number ? amount : direction == "down" ? -step : step;
            out_.commands.push_back(
                {std::string(dial.capability), entity.id, "", Command::Turn{std::string(dial.member), by}});
        });
    }

    // "Back to 40": a number for the thing that was talked about.
    void set_dial() {
        const std::string text = string_slot(recognition_, "value");
        double value = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) {
            out_.text = phrase(Phrase::CannotDo, language_, recognition_.intent);
            return;
        }
        each_dial(string_slot(recognition_, "attribute"), [&](const HomeEntity& entity, const Dial& dial) {
            const bool degrees = dial.member == "temperature_c" && speaker_.fahrenheit;
            out_.commands.push_back({std::string(dial.capability), entity.id,
                                     dial_input(dial, degrees ? (value - 32) / 1.8 : value), std::nullopt});
        });
    }

    void each_dial(const std::string& attribute,
                   const std::function<void(const HomeEntity&, const Dial&)>& command) {
        const Indexes found =
            select([&](const HomeEntity& entity) { return dial_for(entity, attribute) != nullptr; });
        for (const std::size_t index : found) {
            const HomeEntity& entity = home_.entities()[index];
            command(entity, *dial_for(entity, attribute));
        }
        if (!found.empty()) {
            out_.meaning = Meaning::Commands;
        }
    }

    // Of a question about a state.
    std::string aspect_said() const {
        const std::string attribute = string_slot(recognition_, "attribute");
        return !attribute.empty() ? attribute : string_slot(recognition_, "state").empty() ? "value" : "on";
    }

    void question(const std::string& aspect, const Able& able) {
        const Indexes found = select(able);
        if (found.empty()) {
            return;
        }
        Question asked;
        asked.expected = string_slot(recognition_, "state");
        asked.aspect = aspect;
        asked.quantifier = string_slot(recognition_, "quantifier");
        for (const std::size_t index : found) {
            asked.entities.push_back(home_.entities()[index].id);
        }
        out_.meaning = Meaning::Question;
        out_.question = std::move(asked);
    }

    // The entities meant, or none when out_ already says why not.
    Indexes select(const Able& able) {
        if (only_) {
            return select_only(able);
        }
        Indexes chosen;
        bool named = false;
        for (const Slot& slot : recognition_.slots) {
            if (slot.name != "name") {
                continue;
            }
            named = true;
            const Indexes one = select_named(slot, able);
            if (one.empty()) {
                return {};
            }
            chosen.insert(chosen.end(), one.begin(), one.end());
        }
        return named ? chosen : select_by_kind(able);
    }

    Indexes select_only(const Able& able) {
        Indexes found;
        std::copy_if(only_->begin(), only_->end(), std::back_inserter(found),
                     [&](std::size_t index) { return able(home_.entities()[index]); });
        if (found.empty()) {
            const std::string name = only_->empty() ? "" : home_.entities()[only_->front()].name;
            out_.meaning = Meaning::NotFound;
            out_.text = phrase(Phrase::NothingCalled, language_, name);
        }
        note(found, "", "before");
        return found;
    }

    Indexes select_named(const Slot& name, const Able& able) {
        const std::string as_said = name.text.empty() ? name.value : name.text;
        const std::string said = spoken_form(as_said);
        Indexes candidates;
        Indexes found;
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            if (able(home_.entities()[i]) && in_place(i)) {
                candidates.push_back(i);
                const auto& forms = home_.spoken_forms(i);
                if (std::find(forms.begin(), forms.end(), said) != forms.end()) {
                    found.push_back(i);
                }
            }
        }
        if (!found.empty()) {
            found = found.size() > 1 ? one_of(found) : found;
            note(found, as_said, "name");
            return found;
        }
        found = named_by_plural(home_, candidates, said, language_);
        if (!found.empty()) {
            note(found, as_said, "plural");
            return found;
        }
        found = named_by_end(home_, candidates, said);
        if (found.size() > 1) {
            found = one_of(found);
            note(found, as_said, "part of its name");
            return found;
        }
        return named_nearly(as_said, said, found.empty() ? candidates : found, !found.empty());
    }

    // A slip is taken for the one name it is near to; anything that needs care is asked about first.
    // `is_part`: the one candidate is called so, and more.
    Indexes named_nearly(const std::string& as_said,
                         const std::string& said,
                         const Indexes& candidates,
                         bool is_part) {
        const auto near =
            is_part ? std::vector<NearName>{{0, candidates.front()}} : near_names(home_, candidates, said);
        const bool one = !near.empty() && near.front().edits <= edits_allowed(said.size()) &&
                         (near.size() == 1 || near[1].edits > near.front().edits);
        if (one && (!(risky_ && risky_(near.front().entity)) || was_picked(near.front().entity))) {
            const HomeEntity& entity = home_.entities()[near.front().entity];
            out_.text += phrase(Phrase::TookFor, language_, as_said, entity.name);
            note({near.front().entity}, as_said, is_part ? "part of its name" : "typo");
            return {near.front().entity};
        }
        out_.meaning = one ? Meaning::Clarify : Meaning::NotFound;
        out_.text = phrase(Phrase::NothingCalled, language_, as_said);
        std::vector<std::string> names;
        for (std::size_t i = 0; i < std::min(near.size(), kNearestNamesMax); ++i) {
            const HomeEntity& entity = home_.entities()[near[i].entity];
            out_.choices.push_back({entity.id, entity.name});
            names.push_back(entity.name);
        }
        if (!names.empty()) {
            out_.text += phrase(Phrase::DidYouMean, language_, enumerate(names, Phrase::Or, language_));
        }
        return {};
    }

    Indexes select_by_kind(const Able& able) {
        const std::string domain = domain_;
        Indexes found;
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            const HomeEntity& entity = home_.entities()[i];
            if (able(entity) && in_place(i) && is_of_class(entity) &&
                (domain.empty() || entity.domain == domain || tells_instead(entity))) {
                found.push_back(i);
            }
        }
        if (found.empty()) {
            const std::string place = place_said();
            const std::string kind = kind_of_thing(domain, language_);
            out_.meaning = Meaning::NotFound;
            out_.text = place.empty() ? phrase(Phrase::NothingOfKind, language_, kind)
                                      : phrase(Phrase::NothingIn, language_, kind, place);
        } else if (found.size() > 1 && means_one()) {
            found = one_of(found);
        } else if (found.size() > kCommandsMax) {
            out_.meaning = Meaning::Clarify;
            out_.text = phrase(Phrase::TooMany, language_, std::to_string(found.size()));
            found.clear();
        }
        note(found, place_said(), "kind");
        return found;
    }

    // "The light in the kitchen", or nothing said about which: not all there are.
    bool means_one() const {
        const std::string& intent = recognition_.intent;
        const bool says_which = recognition_.slot("domain") != nullptr ||
                                recognition_.slot("device_class") != nullptr || !place_said().empty();
        const bool sweeps = intent == "HassTurnOn" || intent == "HassTurnOff" || intent == "HassGetState";
        return string_slot(recognition_, "quantity") == "one" || (!says_which && !sweeps);
    }

    // "Is any window open" is about what opens windows and about what only looks at them.
    bool tells_instead(const HomeEntity& entity) const {
        return recognition_.intent == "HassGetState" && domain_ == "cover" && tells_of_an_opening(entity);
    }

    bool is_of_class(const HomeEntity& entity) const {
        const Slot* wanted = recognition_.slot("device_class");
        return wanted == nullptr || is_opening_of(entity, wanted->value) ||
               (entity.device_class.empty() && entity.domain == "cover");
    }

    std::string place_said() const {
        const std::string area = string_slot(recognition_, "area");
        return area.empty() ? string_slot(recognition_, "floor") : area;
    }

    bool in_place(std::size_t entity) const {
        const std::string& area = home_.entities()[entity].area;
        const Slot* wanted = recognition_.slot("area");
        const Slot* floor = recognition_.slot("floor");
        return (wanted == nullptr || spoken_form(area) == spoken_form(wanted->value)) &&
               (floor == nullptr || spoken_form(home_.floor_of(area)) == spoken_form(floor->value));
    }

    bool was_picked(std::size_t entity) const {
        return std::find(speaker_.picked.begin(), speaker_.picked.end(), home_.entities()[entity].id) !=
               speaker_.picked.end();
    }

    // The one that was chosen, the one where the speaker is, or none and a question back.
    Indexes one_of(const Indexes& found) {
        Indexes here;
        std::copy_if(found.begin(), found.end(), std::back_inserter(here),
                     [this](std::size_t i) { return was_picked(i); });
        if (here.size() == 1) {
            note(here, "", "choice");
            return here;
        }
        here.clear();
        std::copy_if(found.begin(), found.end(), std::back_inserter(here), [this](std::size_t i) {
            return !speaker_.area.empty() &&
                   spoken_form(home_.entities()[i].area) == spoken_form(speaker_.area);
        });
        if (here.size() == 1) {
            note(here, speaker_.area, "here");
            return here;
        }
        out_.meaning = Meaning::Clarify;
        out_.choices.clear();
        std::vector<std::string> labels;
        for (const std::size_t index : found) {
            const HomeEntity& entity = home_.entities()[index];
            const std::string label =
                entity.area.empty() ? entity.name : entity.name + " (" + entity.area + ")";
            if (out_.choices.size() < kChoicesMax) {
                out_.choices.push_back({entity.id, label});
                labels.push_back(label);
            }
        }
        out_.text = phrase(Phrase::WhichOne, language_, enumerate(labels, Phrase::Or, language_));
        return {};
    }

    void note(const Indexes& found, const std::string& said, const char* how) {
        for (const std::size_t index : found) {
            const std::string& id = home_.entities()[index].id;
            const bool noted = std::any_of(out_.found.begin(), out_.found.end(),
                                           [&](const Found& one) { return one.entity == id; });
            if (!noted) {
                out_.found.push_back({said, how, id});
            }
        }
    }

    const Recognition& recognition_;
    const Home& home_;
    const Speaker& speaker_;
    std::string_view language_;
    std::string domain_;
    std::optional<Indexes> only_;
    std::function<bool(std::size_t)> risky_;
    Understanding out_;
};

}  // namespace

Understanding resolve(const Recognition& recognition,
                      const Home& home,
                      const Speaker& speaker,
                      std::string_view language) {
    return Resolver(recognition, home, speaker, language).run();
}

Understanding resolve_for(const Recognition& recognition,
                          const std::vector<std::string>& entities,
                          const Home& home,
                          const Speaker& speaker,
                          std::string_view language) {
    Resolver resolver(recognition, home, speaker, language);
    resolver.narrow_to(entities);
    return resolver.run();
}

}  // namespace ambit::language

// resolve(): which entities one recognition means, and what to do with them.
#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "language/phrases.h"
#include "language/text.h"
#include "language/understand.h"

namespace ambit::language {
namespace {

using Indexes = std::vector<std::size_t>;

// Edits (insert, delete, replace a byte) between two short strings.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

std::string string_slot(const Recognition& recognition, std::string_view name) {
    const Slot* slot = recognition.slot(name);
    return slot == nullptr ? std::string() : slot->value;
}

class Resolver {
  public:
    Resolver(const Recognition& recognition,
             const Home& home,
             const Speaker& speaker,
             std::string_view language)
        : recognition_(recognition), home_(home), speaker_(speaker), language_(language) {}

    Understanding run() {
        out_.recognitions = {recognition_};
        const std::string& intent = recognition_.intent;
        if (intent == "HassTurnOn" || intent == "HassTurnOff") {
            turn(intent == "HassTurnOn");
        } else if (intent == "HassLightSet" && recognition_.slot("brightness") != nullptr) {
            set_brightness();
        } else if (intent == "HassGetState") {
            question();
        } else {
            out_.meaning = Meaning::NotUnderstood;
            out_.text = phrase(Phrase::CannotDo, language_, intent);
        }
        return std::move(out_);
    }

  private:
    // On and off; for a lock, as in Home Assistant, locked and unlocked.  A lock is meant only by its name or
    // its kind: "everything off" opens no door.
    void turn(bool on) {
        const auto named = recognition_.context.find("domain");
        if (string_slot(recognition_, "domain") == "lock" ||
            (named != recognition_.context.end() && named->second == "lock")) {
            command(on ? R"({"locked":true})" : R"({"locked":false})", {"lock.set"});
        } else {
            command(on ? R"({"on":true})" : R"({"on":false})", {"light.set", "switch.set"});
        }
    }

    void set_brightness() {
        const double asked = std::atof(string_slot(recognition_, "brightness").c_str());
        const int percent = static_cast<int>(std::clamp(asked, 0.0, 100.0));
        command(percent == 0 ? R"({"on":false})"
                             : R"({"on":true,"brightness_pct":)" + std::to_string(percent) + "}",
                {"light.set"});
    }

    void command(const std::string& input, const std::vector<std::string>& capabilities) {
        const Indexes found = select([&capabilities](const HomeEntity& entity) {
            return std::any_of(entity.capabilities.begin(), entity.capabilities.end(),
                               [&](const auto& capability) {
                                   return std::find(capabilities.begin(), capabilities.end(), capability) !=
                                          capabilities.end();
                               });
        });
        if (found.empty()) {
            return;
        }
        out_.meaning = Meaning::Commands;
        for (const std::size_t index : found) {
            const HomeEntity& entity = home_.entities()[index];
            const auto capability = std::find_first_of(entity.capabilities.begin(), entity.capabilities.end(),
                                                       capabilities.begin(), capabilities.end());
            out_.commands.push_back({*capability, entity.id, input});
        }
    }

    void question() {
        const Indexes found = select([](const HomeEntity&) { return true; });
        if (found.empty()) {
            return;
        }
        Question asked;
        const std::string attribute = string_slot(recognition_, "attribute");
        asked.expected = string_slot(recognition_, "state");
        asked.aspect = !attribute.empty() ? attribute : asked.expected.empty() ? "value" : "on";
        asked.quantifier = string_slot(recognition_, "quantifier");
        for (const std::size_t index : found) {
            asked.entities.push_back(home_.entities()[index].id);
        }
        out_.meaning = Meaning::Question;
        out_.question = std::move(asked);
    }

    // The entities meant, or none when out_ already says why not.
    template <typename Able>
    Indexes select(const Able& able) {
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

    template <typename Able>
    Indexes select_named(const Slot& name, const Able& able) {
        const std::string said = spoken_form(name.text.empty() ? name.value : name.text);
        Indexes found;
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            const auto& forms = home_.spoken_forms(i);
            if (able(home_.entities()[i]) && in_area(i) &&
                std::find(forms.begin(), forms.end(), said) != forms.end()) {
                found.push_back(i);
            }
        }
        if (found.empty()) {
            nothing_called(name.text.empty() ? name.value : name.text, said, able);
        }
        return found.size() > 1 ? one_of(found) : found;
    }

    template <typename Able>
    Indexes select_by_kind(const Able& able) {
        const std::string domain = string_slot(recognition_, "domain");
        Indexes found;
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            const HomeEntity& entity = home_.entities()[i];
            if (able(entity) && in_area(i) && (domain.empty() || entity.domain == domain)) {
                found.push_back(i);
            }
        }
        if (found.empty()) {
            const std::string area = string_slot(recognition_, "area");
            const std::string kind = kind_of_thing(domain, language_);
            out_.meaning = Meaning::NotFound;
            out_.text = area.empty() ? phrase(Phrase::NothingOfKind, language_, kind)
                                     : phrase(Phrase::NothingIn, language_, kind, area);
        } else if (found.size() > 1 && string_slot(recognition_, "quantity") == "one") {
            return one_of(found);
        } else if (found.size() > kCommandsMax) {
            out_.meaning = Meaning::Clarify;
            out_.text = phrase(Phrase::TooMany, language_, std::to_string(found.size()));
            found.clear();
        }
        return found;
    }

    bool in_area(std::size_t entity) const {
        const Slot* area = recognition_.slot("area");
        return area == nullptr || spoken_form(home_.entities()[entity].area) == spoken_form(area->value);
    }

    // The one where the speaker is, or none and a question back.
    Indexes one_of(const Indexes& found) {
        Indexes here;
        std::copy_if(found.begin(), found.end(), std::back_inserter(here), [this](std::size_t i) {
            return !speaker_.area.empty() && home_.entities()[i].area == speaker_.area;
        });
        if (here.size() == 1) {
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

    template <typename Able>
    void nothing_called(const std::string& as_said, const std::string& said, const Able& able) {
        std::vector<std::pair<std::size_t, std::size_t>> near;  // distance, entity
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            if (!able(home_.entities()[i])) {
                continue;
            }
            std::size_t least = std::string::npos;
            for (const std::string& form : home_.spoken_forms(i)) {
                // A length that differs that much can't be within the bound: skip the quadratic part.
                const std::size_t longer = std::max(form.size(), said.size());
                if (longer - std::min(form.size(), said.size()) <= longer / 3) {
                    least = std::min(least, edit_distance(form, said));
                }
            }
            if (least <= said.size() / 3) {
                near.emplace_back(least, i);
            }
        }
        std::stable_sort(near.begin(), near.end());
        near.resize(std::min(near.size(), kNearestNamesMax));
        out_.meaning = Meaning::NotFound;
        out_.text = phrase(Phrase::NothingCalled, language_, as_said);
        std::vector<std::string> names;
        for (const auto& [distance, index] : near) {
            out_.choices.push_back({home_.entities()[index].id, home_.entities()[index].name});
            names.push_back(home_.entities()[index].name);
        }
        if (!names.empty()) {
            out_.text += phrase(Phrase::DidYouMean, language_, enumerate(names, Phrase::Or, language_));
        }
    }

    const Recognition& recognition_;
    const Home& home_;
    const Speaker& speaker_;
    std::string_view language_;
    Understanding out_;
};

}  // namespace

Understanding resolve(const Recognition& recognition,
                      const Home& home,
                      const Speaker& speaker,
                      std::string_view language) {
    return Resolver(recognition, home, speaker, language).run();
}

}  // namespace ambit::language

#include "paraphrase/rewording.h"

#include <algorithm>
#include <optional>
#include <set>

namespace ambit::paraphrase {

std::string_view cut(std::string_view& list, char separator) {
    const std::string_view first = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(list.size(), first.size() + 1));
    return first;
}

bool is_in(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        if (cut(list, ' ') == word) {
            return true;
        }
    }
    return false;
}

namespace {

using intent_model::SlotValue;

// One pattern, filled in.
class Filler {
  public:
    explicit Filler(const std::vector<SlotValue>& slots) : slots_(&slots) {}

    // False: a slot that it must have was not said.
    bool fill(std::string_view pattern) {
        while (!pattern.empty()) {
            if (pattern.front() == '[') {
                const std::size_t end = pattern.find(']');
                Filler inner = *this;
                if (inner.fill(pattern.substr(1, end - 1))) {
                    *this = std::move(inner);
                }
                pattern.remove_prefix(end + 1);
            } else if (pattern.front() == '{') {
                const std::size_t end = pattern.find('}');
                if (!put(pattern.substr(1, end - 1))) {
                    return false;
                }
                pattern.remove_prefix(end + 1);
            } else {
                out_.words.push_back(pattern.front());
                pattern.remove_prefix(1);
            }
        }
        return true;
    }

    bool used(const std::string& slot) const { return used_.contains(slot); }

    language::Rewording& result() { return out_; }

  private:
    bool put(std::string_view place) {
        const std::string_view name = cut(place, '=');
        const auto said = std::find_if(slots_->begin(), slots_->end(),
                                       [name](const SlotValue& slot) { return slot.name == name; });
        if (said == slots_->end()) {
            out_.words += place;
            return !place.empty();
        }
        out_.taken.push_back({out_.words.size(), said->value.size(), said->begin});
        out_.words += said->value;
        used_.insert(said->name);
        return true;
    }

    const std::vector<SlotValue>* slots_;
    language::Rewording out_;
    std::set<std::string> used_;
};

}  // namespace

const Meaning* meaning_of(std::string_view label, std::span<const Meaning> meanings) {
    const auto found = std::find_if(meanings.begin(), meanings.end(),
                                    [label](const Meaning& meaning) { return meaning.label == label; });
    return found == meanings.end() ? nullptr : &*found;
}

std::vector<language::Rewording> rewordings(const Meaning& meaning, const std::vector<SlotValue>& slots) {
    std::vector<language::Rewording> out;
    std::set<std::string> names;
    for (const SlotValue& slot : slots) {
        if (!names.insert(slot.name).second) {
            return out;  // two rooms, two times: one sentence won't do
        }
    }
    std::string_view patterns = meaning.patterns;
    while (!patterns.empty()) {
        Filler filler(slots);
        const bool filled = filler.fill(cut(patterns, '|'));
        const bool whole = std::all_of(slots.begin(), slots.end(), [&](const SlotValue& slot) {
            return filler.used(slot.name) || is_in(meaning.idle_slots, slot.name);
        });
        if (filled && whole) {
            out.push_back(std::move(filler.result()));
        }
    }
    return out;
}

}  // namespace ambit::paraphrase

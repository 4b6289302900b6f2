#include "language/reading.h"

#include <algorithm>

#include "language/intents.h"
#include "language/text.h"

namespace ambit::language {
namespace {

bool may_mean(const Guess& guess, const std::string& intent) {
    return std::find(guess.intents.begin(), guess.intents.end(), intent) != guess.intents.end();
}

bool took_any_words(const Recognition& recognition) {
    return std::any_of(recognition.slots.begin(), recognition.slots.end(),
                       [](const Slot& slot) { return slot.wildcard; });
}

// What the home has vouches for what was said.
bool names_the_home(const Recognition& recognition) {
    return std::any_of(recognition.slots.begin(), recognition.slots.end(), [](const Slot& slot) {
        return !slot.wildcard && !slot.text.empty() &&
               (slot.name == "name" || slot.name == "area" || slot.name == "floor");
    });
}

// So does a thing that can do what is meant and is called as one of the template's own words: "warm up the
// car".
bool says_a_thing(const Recognition& recognition, std::string_view utterance, const Home& home) {
    const std::string said = " " + spoken_form(utterance) + " ";
    const auto targets = targets_of(recognition);
    for (std::size_t i = 0; !targets.empty() && i < home.entities().size(); ++i) {
        const auto& able = home.entities()[i].capabilities;
        const bool can = std::any_of(targets.begin(), targets.end(), [&](const Target* target) {
            return std::find(able.begin(), able.end(), target->capability) != able.end();
        });
        const auto& forms = home.spoken_forms(i);
        if (can && std::any_of(forms.begin(), forms.end(), [&](const std::string& form) {
                return said.find(" " + form + " ") != std::string::npos;
            })) {
            return true;
        }
    }
    return false;
}

bool is_beyond_doubt(const Recognition& recognition,
                     std::string_view utterance,
                     const Home& home,
                     const Rung& rung) {
    return recognition.custom ||
           (!took_any_words(recognition) && (names_the_home(recognition) || !rung.knows(recognition.intent) ||
                                             says_a_thing(recognition, utterance, home)));
}

// A guess of the templates needs a yes; anything else only that there is no clear no, which of words that the
// template has one by one is only this: they mean nothing of ours.
bool is_agreed(const Recognition& recognition, const Rung& rung, const std::optional<Guess>& guess) {
    if (!guess) {
        return !recognition.needs_agreement;
    }
    const bool means_it = may_mean(*guess, recognition.intent);
    const bool known = rung.knows(recognition.intent);
    if (known && recognition.needs_agreement) {
        return means_it && guess->likely;
    }
    const bool nothing_of_ours = guess->intents.empty() && guess->likely;
    const bool refused = (known && nothing_of_ours) || (guess->sure && took_any_words(recognition));
    return means_it || !refused;
}

// Where `words` of the rewording stood in the utterance; what did not stand there was not said.
void say_as_said(Slot& slot, const Rewording& rewording, std::string_view utterance) {
    for (const Taken& taken : rewording.taken) {
        if (!slot.text.empty() && slot.span.begin >= taken.begin &&
            slot.span.end <= taken.begin + taken.size) {
            const std::size_t begin = taken.said_at + (slot.span.begin - taken.begin);
            slot.span = {begin, begin + (slot.span.end - slot.span.begin)};
            slot.text = utterance.substr(slot.span.begin, slot.span.end - slot.span.begin);
            return;
        }
    }
    slot.text.clear();
    slot.span = {};
}

}  // namespace

Result<Reading> read_templates(const Grammar& grammar,
                               std::string_view utterance,
                               const Home& home,
                               const Context& context,
                               const Rung* rung) {
    Reading out;
    AMBIT_TRY_ASSIGN(out.recognition, grammar.recognise(utterance, home.lists(), context));
    if (!out.recognition || rung == nullptr || !grammar.language().starts_with(rung->language()) ||
        is_beyond_doubt(*out.recognition, utterance, home, *rung)) {
        return out;
    }
    out.guess = rung->read(utterance);
    if (!is_agreed(*out.recognition, *rung, out.guess)) {
        out.recognition.reset();
        out.refused = true;
    }
    return out;
}

Result<Reading> read_guess(const Grammar& grammar,
                           std::string_view utterance,
                           const Home& home,
                           const Context& context,
                           const Rung* rung,
                           std::optional<Guess> guess) {
    Reading out;
    out.guess = std::move(guess);
    if (rung == nullptr || !grammar.language().starts_with(rung->language())) {
        return out;
    }
    if (!out.guess) {
        out.guess = rung->read(utterance);
    }
    if (!out.guess || !out.guess->sure || !out.guess->doubt.empty()) {
        return out;
    }
    for (const Rewording& rewording : out.guess->rewordings) {
        AMBIT_TRY_ASSIGN(auto read, grammar.recognise(rewording.words, home.lists(), context));
        if (!read || read->needs_agreement || !may_mean(*out.guess, read->intent)) {
            continue;
        }
        for (Slot& slot : read->slots) {
            say_as_said(slot, rewording, utterance);
        }
        read->rung = out.guess->rung;
        read->confidence = out.guess->confidence;
        read->custom = false;
        out.guess->reworded = rewording.words;
        out.recognition = std::move(read);
        break;
    }
    return out;
}

}  // namespace ambit::language

// What is learned from how a conversation goes: corrections, choices, what was taken back.
#include <algorithm>

#include "language/corrections.h"
#include "language/phrases.h"
#include "language/text.h"
#include "node/conversation.h"

namespace ambit::node {
namespace {

using language::Meaning;
using language::Understanding;

constexpr std::size_t kTellingBytes = 4;  // from this length on a word says what somebody talks about

bool acts(const Understanding& meant) {
    return meant.meaning == Meaning::Commands || meant.meaning == Meaning::Question;
}

// The words that templates read for it.
std::string plain_words(const std::string& said, const Understanding& meant) {
    return language::is_paraphrase(meant) && meant.guess ? meant.guess->reworded : said;
}

const language::Slot* place_in(const language::Recognition& recognition) {
    for (const char* name : {"name", "area", "floor"}) {
        if (const language::Slot* slot = recognition.slot(name)) {
            return slot;
        }
    }
    return nullptr;
}

std::string words_of(const language::Slot& slot) {
    return slot.text.empty() ? slot.value : slot.text;
}

// `words` in spoken form, with the place `from` where it stands as `to`; empty if it doesn't stand there.
std::string with_other_place(const std::string& words, const std::string& from, const std::string& to) {
    const std::string spoken = " " + language::spoken_form(words) + " ";
    const std::string place = " " + language::spoken_form(from) + " ";
    const std::size_t at = place.size() > 2 ? spoken.find(place) : std::string::npos;
    return at == std::string::npos ? std::string()
                                   : language::spoken_form(spoken.substr(0, at) + " " + to + " " +
                                                           spoken.substr(at + place.size()));
}

// What was said now is about what was taken back: the same things, or some of its words.
bool is_related(const std::string& text,
                const Understanding& meant,
                const std::string& words,
                const Understanding& undone) {
    for (const language::Command& now : meant.commands) {
        for (const language::Command& then : undone.commands) {
            if (now.entity == then.entity) {
                return true;
            }
        }
    }
    const std::vector<std::string> before = language::words_in(words);
    const std::vector<std::string> after = language::words_in(text);
    return std::any_of(after.begin(), after.end(), [&](const std::string& word) {
        return word.size() >= kTellingBytes && std::find(before.begin(), before.end(), word) != before.end();
    });
}

}  // namespace

std::optional<Conversation::Correction> Conversation::correction(const std::string& text,
                                                                 Speaking& speaking,
                                                                 Now now) {
    if (now.mono - speaking.missed_at > language::kTalkLife) {
        speaking.missed_words.clear();
    }
    if (!speaking.talk.last() && speaking.missed_words.empty()) {
        return std::nullopt;
    }
    for (const language::Grammar& grammar : grammars_) {
        const auto rest = language::corrected_to(text, grammar.language());
        if (!rest) {
            continue;
        }
        auto meant = understand(*rest, lessons_.lessons(skip_words(), speaking.of), nullptr,
                                learning_.rung(speaking.of));
        if (!meant || !acts(*meant)) {
            return std::nullopt;
        }
        Correction out{*rest, std::move(*meant)};
        const bool undoes =
            speaking.missed_words.empty() && speaking.talk.last() && !speaking.talk.last()->commands.empty();
        if (undoes && out.meant.meaning == Meaning::Commands) {
            out.meant.meaning = Meaning::Undo;
        }
        return out;
    }
    return std::nullopt;
}

// Nothing is learned about words that sentences read by themselves: whoever said them had a slip.
std::string Conversation::learn_correction(const Correction& correction, Speaking& speaking, Now now) {
    const bool missed = !speaking.missed_words.empty();
    const std::string said = missed ? speaking.missed_words : speaking.last_words;
    const bool misread = missed || (speaking.talk.last() && language::is_paraphrase(*speaking.talk.last()));
    const std::string language = correction.meant.language;
    const std::string means = misread ? plain_words(correction.words, correction.meant) : "";
    std::string note;
    if (!said.empty() && language::spoken_form(said) != language::spoken_form(correction.words)) {
        const auto earlier = lessons_.shown(speaking.of);
        const auto against = std::find_if(earlier.begin(), earlier.end(), [&](const language::Shown& shown) {
            return !means.empty() && !shown.means.empty() && shown.means != means &&
                   language::spoken_form(shown.said) == language::spoken_form(said);
        });
        const auto kept =
            lessons_.keep_example({"corrected", said, means}, correction.meant, speaking.of, now);
        if (kept && !means.empty()) {
            note = phrase(language::Phrase::Remembered, language, said, means);
            if (against != earlier.end()) {
                note = phrase(language::Phrase::SaidBefore, language, against->said, against->means);
            }
        }
    }
    speaking.last_words = correction.words;
    speaking.missed_words.clear();
    speaking.waiting_words.clear();
    speaking.undone.reset();
    return note;
}

void Conversation::learn_from(const std::string& text,
                              const Understanding& meant,
                              Speaking& speaking,
                              Now now) {
    const language::Talk& talk = speaking.talk;
    if (talk.waiting() && acts(meant) && !speaking.waiting_words.empty() &&
        talk.waiting()->recognitions.front().intent == meant.recognitions.front().intent &&
        std::any_of(meant.found.begin(), meant.found.end(),
                    [](const language::Found& found) { return found.how == "choice"; })) {
        learn_choice(meant, speaking, now);
    } else if (meant.meaning == Meaning::Undo && !speaking.last_words.empty() && talk.last()) {
        learn_undo(meant, speaking, now);
    } else if (acts(meant) && speaking.undone) {
        learn_rephrasing(text, meant, speaking, now);
    }
    if (meant.meaning == Meaning::Clarify) {
        speaking.waiting_words =
            talk.waiting() && !speaking.waiting_words.empty() ? speaking.waiting_words : text;
    } else if (acts(meant)) {
        speaking.last_words =
            talk.waiting() && !speaking.waiting_words.empty() ? speaking.waiting_words : text;
        speaking.waiting_words.clear();
    } else if (meant.meaning == Meaning::Undo || meant.meaning == Meaning::Nothing) {
        speaking.last_words.clear();
        speaking.waiting_words.clear();
    }
    const bool missed = meant.meaning >= Meaning::NotFound;  // or understood, and leading nowhere
    speaking.missed_words = missed ? text : "";
    speaking.missed_at = now.mono;
}

void Conversation::learn_choice(const Understanding& meant, const Speaking& speaking, Now now) {
    const language::Slot* named = place_in(speaking.talk.waiting()->recognitions.front());
    const language::HomeEntity* chosen =
        meant.commands.size() == 1 ? home_.home().find(meant.commands.front().entity) : nullptr;
    std::string means;
    if (named != nullptr && chosen != nullptr) {
        for (const std::string& name : {chosen->name, chosen->area + " " + chosen->name}) {
            means = means.empty()
                        ? checked(with_other_place(speaking.waiting_words, words_of(*named), name), meant)
                        : means;
        }
    }
    (void)lessons_.keep_example({"chosen", speaking.waiting_words, means}, meant, speaking.of, now);
}

void Conversation::learn_undo(const Understanding& meant, Speaking& speaking, Now now) {
    const Understanding& last = *speaking.talk.last();
    const bool misread = language::is_paraphrase(last);
    if (meant.commands.empty()) {
        const auto kept = lessons_.keep_example(
            {misread ? std::string(kWrong) : "undone", speaking.last_words, ""}, last, speaking.of, now);
        if (misread) {
            speaking.undone = Speaking::Undone{speaking.last_words, kept, last, now.mono};
        }
        return;
    }
    // "No, the bedroom": the same of another thing.
    std::string means;
    const language::Slot* before = misread ? place_in(last.recognitions.front()) : nullptr;
    const language::Slot* after = meant.recognitions.empty() ? nullptr : place_in(meant.recognitions.front());
    if (before != nullptr && after != nullptr) {
        means = checked(
            with_other_place(last.guess ? last.guess->reworded : "", words_of(*before), words_of(*after)),
            meant);
    }
    (void)lessons_.keep_example({"corrected", speaking.last_words, means}, meant, speaking.of, now);
}

void Conversation::learn_rephrasing(const std::string& text,
                                    const Understanding& meant,
                                    Speaking& speaking,
                                    Now now) {
    const Speaking::Undone undone = *std::exchange(speaking.undone, std::nullopt);
    if (now.mono - undone.at > language::kTalkLife || !is_related(text, meant, undone.words, undone.meant) ||
        language::spoken_form(text) == language::spoken_form(undone.words)) {
        return;
    }
    const auto kept =
        lessons_.keep_example({"corrected", undone.words, plain_words(text, meant)}, meant, speaking.of, now);
    if (kept && undone.example) {
        if (const auto forgotten = lessons_.forget(*undone.example, now); !forgotten) {
            parts_.health.bad("facts.write", forgotten.error());
        }
    }
}

std::string Conversation::checked(const std::string& words, const Understanding& meant) const {
    const auto read = words.empty() ? Result<Understanding>(Understanding{})
                                    : understand(words, language::Lessons(), nullptr, nullptr);
    const bool same = read && read->meaning < Meaning::NotFound && read->commands == meant.commands &&
                      !meant.commands.empty();
    return same ? words : "";
}

}  // namespace ambit::node

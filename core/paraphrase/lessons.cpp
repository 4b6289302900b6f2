// What lessons change: Paraphrase::taught() and what is read with its help.
#include <algorithm>
#include <array>
#include <cctype>

#include "intent_model/network.h"
#include "intent_model/numeric.h"
#include "paraphrase/paraphrase.h"
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

using intent_model::Token;

constexpr std::array kHolders = {"{name}", "{area}", "{floor}"};
constexpr std::size_t kRounds = 8;  // of leaving out lessons that break earlier ones

// Words that turn a meaning round, or say which one of several: where one is new, the lesson is not meant.
constexpr std::array kDeciding = {
    "on",     "off",     "up",     "down",   "open",    "close",    "closed", "opened",   "more",
    "less",   "lock",    "unlock", "start",  "stop",    "all",      "both",   "every",    "warmer",
    "colder", "cooler",  "louder", "softer", "quieter", "brighter", "darker", "dimmer",   "first",
    "second", "last",    "left",   "right",  "other",   "one",      "two",    "three",    "four",
    "five",   "six",     "seven",  "eight",  "nine",    "ten",      "eleven", "twelve",   "fifteen",
    "twenty", "thirty",  "forty",  "fifty",  "sixty",   "seventy",  "eighty", "ninety",   "hundred",
    "half",   "quarter", "not",    "don't",  "dont",    "never",    "no",     "unless",   "if",
    "when",   "except",  "but",    "until",  "after",   "before",   "while",  "whenever", "without",
    "during", "how",     "does",   "why"};

bool decides(const std::string& word) {
    return std::find(kDeciding.begin(), kDeciding.end(), word) != kDeciding.end() ||
           std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool has(const std::vector<Token>& words, const std::string& word) {
    return std::any_of(words.begin(), words.end(), [&](const Token& one) { return one.text == word; });
}

// Without marks: "now!" is the same as "now".
std::vector<std::string> bare_words(const std::vector<Token>& words) {
    std::vector<std::string> out;
    for (const Token& word : words) {
        const bool mark =
            word.text.size() == 1 && std::ispunct(static_cast<unsigned char>(word.text[0])) != 0;
        if (!mark) {
            out.push_back(word.text);
        }
    }
    return out;
}

// In any case, as whole words; npos if it is not there.
std::size_t place_of(std::string_view text, std::string_view words) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    for (std::size_t at = 0; !words.empty() && at + words.size() <= text.size(); ++at) {
        const bool same =
            std::equal(words.begin(), words.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                       [&](char a, char b) { return lower(a) == lower(b); });
        const std::size_t end = at + words.size();
        if (same && (at == 0 || text[at - 1] == ' ') && (end == text.size() || text[end] == ' ')) {
            return at;
        }
    }
    return std::string_view::npos;
}

std::string without_holders(std::string text) {
    for (const char* holder : kHolders) {
        if (const std::size_t at = text.find(holder); at != std::string::npos) {
            text.erase(at, std::string_view(holder).size());
        }
    }
    return text;
}

// What is said in both may vary: the lesson about the kitchen is one about the bedroom, too.
void let_places_vary(language::Shown& lesson) {
    for (const auto& [kind, words] : lesson.places) {
        const std::string holder = "{" + kind + "}";
        const std::size_t at = place_of(lesson.means, words);
        if (at != std::string_view::npos && place_of(lesson.said, words) != std::string_view::npos &&
            lesson.means.find(holder) == std::string::npos) {
            lesson.means.replace(at, words.size(), holder);
        }
    }
}

bool agree(const language::Guess& guess, const std::string& intent) {
    return std::find(guess.intents.begin(), guess.intents.end(), intent) != guess.intents.end();
}

}  // namespace

std::unique_ptr<const language::Rung> Paraphrase::taught(const std::vector<language::Shown>& lessons) const {
    auto out = std::unique_ptr<Paraphrase>(new Paraphrase(model_));
    for (const language::Shown& lesson : lessons) {
        Known known{lesson, intent_model::tokens_of(without_holders(lesson.said))};
        if (known.words.empty() || out->known_.size() >= intent_model::kLessonsMax) {
            continue;
        }
        const std::vector<std::string> words = bare_words(known.words);
        const auto earlier = std::find_if(out->known_.begin(), out->known_.end(), [&](const Known& one) {
            return bare_words(one.words) == words && one.lesson.means != lesson.means;
        });
        if (earlier != out->known_.end()) {
            out->clash(lesson.id, earlier->lesson.id);
        } else {
            out->known_.push_back(std::move(known));
        }
    }
    out->adapt();
    for (Known& known : out->known_) {
        let_places_vary(known.lesson);
        out->recall_.add(model_->encode(without_holders(known.lesson.said), kHead));
    }
    return out;
}

void Paraphrase::clash(const std::string& lesson, const std::string& earlier) {
    const language::Clash clash{lesson, earlier};
    if (std::find(clashes_.begin(), clashes_.end(), clash) == clashes_.end()) {
        clashes_.push_back(clash);
    }
}

void Paraphrase::adapt() {
    for (std::size_t round = 0; round < kRounds; ++round) {
        std::vector<intent_model::Lesson> lessons;
        for (const Known& known : known_) {
            if (auto lesson = label_lesson(known)) {
                lessons.push_back(std::move(*lesson));
            }
        }
        auto personal = intent_model::Personal::adapt(*model_, kHead, lessons);
        if (!personal) {
            return;  // the model alone, then; the lessons are still found by likeness
        }
        std::vector<std::string> bad;
        for (const intent_model::Trouble& trouble : personal->troubles()) {
            if (trouble.kind == intent_model::Trouble::Kind::contradicts) {
                bad.push_back(trouble.lesson);
                clash(trouble.lesson, trouble.other);
            }
        }
        if (bad.empty()) {
            personal_ = std::move(*personal);
            return;
        }
        std::erase_if(known_, [&](const Known& known) {
            return std::find(bad.begin(), bad.end(), known.lesson.id) != bad.end();
        });
    }
}

std::optional<intent_model::Lesson> Paraphrase::label_lesson(const Known& known) const {
    if (known.lesson.intent.empty() || known.lesson.means.empty()) {
        return std::nullopt;
    }
    const std::string said = without_holders(known.lesson.said);
    // Of the labels that may mean it, the one that its other words are read as.
    const intent_model::Encoded encoded = model_->encode(without_holders(known.lesson.means), kHead);
    const std::vector<std::string>& labels = model_->head(kHead)->intents;
    std::string best;
    float most = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const Meaning* meaning = meaning_of(labels[i]);
        if (meaning != nullptr && is_in(meaning->intents, known.lesson.intent) &&
            (best.empty() || encoded.intent_logits[i] > most)) {
            best = labels[i];
            most = encoded.intent_logits[i];
        }
    }
    const auto plain = model_->read(said, kHead);
    if (best.empty() || !plain) {
        return std::nullopt;
    }
    intent_model::Lesson lesson{known.lesson.id, said, best, {}};
    for (const intent_model::SlotValue& slot : plain->slots) {
        lesson.slots.push_back({slot.name, slot.begin, slot.end});
    }
    return lesson;
}

void Paraphrase::recall(std::string_view utterance, language::Guess& guess) const {
    const intent_model::Encoded encoded =
        known_.empty() ? intent_model::Encoded{} : model_->encode(utterance, kHead);
    const auto hit = recall_.nearest(encoded);
    if (!hit) {
        return;
    }
    const Known& known = known_[hit->which];
    const bool turned = std::any_of(encoded.words.begin(), encoded.words.end(), [&](const Token& word) {
        return decides(word.text) && !has(known.words, word.text);
    });
    const float odds = intent_model::exponential(kLikeness * (kLikeALesson - hit->nearness));
    const double likely = 1 / (1 + static_cast<double>(odds));
    if (turned || likely < 0.5) {
        return;
    }
    if (known.lesson.means.empty()) {
        guess.confidence *= 1 - likely;
        guess.likely = false;
        guess.sure = false;
        guess.lesson = known.lesson.id;
        return;
    }
    const double confidence =
        likely + (agree(guess, known.lesson.intent) ? (1 - likely) * guess.confidence : 0.0);
    if (confidence < kSureToAct) {
        return;
    }
    if (!agree(guess, known.lesson.intent)) {
        guess.rewordings.clear();
        guess.next_best.insert(guess.next_best.begin(), {guess.label, guess.confidence * (1 - likely)});
    }
    guess.label = known.lesson.said;
    guess.intents = {known.lesson.intent};
    guess.confidence = confidence;
    guess.likely = true;
    guess.sure = true;
    guess.doubt.clear();
    guess.lesson = known.lesson.id;
    guess.means = known.lesson.means;
}

}  // namespace ambit::paraphrase

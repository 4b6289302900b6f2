#include "paraphrase/paraphrase.h"

#include <algorithm>
#include <array>

#include "intent_model/network.h"
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

constexpr std::array kTurning = {"not",      "don't",  "dont",    "never",  "no",    "unless", "if",
                                 "when",     "except", "but",     "until",  "after", "before", "while",
                                 "whenever", "every",  "without", "during", "how",   "does",   "why"};

bool may_mean(const language::Guess& guess, std::string_view intent) {
    return std::find(guess.intents.begin(), guess.intents.end(), intent) != guess.intents.end();
}

std::vector<std::string> intents_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        out.emplace_back(cut(list, ' '));
    }
    return out;
}

// Why it should not count, whatever the model is sure of.
std::string doubt_about(std::string_view utterance, const Meaning& meaning) {
    for (const intent_model::Token& word : intent_model::tokens_of(utterance)) {
        const bool turns = std::find(kTurning.begin(), kTurning.end(), word.text) != kTurning.end();
        if ((meaning.acts && turns) || is_in(meaning.unless, word.text)) {
            return "it says \"" + word.text + "\"";
        }
    }
    return "";
}

// An amount of time stands before its unit: ten hours are not ten minutes, however alike the words are.
bool units_fit(std::string_view utterance, const std::vector<intent_model::SlotValue>& slots) {
    return std::all_of(slots.begin(), slots.end(), [utterance](const intent_model::SlotValue& slot) {
        if (slot.name != "hours" && slot.name != "minutes" && slot.name != "seconds") {
            return true;
        }
        const auto behind = intent_model::tokens_of(utterance.substr(slot.end));
        const auto unit = std::find_if(behind.begin(), behind.end(),
                                       [](const intent_model::Token& word) { return word.text != "-"; });
        return unit != behind.end() && (unit->text.starts_with(slot.name.substr(0, 3)) ||
                                        (slot.name == "hours" && unit->text.starts_with("hr")));
    });
}

language::Guess plain_guess(const intent_model::Prediction& read) {
    language::Guess guess;
    guess.rung = "T1";
    guess.label = read.intent;
    guess.confidence = read.confidence;
    guess.lesson = read.lesson;
    for (const auto& next : read.next_best) {
        guess.next_best.emplace_back(next.intent, next.probability);
    }
    return guess;
}

}  // namespace

Result<std::unique_ptr<Paraphrase>> Paraphrase::load(ByteView file) {
    AMBIT_TRY_ASSIGN(intent_model::IntentModel model, intent_model::IntentModel::load(file));
    if (model.head(kHead) == nullptr) {
        return Error{ErrorCode::UnknownHead, std::string(kHead)};
    }
    return std::unique_ptr<Paraphrase>(
        new Paraphrase(std::make_shared<const intent_model::IntentModel>(std::move(model))));
}

bool Paraphrase::knows(std::string_view intent) const {
    const intent_model::Head* own = model_->head(kOwnHead);
    if (own != nullptr && own->intent(intent)) {
        return true;
    }
    // A device's own model has some of the labels.
    const auto all = all_meanings();
    const intent_model::Head& labels = *model_->head(kHead);
    return std::any_of(all.begin(), all.end(), [&](const Meaning& meaning) {
        return is_in(meaning.intents, intent) && labels.intent(meaning.label);
    });
}

std::string Paraphrase::another_meaning(std::string_view utterance) const {
    const auto other = model_->read(utterance, kOtherHead);
    return other && other->confidence >= kSureOfAnother && !is_in(shared_labels(), other->intent)
               ? other->intent
               : "";
}

language::Guess Paraphrase::guess_of(const intent_model::Prediction& read, std::string_view utterance) const {
    language::Guess guess = plain_guess(read);
    const Meaning* meaning = meaning_of(read.intent);
    const bool acts = meaning != nullptr && meaning->acts;
    guess.likely = read.confidence >= kLikely;
    guess.sure = read.confidence >= (acts ? kSureToAct : kSureToAnswer);
    if (meaning != nullptr) {
        guess.intents = intents_of(meaning->intents);
        guess.doubt = doubt_about(utterance, *meaning);
        if (const std::string other = another_meaning(utterance); guess.doubt.empty() && !other.empty()) {
            guess.doubt = "it looks like \"" + other + "\"";
        }
        guess.rewordings = rewordings(*meaning, read.slots);
    }
    return guess;
}

void Paraphrase::ask_own_head(std::string_view utterance, language::Guess& guess) const {
    const auto read = model_->read(utterance, kOwnHead);
    if (!read || !guess.lesson.empty()) {
        return;
    }
    if (guess.sure) {
        const bool another =
            read->confidence > static_cast<float>(guess.confidence) && !may_mean(guess, read->intent);
        guess.doubt = another && guess.doubt.empty() ? "it looks like " + read->intent : guess.doubt;
        return;
    }
    if (read->foreign >= kSurelyForeign) {
        guess = plain_guess(*read);
        guess.label = intent_model::kForeign;
        guess.confidence = read->foreign;
        guess.likely = true;
        return;
    }
    const bool is_contested = guess.likely && !guess.intents.empty() && !may_mean(guess, read->intent);
    if (read->confidence < kLikely || is_contested) {
        return;
    }
    guess = plain_guess(*read);
    guess.likely = true;
    guess.intents = {read->intent};
    if (const Meaning* meaning = meaning_of(read->intent, own_meanings())) {
        guess.sure = read->confidence >= kSureOfOwn;
        guess.doubt = doubt_about(utterance, *meaning);
        if (units_fit(utterance, read->slots)) {
            guess.rewordings = rewordings(*meaning, read->slots);
        }
    }
}

std::optional<language::Guess> Paraphrase::read(std::string_view utterance) const {
    const auto read = model_->read(utterance, kHead, personal_ ? &*personal_ : nullptr);
    if (!read || read->intent.empty()) {
        return std::nullopt;
    }
    language::Guess guess = guess_of(*read, utterance);
    ask_own_head(utterance, guess);
    recall(utterance, guess);
    return guess;
}

}  // namespace ambit::paraphrase

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

std::vector<std::string> intents_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        out.emplace_back(cut(list, ' '));
    }
    return out;
}

// Why it should not be done at once, whatever the model is sure of.
std::string doubt_about(std::string_view utterance) {
    for (const intent_model::Token& word : intent_model::tokens_of(utterance)) {
        if (std::find(kTurning.begin(), kTurning.end(), word.text) != kTurning.end()) {
            return "it says \"" + word.text + "\"";
        }
    }
    return "";
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
    // A device's own model has some of the labels.
    const auto all = all_meanings();
    const std::vector<std::string>& labels = model_->head(kHead)->intents;
    return std::any_of(all.begin(), all.end(), [&](const Meaning& meaning) {
        return is_in(meaning.intents, intent) &&
               std::find(labels.begin(), labels.end(), meaning.label) != labels.end();
    });
}

std::string Paraphrase::another_meaning(std::string_view utterance) const {
    const auto other = model_->read(utterance, kOtherHead);
    return other && other->confidence >= kSureOfAnother && !is_in(shared_labels(), other->intent)
               ? other->intent
               : "";
}

language::Guess Paraphrase::guess_of(const intent_model::Prediction& read, std::string_view utterance) const {
    language::Guess guess;
    guess.rung = "T1";
    guess.label = read.intent;
    guess.confidence = read.confidence;
    guess.lesson = read.lesson;
    for (const auto& next : read.next_best) {
        guess.next_best.emplace_back(next.intent, next.probability);
    }
    const Meaning* meaning = meaning_of(read.intent);
    const bool acts = meaning != nullptr && meaning->acts;
    guess.likely = read.confidence >= kLikely;
    guess.sure = read.confidence >= (acts ? kSureToAct : kSureToAnswer);
    if (meaning != nullptr) {
        guess.intents = intents_of(meaning->intents);
        guess.doubt = acts ? doubt_about(utterance) : "";
        if (const std::string other = another_meaning(utterance); guess.doubt.empty() && !other.empty()) {
            guess.doubt = "it looks like \"" + other + "\"";
        }
        guess.rewordings = rewordings(*meaning, read.slots);
    }
    return guess;
}

std::optional<language::Guess> Paraphrase::read(std::string_view utterance) const {
    const auto read = model_->read(utterance, kHead, personal_ ? &*personal_ : nullptr);
    if (!read || read->intent.empty()) {
        return std::nullopt;
    }
    language::Guess guess = guess_of(*read, utterance);
    recall(utterance, guess);
    return guess;
}

}  // namespace ambit::paraphrase

// Paraphrase: rung T1 of language: the small model reads what no template has, and says it in our templates'
// words.
//
// Ownership: owns its model.  Threads: const calls from any thread.  Failure: ModelBroken (3121) or
// UnknownHead (3123) for a file that can't be used.  Spec: docs/spec/sentences.md, "The next rung";
// docs/intent-model.md.
#pragma once

#include "base/bytes.h"
#include "intent_model/intent_model.h"
#include "language/rung.h"

namespace ambit::paraphrase {

inline constexpr std::string_view kHead = "massive";
// From this confidence on a reading counts: fixed on the tuning slice of the training data, where nearly all
// that is out of scope and yet read with some confidence looks like a question, and hardly any like something
// to do.
inline constexpr float kSureToAct = 0.75F;
inline constexpr float kSureToAnswer = 0.9F;
// From this one on it vouches for what the templates guessed, or refuses what they made of words that mean
// nothing of ours: on the tuning slice none of 458 right readings is lost by either.
inline constexpr float kLikely = 0.5F;
// A second opinion, of a head that knows other things to ask an assistant for (banks, travel, its own voice):
// from this confidence on in one of them the first does not count.  On the training sentences of the first,
// which the second never saw, 1 in 100 readings is lost.
inline constexpr std::string_view kOtherHead = "clinc";
inline constexpr float kSureOfAnother = 0.9F;

class Paraphrase final : public language::Rung {
  public:
    // `file`: of an intent model with head kHead.
    static Result<std::unique_ptr<Paraphrase>> load(ByteView file);

    std::string_view language() const override { return "en"; }

    bool knows(std::string_view intent) const override;
    std::optional<language::Guess> read(std::string_view utterance) const override;

  private:
    explicit Paraphrase(intent_model::IntentModel model) : model_(std::move(model)) {}

    // What else it is likelier to mean; else empty.
    std::string another_meaning(std::string_view utterance) const;

    intent_model::IntentModel model_;
};

}  // namespace ambit::paraphrase

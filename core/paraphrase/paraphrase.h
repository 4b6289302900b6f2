// Paraphrase: rung T1 of language: the small model reads what no template has, and says it in our templates'
// words.
//
// What people taught and corrected is a layer over the model (taught()), which is never changed.
// Ownership: shares its model with those that were made of it by taught().  Threads: const calls from any
// thread.  Failure: ModelBroken (3121) or UnknownHead (3123) for a file that can't be used.  Spec:
// docs/spec/sentences.md, "The next rung"; docs/intent-model.md.
#pragma once

#include "base/bytes.h"
#include "intent_model/adaptation.h"
#include "intent_model/intent_model.h"
#include "intent_model/recipe.h"
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
// The head of our own grammar's sentences, where kHead is not sure: for intents that it has no label for, and
// for words that mean nothing of ours.  Its own intents count from the first of these on, what is foreign
// from the second: on the tuning slice none of 508 foreign sentences is read as an intent of ours so surely,
// and 1 in 18 of those that may be ours as foreign.
inline constexpr std::string_view kOwnHead = intent_model::kOwnSet;
inline constexpr float kSureOfOwn = 0.9F;
inline constexpr float kSurelyForeign = 0.95F;
// Words as near as this to a lesson's mean what it says as likely as not; how soon that fades.  Fixed on
// pairs of sentences of MASSIVE's train split: half of those that mean the same are nearer than 0.70, one in
// 100 of those that mean the same of something else is nearer than 0.74.
inline constexpr float kLikeALesson = 0.68F;
inline constexpr float kLikeness = 16;

class Paraphrase final : public language::Rung {
  public:
    // `file`: of an intent model with head kHead.
    static Result<std::unique_ptr<Paraphrase>> load(ByteView file);

    std::string_view language() const override { return "en"; }

    bool knows(std::string_view intent) const override;
    std::optional<language::Guess> read(std::string_view utterance) const override;
    std::unique_ptr<const language::Rung> taught(const std::vector<language::Shown>& lessons) const override;

    std::vector<language::Clash> clashes() const override { return clashes_; }

  private:
    // A lesson, ready to be compared with.
    struct Known {
        language::Shown lesson;  // `means` with place-holders for the places that `said` has, too
        std::vector<intent_model::Token> words;
    };

    explicit Paraphrase(std::shared_ptr<const intent_model::IntentModel> model) : model_(std::move(model)) {}

    language::Guess guess_of(const intent_model::Prediction& read, std::string_view utterance) const;
    // What the head of our own grammar makes of it, where it knows better, or as well.
    void ask_own_head(std::string_view utterance, language::Guess& guess) const;
    // What else it is likelier to mean; else empty.
    std::string another_meaning(std::string_view utterance) const;
    // What a lesson that is near makes of it.
    void recall(std::string_view utterance, language::Guess& guess) const;
    // Lessons for the model's own labels, where one may mean what was shown; those that break earlier ones
    // go, and are in clashes_.
    void adapt();
    std::optional<intent_model::Lesson> label_lesson(const Known& known) const;
    void clash(const std::string& lesson, const std::string& earlier);

    std::shared_ptr<const intent_model::IntentModel> model_;
    std::optional<intent_model::Personal> personal_;
    std::vector<Known> known_;
    intent_model::Recall recall_;  // of known_
    std::vector<language::Clash> clashes_;
};

}  // namespace ambit::paraphrase

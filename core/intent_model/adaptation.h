// Adaptation: a person's corrections as a thin layer over the model, made anew from the lessons within a
// second.
//
// The model is never changed.  A lesson weighs on utterances that look like it (a Gaussian kernel over the
// encoder's vector and the words' n-grams), as strongly as it takes for all lessons to be read as taught:
// kernel logistic regression.  So forgetting a lesson is making the layer without it.  A lesson's slots are
// found again in utterances with the same words around them. Ownership: a Personal owns what it needs and
// outlives model and lessons.  Threads: any, reading changes nothing. Errors: UnknownHead (3123);
// LessonRefused (3122) for a lesson no layer can hold; BadExamples (3120) for stored ones.
#pragma once

#include "intent_model/examples.h"
#include "intent_model/intent_model.h"
#include "intent_model/likeness.h"

namespace ambit::intent_model {

constexpr std::size_t kLessonsMax = 500;

struct Lesson {
    std::string id;  // the caller's, unique: what `forget` names
    std::string text;
    std::string intent;
    std::vector<SlotSpan> slots;

    friend bool operator==(const Lesson&, const Lesson&) = default;
};

// What a person should be asked about.
struct Trouble {
    enum class Kind {
        contradicts,  // the lesson `other` is no longer read as taught, or says something else of the same
                      // words
        surprises,    // the model was sure that these words mean `other`, an intent
    };
    Kind kind;
    std::string lesson;
    std::string other;
};

class Personal {
  public:
    // All lessons that can be held; troubles in the order of the lessons.
    static Result<Personal> adapt(const IntentModel& model,
                                  std::string_view head,
                                  const std::vector<Lesson>& lessons);

    const std::vector<Trouble>& troubles() const { return troubles_; }

    std::size_t lessons() const { return held_.size(); }

    // Adds the lessons' weights to the logits of an utterance of the head, and a lesson's slots to its words;
    // returns the id of the lesson that weighed most for the winner, "" if none mattered.
    std::string change(Encoded& encoded, const Head& head) const;

  private:
    struct Held {
        std::string id;
        std::size_t intent = 0;
        Trace trace;
        std::vector<Token> words;
        std::vector<std::uint16_t> tags;
        std::vector<float> weights;  // of each intent
    };

    std::vector<float> likeness(const Encoded& encoded) const;
    void add_weights(const std::vector<float>& likeness, std::vector<float>& logits) const;
    void fit(const std::vector<std::vector<float>>& logits, const std::vector<std::vector<float>>& likeness);
    void find_troubles(const std::vector<std::vector<float>>& logits,
                       const std::vector<std::vector<float>>& likeness,
                       const Head& head);
    void add_slots(const Held& lesson, Encoded& encoded, std::size_t tags) const;

    std::vector<Held> held_;
    std::vector<Trouble> troubles_;
};

// The lessons as JSON and back: what a daemon keeps as facts of the person's audience.
std::string lessons_json(const std::vector<Lesson>& lessons);
Result<std::vector<Lesson>> parse_lessons(std::string_view json);

}  // namespace ambit::intent_model

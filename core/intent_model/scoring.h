// Scoring: how well a model reads sentences whose reading is known.
//
// Ownership: values.  Threads: any.  Failure: UnknownHead (3123).
#pragma once

#include <array>
#include <map>
#include <utility>

#include "intent_model/adaptation.h"

namespace ambit::intent_model {

// Sentences whose confidence fell into one tenth.
struct Tenth {
    std::size_t sentences = 0;
    std::size_t right = 0;
    double confidence = 0;  // sum
};

struct Score {
    std::size_t in_scope = 0;
    std::size_t right = 0;           // of those in scope: the likeliest intent is the true one
    std::size_t accepted_right = 0;  // and not called out of scope
    std::size_t out_of_scope = 0;
    std::size_t refused = 0;      // of those out of scope
    std::size_t spans_right = 0;  // name, begin and end
    std::size_t spans_found = 0;
    std::size_t spans_true = 0;
    std::size_t all_right = 0;  // intent and all slots
    std::array<Tenth, 10> tenths{};
    std::map<std::pair<std::string, std::string>, std::size_t> confused;  // (true, read) -> sentences

    double intent_accuracy() const;    // 0 to 1, as all of these
    double in_scope_accuracy() const;  // of accepted_right
    double out_of_scope_recall() const;
    double slot_f1() const;
    double exact() const;
    // Expected calibration error: |confidence - accuracy|, weighed by sentences, over tenths (Naeini et al.
    // 2015).
    double calibration_error() const;
};

Result<Score> score(const IntentModel& model,
                    std::string_view head,
                    const std::vector<Example>& examples,
                    const Personal* personal = nullptr);

// Adds one sentence, as read, to a score.
void add_to(Score& score, const Example& example, const Prediction& prediction);

// The head that knows most of the examples' intents; "" if none knows half of them.
std::string head_for(const IntentModel& model, const std::vector<Example>& examples);

}  // namespace ambit::intent_model

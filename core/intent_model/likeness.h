// Likeness: how near one utterance is to another, by what the encoder makes of them and by their n-grams.
//
// Ownership: values.  Threads: any.  Failure: none.  Spec: docs/intent-model.md, "Lessons".
#pragma once

#include <optional>

#include "intent_model/intent_model.h"
#include "intent_model/linear.h"

namespace ambit::intent_model {

// What is kept of an utterance to compare others with.
struct Trace {
    std::vector<float> sentence;
    std::vector<LinearFeature> grams;
};

Trace trace_of(const Encoded& encoded);
// 1 for the same words; about 0 for those that have nothing in common.
float nearness(const Trace& a, const Trace& b);

// Utterances whose meaning somebody showed, found again by likeness.
class Recall {
  public:
    struct Hit {
        std::size_t which = 0;  // in the order in which they were added
        float nearness = 0;
    };

    void add(const Encoded& encoded) { traces_.push_back(trace_of(encoded)); }

    // The nearest of all; the later one of those that are equally near.
    std::optional<Hit> nearest(const Encoded& encoded) const;

  private:
    std::vector<Trace> traces_;
};

}  // namespace ambit::intent_model

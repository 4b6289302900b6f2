// Samples: sentences that the templates of a language stand for, with the intent and the slots they were made
// for.
//
// What a model is trained on, and how the tests show that every template can be reached.  Pure: the same
// files, home and seed give the same sentences on every machine.  Ownership: a Sampler is a value that
// borrows nothing.  Threads: one.  Failure: a template that names what the home lacks, or a wildcard without
// `examples`, gives nothing. Spec: docs/spec/sentences.md, "Samples".
#pragma once

#include "language/understand.h"

namespace ambit::language {

struct Sample {
    std::string text;
    std::string intent;
    std::vector<Slot> slots;  // those that were said, with their spans; then those the file fixes, without
    Context context;          // what has to be known beforehand for the sentence to be understood
    std::string template_text;
    std::string file;
    int line = 0;
};

class Sampler {
  public:
    Sampler(const std::string& language,
            const std::vector<SourceFile>& files,
            const Home& home,
            std::uint64_t seed);
    ~Sampler();
    Sampler(Sampler&&) noexcept;
    Sampler& operator=(Sampler&&) noexcept;

    std::size_t template_count() const;
    // A sentence of template number `number`.
    std::optional<Sample> of_template(std::size_t number);
    // Any intent, then any of its templates, so that an intent with many of them isn't sampled more often.
    std::optional<Sample> next();

    struct State;  // sample.cpp

  private:
    std::unique_ptr<State> state_;
};

}  // namespace ambit::language

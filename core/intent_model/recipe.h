// Recipe: from sets of sentences to a model file, in small steps that can stop and go on.
//
// 1. linear models of intents and tags for each head; 2. the network; 3. rounding to 8 bits; 4. calibration
// on the tuning slice.  The same sets and recipe give the same file, byte for byte, on any machine.
// Ownership: owns everything.  Threads: one.
// Failure: BadExamples (3120) for sets it cannot use; ModelBroken (3121) for a checkpoint of another run.
#pragma once

#include <memory>

#include "intent_model/model_parts.h"
#include "intent_model/training.h"

namespace ambit::intent_model {

struct Recipe {
    VocabularySizes vocabulary;
    std::size_t wide_buckets = 4'096;  // 0: no wide part
    float wide_factor = 0.6F;
    std::size_t wide_tag_buckets = 4'096;  // 0: none for tags
    float wide_tag_factor = 0.35F;
    Plan plan;
};

// The recipe of the model that ships ("full"), of smaller ones ("half" ... "twentieth") and of a device's own
// ("device"); null for another name.
const Recipe* recipe_named(std::string_view name);
std::vector<std::string_view> recipe_names();

// What a small device ("car", "speaker", "watch") reads by itself; null for another name.
const std::vector<std::string>* intents_of_device(std::string_view name);
std::vector<std::string_view> device_names();

// The set (and head) of our own grammar's sentences.
inline constexpr std::string_view kOwnSet = "ambit";
// The sets, where the own one has sentences of the others besides: a part of those that ask for nothing a
// household does, labelled kForeign, and those whose label means the same as one of its own.
std::vector<NamedSet> with_others(std::vector<NamedSet> sets);
// False for labels of other sets that surely mean nothing of ours.
bool is_perhaps_ours(std::string_view label);

// Sets in which only these intents are in scope; the others are labelled kForeign, without slots.
std::vector<NamedSet> specialised(std::vector<NamedSet> sets, const std::vector<std::string>& intents);

class RecipeRun {
  public:
    static Result<RecipeRun> create(std::vector<NamedSet> sets, const Recipe& recipe);
    ~RecipeRun();
    RecipeRun(RecipeRun&&) noexcept;
    RecipeRun& operator=(RecipeRun&&) noexcept;

    bool done() const;
    // One batch.
    void advance();
    std::size_t step() const;
    std::size_t steps() const;
    double loss() const;  // of the last batch

    Bytes checkpoint() const;
    Result<void> resume(ByteView checkpoint);
    // REQUIRES: done().
    Bytes model() const;

  private:
    struct State;
    explicit RecipeRun(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace ambit::intent_model

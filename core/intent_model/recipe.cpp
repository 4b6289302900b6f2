#include "intent_model/recipe.h"

#include <algorithm>

#include "intent_model/calibration.h"

namespace ambit::intent_model {
namespace {

constexpr std::size_t kLinearPasses = 12;
constexpr std::size_t kLinearTagPasses = 6;
constexpr float kLinearRate = 0.3F;
constexpr std::size_t kSentencesMax = 2'000'000;

struct LinearPlan {
    std::size_t buckets;
    std::size_t passes;
    std::uint64_t seed;
};

// One for each set, with `outputs` of its head, from what `add` makes of each example; none without buckets.
template <typename Outputs, typename Add>
std::vector<Linear> trained_on_each(const std::vector<NamedSet>& sets,
                                    const std::vector<Head>& heads,
                                    const LinearPlan& plan,
                                    const Outputs& outputs,
                                    const Add& add) {
    std::vector<Linear> models;
    for (std::size_t h = 0; h < sets.size() && plan.buckets != 0; ++h) {
        std::vector<LinearExample> examples;
        for (const Example& example : sets[h].examples) {
            if (heads[h].is_wide() && !is_tuning(example)) {
                add(heads[h], example, examples);
            }
        }
        models.emplace_back(plan.buckets, outputs(heads[h]));
        models.back().train(examples, plan.passes, kLinearRate, plan.seed);
    }
    return models;
}

std::vector<Linear> linear_models(const std::vector<NamedSet>& sets,
                                  const std::vector<Head>& heads,
                                  std::size_t buckets,
                                  std::uint64_t seed) {
    return trained_on_each(
        sets, heads, {buckets, kLinearPasses, seed}, [](const Head& head) { return head.intents.size(); },
        [buckets](const Head& head, const Example& example, std::vector<LinearExample>& out) {
            const auto intent = head.intent(example.intent);
            out.push_back({linear_features(tokens_of(example.text), buckets),
                           intent ? static_cast<int>(*intent) : kNoIntent});
        });
}

std::vector<Linear> linear_tag_models(const std::vector<NamedSet>& sets,
                                      const std::vector<Head>& heads,
                                      std::size_t buckets,
                                      std::uint64_t seed) {
    return trained_on_each(
        sets, heads, {buckets, kLinearTagPasses, seed}, [](const Head& head) { return head.tags(); },
        [buckets](const Head& head, const Example& example, std::vector<LinearExample>& out) {
            if (head.slots.empty() || !example.slots_known) {
                return;
            }
            const std::vector<Token> tokens = tokens_of(example.text);
            const std::vector<std::uint16_t> tags = tags_of(head, example, tokens);
            for (std::size_t i = 0; i < tokens.size(); ++i) {
                out.push_back({linear_tag_features(tokens, i, buckets), tags[i]});
            }
        });
}

std::vector<const Linear*> pointers(const std::vector<Linear>& models) {
    std::vector<const Linear*> out;
    for (const Linear& model : models) {
        out.push_back(&model);
    }
    return out;
}

}  // namespace

struct RecipeRun::State {
    std::vector<NamedSet> sets;
    Recipe recipe;
    Corpus corpus;
    std::vector<Linear> wide;
    std::vector<Linear> wide_tags;
    Training training;
    double loss = 0;

    State(std::vector<NamedSet> from, const Recipe& with)
        : sets(std::move(from)),
          recipe(with),
          corpus(corpus_of(sets, with.vocabulary)),
          wide(linear_models(sets, corpus.heads, with.wide_buckets, with.plan.seed)),
          wide_tags(linear_tag_models(sets, corpus.heads, with.wide_tag_buckets, with.plan.seed)),
          training(corpus, with.plan) {}
};

RecipeRun::RecipeRun(std::unique_ptr<State> state) : state_(std::move(state)) {}

RecipeRun::~RecipeRun() = default;
RecipeRun::RecipeRun(RecipeRun&&) noexcept = default;
RecipeRun& RecipeRun::operator=(RecipeRun&&) noexcept = default;

Result<RecipeRun> RecipeRun::create(std::vector<NamedSet> sets, const Recipe& recipe) {
    std::size_t sentences = 0;
    for (const NamedSet& set : sets) {
        sentences += set.examples.size();
        const Head head = head_of(set.name, set.examples);
        if (head.intents.size() < 2 || head.intents.size() > 4000 || head.slots.size() > 4000) {
            return Error{ErrorCode::BadExamples, "the set " + set.name + " needs 2 to 4000 intents"};
        }
    }
    if (sets.empty() || sets.size() > 16 || sentences > kSentencesMax) {
        return Error{ErrorCode::BadExamples,
                     "1 to 16 sets of together at most 2 million sentences are needed"};
    }
    auto state = std::make_unique<State>(std::move(sets), recipe);
    if (state->corpus.sentences.empty()) {
        return Error{ErrorCode::BadExamples, "there is no sentence to train on"};
    }
    return RecipeRun(std::move(state));
}

bool RecipeRun::done() const {
    return state_->training.done();
}

void RecipeRun::advance() {
    AMBIT_CHECK(!done());
    state_->loss = state_->training.run_step();
}

std::size_t RecipeRun::step() const {
    return state_->training.step();
}

std::size_t RecipeRun::steps() const {
    return state_->training.steps();
}

double RecipeRun::loss() const {
    return state_->loss;
}

Bytes RecipeRun::checkpoint() const {
    return state_->training.checkpoint();
}

Result<void> RecipeRun::resume(ByteView checkpoint) {
    return state_->training.resume(checkpoint);
}

Bytes RecipeRun::model() const {
    AMBIT_CHECK(done());
    const State& state = *state_;
    const ModelParts parts = parts_of(state.training.network(), state.corpus.vocabulary, state.corpus.heads,
                                      {pointers(state.wide), state.recipe.wide_factor},
                                      {pointers(state.wide_tags), state.recipe.wide_tag_factor});
    return encode(calibrated(parts, state.sets));
}

std::vector<NamedSet> specialised(std::vector<NamedSet> sets, const std::vector<std::string>& intents) {
    for (NamedSet& set : sets) {
        for (Example& example : set.examples) {
            if (std::find(intents.begin(), intents.end(), example.intent) == intents.end()) {
                example.intent = kForeign;
                example.slots.clear();
                example.slots_known = false;
            }
        }
    }
    std::erase_if(sets,
                  [](const NamedSet& set) { return head_of(set.name, set.examples).intents.size() < 3; });
    return sets;
}

}  // namespace ambit::intent_model

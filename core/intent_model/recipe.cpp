#include "intent_model/recipe.h"

#include <algorithm>

#include "intent_model/calibration.h"

namespace ambit::intent_model {
namespace {

constexpr std::size_t kLinearPasses = 12;
constexpr std::size_t kLinearTagPasses = 6;
constexpr float kLinearRate = 0.3F;
constexpr std::size_t kSentencesMax = 2'000'000;

std::vector<Linear> linear_models(const Corpus& corpus, std::size_t buckets, std::uint64_t seed) {
    std::vector<Linear> models;
    for (std::size_t h = 0; h < corpus.heads.size() && buckets != 0; ++h) {
        std::vector<LinearExample> examples;
        for (std::size_t s = 0; s < corpus.sentences.size(); ++s) {
            if (corpus.sentences[s].head == h) {
                examples.push_back({corpus.grams[s], corpus.sentences[s].intent});
            }
        }
        models.emplace_back(buckets, corpus.heads[h].intents.size());
        models.back().train(examples, kLinearPasses, kLinearRate, seed);
    }
    return models;
}

std::vector<Linear> linear_tag_models(const std::vector<NamedSet>& sets,
                                      const std::vector<Head>& heads,
                                      std::size_t buckets,
                                      std::uint64_t seed) {
    std::vector<Linear> models;
    for (std::size_t h = 0; h < sets.size() && buckets != 0; ++h) {
        std::vector<LinearExample> examples;
        for (const Example& example : sets[h].examples) {
            if (is_tuning(example) || heads[h].slots.empty()) {
                continue;
            }
            const std::vector<Token> tokens = tokens_of(example.text);
            const std::vector<std::uint16_t> tags = tags_of(heads[h], example, tokens);
            for (std::size_t i = 0; i < tokens.size(); ++i) {
                examples.push_back({linear_tag_features(tokens, i, buckets), tags[i]});
            }
        }
        models.emplace_back(buckets, heads[h].tags());
        models.back().train(examples, kLinearTagPasses, kLinearRate, seed);
    }
    return models;
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
    std::vector<Network> teachers;  // finished
    std::optional<Opinions> opinions;
    std::optional<Training> training;  // the network that is being trained
    double loss = 0;

    State(std::vector<NamedSet> from, const Recipe& with)
        : sets(std::move(from)), recipe(with), corpus(corpus_of(sets, with.vocabulary, with.wide_buckets)) {
        wide = linear_models(corpus, recipe.wide_buckets, recipe.plan.seed);
        wide_tags = linear_tag_models(sets, corpus.heads, recipe.wide_tag_buckets, recipe.plan.seed);
        start_next();
    }

    Plan plan_of(std::size_t network) const {
        Plan plan = network < recipe.teachers ? recipe.teacher : recipe.plan;
        plan.seed = recipe.plan.seed + network;
        return plan;
    }

    void start_next() {
        training.reset();
        if (teachers.size() == recipe.teachers && recipe.teachers != 0 && !opinions.has_value()) {
            std::vector<const Network*> networks;
            for (const Network& teacher : teachers) {
                networks.push_back(&teacher);
            }
            opinions = opinions_of(corpus, networks, pointers(wide), recipe.wide_factor);
        }
        training.emplace(corpus, plan_of(teachers.size()), opinions.has_value() ? &*opinions : nullptr);
    }

    bool at_last() const { return teachers.size() == recipe.teachers; }
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
    return state_->at_last() && state_->training->done();
}

void RecipeRun::advance() {
    AMBIT_CHECK(!done());
    state_->loss = state_->training->run_step();
    if (state_->training->done() && !state_->at_last()) {
        state_->teachers.push_back(state_->training->network());
        state_->start_next();
    }
}

std::size_t RecipeRun::step() const {
    const std::size_t a_pass = state_->training->steps() / state_->plan_of(state_->teachers.size()).epochs;
    return state_->teachers.size() * state_->recipe.teacher.epochs * a_pass + state_->training->step();
}

std::size_t RecipeRun::steps() const {
    const std::size_t a_pass = state_->training->steps() / state_->plan_of(state_->teachers.size()).epochs;
    return (state_->recipe.teachers * state_->recipe.teacher.epochs + state_->recipe.plan.epochs) * a_pass;
}

double RecipeRun::loss() const {
    return state_->loss;
}

Bytes RecipeRun::checkpoint() const {
    Bytes out = {static_cast<std::uint8_t>(state_->teachers.size())};
    const auto append = [&out](const Bytes& part) {
        for (std::size_t i = 0; i < 8; ++i) {
            out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(part.size()) >> (8 * i)));
        }
        out.insert(out.end(), part.begin(), part.end());
    };
    for (std::size_t i = 0; i < state_->teachers.size(); ++i) {
        append(Training(state_->corpus, state_->plan_of(i), nullptr, state_->teachers[i]).checkpoint());
    }
    append(state_->training->checkpoint());
    return out;
}

Result<void> RecipeRun::resume(ByteView checkpoint) {
    const Error broken{ErrorCode::ModelBroken, "the checkpoint is damaged"};
    if (checkpoint.empty() || checkpoint[0] > state_->recipe.teachers) {
        return broken;
    }
    const std::size_t teachers = checkpoint[0];
    checkpoint = checkpoint.subspan(1);
    const auto next = [&checkpoint]() -> ByteView {
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < 8 && checkpoint.size() >= 8; ++i) {
            size |= static_cast<std::uint64_t>(checkpoint[i]) << (8 * i);
        }
        if (checkpoint.size() < 8 || size > checkpoint.size() - 8) {
            return {};
        }
        const ByteView part = checkpoint.subspan(8, static_cast<std::size_t>(size));
        checkpoint = checkpoint.subspan(8 + static_cast<std::size_t>(size));
        return part;
    };
    state_->teachers.clear();
    state_->opinions.reset();
    for (std::size_t i = 0; i < teachers; ++i) {
        Training training(state_->corpus, state_->plan_of(i), nullptr);
        AMBIT_TRY(training.resume(next()));
        state_->teachers.push_back(training.network());
    }
    state_->start_next();
    return state_->training->resume(next());
}

Bytes RecipeRun::model() const {
    AMBIT_CHECK(done());
    const State& state = *state_;
    const ModelParts parts = parts_of(state.training->network(), state.corpus.vocabulary, state.corpus.heads,
                                      {pointers(state.wide), state.recipe.wide_factor},
                                      {pointers(state.wide_tags), state.recipe.wide_tag_factor});
    return encode(calibrated(parts, state.sets));
}

std::vector<NamedSet> specialised(std::vector<NamedSet> sets, const std::vector<std::string>& intents) {
    for (NamedSet& set : sets) {
        for (Example& example : set.examples) {
            if (std::find(intents.begin(), intents.end(), example.intent) == intents.end()) {
                example.intent = kOutOfScope;
                example.slots.clear();
            }
        }
    }
    std::erase_if(sets,
                  [](const NamedSet& set) { return head_of(set.name, set.examples).intents.size() < 2; });
    return sets;
}

}  // namespace ambit::intent_model

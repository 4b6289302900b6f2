#include "intent_model/recipe.h"

#include <gmock/gmock.h>

#include "intent_model/intent_model.h"
#include "intent_model/samples_testing.h"
#include "intent_model/scoring.h"

namespace ambit::intent_model {
namespace {

using testing::HasSubstr;

std::uint64_t hash_of_file(const Bytes& file) {
    return hash_of(to_text(file));
}

TEST(Recipe, GivesTheSameFileOnEveryMachineAndBuild) {
    // If this changes, so do the files in models/intents: train them again (docs/intent-model.md).
    EXPECT_EQ(hash_of_file(sample_model()), 17294312993091281044ULL);
}

TEST(Recipe, AnotherSeedGivesAnotherFile) {
    Recipe recipe = sample_recipe();
    recipe.plan.epochs = 1;
    const Bytes first = trained(recipe);
    EXPECT_EQ(trained(recipe), first);
    recipe.plan.seed = 2;
    EXPECT_NE(trained(recipe), first);
}

TEST(Recipe, GoesOnFromACheckpointAsIfNeverStopped) {
    for (const std::size_t stop : {3U, 100U, 200U, 300U}) {
        auto stopped = RecipeRun::create(sample_sets(), sample_recipe());
        ASSERT_LT(stop, stopped->steps());
        while (stopped->step() < stop) {
            stopped->advance();
        }
        const Bytes checkpoint = stopped->checkpoint();
        auto resumed = RecipeRun::create(sample_sets(), sample_recipe());
        ASSERT_TRUE(resumed->resume(checkpoint));
        EXPECT_EQ(resumed->step(), stop);
        while (!resumed->done()) {
            resumed->advance();
        }
        EXPECT_EQ(resumed->model(), sample_model());
    }
}

TEST(Recipe, RefusesACheckpointThatIsDamagedOrAnothers) {
    auto run = RecipeRun::create(sample_sets(), sample_recipe());
    run->advance();
    Bytes checkpoint = run->checkpoint();
    Recipe other = sample_recipe();
    other.plan.rate *= 2;
    auto another = RecipeRun::create(sample_sets(), other);
    const auto refused = another->resume(checkpoint);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::ModelBroken);
    EXPECT_THAT(refused.error().detail, HasSubstr("another training"));
    checkpoint[checkpoint.size() / 2] ^= 1U;
    EXPECT_FALSE(run->resume(checkpoint));
    EXPECT_FALSE(run->resume({}));
    EXPECT_FALSE(run->resume(ByteView(checkpoint).first(9)));
}

TEST(Recipe, RefusesSetsThatCannotBeLearned) {
    for (const std::vector<NamedSet>& sets :
         {std::vector<NamedSet>{}, {{"one", {}}}, {{"one", {{"hello", "greet", {}}, {"hi", "greet", {}}}}}}) {
        const auto run = RecipeRun::create(sets, sample_recipe());
        ASSERT_FALSE(run);
        EXPECT_EQ(run.error().code, ErrorCode::BadExamples);
    }
}

TEST(Recipe, SpecialisedKeepsItsIntentsAndCallsTheRestForeign) {
    const auto sets = specialised(sample_sets(), {"light_on", "light_off"});
    ASSERT_EQ(sets.size(), 1U);
    const Head head = head_of(sets[0].name, sets[0].examples);
    EXPECT_EQ(head.intents, (std::vector<std::string>{"foreign", "light_off", "light_on"}));
    EXPECT_EQ(sets[0].examples.size(), sample_sets()[0].examples.size());
}

TEST(Recipe, ADevicesOwnModelPassesOnWhatIsForeign) {
    auto run = RecipeRun::create(specialised(sample_sets(), {"light_on", "light_off"}), sample_recipe());
    ASSERT_TRUE(run);
    while (!run->done()) {
        run->advance();
    }
    const auto model = IntentModel::load(run->model());
    ASSERT_TRUE(model);
    const auto own = model->read("lights on in the kitchen", "home");
    EXPECT_EQ(own->intent, "light_on");
    EXPECT_FALSE(own->out_of_scope);
    ASSERT_EQ(own->slots.size(), 1U);
    EXPECT_EQ(own->slots[0].value, "kitchen");
    for (const char* words : {"how warm is the kitchen", "did my aunt ever live in a hall"}) {
        const auto foreign = model->read(words, "home");
        EXPECT_TRUE(foreign->out_of_scope) << words;
        EXPECT_NE(foreign->intent, kForeign) << "that is no intent";
        EXPECT_LT(foreign->confidence, 0.5F) << words;
    }
}

TEST(Recipe, TheOwnSetLearnsWhatIsForeignFromTheOthers) {
    const NamedSet own{std::string(kOwnSet), {{"mow the lawn", "Mow", {}}, {"dock the mower", "Dock", {}}}};
    NamedSet other{"massive", {{"what is the weather", "weather_query", {}}}};
    for (int i = 0; i < 40; ++i) {
        other.examples.push_back({"what is " + std::to_string(i) + " times 7", "qa_maths", {}});
    }
    const NamedSet third{"clinc", {{"go on to the next tune", "next_song", {}}}};
    const auto sets = with_others({own, other, third});
    ASSERT_EQ(sets.size(), 3U);
    EXPECT_EQ(sets[1].examples.size(), other.examples.size());
    ASSERT_GT(sets[0].examples.size(), own.examples.size());
    EXPECT_LT(sets[0].examples.size(), other.examples.size());
    EXPECT_EQ(sets[0].examples.back().intent, "HassMediaNext");
    for (std::size_t i = own.examples.size(); i + 1 < sets[0].examples.size(); ++i) {
        EXPECT_EQ(sets[0].examples[i].intent, kForeign);
        EXPECT_THAT(sets[0].examples[i].text, HasSubstr("times"));
    }
    EXPECT_EQ(with_others({other}).size(), 1U);
}

TEST(Recipe, NamedOnesAreThere) {
    for (const std::string_view name : recipe_names()) {
        EXPECT_NE(recipe_named(name), nullptr) << name;
    }
    EXPECT_EQ(recipe_named("none"), nullptr);
    for (const std::string_view name : device_names()) {
        EXPECT_NE(intents_of_device(name), nullptr) << name;
    }
    EXPECT_EQ(intents_of_device("none"), nullptr);
}

TEST(Examples, ErrorsNameTheLine) {
    const auto examples = parse_examples(
        "{\"text\":\"caf\u00e9 music "
        "on\",\"intent\":\"play\",\"slots\":[{\"name\":\"what\",\"start\":5,\"end\":10}]}\n\n");
    ASSERT_TRUE(examples);
    EXPECT_EQ(examples->at(0).slots[0].begin, 6U);  // a byte more than code points
    for (const std::string bad :
         {"[]", "{\"text\":1,\"intent\":\"x\"}", "{\"text\":\"a\"}",
          "{\"text\":\"a\",\"intent\":\"x\",\"slots\":3}",
          "{\"text\":\"a\",\"intent\":\"x\",\"slots\":[{\"name\":\"n\",\"start\":0,\"end\":2}]}",
          "{\"text\":\"a\",\"intent\":\"x\",\"slots\":[{\"name\":\"n\",\"start\":-1,\"end\":1}]}"}) {
        const auto refused = parse_examples("{\"text\":\"a\",\"intent\":\"x\"}\n" + bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_THAT(refused.error().detail, HasSubstr("line 2")) << bad;
    }
}

}  // namespace
}  // namespace ambit::intent_model

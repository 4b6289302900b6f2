// A small made-up household language for the tests: two heads, a few intents, slots and sentences out of
// scope.
#pragma once

#include "intent_model/recipe.h"

namespace ambit::intent_model {

inline Example sample(const std::string& before,
                      const std::string& value,
                      const std::string& after,
                      const std::string& intent,
                      const std::string& slot) {
    Example example{before + value + after, intent, {}};
    if (!slot.empty()) {
        example.slots.push_back({slot, before.size(), before.size() + value.size()});
    }
    return example;
}

inline std::vector<NamedSet> sample_sets() {
    NamedSet home{"home", {}};
    NamedSet talk{"talk", {}};
    for (const std::string room :
         {"kitchen", "bedroom", "hall", "cellar", "living room", "attic", "study", "porch"}) {
        home.examples.push_back(sample("turn on the light in the ", room, "", "light_on", "room"));
        home.examples.push_back(sample("lights on in the ", room, " please", "light_on", "room"));
        home.examples.push_back(sample("turn off the light in the ", room, "", "light_off", "room"));
        home.examples.push_back(sample("make the ", room, " dark", "light_off", "room"));
        home.examples.push_back(sample("how warm is the ", room, "", "temperature", "room"));
        home.examples.push_back(
            sample("what is the temperature in the ", room, " now", "temperature", "room"));
        home.examples.push_back(sample("did my aunt ever live in a ", room, "", "oos", ""));
        talk.examples.push_back(sample("hello ", room, "", "greet", ""));
        talk.examples.push_back(sample("good morning dear ", room, "", "greet", ""));
        talk.examples.push_back(sample("goodbye ", room, "", "leave", ""));
        talk.examples.push_back(sample("see you tomorrow ", room, "", "leave", ""));
    }
    return {home, talk};
}

inline Recipe sample_recipe() {
    Recipe recipe;
    recipe.vocabulary = {.least = 2, .words_max = 100, .gram_rows = 64};
    recipe.wide_buckets = 128;
    recipe.wide_tag_buckets = 64;
    recipe.plan.sizes = {.width = 32, .layers = 2, .window = 3, .slot_width = 16};
    recipe.plan.epochs = 40;
    recipe.plan.batch = 8;
    recipe.plan.rate = 0.01F;
    return recipe;
}

inline Bytes trained(const Recipe& recipe) {
    auto run = RecipeRun::create(sample_sets(), recipe);
    while (!run->done()) {
        run->advance();
    }
    return run->model();
}

// The model of sample_recipe(), made once.
inline const Bytes& sample_model() {
    static const Bytes model = trained(sample_recipe());
    return model;
}

}  // namespace ambit::intent_model

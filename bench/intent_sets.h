// The sets of ../shared/data/nlu/nlu that the intent model's benchmarks read.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "intent_model/corpus.h"
#include "intent_model/intent_model.h"
#include "intent_model/recipe.h"

namespace ambit::bench {

inline std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return in ? text.str() : std::string();
}

// Exits with 77, "skipped", when the data is not there.
inline std::vector<intent_model::Example> sentences(const std::string& name) {
    const std::string path = "../shared/data/nlu/nlu/" + name + ".jsonl";
    const std::string text = text_of_file(path);
    const auto examples = intent_model::parse_examples(text);
    if (text.empty() || !examples) {
        std::fprintf(stderr, "%s: %s\n", path.c_str(),
                     text.empty() ? "not there" : examples.error().message().c_str());
        std::exit(77);
    }
    return *examples;
}

struct NamedFiles {
    const char* head;
    const char* files;
};

inline constexpr NamedFiles kSets[] = {{"massive", "massive_en"}, {"clinc", "clinc150"}, {"snips", "snips"}};

inline std::vector<intent_model::NamedSet> training_sets() {
    std::vector<intent_model::NamedSet> sets;
    for (const NamedFiles& set : kSets) {
        sets.push_back({set.head, sentences(std::string(set.files) + ".train")});
    }
    auto own = intent_model::parse_examples(text_of_file("models/intents/own.train.jsonl"));
    if (!own) {
        std::fprintf(stderr, "own.train.jsonl: %s\n", own.error().message().c_str());
        std::exit(1);
    }
    sets.push_back({std::string(intent_model::kOwnSet), std::move(*own)});
    return intent_model::with_others(std::move(sets));
}

inline intent_model::IntentModel shipped_model(const std::string& name) {
    const std::string path = "models/intents/" + name + ".intents";
    auto model = intent_model::IntentModel::load(to_bytes(text_of_file(path)));
    if (!model) {
        std::fprintf(stderr, "%s: %s\n", path.c_str(), model.error().message().c_str());
        std::exit(1);
    }
    return std::move(*model);
}

}  // namespace ambit::bench

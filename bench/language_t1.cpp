// language-t1: the shipped intent models on the dev splits, beside a linear floor trained in this run.
//
// `--reproduce MODEL` trains a shipped model again and compares the files (minutes); `--sizes` trains the
// smaller recipes too, for the table.  Training reads the train splits only, thresholds come from the tuning
// slice of them; the dev splits are read here alone.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "intent_model/recipe.h"
#include "intent_model/scoring.h"
#include "intent_model/tagger.h"
#include "intent_model/tags.h"
#include "intent_sets.h"

using namespace ambit;
using namespace ambit::bench;
using namespace ambit::intent_model;
using Clock = std::chrono::steady_clock;

namespace {

struct Floor {
    double intent = 0;
    double slot_f1 = 0;
};

std::size_t index_of(const Head& head, const std::string& intent) {
    return static_cast<std::size_t>(std::find(head.intents.begin(), head.intents.end(), intent) -
                                    head.intents.begin());
}

// The floor learns from the sentences that the model learned from: all but the tuning slice.
double floor_intent(const Head& head, const std::vector<Example>& train, const std::vector<Example>& dev) {
    constexpr std::size_t kBuckets = 1U << 13U;
    std::vector<LinearExample> examples;
    for (const Example& example : train) {
        const std::size_t intent = index_of(head, example.intent);
        if (intent < head.intents.size() && !is_tuning(example)) {
            examples.push_back(
                {linear_features(tokens_of(example.text), kBuckets), static_cast<int>(intent)});
        }
    }
    Linear linear(kBuckets, head.intents.size());
    linear.train(examples, 12, 0.3F, 1);
    std::size_t right = 0;
    std::size_t in_scope = 0;
    for (const Example& example : dev) {
        if (example.intent == kOutOfScope) {
            continue;
        }
        std::vector<float> logits(padded(head.intents.size()), 0.0F);
        linear.add_logits(linear_features(tokens_of(example.text), kBuckets), logits.data());
        const auto end = logits.begin() + static_cast<std::ptrdiff_t>(head.intents.size());
        right += std::max_element(logits.begin(), end) - logits.begin() ==
                         static_cast<std::ptrdiff_t>(index_of(head, example.intent))
                     ? 1
                     : 0;
        ++in_scope;
    }
    return static_cast<double>(right) / static_cast<double>(in_scope);
}

// A greedy tagger may go on with a slot that has not begun: then it begins there.
std::vector<std::uint16_t> mended(std::vector<std::uint16_t> tags) {
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const bool goes_on = tags[i] != 0 && tags[i] % 2 == 0;
        if (goes_on && (i == 0 || (tags[i - 1] != tags[i] && tags[i - 1] != tags[i] - 1))) {
            --tags[i];
        }
    }
    return tags;
}

double floor_slots(const Head& head, const std::vector<Example>& train, const std::vector<Example>& dev) {
    std::vector<TaggedWords> sentences;
    for (const Example& example : train) {
        if (is_tuning(example)) {
            continue;
        }
        const auto tokens = tokens_of(example.text);
        sentences.push_back({tokens, tags_of(head, example, tokens)});
    }
    Tagger tagger(1U << 17U, head.tags());
    tagger.train(sentences, 8, 1);
    Score score;
    for (const Example& example : dev) {
        const auto tokens = tokens_of(example.text);
        Prediction prediction;
        prediction.slots = slots_of(mended(tagger.tags_of(tokens)), head.slots, tokens, example.text);
        add_to(score, example, prediction);
    }
    return score.slot_f1();
}

Floor floor_of(const NamedSet& set, const std::vector<Example>& dev) {
    const Head head = head_of(set.name, set.examples);
    return {floor_intent(head, set.examples, dev),
            head.slots.empty() ? 0.0 : floor_slots(head, set.examples, dev)};
}

struct Figures {
    Score scores[3];
    double p50_us = 0;
    double p99_us = 0;
    double megabytes = 0;

    // Over all sentences in scope of all heads.
    double ece() const {
        Score sum;
        for (const Score& score : scores) {
            sum.in_scope += score.in_scope;
            for (std::size_t i = 0; i < sum.tenths.size(); ++i) {
                sum.tenths[i].right += score.tenths[i].right;
                sum.tenths[i].confidence += score.tenths[i].confidence;
            }
        }
        return sum.calibration_error();
    }
};

using Dev = std::vector<std::vector<Example>>;

Figures figures_of(const Bytes& file, const Dev& dev) {
    const IntentModel model = std::move(*IntentModel::load(file));
    Figures figures;
    figures.megabytes = static_cast<double>(file.size()) / 1e6;
    std::vector<double> times;
    for (std::size_t i = 0; i < std::size(kSets); ++i) {
        for (const Example& example : dev[i]) {
            const auto start = Clock::now();
            const auto read = model.read(example.text, kSets[i].head);
            times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
            add_to(figures.scores[i], example, *read);
        }
    }
    std::sort(times.begin(), times.end());
    figures.p50_us = times[times.size() / 2];
    figures.p99_us = times[times.size() * 99 / 100];
    return figures;
}

void print_row(const std::string& name, const Figures& f) {
    std::printf("%-10s %5.2f   %6.2f %6.2f   %6.2f %6.2f   %6.2f %6.2f   %5.3f  %5.0f %5.0f\n", name.c_str(),
                f.megabytes, 100 * f.scores[0].intent_accuracy(), 100 * f.scores[0].slot_f1(),
                100 * f.scores[1].in_scope_accuracy(), 100 * f.scores[1].out_of_scope_recall(),
                100 * f.scores[2].intent_accuracy(), 100 * f.scores[2].slot_f1(), f.ece(), f.p50_us,
                f.p99_us);
}

Bytes trained(std::vector<NamedSet> sets, const Recipe& recipe) {
    auto run = RecipeRun::create(std::move(sets), recipe);
    while (!run->done()) {
        run->advance();
    }
    return run->model();
}

int reproduce(const std::string& name) {
    const auto* const own = intents_of_device(name);
    if (own == nullptr && name != "household") {
        std::fprintf(stderr, "no such model: %s\n", name.c_str());
        return 2;
    }
    const Bytes file = own != nullptr ? trained(specialised(training_sets(), *own), *recipe_named("device"))
                                      : trained(training_sets(), *recipe_named("full"));
    const bool same = to_text(file) == text_of_file("models/intents/" + name + ".intents");
    std::printf("%s: %s\n", name.c_str(), same ? "the same file, byte for byte" : "ANOTHER FILE");
    return same ? 0 : 1;
}

// The head of our own grammar, on sentences of templates that it has seen nothing of.
Score own_score() {
    const auto held_back = parse_examples(text_of_file("models/intents/own.dev.jsonl"));
    if (!held_back) {
        std::fprintf(stderr, "own.dev.jsonl: %s\n", held_back.error().message().c_str());
        std::exit(1);
    }
    const Score own = *score(shipped_model("household"), kOwnSet, *held_back);
    std::printf("own grammar, %zu sentences of templates held back: intent %.2f, slot F1 %.2f\n",
                own.in_scope, 100 * own.intent_accuracy(), 100 * own.slot_f1());
    return own;
}

void print_result(const Figures& full, const Floor (&floors)[3], const Score& own) {
    std::printf(
        "BENCH language-t1 massive_intent=%.2f massive_slot_f1=%.2f clinc_in_scope=%.2f "
        "clinc_oos_recall=%.2f "
        "snips_intent=%.2f snips_slot_f1=%.2f model_mb=%.2f p50_us=%.0f ece=%.3f floor_massive_intent=%.2f "
        "floor_massive_slot_f1=%.2f floor_clinc=%.2f floor_snips_intent=%.2f floor_snips_slot_f1=%.2f "
        "own_intent=%.2f own_slot_f1=%.2f\n",
        100 * full.scores[0].intent_accuracy(), 100 * full.scores[0].slot_f1(),
        100 * full.scores[1].in_scope_accuracy(), 100 * full.scores[1].out_of_scope_recall(),
        100 * full.scores[2].intent_accuracy(), 100 * full.scores[2].slot_f1(), full.megabytes, full.p50_us,
        full.ece(), 100 * floors[0].intent, 100 * floors[0].slot_f1, 100 * floors[1].intent,
        100 * floors[2].intent, 100 * floors[2].slot_f1, 100 * own.intent_accuracy(), 100 * own.slot_f1());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--reproduce") == 0) {
        return reproduce(argv[2]);
    }
    const bool sizes = argc == 2 && std::strcmp(argv[1], "--sizes") == 0;
    const std::vector<NamedSet> train = training_sets();
    Dev dev;
    Floor floors[3];
    for (std::size_t i = 0; i < std::size(kSets); ++i) {
        dev.push_back(sentences(std::string(kSets[i].files) + ".dev"));
        floors[i] = floor_of(train[i], dev[i]);
    }
    std::printf("                   MASSIVE          CLINC150         SNIPS\n");
    std::printf(
        "model         MB   intent  slotF1   in-scope  oos   intent  slotF1    ECE    p50   p99 us\n");
    std::printf("%-10s         %6.2f %6.2f   %6.2f %6s   %6.2f %6.2f\n", "floor", 100 * floors[0].intent,
                100 * floors[0].slot_f1, 100 * floors[1].intent, "-", 100 * floors[2].intent,
                100 * floors[2].slot_f1);
    const Figures full = figures_of(to_bytes(text_of_file("models/intents/household.intents")), dev);
    print_row("household", full);
    for (const std::string_view name : recipe_names()) {
        if (sizes && name != "full") {
            print_row(std::string(name), figures_of(trained(train, *recipe_named(name)), dev));
        }
    }
    std::printf("clinc without refusing: %.2f; in-scope is after refusing below the threshold\n",
                100 * full.scores[1].intent_accuracy());
    print_result(full, floors, own_score());
    return 0;
}

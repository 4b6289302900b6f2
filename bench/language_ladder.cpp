// language-ladder: how much of what people say to a home is answered right, rung by rung, with our own
// sentences.
//
// Reads MASSIVE's dev sentences of iot, calendar, alarm, lists and weather, and counts those whose intent is
// right, and whose room and colour are where the home has them; and of texts that are out of our scope those
// that get an answer all the same (MASSIVE's other intents, CLINC150's out-of-scope sentences).  `--split
// train --show SCENARIO` lists what is missed, for whoever writes sentences: the dev split is for this report
// alone.
#include <cstdio>
#include <cstring>

#include "hassil_corpus.h"
#include "ladder_corpus.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr const char* kScenarios[] = {"iot", "calendar", "alarm", "lists", "weather"};

// What a rung says; nullopt: it leaves the sentence to the next one.
using Answer = std::optional<language::Recognition>;

// T0 answers alone what its templates read without guessing; the rest needs another rung's agreement.
Answer by_templates(const language::Grammar& grammar, const language::Home& home, const std::string& text) {
    const auto read = grammar.recognise(text, home.lists(), {{"area", "Living Room"}});
    return read && *read && !(*read)->needs_agreement ? *read : Answer();
}

struct Tally {
    std::size_t said = 0;
    std::size_t intent = 0;
    std::size_t right = 0;
    std::size_t answered = 0;

    void add(const Labelled& sentence, const Answer& answer, const language::Home& home) {
        ++said;
        answered += answer ? 1 : 0;
        const bool good = answer && is_right_intent(sentence, *answer);
        intent += good ? 1 : 0;
        right += good && is_resolved(sentence, *answer, home) ? 1 : 0;
    }

    double percent(std::size_t part) const {
        return said == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(said);
    }

    void operator+=(const Tally& other) {
        said += other.said;
        intent += other.intent;
        right += other.right;
        answered += other.answered;
    }

    void print(const std::string& name) const {
        std::printf("%-26s %5zu said, %5zu answered, intent right %5.1f %%, and resolved %5.1f %%\n",
                    name.c_str(), said, answered, percent(intent), percent(right));
    }
};

void show(const Labelled& sentence, const Answer& answer, const language::Home& home) {
    const bool good = answer && is_right_intent(sentence, *answer) && is_resolved(sentence, *answer, home);
    const bool out = is_out_of_scope(sentence);
    if (good || (out && !answer)) {
        return;
    }
    std::printf("%s: \"%s\"", sentence.intent.c_str(), sentence.text.c_str());
    if (answer) {
        std::printf(" -> %s", answer->intent.c_str());
        for (const language::Slot& slot : answer->slots) {
            std::printf(" %s=%s", slot.name.c_str(), slot.value.c_str());
        }
        std::printf("  %s:%d %s", answer->file.c_str(), answer->line, answer->template_text.c_str());
    }
    std::printf("\n");
}

struct Options {
    std::string split = "dev";
    std::string show;  // a scenario, or "out" for false accepts
};

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--split") == 0) {
            options.split = argv[i + 1];
        } else if (std::strcmp(argv[i], "--show") == 0) {
            options.show = argv[i + 1];
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = options_of(argc, argv);
    const auto data = nlu_data();
    if (!data) {
        std::printf("language-ladder: MISSING: ../shared/data/nlu, nothing was asked\n");
        return 1;
    }
    const language::Grammar grammar = language::Grammar::compile("en", language::built_in_sentences("en"));
    const language::Home home = home_of_speakers();
    std::map<std::string, Tally> tallies;
    std::vector<Labelled> sentences = massive(*data, options.split);
    for (Labelled& sentence : clinc_out_of_scope(*data, options.split)) {
        sentences.push_back(std::move(sentence));
    }
    std::map<std::string, Tally> by_intent;
    for (const Labelled& sentence : sentences) {
        const bool out = is_out_of_scope(sentence);
        const Answer answer = by_templates(grammar, home, sentence.text);
        tallies[out ? "out of scope" : sentence.scenario].add(sentence, answer, home);
        by_intent[(out ? "out: " : "") + sentence.intent].add(sentence, answer, home);
        if (options.show == (out ? "out" : sentence.scenario)) {
            show(sentence, answer, home);
        }
    }
    for (const auto& [intent, tally] : by_intent) {
        tally.print("  " + intent);
    }
    Tally all;
    for (const char* scenario : kScenarios) {
        tallies[scenario].print(scenario);
        all += tallies[scenario];
    }
    all.print("all of these");
    const Tally& out = tallies["out of scope"];
    std::printf("out of scope: %zu of %zu answered\n", out.answered, out.said);
    std::printf("%zu templates; split %s\n", grammar.template_count(), options.split.c_str());
    std::printf("BENCH language-ladder iot_t0=%.1f t0_right=%.1f false_accept=%.2f\n",
                tallies["iot"].percent(tallies["iot"].right), all.percent(all.right),
                out.percent(out.answered));
    return 0;
}

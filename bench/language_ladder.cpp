// language-ladder: how much of what people say to a home is answered right, rung by rung, with our own
// sentences.
//
// Reads MASSIVE's dev sentences of iot, calendar, alarm, lists and weather, and counts those whose intent is
// right, and whose room and colour are where the home has them; and of texts that are out of our scope those
// that get an answer all the same (MASSIVE's other intents, CLINC150's out-of-scope sentences).  Beside them,
// uncounted in those figures, CLINC150's sentences that a home is asked.  `--split
// train --show SCENARIO` lists what is missed, for whoever writes sentences: the dev split is for this report
// alone.
#include <cstdio>
#include <cstring>

#include "hassil_corpus.h"
#include "intent_sets.h"
#include "ladder_corpus.h"
#include "language/reading.h"
#include "paraphrase/paraphrase.h"

using namespace ambit;
using namespace ambit::bench;

namespace {

constexpr const char* kScenarios[] = {"iot", "calendar", "alarm", "lists", "weather"};

constexpr const char* kRoom = "Living Room";  // where the device stands

// What a rung says; nullopt: it leaves the sentence to the next one.
using Answer = std::optional<language::Recognition>;

class Ladder {
  public:
    // T0 answers alone what its templates read without guessing; the rest needs another rung's agreement.
    Answer by_templates(const std::string& text) const {
        const auto read = grammar_.recognise(text, home_.lists(), context_);
        return read && *read && !(*read)->needs_agreement ? *read : Answer();
    }

    // As a daemon does it.
    Answer by_both(const std::string& text) const {
        const auto read = language::read_templates(grammar_, text, home_, context_, model_.get());
        if (!read || read->recognition) {
            return read ? read->recognition : Answer();
        }
        const auto understood = language::understand(grammar_, home_, text, {.area = kRoom}, model_.get());
        return understood && is_paraphrase(*understood) ? understood->recognitions.front() : Answer();
    }

    const language::Home& home() const { return home_; }

    std::size_t templates() const { return grammar_.template_count(); }

  private:
    static std::unique_ptr<paraphrase::Paraphrase> shipped() {
        auto model = paraphrase::Paraphrase::load(to_bytes(text_of_file("models/intents/household.intents")));
        if (!model) {
            std::printf("language-ladder: %s\n", model.error().message().c_str());
            std::exit(1);
        }
        return std::move(*model);
    }

    language::Grammar grammar_ = language::Grammar::compile("en", language::built_in_sentences("en"));
    language::Home home_ = home_of_speakers();
    language::Context context_ = {{"area", kRoom}};
    std::unique_ptr<paraphrase::Paraphrase> model_ = shipped();
};

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

// What one way of answering came to.
class Report {
  public:
    explicit Report(const char* name) : name_(name) {}

    void add(const Labelled& sentence, const Answer& answer, const language::Home& home) {
        const bool out = is_out_of_scope(sentence);
        scenarios_[out ? "out of scope" : sentence.scenario].add(sentence, answer, home);
        intents_[(out ? "out: " : "") + sentence.intent].add(sentence, answer, home);
    }

    double right(const std::string& scenario) const {
        const Tally& tally = scenarios_.at(scenario);
        return tally.percent(tally.right);
    }

    double all_right() const { return all().percent(all().right); }

    double false_accepts() const {
        const Tally& out = scenarios_.at("out of scope");
        return out.percent(out.answered);
    }

    void print() const {
        std::printf("%s\n", name_);
        for (const auto& [intent, tally] : intents_) {
            tally.print("  " + intent);
        }
        for (const char* scenario : kScenarios) {
            scenarios_.at(scenario).print(scenario);
        }
        all().print("all of these");
        scenarios_.at("clinc").print("clinc, of a home");
        const Tally& out = scenarios_.at("out of scope");
        std::printf("out of scope: %zu of %zu answered\n", out.answered, out.said);
    }

  private:
    Tally all() const {
        Tally sum;
        for (const char* scenario : kScenarios) {
            sum += scenarios_.at(scenario);
        }
        return sum;
    }

    const char* name_;
    std::map<std::string, Tally> scenarios_;
    std::map<std::string, Tally> intents_;
};

// "tune": what of "train" the model was not trained on.
std::vector<Labelled> sentences_of(const std::filesystem::path& data, const std::string& split) {
    const bool tune = split == "tune";
    std::vector<Labelled> sentences = massive(data, tune ? "train" : split);
    for (Labelled& sentence : clinc_out_of_scope(data, tune ? "train" : split)) {
        sentences.push_back(std::move(sentence));
    }
    for (Labelled& sentence : clinc_of_a_home(data, tune ? "train" : split)) {
        sentences.push_back(std::move(sentence));
    }
    if (tune) {
        std::erase_if(sentences, [](const Labelled& sentence) {
            return !intent_model::is_tuning({sentence.text, sentence.intent, {}});
        });
    }
    return sentences;
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
    const Ladder ladder;
    Report templates("T0");
    Report both("T0 + T1");
    for (const Labelled& sentence : sentences_of(*data, options.split)) {
        templates.add(sentence, ladder.by_templates(sentence.text), ladder.home());
        const Answer answer = ladder.by_both(sentence.text);
        both.add(sentence, answer, ladder.home());
        if (options.show == (is_out_of_scope(sentence) ? "out" : sentence.scenario)) {
            show(sentence, answer, ladder.home());
        }
    }
    templates.print();
    both.print();
    std::printf("%zu templates; split %s\n", ladder.templates(), options.split.c_str());
    std::printf(
        "BENCH language-ladder iot_t0=%.1f iot_t0t1=%.1f t0_right=%.1f t0t1_right=%.1f clinc_t0=%.1f "
        "clinc_t0t1=%.1f false_accept_t0=%.2f false_accept=%.2f\n",
        templates.right("iot"), both.right("iot"), templates.all_right(), both.all_right(),
        templates.right("clinc"), both.right("clinc"), templates.false_accepts(), both.false_accepts());
    return 0;
}

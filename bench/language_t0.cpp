// language-t0: sentence templates against hassil's recorded results, and the time per sentence.
//
// `--check N` compares every N-th sentence and leaves the times out: the test.  hassil's own times are those
// that were recorded with the data, not measured in this run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>

#include <malloc.h>

#include "hassil_corpus.h"
#include "language/sources.h"

using namespace ambit;
using namespace ambit::bench;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kRounds = 5;
constexpr std::size_t kExamples = 40;  // shown of each set's differences
constexpr std::size_t kSampled = 2'000;

double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double resident_mb() {
    malloc_trim(0);
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    in >> total >> resident;
    return static_cast<double>(resident) * 4096 / 1e6;
}

double percentile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0
                          : values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

// The best of kRounds for each text, so that what other programs did in between does not count.
std::vector<double> times(const language::Grammar& grammar,
                          const language::Lists& lists,
                          const std::vector<std::string>& texts,
                          const language::Context& context) {
    std::vector<double> out;
    for (const std::string& text : texts) {
        double best = 1e9;
        for (int round = 0; round < kRounds; ++round) {
            const auto start = Clock::now();
            static_cast<void>(grammar.recognise(text, lists, context));
            best = std::min(best, us_since(start));
        }
        out.push_back(best);
    }
    return out;
}

struct Tally {
    std::size_t compared = 0;
    std::size_t different = 0;
};

void compare(const language::Grammar& grammar,
             const std::vector<Sentence>& sentences,
             std::size_t every,
             std::map<std::string, Tally>& tallies) {
    for (std::size_t i = 0; i < sentences.size(); i += every) {
        const Sentence& sentence = sentences[i];
        Tally& tally = tallies[sentence.set];
        ++tally.compared;
        const auto ours = grammar.recognise(sentence.text, *sentence.lists, sentence.context);
        const std::string found = ours ? difference(*ours, sentence) : ours.error().message();
        if (!found.empty() && tally.different++ < kExamples) {
            std::printf("  %s: \"%s\": %s\n", sentence.set.c_str(), sentence.text.c_str(), found.c_str());
        }
    }
}

// Sentences that a language's own templates stand for.
class Sampler {
  public:
    explicit Sampler(language::Sources sources) : sources_(std::move(sources)) {}

    std::string sentence() {
        const auto& block = sources_.blocks[random_() % sources_.blocks.size()];
        if (block.templates.empty()) {
            return "an";
        }
        std::string out;
        add(block.templates[random_() % block.templates.size()].root, out);
        return out;
    }

  private:
    using Node = language::TemplateNode;

    void add(const Node& node, std::string& out) {
        switch (node.kind) {
            case Node::Kind::Text:
                out += node.text;
                break;
            case Node::Kind::Alternative:
                add(node.items[random_() % node.items.size()], out);
                break;
            case Node::Kind::List:
                add_value(node.text, out);
                break;
            case Node::Kind::Rule:
                if (const auto rule = sources_.rules.find(node.text); rule != sources_.rules.end()) {
                    add(rule->second.root, out);
                }
                break;
            case Node::Kind::Sequence:
            case Node::Kind::Permutation:
                for (const Node& item : node.items) {
                    add(item, out);
                }
                break;
        }
    }

    void add_value(const std::string& name, std::string& out) {
        const auto list = sources_.lists.find(name);
        if (list == sources_.lists.end()) {
            out += "kitchen light";
        } else if (list->second.has_values && !list->second.values.empty()) {
            add(list->second.values[random_() % list->second.values.size()].root, out);
        } else {
            out += list->second.range ? std::to_string(static_cast<int>(list->second.range->from))
                                      : "etwas ganz anderes";
        }
    }

    language::Sources sources_;
    std::mt19937 random_{7};
};

void print_warnings(const language::Grammar& grammar) {
    for (const language::Warning& warning : grammar.warnings()) {
        std::printf("  %s\n", warning.message().c_str());
    }
}

// Every language that has files: that they load, and that their own sentences are understood.
double german_p99(const std::filesystem::path& data, const language::Lists& lists) {
    double german = 0;
    for (const char* code : {"de", "es", "fr", "zh-CN"}) {
        const auto files = new_files(data, code);
        const auto start = Clock::now();
        const language::Grammar grammar = language::Grammar::compile(code, files);
        const double load_ms = us_since(start) / 1000;
        print_warnings(grammar);
        Sampler sampler(language::read_sources(code, files));
        std::vector<std::string> texts;
        std::size_t understood = 0;
        for (std::size_t i = 0; i < kSampled; ++i) {
            texts.push_back(sampler.sentence());
            const auto read = grammar.recognise(texts.back(), lists, {{"area", "Kitchen"}});
            understood += read && *read ? 1 : 0;
        }
        const auto us = times(grammar, lists, texts, {{"area", "Kitchen"}});
        std::printf(
            "%s: %zu templates, %zu warnings, load %.0f ms; %zu sentences of its own templates, %zu "
            "understood, "
            "p50 %.0f us, p99 %.0f us, at 1,008 names\n",
            code, grammar.template_count(), grammar.warnings().size(), load_ms, texts.size(), understood,
            percentile(us, 0.5), percentile(us, 0.99));
        german = std::string(code) == "de" ? percentile(us, 0.99) : german;
    }
    return german;
}

}  // namespace

int main(int argc, char** argv) {
    const bool check = argc == 3 && std::string(argv[1]) == "--check";
    const std::size_t every = check ? static_cast<std::size_t>(std::max(1, std::atoi(argv[2]))) : 1;
    const auto data = nlu_data();
    if (!data) {
        std::printf("language-t0: MISSING: ../shared/data/nlu, nothing was compared\n");
        return check ? 77 : 1;
    }
    const auto files = new_files(*data, "en");
    const double before_mb = resident_mb();
    const auto start = Clock::now();
    const language::Grammar grammar = language::Grammar::compile("en", files);
    const double load_ms = us_since(start) / 1000;
    const double rss_mb = resident_mb() - before_mb;
    const language::Grammar classic = language::Grammar::compile("en", classic_files(*data, "en"));
    print_warnings(grammar);
    print_warnings(classic);

    std::map<std::string, Tally> tallies;
    const auto gold = gold_texts(*data);
    compare(grammar, new_tests(*data), every, tallies);
    compare(grammar, gold, every, tallies);
    compare(classic, classic_tests(*data), every, tallies);
    std::size_t differences = 0;
    for (const auto& [set, tally] : tallies) {
        std::printf("en %-16s compared %zu, skipped 0, different %zu\n", set.c_str(), tally.compared,
                    tally.different);
        differences += tally.different;
    }
    if (check) {
        return differences == 0 ? 0 : 1;
    }

    std::vector<std::string> matches;
    std::vector<std::string> misses;
    for (const Sentence& sentence : gold) {
        (sentence.recorded.is_null() ? misses : matches).push_back(sentence.text);
    }
    const language::Context context = {{"area", "Living Room"}};
    const auto small = times(grammar, *gold.front().lists, matches, context);
    const language::Lists large_home = big_home(*data, 1008);
    const auto large = times(grammar, large_home, matches, context);
    const auto miss = times(grammar, large_home, misses, context);
    const double de_p99_us = german_p99(*data, large_home);
    std::printf(
        "hassil 3.8.0, as recorded with the data (not in this run): p50 6 ms and p99 23 ms at 56 names, 70 "
        "and 222 "
        "at 1,008; de p50 79, p99 344\n");
    std::printf(
        "BENCH language-t0 differences=%zu p50_us_56=%.1f p99_us_56=%.1f p50_us_1008=%.1f p99_us_1008=%.1f "
        "miss_p99_us_1008=%.1f load_ms=%.1f rss_mb=%.1f de_p99_us=%.1f\n",
        differences, percentile(small, 0.5), percentile(small, 0.99), percentile(large, 0.5),
        percentile(large, 0.99), percentile(miss, 0.99), load_ms, rss_mb, de_p99_us);
    return 0;
}

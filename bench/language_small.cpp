// language-small: what a car, a speaker and a watch read with their own models, a tenth of the size, beside
// what the full model reads; and what they pass on.
//
// On the dev sentences of the sets.  A sentence is the device's own if its intent is on the device's list;
// then it counts what is read right, and what of that is kept and not passed on to a device with the full
// model.  All other sentences are foreign and should be passed on; of the full model those count as passed on
// that it refuses or reads as an intent that is not the device's.
#include <algorithm>
#include <set>

#include "intent_sets.h"

using namespace ambit;
using namespace ambit::bench;
using namespace ambit::intent_model;

namespace {

struct Tally {
    std::size_t said = 0;
    std::size_t right = 0;
    std::size_t kept = 0;  // right, and not passed on
    std::size_t foreign = 0;
    std::size_t passed_on = 0;
};

double percent(std::size_t part, std::size_t all) {
    return all == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(all);
}

using Intents = std::set<std::string>;

void add_to(Tally& tally, const Example& example, const Prediction& read, const Intents& own) {
    if (own.contains(example.intent)) {
        const bool right = read.intent == example.intent;
        ++tally.said;
        tally.right += right ? 1 : 0;
        tally.kept += right && !read.out_of_scope ? 1 : 0;
    } else {
        ++tally.foreign;
        tally.passed_on += read.out_of_scope || !own.contains(read.intent) ? 1 : 0;
    }
}

struct Row {
    std::string device;
    double megabytes = 0;
    Tally small;
    Tally full;

    // Points that the small model is behind the full one on the device's intents.
    double behind() const { return percent(full.right, full.said) - percent(small.right, small.said); }

    double passed_on() const { return percent(small.passed_on, small.foreign); }
};

struct Set {
    std::string head;
    std::vector<Example> examples;
};

Row row_of(std::string_view device, const IntentModel& full, const std::vector<Set>& sets) {
    Row row{.device = std::string(device), .small = {}, .full = {}};
    const std::vector<std::string>& list = *intents_of_device(device);
    const Intents own(list.begin(), list.end());
    const IntentModel small = shipped_model(row.device);
    row.megabytes =
        static_cast<double>(text_of_file("models/intents/" + row.device + ".intents").size()) / 1e6;
    for (const Set& set : sets) {
        if (small.head(set.head) == nullptr) {
            continue;  // the device has no intent of this set
        }
        for (const Example& example : set.examples) {
            add_to(row.small, example, *small.read(example.text, set.head), own);
            add_to(row.full, example, *full.read(example.text, set.head), own);
        }
    }
    return row;
}

void print(const Row& row) {
    const Tally& small = row.small;
    const Tally& full = row.full;
    std::printf("%-9s %5.2f  %5zu  %6.2f %6.2f  %6.2f  %6.2f %6.2f  %6zu  %6.2f %6.2f\n", row.device.c_str(),
                row.megabytes, small.said, percent(small.right, small.said), percent(full.right, full.said),
                row.behind(), percent(small.kept, small.said), percent(full.kept, full.said), small.foreign,
                row.passed_on(), percent(full.passed_on, full.foreign));
}

}  // namespace

int main() {
    const IntentModel full = shipped_model("household");
    const double megabytes =
        static_cast<double>(text_of_file("models/intents/household.intents").size()) / 1e6;
    std::vector<Set> sets;
    for (const NamedFiles& set : kSets) {
        sets.push_back({set.head, sentences(std::string(set.files) + ".dev")});
    }
    std::printf("%-9s %5s  %5s  %13s  %6s  %13s  %6s  %13s\n", "", "", "own", "right", "points", "and kept",
                "", "passed on");
    std::printf("%-9s %5s  %5s  %6s %6s  %6s  %6s %6s  %6s  %6s %6s\n", "device", "MB", "said", "small",
                "full", "behind", "small", "full", "foreign", "small", "full");
    std::string figures;
    double behind = -100;
    double passed_on = 100;
    double size = 0;
    for (const std::string_view device : device_names()) {
        const Row row = row_of(device, full, sets);
        print(row);
        behind = std::max(behind, row.behind());
        passed_on = std::min(passed_on, row.passed_on());
        size = std::max(size, row.megabytes / megabytes);
        char text[160];
        std::snprintf(text, sizeof(text), " %s_behind=%.2f %s_passed_on=%.2f", row.device.c_str(),
                      row.behind(), row.device.c_str(), row.passed_on());
        figures += text;
    }
    std::printf("BENCH language-small behind=%.2f passed_on=%.2f size=%.3f%s\n", behind, passed_on, size,
                figures.c_str());
    return 0;
}

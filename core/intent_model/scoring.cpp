#include "intent_model/scoring.h"

#include <algorithm>
#include <cmath>

#include "intent_model/vocabulary.h"

namespace ambit::intent_model {
namespace {

double share(std::size_t part, std::size_t all) {
    return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

bool knows(const Head& head, const std::string& intent) {
    return std::binary_search(head.intents.begin(), head.intents.end(), intent);
}

}  // namespace

double Score::intent_accuracy() const {
    return share(right, in_scope);
}

double Score::in_scope_accuracy() const {
    return share(accepted_right, in_scope);
}

double Score::out_of_scope_recall() const {
    return share(refused, out_of_scope);
}

double Score::slot_f1() const {
    return share(2 * spans_right, spans_found + spans_true);
}

double Score::exact() const {
    return share(all_right, in_scope);
}

double Score::calibration_error() const {
    double sum = 0;
    for (const Tenth& tenth : tenths) {
        sum += std::fabs(tenth.confidence - static_cast<double>(tenth.right));
    }
    return in_scope == 0 ? 0.0 : sum / static_cast<double>(in_scope);
}

void add_to(Score& score, const Example& example, const Prediction& prediction) {
    if (example.intent == kOutOfScope) {
        ++score.out_of_scope;
        score.refused += prediction.out_of_scope ? 1 : 0;
        return;
    }
    const bool right = prediction.intent == example.intent;
    ++score.in_scope;
    score.right += right ? 1 : 0;
    score.accepted_right += right && !prediction.out_of_scope ? 1 : 0;
    std::size_t matched = 0;
    for (const SlotValue& slot : prediction.slots) {
        matched += std::count(example.slots.begin(), example.slots.end(),
                              SlotSpan{slot.name, slot.begin, slot.end}) > 0
                       ? 1
                       : 0;
    }
    score.spans_right += matched;
    score.spans_found += prediction.slots.size();
    score.spans_true += example.slots.size();
    score.all_right += right && matched == example.slots.size() && matched == prediction.slots.size() ? 1 : 0;
    Tenth& tenth =
        score.tenths[std::min<std::size_t>(9, static_cast<std::size_t>(prediction.confidence * 10))];
    ++tenth.sentences;
    tenth.right += right ? 1 : 0;
    tenth.confidence += static_cast<double>(prediction.confidence);
    if (!right) {
        ++score.confused[{example.intent, prediction.intent}];
    }
}

Result<Score> score(const IntentModel& model,
                    std::string_view head,
                    const std::vector<Example>& examples,
                    const Personal* personal) {
    Score score;
    for (const Example& example : examples) {
        AMBIT_TRY_ASSIGN(const Prediction prediction, model.read(example.text, head, personal));
        add_to(score, example, prediction);
    }
    return score;
}

std::string head_for(const IntentModel& model, const std::vector<Example>& examples) {
    std::string best;
    std::size_t most = 0;
    for (const std::string& name : model.heads()) {
        const Head& head = *model.head(name);
        const auto known = static_cast<std::size_t>(
            std::count_if(examples.begin(), examples.end(), [&head](const Example& example) {
                return example.intent == kOutOfScope || knows(head, example.intent);
            }));
        if (known > most && 2 * known >= examples.size()) {
            most = known;
            best = name;
        }
    }
    return best;
}

}  // namespace ambit::intent_model

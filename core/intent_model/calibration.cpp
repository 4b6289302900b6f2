#include "intent_model/calibration.h"

#include <algorithm>

#include "intent_model/intent_model.h"

namespace ambit::intent_model {
namespace {

struct Judged {
    std::vector<float> logits;
    std::size_t intent;
};

double surprise(const std::vector<Judged>& all, float factor) {
    double sum = 0;
    for (const Judged& judged : all) {
        std::vector<float> row = judged.logits;
        for (float& logit : row) {
            logit *= factor;
        }
        softmax(row.data(), row.size());
        sum -= logarithm(static_cast<double>(row[judged.intent]) + 1e-12);
    }
    return sum;
}

// Halves the step around the best factor; the surprise has one minimum.
float best_factor(const std::vector<Judged>& all) {
    float best = 1;
    double least = surprise(all, best);
    for (float step = 1.5F; step > 1.01F; step = 1 + (step - 1) / 2) {
        for (bool moved = true; moved;) {
            moved = false;
            for (const float factor : {best * step, best / step}) {
                const double here = surprise(all, factor);
                if (here < least && factor > 0.2F && factor < 3) {
                    least = here;
                    best = factor;
                    moved = true;
                }
            }
        }
    }
    return best;
}

float threshold_of(const std::vector<Judged>& all, float factor, std::optional<std::size_t> foreign) {
    std::vector<float> right;
    for (const Judged& judged : all) {
        std::vector<float> row = judged.logits;
        for (float& logit : row) {
            logit *= factor;
        }
        softmax(row.data(), row.size());
        if (foreign) {
            row[*foreign] = 0;
        }
        const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
        if (best == judged.intent) {
            right.push_back(row[best]);
        }
    }
    std::sort(right.begin(), right.end());
    const double refused = foreign ? kPassedOnRight : kRefusedRight;
    return right.empty() ? 0.0F
                         : right[static_cast<std::size_t>(refused * static_cast<double>(right.size()))];
}

}  // namespace

ModelParts calibrated(ModelParts parts, const std::vector<NamedSet>& sets) {
    const auto model = IntentModel::load(encode(parts));
    AMBIT_CHECK(model.has_value());
    for (const NamedSet& set : sets) {
        const Head* const head = model->head(set.name);
        if (head == nullptr) {
            continue;
        }
        std::vector<Judged> all;
        for (const Example& example : set.examples) {
            const auto intent = head->intent(example.intent);
            if (is_tuning(example) && intent) {
                all.push_back({model->encode(example.text, set.name).intent_logits, *intent});
            }
        }
        HeadParts& part = parts.head_parts[static_cast<std::size_t>(head - model->parts().heads.data())];
        part.sharpness = best_factor(all);
        part.threshold = threshold_of(all, part.sharpness, head->intent(kForeign));
    }
    return parts;
}

}  // namespace ambit::intent_model

// Calibration: makes confidence a probability, and says below which one an utterance is out of scope.
//
// Reads the tuning slice of each set only.  A head's logits get the factor that makes the true intents
// likeliest (temperature scaling, Guo et al. 2017); its threshold is the highest that refuses no more than
// `kRefusedRight` of the sentences it reads right. Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include "intent_model/corpus.h"
#include "intent_model/model_parts.h"

namespace ambit::intent_model {

constexpr double kRefusedRight = 0.005;

ModelParts calibrated(ModelParts parts, const std::vector<NamedSet>& sets);

}  // namespace ambit::intent_model

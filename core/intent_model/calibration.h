// Calibration: makes confidence a probability, and says below which one an utterance is out of scope.
//
// Reads the tuning slice of each set only.  A head's logits get the factor that makes the true intents
// likeliest (temperature scaling, Guo et al. 2017); its threshold is the highest that refuses no more than
// `kRefusedRight` of the sentences it reads right. Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include "intent_model/corpus.h"
#include "intent_model/model_parts.h"

namespace ambit::intent_model {

constexpr double kRefusedRight = 0.003;
// ... of a head that tells what is foreign: others read that, so to refuse costs little.
constexpr double kPassedOnRight = 0.03;

ModelParts calibrated(ModelParts parts, const std::vector<NamedSet>& sets);

}  // namespace ambit::intent_model

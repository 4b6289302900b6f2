// Model parts: what a model file holds, with weights of 8 bits, and the file's form.
//
// The file: "AMBITIM1", then the parts in the order of ModelParts, little-endian, then a hash of all before
// it. decode() checks every size against limits before it takes memory, and the hash before it believes
// anything. Ownership: values.  Threads: any.  Failure: ModelBroken (3121), naming the part.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "intent_model/linear.h"
#include "intent_model/network.h"

namespace ambit::intent_model {

constexpr std::size_t kModelBytesMax = 16U << 20U;

// outputs x inputs weights; output o is scale[o] * (sum over i of weight[o][i] * input[i]) + bias[o].
struct SmallMatrix {
    std::size_t outputs = 0;
    std::size_t inputs = 0;
    std::vector<std::int8_t> weights;
    std::vector<float> scales;
    std::vector<float> bias;
};

// A linear model with small weights: buckets x outputs, and a scale for each output.
struct WidePart {
    std::vector<std::int8_t> weights;
    std::vector<float> scales;
};

// The float models behind the wide parts, one for each head; their logits count `factor` times.  Empty: none.
struct WideModels {
    std::vector<const Linear*> models;
    float factor = 1;
};

struct HeadParts {
    SmallMatrix intents;
    SmallMatrix tags;  // none without slots
    WidePart wide_intents;
    WidePart wide_tags;
    float sharpness = 1;  // the logits are multiplied by it, so that confidence is probability
    float threshold = 0;  // out of scope below this confidence
};

struct ModelParts {
    Sizes sizes;
    Vocabulary vocabulary;
    std::vector<Head> heads;
    std::vector<std::int8_t> table;  // rows x width
    std::vector<float> table_scales;
    std::vector<SmallMatrix> convolutions;
    SmallMatrix slot_word;
    SmallMatrix slot_sentence;
    std::size_t wide_buckets = 0;  // 0: no wide part
    std::size_t wide_tag_buckets = 0;
    std::vector<HeadParts> head_parts;
};

ModelParts parts_of(const Network& network,
                    const Vocabulary& vocabulary,
                    const std::vector<Head>& heads,
                    const WideModels& wide_intents,
                    const WideModels& wide_tags);

Bytes encode(const ModelParts& parts);
Result<ModelParts> decode(ByteView file);

}  // namespace ambit::intent_model

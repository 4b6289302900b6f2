// Intent model: rung T1, a small trained model that reads an utterance: its intent, its slots, or "not for
// me".
//
// One file, several label spaces ("heads": "massive", "clinc", "snips", ...) over one encoder; weights of 8
// bits, activations of 12, so a reading is the same on every machine.  Lessons of a person change readings
// through a Personal layer (adaptation.h), never the model. Ownership: owns its weights; a Prediction owns
// its texts.  Threads: any, reading changes nothing. Cost: see `./dev bench language-t1`; an utterance is
// read up to kTokensMax words and kTextMax bytes. Errors: ModelBroken (3121) for a file, UnknownHead (3123).
// Spec of file and training: docs/intent-model.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "intent_model/tokens.h"

namespace ambit::intent_model {

struct Head;
struct ModelParts;
class Personal;

struct SlotValue {
    std::string name;
    std::string value;      // as it stands in the utterance
    std::size_t begin = 0;  // bytes of the utterance, end exclusive
    std::size_t end = 0;
};

struct RankedIntent {
    std::string intent;
    float probability = 0;
};

struct Prediction {
    std::string intent;    // the likeliest, even when out of scope; "" for an utterance without words
    float confidence = 0;  // that it is this intent: calibrated, so 0.8 is right in about 8 of 10
    bool out_of_scope = true;
    float foreign = 0;                    // how likely it is an intent of others, from a head that tells
    std::vector<SlotValue> slots;         // in order, not overlapping
    std::vector<RankedIntent> next_best;  // up to three behind it
    std::string lesson;                   // the id of the lesson that decided it, "" if none did
};

// What the encoder makes of an utterance, before labels: what a Personal layer compares.
struct Encoded {
    std::vector<Token> words;
    std::vector<float> sentence;       // length 1
    std::vector<float> intent_logits;  // of the head
    std::vector<float> tag_logits;     // words x tags
};

class IntentModel {
  public:
    static Result<IntentModel> load(ByteView file);
    ~IntentModel();
    IntentModel(IntentModel&&) noexcept;
    IntentModel& operator=(IntentModel&&) noexcept;

    // `personal` may be null: then nobody's lessons count.
    Result<Prediction> read(std::string_view text,
                            std::string_view head,
                            const Personal* personal = nullptr) const;

    std::vector<std::string> heads() const;
    // The labels of a head, null if there is none of that name.
    const Head* head(std::string_view name) const;
    // The confidence below which read() says out of scope.
    float threshold(std::string_view head) const;

    // For Personal and for measuring; REQUIRES: the head exists.
    Encoded encode(std::string_view text, std::string_view head) const;
    const ModelParts& parts() const;

  private:
    struct State;
    explicit IntentModel(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace ambit::intent_model

#include "intent_model/intent_model.h"

#include <gmock/gmock.h>

#include "intent_model/samples_testing.h"
#include "intent_model/scoring.h"
#include "intent_model/tags.h"

namespace ambit::intent_model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

IntentModel model() {
    return std::move(*IntentModel::load(sample_model()));
}

TEST(IntentModel, ReadsIntentSlotsAndSpans) {
    const auto read = model().read("Turn on the light in the Cellar", "home");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->intent, "light_on");
    EXPECT_FALSE(read->out_of_scope);
    ASSERT_EQ(read->slots.size(), 1U);
    EXPECT_EQ(read->slots[0].name, "room");
    EXPECT_EQ(read->slots[0].value, "Cellar");
    EXPECT_EQ(read->slots[0].begin, 25U);
    EXPECT_EQ(read->slots[0].end, 31U);
    EXPECT_EQ(read->next_best.size(), 2U);
    float sum = read->confidence;
    for (const RankedIntent& ranked : read->next_best) {
        EXPECT_LE(ranked.probability, read->confidence);
        sum += ranked.probability;
    }
    EXPECT_NEAR(sum, 1, 1e-5);  // there are three intents
}

TEST(IntentModel, HeadsAreSeparate) {
    const IntentModel read = model();
    EXPECT_THAT(read.heads(), UnorderedElementsAre("home", "talk"));
    EXPECT_EQ(read.read("goodbye kitchen", "talk")->intent, "leave");
    const auto unknown = read.read("goodbye", "none");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::UnknownHead);
}

TEST(IntentModel, ReadsItsSamplesAndRefusesTheRest) {
    const auto sets = sample_sets();
    const auto result = score(model(), "home", sets[0].examples);
    ASSERT_TRUE(result);
    EXPECT_GT(result->intent_accuracy(), 0.95);
    EXPECT_GT(result->slot_f1(), 0.9);
    EXPECT_GT(result->out_of_scope_recall(), 0.7);
    EXPECT_EQ(head_for(model(), sets[1].examples), "talk");
    EXPECT_EQ(head_for(model(), {{"x", "unheard_of", {}}}), "");
}

TEST(IntentModel, HostileUtterancesAreBounded) {
    const IntentModel read = model();
    EXPECT_TRUE(read.read("", "home")->out_of_scope);
    EXPECT_TRUE(read.read("\xFF\xFE\x01 \xC3", "home")->out_of_scope);
    std::string text;
    while (text.size() < (1U << 20U)) {
        text += "kitchen \xF0\x9F\x92\xA1\u202E\u200B\xED\xA0\x80 ";
    }
    const auto long_one = read.read(text, "home");
    ASSERT_TRUE(long_one);
    for (const SlotValue& slot : long_one->slots) {
        EXPECT_LE(slot.end, kTextMax);
    }
    EXPECT_TRUE(read.read(std::string(1U << 20U, 'x'), "home"));
}

TEST(IntentModel, ABrokenFileIsAnError) {
    const Bytes file = sample_model();
    for (std::size_t size = 0; size < file.size(); size += 997) {
        const auto cut = IntentModel::load(ByteView(file).first(size));
        ASSERT_FALSE(cut);
        EXPECT_EQ(cut.error().code, ErrorCode::ModelBroken);
    }
    for (std::size_t at = 0; at < file.size(); at += 613) {
        Bytes changed = file;
        changed[at] ^= 0x40U;
        EXPECT_FALSE(IntentModel::load(changed)) << at;
    }
    const auto large = IntentModel::load(Bytes(kModelBytesMax + 1));
    EXPECT_THAT(large.error().detail, HasSubstr("16 MB"));
    EXPECT_EQ(encode(*decode(file)), file);
}

TEST(Tags, ASlotGoesOnOnlyWhereItHasBegun) {
    // Three tags a word: outside, a room begins, a room goes on.  Each first word looks most like "goes on".
    EXPECT_THAT(best_tags({0, 5, 6, 0, 0, 5}, 2, 3), ElementsAre(1, 2));
    EXPECT_THAT(best_tags({5, 0, 6, 5, 0, 0}, 2, 3), ElementsAre(0, 0));
    const auto slots = slots_of({1, 2, 0, 1, 1}, {"room"}, tokens_of("living room and hall attic"),
                                "living room and hall attic");
    ASSERT_EQ(slots.size(), 3U);
    EXPECT_EQ(slots[0].value, "living room");
    EXPECT_EQ(slots[2].value, "attic");
}

TEST(Score, CountsWhatItSays) {
    Score counted;
    const Example example{"play jazz", "play", {{"genre", 5, 9}}};
    Prediction right{.intent = "play",
                     .confidence = 0.95F,
                     .out_of_scope = false,
                     .slots = {},
                     .next_best = {},
                     .lesson = {}};
    right.slots.push_back({"genre", "jazz", 5, 9});
    add_to(counted, example, right);
    Prediction wrong = right;
    wrong.intent = "stop";
    wrong.confidence = 0.55F;
    wrong.slots[0].begin = 0;
    add_to(counted, example, wrong);
    Prediction refused = right;
    refused.out_of_scope = true;
    add_to(counted, {"what", std::string(kOutOfScope), {}}, refused);
    EXPECT_DOUBLE_EQ(counted.intent_accuracy(), 0.5);
    EXPECT_DOUBLE_EQ(counted.slot_f1(), 0.5);
    EXPECT_DOUBLE_EQ(counted.exact(), 0.5);
    EXPECT_DOUBLE_EQ(counted.out_of_scope_recall(), 1);
    EXPECT_NEAR(counted.calibration_error(), (0.05 + 0.55) / 2, 1e-6);
    EXPECT_EQ(counted.confused.at({"play", "stop"}), 1U);
}

}  // namespace
}  // namespace ambit::intent_model

#include "node/parsing.h"

#include "node/talking_phone_testing.h"

namespace ambit::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Reads one sentence that no template has.
class OneParaphrase final : public language::Rung {
  public:
    std::string_view language() const override { return "en"; }

    bool knows(std::string_view /*intent*/) const override { return false; }

    std::optional<language::Guess> read(std::string_view utterance) const override {
        if (utterance != "some light where i cook") {
            return std::nullopt;
        }
        language::Guess guess;
        guess.rung = "T1";
        guess.label = "on";
        guess.confidence = 0.9;
        guess.sure = true;
        guess.intents = {"HassTurnOn"};
        guess.rewordings = {{"turn on the kitchen light", {}}};
        return guess;
    }
};

using ParsingTest = ConversationTest;

TEST_F(ParsingTest, SaysItInWordsThatSentencesRead) {
    node_->set_model(std::make_unique<OneParaphrase>(), true);
    const Parsed parsed = node_->conversation().parse("some light where i cook");
    EXPECT_EQ(parsed.words, "turn on the kitchen light");
    EXPECT_EQ(parsed.label, "on");
    EXPECT_DOUBLE_EQ(parsed.confidence, 0.9);
    EXPECT_EQ(node_->conversation().parse("turn on the kitchen light").words, "")
        << "the asker's sentences know it";
    EXPECT_EQ(node_->conversation().parse("colourless green ideas").words, "");
    EXPECT_DOUBLE_EQ(node_->parts().directory.quality(node_->parts().self, std::string(kParse)),
                     kModelQuality);
}

TEST_F(ParsingTest, IsNotOfferedByASmallModel) {
    node_->set_model(std::make_unique<OneParaphrase>(), true);
    storage_.settle();
    node_->set_model(std::make_unique<OneParaphrase>(), false);
    storage_.settle();
    EXPECT_DOUBLE_EQ(node_->parts().directory.quality(node_->parts().self, std::string(kParse)),
                     kTemplatesQuality);
    EXPECT_THAT(say("some light where i cook"), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(say("colourless green ideas"), IsEmpty());
    EXPECT_FALSE(last_.understood) << "nobody better is there";
}

TEST(Parsed, SurvivesAsTextAndBelievesNothing) {
    const Parsed back = decode_parsed(encode_parsed({"dim it", "light_dim", 0.5}));
    EXPECT_EQ(back.words, "dim it");
    EXPECT_EQ(back.label, "light_dim");
    EXPECT_DOUBLE_EQ(back.confidence, 0.5);
    EXPECT_EQ(decode_parsed(R"({"words":"x","confidence":7})").confidence, 1);
    for (const std::string& bad :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"words":"x"})"),
          std::string(R"({"words":7,"confidence":1})"),
          R"({"confidence":1,"words":")" + std::string(kParsedBytesMax + 1, 'a') + R"("})"}) {
        EXPECT_EQ(decode_parsed(bad).words, "") << bad.substr(0, 40);
    }
}

}  // namespace
}  // namespace ambit::node

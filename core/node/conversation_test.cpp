#include "node/conversation.h"

#include <nlohmann/json.hpp>

#include "capability/descriptor.h"
#include "language/intents.h"
#include "node/talking_phone_testing.h"

namespace ambit::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ConversationTest, KnowsWhereItStandsAndWhichRoomsAreUpstairs) {
    EXPECT_THAT(say("turn on the lamp"), IsEmpty()) << "there are two";
    EXPECT_THAT(say("the hall one"), ElementsAre(R"(h/lamp2 {"on":true})"));
    put(device_subject(node_->parts().self), "area", "office");
    EXPECT_THAT(say("turn on the lamp"), ElementsAre(R"(h/lamp1 {"on":true})"));
    EXPECT_THAT(say("turn off everything upstairs"), IsEmpty()) << "nobody said what is upstairs";
    put("area:Bedroom", "floor", "upstairs");
    EXPECT_THAT(say("turn off everything upstairs"),
                testing::UnorderedElementsAre(R"(h/bedroom {"on":false})", R"(h/fan {"on":false})"));
}

TEST_F(ConversationTest, MakesRelativeCommandsAbsolute) {
    say("set the kitchen light to 40");
    EXPECT_THAT(say("a bit brighter"), ElementsAre(R"(h/kitchen {"on":true,"brightness_pct":50})"));
    EXPECT_THAT(say("brighter"), ElementsAre(R"(h/kitchen {"on":true,"brightness_pct":70})"));
    EXPECT_THAT(say("make the bedroom light brighter"), IsEmpty());
    ASSERT_EQ(last_.answers.size(), 1U);
    EXPECT_EQ(last_.answers.front().error->code, ErrorCode::StateUnknown);
    EXPECT_THAT(last_.answers.front().text, HasSubstr("Bedroom Light"));
}

TEST_F(ConversationTest, TakesBackWhatWasDone) {
    EXPECT_THAT(undo(), IsEmpty());
    EXPECT_EQ(last_.answers.front().error->code, ErrorCode::CannotUndo);
    say("set the kitchen light to 40");
    say("set the kitchen light to 20");
    EXPECT_THAT(say("undo that"), ElementsAre(R"(h/kitchen {"brightness_pct":40,"on":true})"));
    EXPECT_THAT(undo(), IsEmpty()) << "an undo is not undone, and one step back is all that is known";
    say("turn on the kitchen light and turn off the ceiling fan");
    say("turn off the kitchen light and turn on the ceiling fan");
    const auto both = undo();
    EXPECT_THAT(both, testing::UnorderedElementsAre(R"(h/fan {"on":false})", R"(h/kitchen {"on":true})"));
}

TEST_F(ConversationTest, TakesBackOneOfThemByItsId) {
    say("turn on the kitchen light");
    say("turn off the kitchen light");
    const std::string id = last_.answers.front().request->hex();
    say("turn on the ceiling fan");
    EXPECT_THAT(undo(id.substr(0, 8)), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(undo(id), IsEmpty()) << "something else was done to it since";
    say("turn on movie night");
    EXPECT_THAT(undo(), IsEmpty()) << "how everything was before a scene isn't known";
    EXPECT_EQ(last_.answers.front().error->code, ErrorCode::CannotUndo);
}

TEST_F(ConversationTest, DoesItForTheOtherOneInstead) {
    say("turn off the kitchen light");
    say("turn off the bedroom light");
    say("turn on the kitchen light");
    EXPECT_THAT(say("no the bedroom"),
                testing::UnorderedElementsAre(R"(h/kitchen {"on":false})", R"(h/bedroom {"on":true})"));
    const auto rows = node_->conversation().lessons().all();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().kind, "corrected");
    EXPECT_EQ(rows.front().lesson.say, "turn on the kitchen light");
    EXPECT_THAT(rows.front().lesson.means, HasSubstr("area=Bedroom"));
}

// Reads two paraphrases, and has nothing against the rest but "play".
class TwoParaphrases final : public language::Rung {
  public:
    std::string_view language() const override { return "en"; }

    bool knows(std::string_view intent) const override { return intent == "HassMediaSearchAndPlay"; }

    std::optional<language::Guess> read(std::string_view utterance) const override {
        language::Guess guess;
        guess.rung = "T1";
        guess.label = "on";
        guess.confidence = 0.9;
        guess.sure = utterance.starts_with("some light");
        guess.intents = {"HassTurnOn"};
        guess.rewordings = {{"turn on the kitchen light", {}}};
        return guess;
    }
};

TEST_F(ConversationTest, DoesWhatOnlyTheNextRungUnderstood) {
    EXPECT_THAT(say("some light where i cook"), IsEmpty());
    EXPECT_FALSE(last_.understood) << "without it";
    say("play chess");
    EXPECT_TRUE(last_.understood) << "without it any words count";
    node_->conversation().set_next_rung(std::make_unique<TwoParaphrases>());
    EXPECT_THAT(say("some light where i cook"), ElementsAre(R"(h/kitchen {"on":true})"));
    ASSERT_TRUE(last_.understanding.guess);
    EXPECT_EQ(last_.understanding.guess->reworded, "turn on the kitchen light");
    EXPECT_EQ(last_.understanding.recognitions.front().rung, "T1");
    say("play chess");
    EXPECT_FALSE(last_.understood);
    EXPECT_THAT(say("turn off the kitchen light"), ElementsAre(R"(h/kitchen {"on":false})"));
    EXPECT_FALSE(last_.understanding.guess) << "nobody was asked";
    ASSERT_TRUE(teach("some light where i cook", "turn on the ceiling fan"))
        << "a guess is no reason against a lesson";
    EXPECT_THAT(say("some light where i cook"), ElementsAre(R"(h/fan {"on":true})"));
}

TEST_F(ConversationTest, IsTaughtAndForgets) {
    ASSERT_TRUE(teach("movie time", "set the kitchen light to 20"));
    EXPECT_THAT(say("Movie time!"), ElementsAre(R"(h/kitchen {"on":true,"brightness_pct":20})"));
    EXPECT_FALSE(last_.understanding.lesson.empty());
    node_.reset();
    start(false);
    EXPECT_THAT(say("movie time please"), ElementsAre(R"(h/kitchen {"on":true,"brightness_pct":20})"))
        << "it survives a restart";
    const auto rows = node_->conversation().lessons().all();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().key.audience, node_->parts().home_audience()) << "it is Anna's alone";
    ASSERT_TRUE(node_->conversation().lessons().forget(rows.front().key, now_));
    storage_.settle();
    EXPECT_THAT(say("movie time"), IsEmpty());
    EXPECT_FALSE(last_.understood);
}

TEST_F(ConversationTest, AsksBeforeALessonChangesAnother) {
    ASSERT_TRUE(teach("movie time", "set the kitchen light to 20"));
    for (const auto& [words, means, code] : std::vector<std::tuple<const char*, const char*, ErrorCode>>{
             {"Movie Time", "turn on the lamp in space", ErrorCode::NothingFound},
             {"good night", "colourless green ideas", ErrorCode::NotUnderstood},
             {"good night", "turn on the spaceship", ErrorCode::NothingFound},
             {"", "turn on the kitchen light", ErrorCode::LessonInvalid},
             {"Movie time!", "turn off the kitchen light", ErrorCode::LessonConflict},
             {"turn on the fan light", "turn on the spaceship", ErrorCode::NothingFound},
             {"turn on the kitchen light", "turn off the kitchen light", ErrorCode::LessonConflict}}) {
        const auto taught = teach(words, means);
        ASSERT_FALSE(taught) << words;
        EXPECT_EQ(taught.error().code, code) << words << ": " << taught.error().message();
    }
    const auto taught = teach("Movie time!", "turn off the kitchen light", true);
    ASSERT_TRUE(taught);
    ASSERT_EQ(taught->replaced.size(), 1U);
    EXPECT_THAT(say("movie time"), ElementsAre(R"(h/kitchen {"on":false})"));
    EXPECT_EQ(node_->conversation().lessons().all().size(), 1U);
}

TEST_F(ConversationTest, AConversationEndsAndLeavesNoTrace) {
    say("turn on the kitchen light");
    now_.mono += language::kTalkLife;
    EXPECT_THAT(say("and the bedroom"), IsEmpty());
}

TEST(UndoInput, BringsBackWhatWasChanged) {
    const auto back = [](const char* capability, const char* input, const char* before) {
        const auto found = undo_input(capability, input, before);
        return found ? *found : found.error().message();
    };
    EXPECT_EQ(back("light.set", R"({"on":false})", R"({"on":true,"brightness_pct":40})"),
              R"({"brightness_pct":40,"on":true})");
    EXPECT_EQ(back("light.set", R"({"on":true,"brightness_pct":40})", R"({"on":false})"), R"({"on":false})");
    EXPECT_EQ(back("climate.set", R"({"temperature_c":22})",
                   R"({"temperature_c":19,"mode":"heat","current_temperature_c":18})"),
              R"({"temperature_c":19})");
    EXPECT_EQ(back("cover.set", R"({"open":true})", R"({"open":false,"position_pct":30})"),
              R"({"position_pct":30})");
    EXPECT_EQ(back("lock.set", R"({"locked":false})", R"({"locked":true})"), R"({"locked":true})");
    for (const auto& [capability, input, before] :
         std::vector<std::tuple<const char*, const char*, const char*>>{
             {"garage.pulse", "{}", R"({"open":true})"},
             {"light.set", R"({"on":true})", ""},
             {"light.set", R"({"on":true})", "{}"},
             {"light.set", R"({"on":true})", R"({"on":"yes"})"},
             {"scene.activate", "{}", R"({"on":true})"},
             {"no.such", "{}", "{}"}}) {
        EXPECT_FALSE(undo_input(capability, input, before)) << capability;
    }
}

// What language promises of capabilities is what their descriptors say.
TEST(Intents, FitTheCapabilitiesTheyName) {
    for (const language::Target& target : language::all_targets()) {
        const auto capability = capability::find_capability(target.capability);
        ASSERT_TRUE(capability) << target.capability;
        EXPECT_EQ((*capability)->needs_entity, target.reach != language::Reach::NoEntity)
            << target.capability;
        EXPECT_EQ((*capability)->risk == capability::Risk::Confirm, target.risky) << target.capability;
        language::Recognition said;
        said.intent = target.intent;
        for (const auto& [slot, value] : std::map<std::string, std::string>{{"brightness", "40"},
                                                                            {"color", "red"},
                                                                            {"temperature", "2000"},
                                                                            {"position", "10"},
                                                                            {"percentage", "20"},
                                                                            {"volume_level", "30"},
                                                                            {"search_query", "jazz"},
                                                                            {"minutes", "5"},
                                                                            {"start_minutes", "5"},
                                                                            {"item", "milk"},
                                                                            {"name", "list"},
                                                                            {"message", "dinner"},
                                                                            {"mode", "heat"}}) {
            language::Slot one;
            one.name = slot;
            one.value = slot == "temperature" && target.capability != "light.set" ? "21" : value;
            said.slots.push_back(one);
        }
        const auto input = language::input_for(target, said, false);
        ASSERT_TRUE(input) << target.intent << " " << target.capability;
        if (target.intent != "HassToggle") {
            EXPECT_TRUE((*capability)->input.check(view_of(*input))) << target.intent << " " << *input;
        }
    }
    for (const language::Dial& dial : language::all_dials()) {
        const auto capability = capability::find_capability(dial.capability);
        ASSERT_TRUE(capability);
        EXPECT_EQ((*capability)->effect, capability::Effect::Absolute);
        EXPECT_TRUE((*capability)->input.check(view_of(language::dial_input(dial, dial.least))));
        EXPECT_TRUE((*capability)->input.check(view_of(language::dial_input(dial, dial.most))));
    }
}

}  // namespace
}  // namespace ambit::node

#include "language/talk.h"

#include <gmock/gmock.h>

#include "language/conversation_testing.h"
#include "language/near_names.h"

namespace ambit::language {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// One person who talks to one device.
class TalkTest : public testing::Test {
  protected:
    TalkTest() {
        for (const Warning& warning : talking_grammar().warnings()) {
            ADD_FAILURE() << warning.message();
        }
    }

    Understanding say(const std::string& words, milliseconds later = milliseconds(1000)) {
        now_ += later;
        talk_.expire(now_);
        auto understood = understand(talking_grammar(), home_, words, {.area = area_, .talk = &talk_});
        EXPECT_TRUE(understood) << understood.error().message();
        talk_.remember(*understood, now_);
        return std::move(*understood);
    }

    std::vector<std::string> things(const Understanding& understanding) {
        std::vector<std::string> out;
        for (const Command& command : understanding.commands) {
            out.push_back(command.entity + " " + command.input_json);
        }
        return out;
    }

    Home home_ = talking_home();
    Talk talk_;
    MonoTime now_{seconds(100)};
    std::string area_;
};

TEST_F(TalkTest, TakesWhatWasSaidBeforeToAnotherPlace) {
    EXPECT_THAT(things(say("turn on the kitchen light")), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(things(say("and the bedroom")), ElementsAre(R"(h/bedroom {"on":true})"));
    EXPECT_THAT(things(say("also the night light")), ElementsAre(R"(h/bedroom {"on":true})"));
    EXPECT_THAT(say("and upstairs").commands.size(), 4U) << "the lights of that floor, and only lights";
    say("is the kitchen light on");
    EXPECT_EQ(say("and the bedroom").question->entities, std::vector<std::string>{"h/bedroom"});
}

TEST_F(TalkTest, TakesBackWhatWasNotMeant) {
    say("turn on the kitchen light");
    const Understanding instead = say("no the bedroom");
    EXPECT_EQ(instead.meaning, Meaning::Undo);
    EXPECT_THAT(things(instead), ElementsAre(R"(h/bedroom {"on":true})"));
    EXPECT_THAT(things(say("i meant the lamp")), IsEmpty()) << "two are called so";
    EXPECT_THAT(things(say("the hall one")), ElementsAre(R"(h/lamp2 {"on":true})"));
    const Understanding other = say("no the other one");
    EXPECT_EQ(other.meaning, Meaning::Undo);
    EXPECT_THAT(things(other), ElementsAre(R"(h/lamp1 {"on":true})"));
    EXPECT_EQ(say("undo that").meaning, Meaning::Undo);
    EXPECT_THAT(say("undo that").commands, IsEmpty());
}

TEST_F(TalkTest, TurnsWhatWasTalkedAbout) {
    say("set the kitchen light to 40");
    const Understanding brighter = say("a bit brighter");
    ASSERT_EQ(brighter.commands.size(), 1U);
    const Command& turn = brighter.commands.front();
    EXPECT_EQ(turn.turn, (Command::Turn{"brightness_pct", 10}));
    EXPECT_EQ(made_absolute(turn, R"({"on":true,"brightness_pct":40})")->input_json,
              R"({"on":true,"brightness_pct":50})");
    EXPECT_EQ(made_absolute(turn, R"({"on":true,"brightness_pct":97})")->input_json,
              R"({"on":true,"brightness_pct":100})");
    EXPECT_EQ(made_absolute(turn, R"({"on":false})")->input_json, R"({"on":true,"brightness_pct":10})");
    EXPECT_FALSE(made_absolute(turn, R"({"on":true})")) << "how bright it is isn't known";
    EXPECT_FALSE(made_absolute(turn, "not json"));
    const Understanding darker = say("make it darker");
    EXPECT_EQ(darker.commands.front().turn->by, -20);
    EXPECT_EQ(made_absolute(darker.commands.front(), R"({"on":true,"brightness_pct":5})")->input_json,
              R"({"on":true,"brightness_pct":1})");
    EXPECT_FALSE(made_absolute(darker.commands.front(), R"({"on":false})")) << "what is off gets no darker";
    EXPECT_THAT(things(say("back to 40 percent")),
                ElementsAre(R"(h/kitchen {"on":true,"brightness_pct":40})"));
    EXPECT_THAT(things(say("turn it off")), ElementsAre(R"(h/kitchen {"on":false})"));
    say("set the bedroom heating to 20 degrees");
    EXPECT_EQ(say("warmer").commands.front().turn, (Command::Turn{"temperature_c", 1}));
}

TEST_F(TalkTest, AsksWhichOneAndTakesTheAnswer) {
    for (const auto& [answer, entity] : std::map<std::string, std::string>{{"the left one", "h/lamp1"},
                                                                           {"hall", "h/lamp2"},
                                                                           {"downstairs please", "h/lamp2"},
                                                                           {"2", "h/lamp2"},
                                                                           {"the second one", "h/lamp2"},
                                                                           {"the last", "h/lamp2"},
                                                                           {"Lamp (Office)", "h/lamp1"}}) {
        const Understanding asked = say("turn on the lamp");
        ASSERT_EQ(asked.meaning, Meaning::Clarify);
        EXPECT_EQ(asked.choices.size(), 2U);
        EXPECT_THAT(things(say(answer)), ElementsAre(entity + R"( {"on":true})")) << answer;
    }
    say("turn on the lamp");
    EXPECT_NE(say("three green bottles").meaning, Meaning::Commands);
    EXPECT_EQ(say("the lamp").meaning, Meaning::NotUnderstood) << "that is both of them";
    EXPECT_THAT(things(say("turn on the kitchen light")), ElementsAre(R"(h/kitchen {"on":true})"))
        << "a new sentence is no answer";
    EXPECT_EQ(say("the left one").meaning, Meaning::NotUnderstood) << "nothing is asked any more";
    say("turn on the lamp");
    EXPECT_EQ(say("never mind").meaning, Meaning::Nothing);
    EXPECT_EQ(say("the left one").meaning, Meaning::NotUnderstood);
}

TEST_F(TalkTest, ChoosesForEveryPartOfASentence) {
    ASSERT_EQ(say("turn on the lamp and turn off the ceiling fan").meaning, Meaning::Clarify);
    EXPECT_THAT(things(say("office")), ElementsAre(R"(h/lamp1 {"on":true})", R"(h/fan {"on":false})"));
}

TEST_F(TalkTest, ForgetsAfterAWhile) {
    say("turn on the kitchen light");
    EXPECT_EQ(say("and the bedroom", kTalkLife - milliseconds(1)).commands.size(), 1U);
    EXPECT_NE(say("and the bedroom", kTalkLife).meaning, Meaning::Commands);
    say("turn on the lamp");
    EXPECT_NE(say("the left one", kTalkLife).meaning, Meaning::Commands);
}

TEST_F(TalkTest, NeedsNoConversationForWhatNamesItsThing) {
    EXPECT_EQ(say("make the kitchen light brighter").commands.front().turn->by, 20);
    EXPECT_EQ(Talk().entities().size(), 0U);
}

TEST_F(TalkTest, KnowsFloorsAndWhatEverythingLeavesAlone) {
    EXPECT_THAT(
        things(say("turn off everything upstairs")),
        UnorderedElementsAre(R"(h/bedroom {"on":false})", R"(h/lamp1 {"on":false})",
                             R"(h/desk1 {"on":false})", R"(h/desk2 {"on":false})", R"(h/fan {"on":false})"))
        << "no heating, no blind, no lock";
    EXPECT_EQ(say("turn off everything").commands.size(), 7U);
    EXPECT_THAT(things(say("open the blinds")), ElementsAre(R"(h/blind {"open":true})"))
        << "a garage door is opened by its name alone";
    EXPECT_THAT(things(say("open the garage door")), ElementsAre(R"(h/garage {"open":true})"));
}

TEST_F(TalkTest, KnowsPluralsAndForgivesSlips) {
    EXPECT_THAT(things(say("turn on the desk spots")),
                ElementsAre(R"(h/desk1 {"on":true})", R"(h/desk2 {"on":true})"));
    const Understanding slip = say("turn on the kichen light");
    EXPECT_THAT(things(slip), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(slip.text, HasSubstr("Kitchen Light"));
    EXPECT_EQ(slip.found.front().how, "typo");
    EXPECT_THAT(things(say("turn on the lights in the bedrom")), ElementsAre(R"(h/bedroom {"on":true})"));
    EXPECT_EQ(say("turn on the desk spot 3").meaning, Meaning::NotFound) << "as near to one as to the other";
    EXPECT_EQ(say("turn on the spaceship").meaning, Meaning::NotFound);
}

TEST_F(TalkTest, AsksBeforeItGuessesWhatNeedsCare) {
    const Understanding asked = say("unlock the front dor");
    EXPECT_EQ(asked.meaning, Meaning::Clarify);
    EXPECT_THAT(asked.commands, IsEmpty());
    EXPECT_THAT(asked.text, HasSubstr("Did you mean Front Door?"));
    EXPECT_THAT(things(say("yes")), ElementsAre(R"(h/door {"locked":false})"));
    EXPECT_EQ(say("turn on the garage dor").meaning, Meaning::Clarify);
    EXPECT_EQ(say("no").meaning, Meaning::Nothing);
}

TEST_F(TalkTest, SaysWhatNothingHereCanDo) {
    const Understanding timer = say("set a timer for 5 minutes");
    EXPECT_EQ(timer.meaning, Meaning::NothingCan);
    EXPECT_THAT(timer.text, HasSubstr("timer"));
    EXPECT_EQ(say("play jazz").meaning, Meaning::NothingCan);
    EXPECT_THAT(things(say("add milk to my shopping list")),
                ElementsAre(R"( {"list":"shopping","item":"milk"})"));
    EXPECT_THAT(things(say("set the kitchen blind to position 30")),
                ElementsAre(R"(h/blind {"position_pct":30})"));
    EXPECT_THAT(things(say("set the bedroom heating to 20.5 degrees")),
                ElementsAre(R"(h/heat {"temperature_c":20.5})"));
    EXPECT_THAT(things(say("turn on movie night")), ElementsAre("h/scene {}"));
}

// With the sentences that ship: what is said, and what it does.
TEST(BuiltInFollowUps, GoOnWithWhatWasSaid) {
    const Home home = talking_home();
    const std::map<std::string, std::vector<std::pair<std::string, std::string>>> talks = {
        {"en",
         {{"turn on the kitchen light", R"(h/kitchen {"on":true})"},
          {"and the bedroom", R"(h/bedroom {"on":true})"},
          {"what about the kitchen?", R"(h/kitchen {"on":true})"},
          {"a bit brighter", "h/kitchen brightness_pct 10"},
          {"make it darker", "h/kitchen brightness_pct -20"},
          {"back to 40 percent", R"(h/kitchen {"on":true,"brightness_pct":40})"},
          {"no, the bedroom", R"(h/bedroom {"on":true,"brightness_pct":40})"},
          {"turn it off", R"(h/bedroom {"on":false})"},
          {"turn on the lamp", "Which one: Lamp (Office) or Lamp (Hall)?"},
          {"the second one", R"(h/lamp2 {"on":true})"},
          {"no, the other one", R"(h/lamp1 {"on":true})"},
          {"undo that", ""}}},
        {"de",
         {{"schalte das Kitchen Light ein", R"(h/kitchen {"on":true})"},
          {"und im Bedroom", R"(h/bedroom {"on":true})"},
          {"etwas heller", "h/bedroom brightness_pct 10"},
          {"wieder auf 40 Prozent", R"(h/bedroom {"on":true,"brightness_pct":40})"},
          {"nein, die Kitchen", R"(h/kitchen {"on":true,"brightness_pct":40})"},
          {"schalte die Lamp ein", "Was davon: Lamp (Office) oder Lamp (Hall)?"},
          {"die zweite", R"(h/lamp2 {"on":true})"},
          {"nein, die andere", R"(h/lamp1 {"on":true})"},
          {"mach das rückgängig", ""}}}};
    for (const auto& [language, turns] : talks) {
        const Grammar grammar = Grammar::compile(language, built_in_sentences(language));
        Talk talk;
        MonoTime now{seconds(1)};
        for (const auto& [words, expected] : turns) {
            now += seconds(1);
            const auto understood = understand(grammar, home, words, {.area = "", .talk = &talk});
            ASSERT_TRUE(understood);
            talk.remember(*understood, now);
            std::string did = understood->commands.empty() ? understood->text : "";
            for (const Command& command : understood->commands) {
                did += command.entity + " " +
                       (command.turn
                            ? command.turn->member + " " + std::to_string(static_cast<int>(command.turn->by))
                            : command.input_json);
            }
            EXPECT_EQ(did, expected) << words << ": " << understood->text << " "
                                     << (understood->recognitions.empty()
                                             ? "-"
                                             : understood->recognitions.front().intent);
        }
    }
}

TEST(NearNames, CountsEditsUpToABound) {
    EXPECT_EQ(edits_between("lamp", "lamp", 2), 0U);
    EXPECT_EQ(edits_between("lamp", "lmap", 2), 1U) << "neighbours swapped";
    EXPECT_EQ(edits_between("kitchen", "kichen", 2), 1U);
    EXPECT_GT(edits_between("kitchen", "bedroom", 2), 2U);
    EXPECT_GT(edits_between("a", std::string(4000, 'a'), 2), 2U);
    EXPECT_EQ(edits_between("", "", 0), 0U);
}

}  // namespace
}  // namespace ambit::language

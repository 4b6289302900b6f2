#include "language/understand.h"

#include <gmock/gmock.h>

namespace ambit::language {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string kOn = R"({"on":true})";
const std::string kOff = R"({"on":false})";

Home demo_home() {
    return Home({{"mqtt:home/kitchen", "Kitchen Light", "Kitchen", "light", {}, {"light.set"}},
                 {"mqtt:home/bedroom", "Bedroom Light", "Bedroom", "light", {"night light"}, {"light.set"}},
                 {"mqtt:home/fan", "Fan", "Kitchen", "switch", {}, {"switch.set"}},
                 {"mqtt:home/lamp1", "Lamp", "Office", "light", {}, {"light.set"}},
                 {"mqtt:home/lamp2", "Lamp", "Hall", "light", {}, {"light.set"}},
                 {"mqtt:home/door", "Front Door", "Hall", "lock", {}, {"lock.set"}},
                 {"mqtt:home/bell", "Doorbell", "Hall", "button", {}, {"button.press"}},
                 {"mqtt:home/temp", "Outside Temperature", "", "sensor", {}, {}}});
}

Understanding say(const std::string& words,
                  const std::string& area = "",
                  const std::string& language = "en") {
    static const std::map<std::string, Grammar> grammars = [] {
        std::map<std::string, Grammar> all;
        for (const std::string& each : built_in_languages()) {
            all.emplace(each, Grammar::compile(each, built_in_sentences(each)));
        }
        return all;
    }();
    auto understood = understand(grammars.at(language), demo_home(), words, {area});
    EXPECT_TRUE(understood) << understood.error().message();
    return std::move(*understood);
}

TEST(BuiltInSentences, CompileWithoutAWarning) {
    EXPECT_THAT(built_in_languages(), ElementsAre("de", "en", "es", "fr", "zh"));
    for (const std::string& language : built_in_languages()) {
        const Grammar grammar = Grammar::compile(language, built_in_sentences(language));
        EXPECT_GT(grammar.template_count(), 10U);
        for (const Warning& warning : grammar.warnings()) {
            ADD_FAILURE() << warning.message();
        }
    }
}

// "bathroom lights" are no "room lights" of the bath.
TEST(BuiltInSentences, NeverCutARoomsNameInTwo) {
    const Grammar grammar = Grammar::compile("en", built_in_sentences("en"));
    for (const char* room : {"Bathroom", "Bedroom", "Washroom", "Laundry Room", "Pool House", "Green House",
                             "Second Floor", "Playroom", "Guest Room", "Dining Room"}) {
        const Home home({{"h/in", "Spot", room, "light", {}, {"light.set"}},
                         {"h/out", "Spot", "Pool", "light", {}, {"light.set"}}});
        for (const char* words : {"turn my % lights off", "turn off the % lights", "% light off"}) {
            std::string said = words;
            said.replace(said.find('%'), 1, room);
            const auto understood = understand(grammar, home, said, {"Pool"});
            ASSERT_TRUE(understood);
            EXPECT_THAT(understood->commands, ElementsAre(Command{"light.set", "h/in", kOff})) << said;
        }
    }
}

TEST(Understand, TurnsOneLightOn) {
    for (const char* words :
         {"turn on the kitchen light", "Turn the Kitchen Light on!", "switch on kitchen light",
          "could you please turn on the kitchen light?", "kitchen light on", "KITCHEN-LIGHT on"}) {
        const Understanding done = say(words);
        EXPECT_EQ(done.meaning, Meaning::Commands) << words << ": " << done.text;
        EXPECT_THAT(done.commands, ElementsAre(Command{"light.set", "mqtt:home/kitchen", kOn})) << words;
    }
}

TEST(Understand, WarmsTheCarAtOnceAndNotLater) {
    const Home garage({{"vehicle:a/cabin", "Cabin", "", "climate", {"car"}, {"cabin.precondition"}}});
    const std::map<std::string, std::array<const char*, 3>> words = {
        {"en", {"warm up the car to 22 degrees", "stop warming up the car", "warm up the car at 7 am"}},
        {"de", {"heize das auto auf 22 grad", "stoppe die standheizung", "heize das auto um 7 uhr vor"}},
    };
    for (const auto& [language, said] : words) {
        const Grammar grammar = Grammar::compile(language, built_in_sentences(language));
        const auto [start, stop, later] = said;
        EXPECT_THAT(
            understand(grammar, garage, start, {})->commands,
            ElementsAre(Command{"cabin.precondition", "vehicle:a/cabin", R"({"on":true,"target_c":22})"}))
            << start;
        EXPECT_THAT(understand(grammar, garage, stop, {})->commands,
                    ElementsAre(Command{"cabin.precondition", "vehicle:a/cabin", kOff}))
            << stop;
        const auto not_yet = understand(grammar, garage, later, {});
        EXPECT_EQ(not_yet->meaning, Meaning::NothingCan) << later;
        EXPECT_THAT(not_yet->commands, IsEmpty()) << later;
    }
    const Grammar english = Grammar::compile("en", built_in_sentences("en"));
    EXPECT_THAT(understand(english, garage, "precondition the car", {})->commands,
                ElementsAre(Command{"cabin.precondition", "vehicle:a/cabin", kOn}));
    EXPECT_EQ(say("precondition the car").meaning, Meaning::NothingCan) << "there is no car";
}

TEST(Understand, KnowsAliasesSwitchesAndBrightness) {
    EXPECT_THAT(say("turn off the night light").commands,
                ElementsAre(Command{"light.set", "mqtt:home/bedroom", kOff}));
    EXPECT_THAT(say("turn off the fan").commands, ElementsAre(Command{"switch.set", "mqtt:home/fan", kOff}));
    const std::string forty = R"({"on":true,"brightness_pct":40})";
    for (const char* words : {"set the kitchen light to 40%", "dim the kitchen light to forty percent",
                              "set the brightness of the kitchen light to 40 percent"}) {
        EXPECT_THAT(say(words).commands, ElementsAre(Command{"light.set", "mqtt:home/kitchen", forty}))
            << words;
    }
    EXPECT_THAT(say("set the kitchen light to 0%").commands,
                ElementsAre(Command{"light.set", "mqtt:home/kitchen", kOff}));
}

TEST(Understand, KnowsAreasHereAndEverywhere) {
    EXPECT_THAT(say("turn on all the lights in the kitchen").commands,
                ElementsAre(Command{"light.set", "mqtt:home/kitchen", kOn}));
    EXPECT_THAT(say("turn on the lights", "Bedroom").commands,
                ElementsAre(Command{"light.set", "mqtt:home/bedroom", kOn}));
    EXPECT_EQ(say("turn off all lights").commands.size(), 4U);
    EXPECT_EQ(say("turn off all lights", "Bedroom").commands.size(), 1U)
        << "where the speaker stands, `all lights` are those of the room";
    EXPECT_EQ(say("turn off all lights everywhere", "Bedroom").commands.size(), 4U);
}

TEST(Understand, LocksAndUnlocksOnlyWhatIsNamed) {
    const Command lock{"lock.set", "mqtt:home/door", R"({"locked":true})"};
    const Command unlock{"lock.set", "mqtt:home/door", R"({"locked":false})"};
    EXPECT_THAT(say("lock the front door").commands, ElementsAre(lock));
    EXPECT_THAT(say("unlock the front door").commands, ElementsAre(unlock));
    EXPECT_THAT(say("schließe die front door auf", "", "de").commands, ElementsAre(unlock));
    for (const char* words : {"turn off the front door", "unlock the kitchen light", "turn off all lights",
                              "turn off everything in the hall"}) {
        EXPECT_THAT(say(words).commands, testing::Not(testing::Contains(unlock))) << words;
    }
    EXPECT_THAT(say("unlock the front dor").text, HasSubstr("Did you mean Front Door?"));
}

TEST(Understand, PressesOnlyButtons) {
    const Command press{"button.press", "mqtt:home/bell", "{}"};
    EXPECT_THAT(say("press the doorbell").commands, ElementsAre(press));
    EXPECT_THAT(say("drücke die doorbell", "", "de").commands, ElementsAre(press));
    for (const char* words : {"press the fan", "turn off the doorbell", "turn off all lights"}) {
        EXPECT_THAT(say(words).commands, testing::Not(testing::Contains(press))) << words;
    }
}

TEST(Understand, AsksBackWhenSeveralFit) {
    const Understanding asked = say("turn on the lamp");
    EXPECT_EQ(asked.meaning, Meaning::Clarify);
    EXPECT_THAT(asked.commands, IsEmpty());
    ASSERT_EQ(asked.choices.size(), 2U);
    EXPECT_EQ(asked.text, "Which one: Lamp (Office) or Lamp (Hall)?");
    EXPECT_THAT(say("turn on the lamp", "Hall").commands,
                ElementsAre(Command{"light.set", "mqtt:home/lamp2", kOn}));
    EXPECT_THAT(say("turn on the office lamp").commands,
                ElementsAre(Command{"light.set", "mqtt:home/lamp1", kOn}));
}

TEST(Understand, SaysWhatItLookedForAndTheNearestNames) {
    const Understanding missed = say("turn on the chicken light");
    EXPECT_EQ(missed.meaning, Meaning::NotFound);
    EXPECT_THAT(missed.text, HasSubstr("\"chicken light\""));
    EXPECT_THAT(missed.text, HasSubstr("Did you mean Kitchen Light"));
    EXPECT_THAT(say("turn on the spaceship").text, HasSubstr("nothing called \"spaceship\""));
}

TEST(Understand, DoesTwoThingsOrNone) {
    const Understanding both = say("turn on the kitchen light and turn off the fan");
    EXPECT_EQ(both.recognitions.size(), 2U);
    EXPECT_THAT(both.commands, ElementsAre(Command{"light.set", "mqtt:home/kitchen", kOn},
                                           Command{"switch.set", "mqtt:home/fan", kOff}));
    EXPECT_THAT(say("turn on the kitchen light and the fan").commands,
                UnorderedElementsAre(Command{"light.set", "mqtt:home/kitchen", kOn},
                                     Command{"switch.set", "mqtt:home/fan", kOn}));
    const Understanding half = say("turn on the kitchen light and turn on the lamp");
    EXPECT_EQ(half.meaning, Meaning::Clarify);
    EXPECT_THAT(half.commands, IsEmpty());
}

TEST(Understand, SaysHowWarmARoomOrACarIs) {
    const Home home({{"mqtt:h/hall", "Hall Heating", "Hall", "climate", {}, {"climate.set"}},
                     {"vehicle:a/cabin", "Cabin", "", "climate", {"car"}, {"cabin.precondition"}}});
    const std::map<std::string, std::string> states = {
        {"mqtt:h/hall", R"({"on":true,"mode":"heat","temperature_c":21,"current_temperature_c":18.5})"},
        {"vehicle:a/cabin", R"({"on":false,"cabin_c":4,"outside_c":3})"}};
    const Grammar english = Grammar::compile("en", built_in_sentences("en"));
    const auto answer = [&](const std::string& words) {
        const auto asked = understand(english, home, words, {}).value();
        return asked.question ? say_state(*asked.question, home, states, "en") : asked.text;
    };
    EXPECT_EQ(answer("what is the temperature"), "Hall Heating is at 18.5 °C.");
    for (const char* words :
         {"how warm is it in the car", "what is the temperature in the car", "is the car warm yet"}) {
        EXPECT_EQ(answer(words), "Cabin is at 4 °C.") << words;
    }
}

TEST(Understand, AnswersQuestions) {
    const Home home = demo_home();
    const auto answer = [&](const std::string& words, const std::map<std::string, std::string>& states) {
        const Understanding asked = say(words);
        EXPECT_EQ(asked.meaning, Meaning::Question) << words << ": " << asked.text;
        return asked.question ? say_state(*asked.question, home, states, "en") : asked.text;
    };
    const std::map<std::string, std::string> states = {
        {"mqtt:home/kitchen", R"({"on":true,"brightness_pct":40})"},
        {"mqtt:home/bedroom", kOff},
        {"mqtt:home/lamp1", kOff},
        {"mqtt:home/lamp2", kOff},
        {"mqtt:home/door", R"({"locked":true})"},
        {"mqtt:home/temp", R"({"value":3.5,"unit":"°C"})"}};
    EXPECT_EQ(answer("is the front door locked?", states), "Yes. Front Door is locked.");
    EXPECT_EQ(answer("is the front door unlocked?", states), "No. Front Door is locked.");
    EXPECT_EQ(answer("is the kitchen light on?", states), "Yes. Kitchen Light is on.");
    EXPECT_EQ(answer("is the kitchen light off?", states), "No. Kitchen Light is on.");
    EXPECT_EQ(answer("how bright is the kitchen light?", states), "Kitchen Light is at 40 %.");
    EXPECT_EQ(answer("which lights are on?", states), "Kitchen Light.");
    EXPECT_EQ(answer("are all the lights off?", states), "No. Kitchen Light is on.");
    EXPECT_EQ(answer("are any lights on in the bedroom?", states), "No.");
    EXPECT_EQ(answer("what is the outside temperature?", states), "Outside Temperature is at 3.5 °C.");
    EXPECT_EQ(answer("is the fan on?", states), "I don't know about Fan.");
    EXPECT_EQ(answer("is the kitchen light on?", {{"mqtt:home/kitchen", "not json"}}),
              "I don't know about Kitchen Light.");
}

// A sensor at a window is on while the window is open.
TEST(Understand, AnswersWhetherSomethingIsOpen) {
    const Home home({{"h/cellar", "Cellar Window", "Cellar", "binary_sensor", {}, {}, "window"},
                     {"h/attic", "Attic Window", "Attic", "binary_sensor", {}, {}, "window"},
                     {"h/yard", "Yard Door", "", "binary_sensor", {}, {}, "door"},
                     {"h/car", "Big Garage", "", "binary_sensor", {}, {}, "garage_door"},
                     {"h/bolt", "Bolt", "", "binary_sensor", {}, {}, "lock"},
                     {"h/motion", "Hall Motion", "Hall", "binary_sensor", {}, {}, "motion"},
                     {"h/blind", "Office Blind", "Office", "cover", {}, {"cover.set"}, "blind"},
                     {"h/shade", "Hall Shade", "Hall", "cover", {}, {"cover.set"}, "shade"},
                     {"h/lock", "Front Door", "Hall", "lock", {}, {"lock.set"}}});
    const std::map<std::string, std::string> states = {{"h/cellar", kOn},
                                                       {"h/attic", kOff},
                                                       {"h/yard", kOff},
                                                       {"h/car", kOn},
                                                       {"h/bolt", kOn},
                                                       {"h/motion", kOn},
                                                       {"h/blind", R"({"open":false,"position_pct":0})"},
                                                       {"h/shade", R"({"position_pct":30})"},
                                                       {"h/lock", R"({"locked":true})"}};
    const auto answer = [&](const std::string& words, const char* language = "en") {
        static std::map<std::string, Grammar> grammars;
        auto grammar = grammars.find(language);
        if (grammar == grammars.end()) {
            grammar =
                grammars.emplace(language, Grammar::compile(language, built_in_sentences(language))).first;
        }
        const auto asked = understand(grammar->second, home, words, {});
        return asked && asked->question ? say_state(*asked->question, home, states, language) : "not asked";
    };
    EXPECT_EQ(answer("is the cellar window open"), "Yes. Cellar Window is open.");
    EXPECT_EQ(answer("is the cellar window closed"), "No. Cellar Window is open.");
    EXPECT_EQ(answer("is the attic window open"), "No. Attic Window is closed.");
    EXPECT_EQ(answer("is the attic window shut"), "Yes. Attic Window is closed.");
    EXPECT_EQ(answer("is the yard door open"), "No. Yard Door is closed.");
    EXPECT_EQ(answer("is the big garage open"), "Yes. Big Garage is open.");
    EXPECT_EQ(answer("is the office blind closed"), "Yes. Office Blind is closed.");
    EXPECT_EQ(answer("is the hall shade open"), "Yes. Hall Shade is open.");
    EXPECT_EQ(answer("is the hall motion on"), "Yes. Hall Motion is on.");
    EXPECT_EQ(answer("is the front door open"), "Front Door is locked.") << "nobody knows";
    EXPECT_EQ(answer("are any windows open"), "Yes. Cellar Window.");
    EXPECT_EQ(answer("which windows are open"), "Cellar Window.");
    EXPECT_EQ(answer("are all the windows closed"), "No. Cellar Window is open.");
    EXPECT_EQ(answer("are any blinds open"), "No.");
    EXPECT_EQ(answer("ist Cellar Window offen", "de"), "Ja. Cellar Window ist offen.");
    EXPECT_EQ(answer("ist Attic Window zu", "de"), "Ja. Attic Window ist geschlossen.");
    Question bolt{"on", "locked", "", {"h/bolt"}};
    EXPECT_EQ(say_state(bolt, home, states, "en"), "No. Bolt is unlocked.");
    EXPECT_EQ(say_state(bolt, home, {}, "en"), "I don't know about Bolt.");
    const Question all{"on", "closed", "all", {"h/attic", "h/yard"}};
    EXPECT_EQ(say_state(all, home, states, "en"), "Yes.");
    EXPECT_EQ(say_state(all, home, {{"h/attic", kOff}}, "en"), "I don't know about Yard Door.")
        << "what is not known is not closed";
}

TEST(Understand, SpeaksGerman) {
    EXPECT_THAT(say("Schalte bitte die Fan ein", "", "de").commands,
                ElementsAre(Command{"switch.set", "mqtt:home/fan", kOn}));
    EXPECT_THAT(say("Mach das Licht in der Kitchen aus", "", "de").commands,
                ElementsAre(Command{"light.set", "mqtt:home/kitchen", kOff}));
    EXPECT_THAT(say("Kitchen Light auf zweiundvierzig Prozent", "", "de").commands,
                ElementsAre(Command{"light.set", "mqtt:home/kitchen", R"({"on":true,"brightness_pct":42})"}));
    EXPECT_THAT(say("Schalte Kitchen Light an und schalte Fan aus", "", "de").commands.size(), 2U);
}

TEST(Understand, SaysWhatCameNearWhenNothingMatched) {
    const Understanding missed = say("turn on the kitchen light sideways");
    EXPECT_NE(missed.meaning, Meaning::Commands);
    const Understanding nonsense = say("colourless green ideas sleep furiously");
    EXPECT_EQ(nonsense.meaning, Meaning::NotUnderstood);
    EXPECT_FALSE(nonsense.text.empty());
}

TEST(Understand, SurvivesHostileWords) {
    for (const std::string& words :
         {std::string(kUtteranceBytesMax, 'a'), std::string(4000, ' '),
          std::string("\xff\xfe\xc0\x80 turn on"), std::string("turn on \xe2\x80\xaethe kitchen light"),
          std::string("turn\0on", 7), std::string()}) {
        EXPECT_NE(say(words).meaning, Meaning::Commands);
    }
    const auto too_long = understand(Grammar::compile("en", {}), demo_home(), std::string(5000, 'a'), {});
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, ErrorCode::UtteranceTooLong);
}

}  // namespace
}  // namespace ambit::language

// The shipped model behind the shipped sentences, in a home of a few things.
#include "paraphrase/paraphrase.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "intent_model/vocabulary.h"
#include "language/reading.h"
#include "language/understand.h"
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

using language::Meaning;
using testing::ElementsAre;

// Tests run in the build folder, where share/ lies as it is installed.
Bytes shipped_file() {
    std::ifstream in("share/ambit/intents/household.intents", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return to_bytes(text.str());
}

const Paraphrase& shipped() {
    static const auto model = Paraphrase::load(shipped_file());
    return **model;
}

const language::Grammar& english() {
    static const auto grammar = language::Grammar::compile("en", language::built_in_sentences("en"));
    return grammar;
}

const language::Home& home() {
    static const language::Home home({{"h/kitchen", "Kitchen Light", "Kitchen", "light", {}, {"light.set"}},
                                      {"h/lamp", "Lamp", "Living Room", "light", {}, {"light.set"}},
                                      {"h/robot", "Robbie", "Hall", "vacuum", {}, {"vacuum.set"}},
                                      {"h/player", "TV", "Living Room", "media_player", {}, {"media.play"}},
                                      {"h/door", "Front Door", "Hall", "lock", {}, {"lock.set"}}});
    return home;
}

language::Understanding understand(const std::string& words, const language::Rung* rung = &shipped()) {
    return *language::understand(english(), home(), words, {.area = "Living Room"}, rung);
}

std::vector<std::string> done(const std::string& words, const language::Rung* rung = &shipped()) {
    std::vector<std::string> out;
    for (const language::Command& command : understand(words, rung).commands) {
        out.push_back(command.entity + " " + command.input_json);
    }
    return out;
}

TEST(Paraphrase, DoesWhatNoTemplateHas) {
    for (const auto& [words, what] : std::vector<std::pair<const char*, const char*>>{
             {"i want the light to be switched off", R"(h/lamp {"on":false})"},
             {"olly i am leaving so switch the lights off", R"(h/lamp {"on":false})"},
             {"the carpet is filthy get the vacuum cleaner going", R"(h/robot {"activity":"cleaning"})"}}) {
        EXPECT_TRUE(done(words, nullptr).empty()) << words << ": a template has it; find another sentence";
        EXPECT_THAT(done(words), ElementsAre(what)) << words;
        const auto understood = understand(words);
        ASSERT_TRUE(understood.guess);
        EXPECT_GE(understood.guess->confidence, kSureToAct);
        EXPECT_EQ(understood.recognitions.front().rung, "T1");
    }
}

TEST(Paraphrase, ReadsOurOwnIntentsInOtherWords) {
    for (const auto& [words, intent, reworded] :
         std::vector<std::tuple<const char*, const char*, const char*>>{
             {"did somebody leave the kitchen light on", "HassGetState", "is the kitchen light on"},
             {"find out where my phone is", "AmbitFindDevice", "find my phone"},
             {"i need some help with breathing", "AmbitWellbeingBreathe", "start a breathing exercise"}}) {
        EXPECT_EQ(understand(words, nullptr).meaning, Meaning::NotUnderstood) << words << ": find another";
        const auto guess = understand(words).guess;
        ASSERT_TRUE(guess) << words;
        EXPECT_THAT(guess->intents, ElementsAre(intent)) << words;
        EXPECT_GE(guess->confidence, kSureOfOwn) << words;
        EXPECT_EQ(guess->reworded, reworded) << words;
    }
}

TEST(Paraphrase, TakesNoMinutesForHours) {
    for (const char* unit : {"hours", "minutes", "seconds"}) {
        const auto guess = shipped().read(std::string("please start counting down from 10 ") + unit);
        ASSERT_TRUE(guess);
        EXPECT_THAT(guess->intents, ElementsAre("HassStartTimer"));
        for (const language::Rewording& rewording : guess->rewordings) {
            EXPECT_THAT(rewording.words, testing::HasSubstr(unit));
        }
    }
}

TEST(Paraphrase, KnowsWhatIsForeignToAHome) {
    for (const char* words : {"who won the game last night", "write my boss that i am ill"}) {
        const auto guess = shipped().read(words);
        ASSERT_TRUE(guess) << words;
        EXPECT_THAT(guess->intents, testing::IsEmpty()) << words << ": " << guess->label;
        EXPECT_TRUE(guess->likely) << words << ": it may refuse what templates guess";
        EXPECT_FALSE(guess->sure) << words;
    }
}

TEST(Paraphrase, DoesNotSayTheOppositeOfAWord) {
    const auto guess = shipped().read("is it true that somebody has switched the kitchen light off");
    ASSERT_TRUE(guess);
    EXPECT_TRUE(!guess->sure || !guess->doubt.empty()) << guess->label << " " << guess->confidence;
}

TEST(Paraphrase, SaysWhereItsSlotsStood) {
    const std::string words = "it would be lovely to have the lights in the kitchen switched off";
    const auto understood = understand(words);
    ASSERT_EQ(understood.meaning, Meaning::Commands) << understood.text;
    const language::Slot* area = understood.recognitions.front().slot("area");
    ASSERT_NE(area, nullptr);
    EXPECT_EQ(words.substr(area->span.begin, area->span.end - area->span.begin), "kitchen");
    EXPECT_EQ(understood.commands.front().entity, "h/kitchen");
}

TEST(Paraphrase, IsAskedAboutGuessesOfTheTemplates) {
    EXPECT_EQ(done("play abbey road by the beatles").size(), 1U);
    for (const char* words : {"play chess with me", "play a round of tic tac toe"}) {
        EXPECT_EQ(done(words, nullptr).size(), 1U) << words;
        EXPECT_EQ(understand(words).meaning, Meaning::NotUnderstood) << words;
    }
}

// Says of anything what it was made with.
class Says final : public language::Rung {
  public:
    Says(std::vector<std::string> intents, double confidence) {
        guess_.intents = std::move(intents);
        guess_.likely = confidence >= kLikely;
        guess_.sure = confidence >= kSureToAnswer;
    }

    std::string_view language() const override { return "en"; }

    bool knows(std::string_view intent) const override { return intent != "AmbitHelp"; }

    std::optional<language::Guess> read(std::string_view /*utterance*/) const override { return guess_; }

  private:
    language::Guess guess_;
};

TEST(Paraphrase, BelievesAHomeThatHasWhatIsTalkedOf) {
    const Says nothing_of_ours({}, 0.99);
    const language::Home garage({{"vehicle:a/cabin", "Cabin", "", "climate", {"car"}, {"cabin.precondition"}}});
    const auto counts = [&](const std::string& words, const language::Home& at) {
        return language::read_templates(english(), words, at, {}, &nothing_of_ours)->recognition.has_value();
    };
    EXPECT_TRUE(counts("warm up the car to 22 degrees", garage));
    EXPECT_FALSE(counts("warm up the car to 22 degrees", home())) << "there is none";
    EXPECT_FALSE(counts("how far can we drive", garage)) << "it can't do that";
}

TEST(Paraphrase, RefusesWhatIsLikelyNothingOfOurs) {
    const auto counts = [](const std::string& words, const language::Rung& rung) {
        return language::read_templates(english(), words, home(), {}, &rung)->recognition.has_value();
    };
    const std::string own = "what is on my calendar tomorrow";
    const std::string guess = "when is the school play";
    for (const auto& [intents, confidence, own_counts, guess_counts] :
         std::vector<std::tuple<std::vector<std::string>, double, bool, bool>>{
             {{"AmbitCalendarQuery"}, 0.6, true, true},
             {{"AmbitCalendarQuery"}, 0.3, true, false},
             {{"HassGetWeather"}, 0.95, true, false},
             {{}, 0.3, true, false},
             {{}, 0.6, false, false}}) {
        const Says rung(intents, confidence);
        EXPECT_EQ(counts(own, rung), own_counts) << confidence;
        EXPECT_EQ(counts(guess, rung), guess_counts) << confidence;
        EXPECT_TRUE(counts("turn on the kitchen light", rung)) << "the home has it";
        EXPECT_TRUE(counts("what can you do", rung)) << "it knows nothing of that";
    }
}

TEST(Paraphrase, HearsASecondOpinion) {
    const auto understood = understand("please speak a lot slower");
    EXPECT_EQ(understood.meaning, Meaning::NotUnderstood);
    ASSERT_TRUE(understood.guess);
    EXPECT_EQ(understood.guess->doubt, "it looks like \"change_speed\"") << understood.guess->label;
}

TEST(Paraphrase, DoesNothingThatWasNotAskedForNow) {
    for (const char* words :
         {"i want the light to be switched off when i leave", "the light is not to be switched off",
          "during the daytime all lights has to be turned off", "vacuum the hall at five",
          "start the vacuum in ten minutes", "who won the game last night", "", "\xff\xfe",
          "turn off the left light"}) {
        EXPECT_TRUE(done(words).empty()) << words;
    }
}

TEST(Paraphrase, AsksBeforeItUnlocks) {
    class Unlocks final : public language::Rung {
      public:
        std::string_view language() const override { return "en"; }

        bool knows(std::string_view /*intent*/) const override { return true; }

        std::optional<language::Guess> read(std::string_view /*utterance*/) const override {
            language::Guess guess;
            guess.rung = "T1";
            guess.sure = true;
            guess.intents = {"HassTurnOff"};
            guess.rewordings = {{"unlock the front door", {}}};
            return guess;
        }
    };

    const Unlocks rung;
    EXPECT_EQ(done("unlock the front door", nullptr).size(), 1U);
    const auto understood = understand("i am back home let me in", &rung);
    EXPECT_EQ(understood.meaning, Meaning::Clarify);
    EXPECT_TRUE(understood.commands.empty());
    EXPECT_EQ(understood.choices.size(), 1U);
}

TEST(Paraphrase, RefusesABrokenFile) {
    Bytes file = shipped_file();
    file[file.size() / 2] ^= 1U;
    const auto broken = Paraphrase::load(file);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::ModelBroken);
}

TEST(Paraphrase, EveryLabelIsTheModels) {
    const auto model = intent_model::IntentModel::load(shipped_file());
    ASSERT_TRUE(model);
    const auto& labels = model->head(kHead)->intents;
    for (const auto& meaning : all_meanings()) {
        EXPECT_NE(std::find(labels.begin(), labels.end(), meaning.label), labels.end()) << meaning.label;
    }
    std::string_view shared = shared_labels();
    const auto& others = model->head(kOtherHead)->intents;
    while (!shared.empty()) {
        const std::string label(cut(shared, ' '));
        EXPECT_NE(std::find(others.begin(), others.end(), label), others.end()) << label;
    }
}

TEST(Rewording, HoldsAllThatWasSaid) {
    const auto words = [](const char* label, const std::vector<intent_model::SlotValue>& slots) {
        std::vector<std::string> out;
        for (const auto& rewording : rewordings(*meaning_of(label), slots)) {
            out.push_back(rewording.words);
        }
        return out;
    };
    EXPECT_THAT(words("iot_wemo_on", {}), ElementsAre("turn on the plug"));
    EXPECT_THAT(words("iot_wemo_on", {{"house_place", "den", 0, 3}, {"device_type", "fan", 4, 7}}),
                ElementsAre("turn on the fan in the den"));
    EXPECT_TRUE(words("iot_wemo_on", {{"time", "at five", 0, 7}}).empty()) << "it would be done at once";
    EXPECT_TRUE(words("iot_wemo_on", {{"device_type", "fan", 0, 3}, {"device_type", "tv", 4, 6}}).empty());
}

const std::vector<language::Shown> kShown = {
    {"1", "shine on my onions", "turn on the kitchen light", "HassTurnOn", {{"name", "kitchen light"}}},
    {"2", "kill the kitchen light", "turn off the kitchen light", "HassTurnOff", {{"name", "kitchen light"}}},
    {"3", "robbie has earned his pay", "dock robbie", "HassVacuumReturnToBase", {{"name", "robbie"}}},
};

TEST(Paraphrase, LearnsFromLessons) {
    for (const language::Shown& lesson : kShown) {
        EXPECT_NE(understand(lesson.said).guess->lesson, lesson.id);
    }
    EXPECT_THAT(done("shine on my onions"), testing::IsEmpty());
    const auto taught = shipped().taught(kShown);
    EXPECT_THAT(taught->clashes(), testing::IsEmpty());
    EXPECT_THAT(done("shine on my onions", taught.get()), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_EQ(understand("shine on my onions", taught.get()).guess->lesson, "1");
    EXPECT_THAT(done("please shine on my onions now", taught.get()), ElementsAre(R"(h/kitchen {"on":true})"))
        << "words that are like it";
    EXPECT_THAT(done("kill the front door", taught.get()), testing::IsEmpty());
    EXPECT_THAT(done("please kill the lamp", taught.get()), ElementsAre(R"(h/lamp {"on":false})"))
        << "what is in both may vary";
    EXPECT_THAT(done("robbie has earned his pay", taught.get()), testing::SizeIs(1));
    EXPECT_THAT(done("i want the light to be switched off", taught.get()),
                ElementsAre(R"(h/lamp {"on":false})"))
        << "what was read before still is";
    EXPECT_THAT(done("shine on my onions"), testing::IsEmpty()) << "the model itself has learned nothing";
    EXPECT_THAT(done("shine on my onions", shipped().taught({kShown[1], kShown[2]}).get()),
                testing::IsEmpty())
        << "without the lesson it is forgotten";
}

TEST(Paraphrase, DoesNotStretchALesson) {
    const auto taught = shipped().taught(kShown);
    for (const char* words :
         {"shine off my onions", "don't shine on my onions", "shine on my onions in the hall",
          "shine on my onions at 7", "robbie has not earned his pay"}) {
        EXPECT_THAT(done(words, taught.get()), testing::IsEmpty()) << words;
    }
}

TEST(Paraphrase, IsToldWhatWordsDoNotMean) {
    const std::string words = "i want the light to be switched off";
    const auto taught = shipped().taught({{"9", words, "", "", {}}});
    EXPECT_THAT(done(words), testing::SizeIs(1));
    EXPECT_THAT(done(words, taught.get()), testing::IsEmpty());
    EXPECT_EQ(understand(words, taught.get()).guess->lesson, "9");
    EXPECT_THAT(done("switch the light on would you", taught.get()), done("switch the light on would you"));
}

TEST(Paraphrase, SaysWhichLessonSpeaksAgainstAnEarlierOne) {
    auto lessons = kShown;
    lessons.push_back({"4", "Shine on my onions!", "turn off the lamp", "HassTurnOff", {{"name", "lamp"}}});
    const auto taught = shipped().taught(lessons);
    EXPECT_THAT(taught->clashes(), ElementsAre(language::Clash{"4", "1"}));
    EXPECT_THAT(done("shine on my onions", taught.get()), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(done("shine on my onions", shipped().taught({lessons.begin() + 1, lessons.end()}).get()),
                ElementsAre(R"(h/lamp {"on":false})"))
        << "once the earlier one is forgotten";
}

}  // namespace
}  // namespace ambit::paraphrase

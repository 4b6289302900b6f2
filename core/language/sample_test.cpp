#include "language/sample.h"

#include <set>

#include <gmock/gmock.h>

namespace ambit::language {
namespace {

using ::testing::IsEmpty;

// One thing of each kind that the built-in sentences speak of.
Home whole_home() {
    std::vector<HomeEntity> things;
    const auto add = [&things](const char* domain, const char* name, const char* area) {
        things.push_back({std::string(domain) + "." + name, name, area, domain, {}, {}});
    };
    add("light", "Ceiling Lamp", "Kitchen");
    add("light", "Lava Lamp", "Bedroom");
    add("switch", "Aquarium", "Kitchen");
    add("fan", "Ventilator", "Bedroom");
    add("media_player", "Jukebox", "Bedroom");
    add("climate", "Nest", "Kitchen");
    add("cover", "Awning", "Kitchen");
    add("valve", "Main Valve", "Kitchen");
    add("lock", "Gatehouse", "Kitchen");
    add("vacuum", "Dusty", "Kitchen");
    add("lawn_mower", "Mowgli", "Kitchen");
    add("scene", "Movie Night", "");
    add("binary_sensor", "Postbox", "Kitchen");
    add("todo", "Party Supplies", "");
    add("button", "Doorbell", "Kitchen");
    return Home(std::move(things));
}

// Some sentence of every template means what its file says, whatever else is said like it.
std::vector<std::string> unreachable(const std::string& language) {
    const auto files = built_in_sentences(language);
    const Grammar grammar = Grammar::compile(language, files);
    const Home home = whole_home();
    Sampler sampler(language, files, home, 1);
    std::vector<std::string> out;
    constexpr int kTries = 40;
    for (std::size_t number = 0; number < sampler.template_count(); ++number) {
        std::string last = "nothing could be sampled";
        bool is_read = false;
        for (int tried = 0; tried < kTries && !is_read; ++tried) {
            const auto sample = sampler.of_template(number);
            if (!sample) {
                break;
            }
            const auto read = grammar.recognise(sample->text, home.lists(), sample->context);
            is_read = read && *read && (*read)->intent == sample->intent;
            last = sample->file + ":" + std::to_string(sample->line) + " " + sample->template_text + ": \"" +
                   sample->text + "\" is " +
                   (read && *read ? (*read)->intent + " by " + (*read)->template_text : "not understood");
        }
        if (!is_read) {
            out.push_back(last);
        }
    }
    return out;
}

TEST(Sampler, ReachesEveryBuiltInTemplate) {
    for (const std::string& language : built_in_languages()) {
        EXPECT_THAT(unreachable(language), IsEmpty()) << language;
    }
}

TEST(Sampler, EveryLanguageHasEveryIntent) {
    const auto intents_of = [](const std::string& language) {
        Sampler sampler(language, built_in_sentences(language), whole_home(), 1);
        std::set<std::string> intents;
        for (std::size_t number = 0; number < sampler.template_count(); ++number) {
            if (const auto sample = sampler.of_template(number)) {
                intents.insert(sample->intent);
            }
        }
        return intents;
    };
    const auto english = intents_of("en");
    EXPECT_GT(english.size(), 80U);
    for (const std::string& language : built_in_languages()) {
        EXPECT_EQ(intents_of(language), english) << language;
    }
}

// What people say, to the intent; none of these was copied from a template.
TEST(BuiltInSentences, MeanTheSameInEveryLanguage) {
    struct Said {
        const char* language;
        const char* words;
        const char* intent;
    };

    const Home home = whole_home();
    std::map<std::string, Grammar> grammars;
    for (const std::string& language : built_in_languages()) {
        grammars.emplace(language, Grammar::compile(language, built_in_sentences(language)));
    }
    for (const Said& said : {
             Said{"en", "could you please turn off all the lights in the kitchen", "HassTurnOff"},
             {"en", "it's too dark in here", "HassTurnOn"},
             {"en", "make it a bit warmer", "AmbitClimateAdjust"},
             {"en", "wake me up at half past six tomorrow", "AmbitAlarmSet"},
             {"en", "add oat milk to my shopping list", "HassListAddItem"},
             {"en", "is the car plugged in", "AmbitCarPlugState"},
             {"en", "what left my phone today", "AmbitWhatLeft"},
             {"en", "why is the lava lamp on", "AmbitWhy"},
             {"en", "who is home", "AmbitWhoIsHome"},
             {"en", "undo that", "AmbitUndo"},
             {"de", "mach mal bitte das licht in der küche heller", "AmbitLightAdjust"},
             {"de", "weck mich morgen um sieben uhr", "AmbitAlarmSet"},
             {"de", "setz milch auf die einkaufsliste", "HassListAddItem"},
             {"de", "wo steht mein auto", "AmbitCarLocate"},
             {"de", "regnet es morgen", "HassGetWeather"},
             {"de", "wer ist gerade zuhause", "AmbitWhoIsHome"},
             {"fr", "éteins toutes les lumières de la maison", "HassTurnOff"},
             {"fr", "réveille-moi à sept heures", "AmbitAlarmSet"},
             {"fr", "où est ma voiture", "AmbitCarLocate"},
             {"fr", "il fait trop froid ici", "AmbitClimateAdjust"},
             {"es", "enciende la luz de la cocina", "HassTurnOn"},
             {"es", "pon un temporizador de diez minutos", "HassStartTimer"},
             {"es", "qué tiempo hace mañana", "HassGetWeather"},
             {"es", "quién está en casa", "AmbitWhoIsHome"},
             {"zh", "打开客厅的灯", "HassTurnOn"},
             {"zh", "明天早上七点叫醒我", "AmbitAlarmSet"},
             {"zh", "我的车停在哪里", "AmbitCarLocate"},
             {"zh", "把牛奶加到购物清单", "HassListAddItem"},
         }) {
        const auto read =
            grammars.at(said.language).recognise(said.words, home.lists(), {{"area", "Kitchen"}});
        ASSERT_TRUE(read) << said.words;
        EXPECT_TRUE(*read && (*read)->intent == said.intent)
            << said.words << ": " << (*read ? (*read)->intent : "nothing") << " for " << said.intent;
        EXPECT_FALSE(*read && (*read)->needs_agreement) << said.words;
    }
}

TEST(BuiltInSentences, LeaveToOthersWhatIsNotTheirs) {
    const Home home = whole_home();
    const Grammar grammar = Grammar::compile("en", built_in_sentences("en"));
    for (const char* words : {"book me a flight to mars", "what is the capital of portugal", "tell me a joke",
                              "who wrote hamlet", "play chess with me", "send an email to anna",
                              "when is the next solar eclipse", "how do i bake bread"}) {
        const auto read = grammar.recognise(words, home.lists(), {{"area", "Kitchen"}});
        ASSERT_TRUE(read) << words;
        EXPECT_TRUE(!*read || (*read)->needs_agreement) << words << ": " << (*read)->intent;
    }
}

TEST(Sampler, IsTheSameForTheSameSeed) {
    const auto texts = [](std::uint64_t seed) {
        Sampler sampler("en", built_in_sentences("en"), whole_home(), seed);
        std::vector<std::string> out;
        for (int i = 0; i < 50; ++i) {
            out.push_back(sampler.next().value().text);
        }
        return out;
    };
    EXPECT_EQ(texts(7), texts(7));
    EXPECT_NE(texts(7), texts(8));
}

const SourceFile kFile{"test.yaml", R"~(
language: en
lists:
  color: {values: [{in: "(red|crimson)", out: "red"}]}
  level: {range: {from: 10, to: 10}}
  item: {wildcard: true, examples: [green apples]}
  mystery: {wildcard: true}
intents:
  Paint:
    data:
      - sentences: ["paint  {name} [in ]{color:paint} at {level} please"]
        slots: {domain: wall}
        requires_context: {domain: light}
  Add:
    data: [{sentences: ["add {item}", "add {mystery}"]}]
)~"};

TEST(Sampler, GivesSlotsWithTheirSpans) {
    Sampler sampler("en", {kFile}, whole_home(), 3);
    for (int i = 0; i < 20; ++i) {
        const auto sample = sampler.of_template(0);
        ASSERT_TRUE(sample);
        EXPECT_EQ(sample->text.find("  "), std::string::npos) << sample->text;
        ASSERT_EQ(sample->slots.size(), 4U);
        for (const Slot& slot : sample->slots) {
            EXPECT_EQ(slot.text, sample->text.substr(slot.span.begin, slot.span.end - slot.span.begin));
        }
        EXPECT_THAT(sample->slots[0].value, testing::AnyOf("Ceiling Lamp", "Lava Lamp"));
        EXPECT_EQ(sample->slots[1].name, "paint");
        EXPECT_EQ(sample->slots[1].value, "red");
        EXPECT_EQ(sample->slots[2].value, "10");
        EXPECT_EQ(sample->slots[3].value, "wall");
    }
}

TEST(Sampler, LeavesOutWhatCannotBeSaid) {
    Sampler sampler("en", {kFile}, whole_home(), 3);
    EXPECT_EQ(sampler.of_template(1).value().text.substr(0, 4), "add ");
    Sampler empty("en", {kFile}, Home({}), 3);
    EXPECT_FALSE(empty.of_template(0));
    EXPECT_FALSE(Sampler("en", {}, Home({}), 3).next());
}

}  // namespace
}  // namespace ambit::language

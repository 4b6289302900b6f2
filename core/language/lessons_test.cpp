#include "language/lessons.h"

#include <gmock/gmock.h>

#include "language/conversation_testing.h"
#include "language/expectations.h"
#include "language/intents.h"

namespace ambit::language {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Lessons taught(std::vector<std::pair<std::string, std::string>> lessons) {
    std::vector<Lesson> all;
    for (auto& [say, means] : lessons) {
        all.push_back({"id" + std::to_string(all.size()), say, means});
    }
    return {std::move(all), {"please"}};
}

TEST(Lessons, StandForOtherWords) {
    const Home home = talking_home();
    const Lessons lessons = taught({{"movie time", "set the kitchen light to 20"},
                                    {"movie time in {area}", "turn on the lights in {area}"},
                                    {"what's up (doc)?", "is the lamp on"}});
    EXPECT_EQ(lessons.apply("Movie Time, please!", home)->means, "set the kitchen light to 20");
    EXPECT_EQ(lessons.apply("movie time in Bedroom", home)->means, "turn on the lights in Bedroom");
    EXPECT_EQ(lessons.apply("movie time in bedroom", home)->id, "id1");
    EXPECT_EQ(lessons.apply("what's up (doc)?", home)->id, "id2") << "brackets are text, not a template";
    EXPECT_FALSE(lessons.apply("movie", home));
    EXPECT_FALSE(lessons.apply("movie time in space", home));
    EXPECT_FALSE(Lessons().apply("movie time", home));
}

TEST(Lessons, RefuseWhatCanNotBeLearned) {
    EXPECT_TRUE(check_lesson({"", "movie time", "turn on the lamp"}));
    for (const auto& [say, means] : std::vector<std::pair<std::string, std::string>>{
             {"", "turn on the lamp"},
             {"?!", "turn on the lamp"},
             {"movie time", ""},
             {"movie time", "turn on {area}"},
             {"{name}", "turn on {name}"},
             {"{area} and {area}", "turn on {area}"},
             {"movie\ntime", "turn on the lamp"},
             {"movie \xff time", "turn on the lamp"},
             {std::string(kLessonSayBytesMax + 1, 'a'), "turn on the lamp"}}) {
        const auto checked = check_lesson({"", say, means});
        ASSERT_FALSE(checked) << say;
        EXPECT_EQ(checked.error().code, ErrorCode::LessonInvalid);
    }
    const Lessons with_a_bad_one = taught({{"\xff", "x"}, {"movie time", "turn on the lamp"}});
    EXPECT_TRUE(with_a_bad_one.apply("movie time", talking_home())) << "a bad lesson spoils no other";
}

TEST(Expectations, AreReadLineByLine) {
    const auto list =
        parse_expectations("my.txt",
                           "# mine\r\n\n"
                           "turn on the kitchen light -> HassTurnOn Kitchen Light\n"
                           "dim the lamp -> HassLightSet name=Office Lamp brightness=40\n"
                           "sing -> nothing\nno arrow\n -> HassTurnOn\nx ->\ny -> Kitchen Light area=Hall");
    ASSERT_EQ(list.expectations.size(), 4U);
    EXPECT_EQ(list.expectations[0].thing, "Kitchen Light");
    EXPECT_EQ(list.expectations[1].slots,
              (std::map<std::string, std::string>{{"name", "Office Lamp"}, {"brightness", "40"}}));
    EXPECT_EQ(list.expectations[2].intent, "nothing");
    EXPECT_EQ(list.expectations[3].thing, "Kitchen Light");
    EXPECT_EQ(list.expectations[3].slots.at("area"), "Hall");
    ASSERT_EQ(list.problems.size(), 3U);
    EXPECT_THAT(list.problems[0].message(), HasSubstr("my.txt:6: E3132"));
}

TEST(Expectations, SayWhatIsDifferent) {
    const Home home = talking_home();
    const auto differs = [&](const std::string& row) {
        const auto list = parse_expectations("my.txt", row);
        EXPECT_EQ(list.expectations.size(), 1U) << row;
        const auto meant = understand(talking_grammar(), home, list.expectations.front().words, {});
        return difference(list.expectations.front(), *meant, home);
    };
    EXPECT_EQ(differs("turn on the kitchen light -> HassTurnOn Kitchen Light"), "");
    EXPECT_EQ(differs("set the kitchen light to 40 -> HassLightSet brightness=40"), "");
    EXPECT_EQ(differs("colourless green ideas -> nothing"), "");
    EXPECT_EQ(differs("colourless green ideas -> HassTurnOn"), "was not understood");
    EXPECT_THAT(differs("turn on the kitchen light -> HassTurnOff"), HasSubstr("means HassTurnOn"));
    EXPECT_THAT(differs("turn on the kitchen light -> HassTurnOn Front Door"),
                HasSubstr("is about Kitchen Light"));
    EXPECT_THAT(differs("turn on the kitchen light -> nothing"), HasSubstr("was understood"));
    EXPECT_THAT(differs("set the kitchen light to 40 -> brightness=50"), HasSubstr("brightness=40"));
}

// Every input that the table builds, from slots that fit.
TEST(Intents, GiveTheInputOrNothing) {
    Recognition timer;
    timer.intent = "HassStartTimer";
    const auto slot = [](const char* name, const char* value) {
        Slot out;
        out.name = name;
        out.value = value;
        return out;
    };
    EXPECT_FALSE(input_for(*targets_of(timer).front(), timer, false)) << "no duration";
    timer.slots = {slot("minutes", "5"), slot("seconds", "30"), slot("name", "tea")};
    EXPECT_EQ(input_for(*targets_of(timer).front(), timer, false), R"({"duration_s":330,"name":"tea"})");
    timer.slots = {slot("minutes", "many")};
    EXPECT_FALSE(input_for(*targets_of(timer).front(), timer, false));
    Recognition warm;
    warm.intent = "HassClimateSetTemperature";
    warm.slots = {slot("temperature", "68")};
    EXPECT_EQ(input_for(*targets_of(warm).front(), warm, true), R"({"temperature_c":20})");
    Recognition red;
    red.intent = "HassLightSet";
    red.slots = {slot("color", "red")};
    EXPECT_EQ(input_for(*targets_of(red).front(), red, false), R"({"on":true,"color_rgb":[255,0,0]})");
    red.slots = {slot("color", "blurple")};
    EXPECT_FALSE(input_for(*targets_of(red).front(), red, false));
}

}  // namespace
}  // namespace ambit::language

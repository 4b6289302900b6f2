#include "intent_model/adaptation.h"

#include <gmock/gmock.h>

#include "intent_model/samples_testing.h"

namespace ambit::intent_model {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

IntentModel model() {
    return std::move(*IntentModel::load(sample_model()));
}

const std::vector<Lesson> kLessons = {
    {"1", "open your eyes over there", "light_on", {}},
    {"2", "nighty night little one", "light_off", {}},
    {"3", "shine on the porch for me", "light_on", {{"room", 13, 18}}},
};

TEST(Adaptation, LearnsForgetsAndNeverTouchesTheModel) {
    const IntentModel base = model();
    const Bytes before = encode(base.parts());
    const auto personal = Personal::adapt(base, "home", kLessons);
    ASSERT_TRUE(personal);
    EXPECT_THAT(personal->troubles(), IsEmpty());
    for (const Lesson& lesson : kLessons) {
        const auto read = base.read(lesson.text, "home", &*personal);
        EXPECT_EQ(read->intent, lesson.intent);
        EXPECT_EQ(read->lesson, lesson.id);
    }
    EXPECT_EQ(base.read("nighty night my little one", "home", &*personal)->intent, "light_off");
    const auto without = Personal::adapt(base, "home", {kLessons[0], kLessons[2]});
    EXPECT_NE(base.read(kLessons[1].text, "home", &*without)->lesson, "2");
    EXPECT_EQ(encode(base.parts()), before);
}

TEST(Adaptation, WhatIsUnlikeEveryLessonStays) {
    const IntentModel base = model();
    const auto personal = Personal::adapt(base, "home", kLessons);
    for (const std::string text : {"turn off the light in the hall", "how warm is the attic"}) {
        const auto plain = base.read(text, "home");
        const auto read = base.read(text, "home", &*personal);
        EXPECT_EQ(read->intent, plain->intent);
        EXPECT_EQ(read->lesson, "");
    }
}

TEST(Adaptation, SlotsOfALessonAreFoundAgain) {
    const IntentModel base = model();
    const auto personal = Personal::adapt(base, "home", kLessons);
    const auto read = base.read("shine on the summer house for me", "home", &*personal);
    EXPECT_EQ(read->intent, "light_on");
    ASSERT_EQ(read->slots.size(), 1U);
    EXPECT_EQ(read->slots[0].value, "summer house");
}

TEST(Adaptation, ABadLessonIsNoticed) {
    const IntentModel base = model();
    auto lessons = kLessons;
    lessons.push_back({"4", "Open your eyes over there!", "light_off", {}});
    lessons.back().text = "Open your EYES over there";
    const auto personal = Personal::adapt(base, "home", lessons);
    ASSERT_TRUE(personal);
    ASSERT_FALSE(personal->troubles().empty());
    EXPECT_EQ(personal->troubles()[0].kind, Trouble::Kind::contradicts);
    EXPECT_EQ(personal->troubles()[0].lesson, "4");
    EXPECT_EQ(personal->troubles()[0].other, "1");
}

TEST(Adaptation, ASurprisingLessonIsNamed) {
    const IntentModel base = model();
    const auto personal =
        Personal::adapt(base, "home", {{"9", "turn on the light in the hall", "temperature", {}}});
    ASSERT_EQ(personal->troubles().size(), 1U);
    EXPECT_EQ(personal->troubles()[0].kind, Trouble::Kind::surprises);
    EXPECT_EQ(personal->troubles()[0].other, "light_on");
}

TEST(Adaptation, ALessonThatCannotBeHeldIsRefused) {
    const IntentModel base = model();
    for (const Lesson& bad : {Lesson{"5", "fly", "fly_away", {}}, Lesson{"6", " \x01", "light_on", {}}}) {
        const auto refused = Personal::adapt(base, "home", {bad});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::LessonRefused);
        EXPECT_THAT(refused.error().detail, HasSubstr("lesson " + bad.id));
    }
    EXPECT_EQ(Personal::adapt(base, "home", std::vector<Lesson>(kLessonsMax + 1, kLessons[0])).error().code,
              ErrorCode::LessonRefused);
    EXPECT_EQ(Personal::adapt(base, "none", {}).error().code, ErrorCode::UnknownHead);
}

TEST(Adaptation, LessonsSurviveAsText) {
    EXPECT_EQ(*parse_lessons(lessons_json(kLessons)), kLessons);
    for (const std::string bad : {"", "[]", "{\"v\":2,\"lessons\":[]}", "{\"v\":1,\"lessons\":[1]}",
                                  "{\"v\":1,\"lessons\":[{\"id\":\"a\",\"text\":\"b\",\"intent\":\"c\","
                                  "\"slots\":[{\"name\":\"n\",\"begin\":0,\"end\":9}]}]}"}) {
        const auto refused = parse_lessons(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, ErrorCode::BadExamples);
    }
}

}  // namespace
}  // namespace ambit::intent_model

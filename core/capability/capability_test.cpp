#include <gmock/gmock.h>

#include "capability/descriptor.h"
#include "capability/directory.h"
#include "privacy/home_testing.h"

namespace ambit::capability {
namespace {

using ::testing::ElementsAre;

using ::testing::IsEmpty;

ErrorCode checked(const Schema& schema, std::string_view json) {
    const auto result = schema.check(view_of(json));
    return result ? ErrorCode{} : result.error().code;
}

TEST(Schema, ChecksTheBuiltInCapabilities) {
    const Schema& light = find_capability("light.set").value()->input;
    EXPECT_EQ(checked(light, R"({"on":true})"), ErrorCode{});
    EXPECT_EQ(checked(light, R"({"on":true,"brightness_pct":40.5,"color_temp_k":2700})"), ErrorCode{});
    for (const char* bad : {"", "[]", "{}", R"({"on":1})", R"({"on":true,"brightness_pct":101})",
                            R"({"on":true,"color_temp_k":1.5})", R"({"on":true,"other":1})", R"({"on":true)",
                            R"({"on":"true"})"}) {
        EXPECT_EQ(checked(light, bad), ErrorCode::BadInput) << bad;
    }
    EXPECT_EQ(checked(find_capability("garage.pulse").value()->input, "{}"), ErrorCode{});
    EXPECT_EQ(find_capability("no.such").error().code, ErrorCode::UnknownCapability);
}

TEST(Schema, SaysWhereAndWhatButNeverTheValue) {
    const std::string_view secret = R"({"on":true,"brightness_pct":12345})";
    const auto error = find_capability("light.set").value()->input.check(view_of(secret)).error();
    EXPECT_EQ(error.detail, "brightness_pct: expected at most 100");
}

TEST(Schema, KnowsItsSubset) {
    const auto schema = Schema::parse(
        R"({"type":"object","properties":{"list":{"type":"array","maxItems":2,"items":{"enum":["a","b",3]}},
            "text":{"type":"string","minLength":1,"maxLength":2},"number":{"type":"number","minimum":-1}}})");
    ASSERT_TRUE(schema);
    EXPECT_EQ(checked(*schema, R"({"list":["a",3],"text":"äö","number":-1,"more":null})"), ErrorCode{});
    EXPECT_EQ(checked(*schema, R"({"list":["c"]})"), ErrorCode::BadInput);
    EXPECT_EQ(checked(*schema, R"({"list":["a","a","a"]})"), ErrorCode::BadInput);
    EXPECT_EQ(checked(*schema, R"({"text":"abc"})"), ErrorCode::BadInput);
    EXPECT_EQ(checked(*schema, R"({"text":""})"), ErrorCode::BadInput);
    for (const char* bad :
         {"", "[]", R"({"type":"null"})", R"({"$ref":"#"})", R"({"enum":[]})", R"({"maximum":"1"})",
          R"({"maxLength":-1})", R"({"properties":[]})", R"({"required":[1]})"}) {
        EXPECT_EQ(Schema::parse(bad).error().code, ErrorCode::BadSchema) << bad;
    }
}

TEST(Schema, HasLimits) {
    const Schema schema = Schema::parse("{}").value();
    EXPECT_EQ(checked(schema, std::string(Schema::kInputBytesMax + 1, ' ')), ErrorCode::LimitExceeded);
    EXPECT_EQ(checked(schema, std::string(1'000, '[')), ErrorCode::BadInput);
    EXPECT_EQ(checked(schema, std::string(30, '[') + std::string(30, ']')), ErrorCode::BadInput);
}

class DirectoryTest : public ::testing::Test {
  protected:
    static Entity entity(const std::string& name, const std::string& area = "") {
        return {"mqtt:home/" + name, "mqtt:home", name, area, "light", {name + " lamp"}, {"light.set"}};
    }

    testing::Home home;
    Directory directory;
};

TEST_F(DirectoryTest, ManyAnnouncersOneEntity) {
    ASSERT_TRUE(directory.announce(home.hub, entity("Kitchen")));
    ASSERT_TRUE(directory.announce(home.speaker, entity("Kitchen")));
    EXPECT_EQ(directory.size(), 1U);
    directory.withdraw(home.hub, "mqtt:home/Kitchen");
    EXPECT_TRUE(directory.announced_by(home.speaker, "mqtt:home/Kitchen"));
    directory.withdraw(home.speaker, "mqtt:home/Kitchen");
    EXPECT_EQ(directory.entity("mqtt:home/Kitchen"), nullptr);
}

TEST_F(DirectoryTest, TheRosterOrdersWhoActs) {
    const Entity lamp = entity("Kitchen");
    for (const auto& device : {home.hub, home.speaker, home.phone}) {
        ASSERT_TRUE(directory.announce(device, lamp));
    }
    std::vector<DeviceId> ascending{home.hub, home.speaker, home.phone};
    std::sort(ascending.begin(), ascending.end());
    EXPECT_EQ(directory.acting_order(lamp, home.roster), ascending);
    home.roster.bridges["mqtt:home"] = {home.speaker, home.tablet, home.hub};
    EXPECT_THAT(directory.acting_order(lamp, home.roster), ElementsAre(home.speaker, home.hub));
    home.roster.devices.erase(home.speaker);
    EXPECT_THAT(directory.acting_order(lamp, home.roster), ElementsAre(home.hub));
}

TEST_F(DirectoryTest, FindsByNameAliasAreaAndDomain) {
    ASSERT_TRUE(directory.announce(home.hub, entity("Kitchen", "Downstairs")));
    ASSERT_TRUE(directory.announce(home.hub, entity("Bed", "Upstairs")));
    EXPECT_EQ(directory.find({}).size(), 2U);
    EXPECT_EQ(directory.find({"kitchen", "", "", ""}).size(), 1U);
    EXPECT_EQ(directory.find({"KITCHEN LAMP", "downstairs", "light", "light.set"}).size(), 1U);
    EXPECT_THAT(directory.find({"kitchen", "upstairs", "", ""}), IsEmpty());
    EXPECT_THAT(directory.find({"", "", "switch", ""}), IsEmpty());
}

TEST_F(DirectoryTest, WhatTwoSourcesKnowIsShownOnce) {
    Entity lamp = entity("0x1");
    Entity there{"ha:home/light.bed", "ha:home",  "Bed Lamp", "Bedroom", "light", {},
                 {"light.set"},       "Upstairs", "mqtt/0x1"};
    ASSERT_TRUE(directory.announce(home.hub, there));
    EXPECT_EQ(directory.find({}).size(), 1U) << "as long as nobody knows it better";
    EXPECT_EQ(directory.find({}).front()->id, there.id);
    ASSERT_TRUE(directory.announce(home.speaker, lamp));
    ASSERT_EQ(directory.find({}).size(), 1U);
    const Entity& shown = *directory.find({}).front();
    EXPECT_EQ(shown.id, lamp.id) << "the nearer source";
    EXPECT_EQ(shown.area, "Bedroom") << "with the area from there";
    EXPECT_EQ(shown.floor, "Upstairs");
    EXPECT_EQ(directory.find({"bed lamp", "bedroom", "light", ""}).size(), 1U)
        << "and by the name it has there";
    EXPECT_EQ(directory.shown_instead(there.id)->id, lamp.id);
    EXPECT_EQ(directory.shown_instead(lamp.id), nullptr);

    lamp.area = "Nursery";
    ASSERT_TRUE(directory.announce(home.speaker, lamp));
    EXPECT_EQ(directory.find({}).front()->area, "Nursery") << "its own area counts first";
    directory.withdraw(home.hub, there.id);
    EXPECT_THAT(directory.find({}).front()->aliases, ElementsAre("0x1 lamp"));
    ASSERT_TRUE(directory.announce(home.hub, there));
    directory.forget(home.speaker);
    ASSERT_EQ(directory.find({}).size(), 1U);
    EXPECT_EQ(directory.find({}).front()->id, there.id);
}

TEST_F(DirectoryTest, TwinsThatNameEachOtherHideNobody) {
    Entity one = entity("a");
    Entity other{"ha:home/x", "ha:home", "X", "", "light", {}, {}, "", "mqtt/a"};
    one.twin = "ha/x";
    Entity self{"ha:home/y", "ha:home", "Y", "", "light", {}, {}, "", "ha/y"};
    for (const Entity& entity : {one, other, self}) {
        ASSERT_TRUE(directory.announce(home.hub, entity));
    }
    EXPECT_EQ(directory.find({}).size(), 3U);
}

TEST_F(DirectoryTest, WhatPeopleSayOfAThingCounts) {
    Entity lamp{"mqtt:home/1", "mqtt:home", "0x1", "", "light", {}, {"light.set"}};
    lamp.floor = "Upstairs";
    directory.set_given(lamp.id, {"Desk Lamp", "Study"});
    ASSERT_TRUE(directory.announce(home.hub, lamp));
    EXPECT_EQ(directory.entity(lamp.id)->name, "Desk Lamp") << "said before it was announced";
    EXPECT_EQ(directory.entity(lamp.id)->area, "Study");
    EXPECT_EQ(directory.entity(lamp.id)->floor, "") << "that was the other room's";
    ASSERT_TRUE(directory.announce(home.speaker, lamp));
    EXPECT_THAT(directory.find({.name = "desk lamp", .area = "study", .domain = "", .capability = ""}),
                ::testing::SizeIs(1));
    // Its twin in Home Assistant has an area of its own; people's word is above it.
    ASSERT_TRUE(directory.announce(home.hub,
                                   {"ha:home/x", "ha:home", "There", "Hall", "light", {}, {}, "", "mqtt/1"}));
    EXPECT_EQ(directory.entity(lamp.id)->area, "Study");
    directory.set_given(lamp.id, {"", ""});
    EXPECT_EQ(directory.entity(lamp.id)->name, "0x1");
    EXPECT_EQ(directory.entity(lamp.id)->area, "Hall");
}

TEST_F(DirectoryTest, RanksRungsAndForgetsDevices) {
    ASSERT_TRUE(directory.announce_rung(home.hub, {"language.parse", "t0", 0.5, 1}));
    ASSERT_TRUE(directory.announce_rung(home.phone, {"language.parse", "t0", 0.5, 0.1}));
    ASSERT_TRUE(directory.announce_rung(home.hub, {"language.parse", "t2", 0.9, 800}));
    EXPECT_THAT(directory.offering("language.parse", home.roster), ElementsAre(home.hub, home.phone));
    directory.withdraw_rung(home.hub, "language.parse", "t2");
    EXPECT_THAT(directory.offering("language.parse", home.roster), ElementsAre(home.phone, home.hub));
    ASSERT_TRUE(directory.announce(home.hub, entity("Kitchen")));
    directory.set_available(home.hub, "mqtt:home", false);
    directory.forget(home.hub);
    EXPECT_EQ(directory.size(), 0U);
    EXPECT_TRUE(directory.available(home.hub, "mqtt:home"));
    EXPECT_THAT(directory.offering("language.parse", home.roster), ElementsAre(home.phone));
}

TEST_F(DirectoryTest, HasALimit) {
    for (std::size_t i = 0; i < Directory::kEntitiesMax; ++i) {
        ASSERT_TRUE(directory.announce(home.hub, entity(std::to_string(i))));
    }
    EXPECT_EQ(directory.announce(home.hub, entity("more")).error().code, ErrorCode::LimitExceeded);
    EXPECT_TRUE(directory.announce(home.speaker, entity("1")));
}

TEST(DirectoryCodec, ComesBackAndRefusesTheRest) {
    const Entity lamp{"mqtt:home/a", "mqtt:home", "A", "", "light", {"b"}, {"light.set"}};
    EXPECT_EQ(decode_entity(encode_entity(lamp)).value(), lamp);
    Entity known = lamp;
    known.floor = "Upstairs";
    known.twin = "mqtt/b";
    EXPECT_EQ(decode_entity(encode_entity(known)).value(), known);
    const Rung rung{"language.parse", "t0", 0.25, 3};
    EXPECT_EQ(decode_rung(encode_rung(rung)).value(), rung);
    EXPECT_TRUE(decode_entity(encode_entity({"s/\xff", "s", "\xff", "", "light", {}, {}})));
    for (const char* bad : {"", "{}", "[]", R"({"id":"other/a","source":"s","name":"n","domain":"d"})",
                            R"({"id":"s/a","source":"s","name":1,"domain":"d"})"}) {
        EXPECT_EQ(decode_entity(bad).error().code, ErrorCode::BadDescriptor) << bad;
    }
    EXPECT_FALSE(decode_rung(R"({"capability":"x","name":"n","quality":2})"));
}

}  // namespace
}  // namespace ambit::capability

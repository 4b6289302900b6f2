#include "mqtt/zigbee.h"

#include <fstream>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "mqtt/state.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json device_of(const json& model, int number) {
    char address[24];
    std::snprintf(address, sizeof address, "0x%016x", static_cast<unsigned>(number));
    return {{"ieee_address", address},
            {"friendly_name", "Thing " + std::to_string(number)},
            {"type", "EndDevice"},
            {"definition", model}};
}

std::vector<json> models() {
    std::vector<json> all;
    std::ifstream file(AMBIT_ZIGBEE_MODELS);
    for (std::string line; std::getline(file, line);) {
        all.push_back(json::parse(line));
    }
    return all;
}

std::vector<ZigbeeDevice> read(const json& list) {
    auto devices = parse_zigbee_devices("z2m", "mqtt:home", list.dump());
    return devices ? std::move(*devices) : std::vector<ZigbeeDevice>();
}

const Announced* entity_named(const ZigbeeDevice& device, const std::string& name) {
    for (const Announced& one : device.announcement.entities) {
        if (one.entity.name == name) {
            return &one;
        }
    }
    return nullptr;
}

// Any value that the member can be asked for.
std::optional<json> some_value(const Member& member) {
    switch (member.kind) {
        case Member::Kind::Number:
            return std::round((member.min + std::min(member.max, member.min + 100)) / 2);
        case Member::Kind::Rgb:
            return json({1, 2, 3});
        case Member::Kind::Choice:
        case Member::Kind::Above:
            for (const Choice& choice : member.choices) {
                if (choice.sent && !choice.means.empty()) {
                    return json::parse(choice.means);
                }
            }
            break;
        case Member::Kind::Value:
            break;
    }
    return std::nullopt;
}

// Asks for each member in turn, as the device's own kind of message, and plays the device that does as it is
// told.
void ask_and_echo(const Announced& thing, const std::string& model, std::size_t& asked) {
    for (const Member& member : thing.members) {
        const auto value = member.can_be_asked() ? some_value(member) : std::nullopt;
        if (!value) {
            continue;
        }
        const auto wanted =
            parse_wanted(thing, thing.entity.capabilities.front(), json({{member.name, *value}}).dump());
        ASSERT_TRUE(wanted) << model << member.name << wanted.error().detail;
        const auto messages = messages_for(thing, *wanted);
        ASSERT_TRUE(messages) << model << member.name;
        EntityState state;
        for (const Publish& message : *messages) {
            const json sent = json::parse(message.payload, nullptr, false);
            ASSERT_TRUE(sent.is_object()) << model << message.payload;
            EXPECT_TRUE(message.topic.starts_with("z2m/Thing ") && message.topic.ends_with("/set"))
                << message.topic;
            const std::string said = message.topic.substr(0, message.topic.size() - 4);
            ASSERT_TRUE(apply_message(thing, said, Payload(message.payload), state))
                << model << message.payload;
        }
        const bool comes_back = member.kind != Member::Kind::Above;  // the position tells of it, later
        EXPECT_TRUE(!comes_back || wanted->met_by(thing, state))
            << model << " " << member.name << " " << messages->front().payload << " " << state.json(thing);
        ++asked;
    }
}

TEST(Zigbee, RealModelsAreUsedAndDoAsTheyAreAsked) {
    const std::vector<json> all = models();
    ASSERT_GE(all.size(), 500U);
    std::size_t used = 0;
    std::size_t asked = 0;
    std::map<std::string, std::size_t> domains;
    std::map<std::string, std::size_t> reasons;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string model =
            all[i]["vendor"].get<std::string>() + " " + all[i]["model"].get<std::string>();
        const auto devices = read(json::array({device_of(all[i], static_cast<int>(i))}));
        ASSERT_EQ(devices.size(), 1U) << model;
        const Announcement& made = devices[0].announcement;
        used += made.entities.empty() ? 0 : 1;
        for (const Announced& thing : made.entities) {
            ++domains[thing.entity.domain];
            ask_and_echo(thing, model, asked);
        }
        for (const LeftOut& left : made.left_out) {
            EXPECT_FALSE(left.wrong) << model << left.what << left.why.detail;
            ++reasons[left.why.detail];
        }
    }
    for (const auto& [domain, count] : domains) {
        std::printf("%6zu %s\n", count, domain.c_str());
    }
    for (const auto& [reason, count] : reasons) {
        std::printf("%6zu left out: %s\n", count, reason.c_str());
    }
    std::printf("%zu of %zu models are of use; %zu members were asked for\n", used, all.size(), asked);
    EXPECT_GE(used * 100, all.size() * 95);
    for (const char* domain : {"light", "switch", "lock", "cover", "climate", "fan", "sensor",
                               "binary_sensor", "event", "select", "number"}) {
        EXPECT_GT(domains[domain], 0U) << domain;
    }
}

TEST(Zigbee, ALampIsAsItsOwnDiscoveryWouldHaveIt) {
    const auto devices =
        read(json::parse(R"([{"ieee_address":"0x1","friendly_name":"Hall/Desk","type":"Router",
        "definition":{"model":"LED1545G12","vendor":"IKEA","exposes":[{"type":"light","features":[
            {"name":"state","property":"state","type":"binary","access":7,"value_on":"ON","value_off":"OFF"},
            {"name":"brightness","property":"brightness","type":"numeric","access":7,"value_min":0,"value_max":254},
            {"name":"color_temp","property":"color_temp","type":"numeric","access":7,"value_min":250,"value_max":454}]},
            {"type":"enum","name":"power_on_behavior","property":"power_on_behavior","access":7,"category":"config"},
            {"type":"numeric","name":"linkquality","property":"linkquality","access":1,"category":"diagnostic"}]}}])"));
    ASSERT_EQ(devices.size(), 1U);
    const Announcement& made = devices[0].announcement;
    EXPECT_EQ(made.from, "Hall/Desk (IKEA LED1545G12)");
    ASSERT_EQ(made.entities.size(), 1U);
    const Announced& lamp = made.entities[0];
    EXPECT_EQ(lamp.entity.id, "mqtt:home/0x1_light_zigbee2mqtt");
    EXPECT_EQ(lamp.entity.name, "Hall/Desk");
    EXPECT_THAT(lamp.entity.capabilities, ElementsAre("light.set"));
    const auto wanted =
        parse_wanted(lamp, "light.set", R"({"on":true,"brightness_pct":50,"color_temp_k":4000})");
    EXPECT_THAT(
        *messages_for(lamp, *wanted),
        ElementsAre(Publish{"z2m/Hall/Desk/set", R"({"brightness":127,"color_temp":250,"state":"ON"})"}));
    EXPECT_FALSE(parse_wanted(lamp, "light.set", R"({"on":true,"color_temp_k":6500})"))
        << "colder than it can be";
    ASSERT_EQ(made.left_out.size(), 2U);
    EXPECT_EQ(made.left_out[0].what, "power_on_behavior");
    EXPECT_EQ(made.left_out[0].why.detail, "a setting of the device");
}

TEST(Zigbee, AContactThatIsOpenIsOn) {
    const auto devices = read(json::parse(R"([{"ieee_address":"0x2","friendly_name":"Door","type":"EndDevice",
        "definition":{"model":"M","vendor":"V","exposes":[
            {"type":"binary","name":"contact","label":"Contact","property":"contact","access":1,"value_on":false,"value_off":true}]}}])"));
    const Announced* contact = entity_named(devices.at(0), "Door Contact");
    ASSERT_NE(contact, nullptr);
    EXPECT_EQ(contact->entity.device_class, "door");
    EXPECT_THAT(contact->entity.capabilities, IsEmpty());
    EntityState state;
    ASSERT_TRUE(apply_message(*contact, "z2m/Door", Payload(R"({"contact":false})"), state));
    EXPECT_EQ(state.json(*contact), R"({"on":true})");
}

TEST(Zigbee, WhatIsNoListOrNoDeviceHarmsNobody) {
    for (const char* payload : {"", "{}", "7", "[", "null"}) {
        EXPECT_FALSE(parse_zigbee_devices("z2m", "mqtt:home", payload)) << payload;
    }
    EXPECT_FALSE(parse_zigbee_devices("z2m", "mqtt:home", json(json::array_t(kZigbeeDevicesMax + 1)).dump()));
    const auto devices = read(json::parse(R"([7, null, {}, {"type":"Coordinator","ieee_address":"0x0"},
        {"ieee_address":"0x1","friendly_name":"a/#"}, {"ieee_address":"0x2","friendly_name":"b"},
        {"ieee_address":"0x3","friendly_name":"c","definition":{"exposes":7}},
        {"ieee_address":"0x4","friendly_name":"d","disabled":true,"definition":{"exposes":[]}},
        {"ieee_address":"0x5","friendly_name":"e","definition":{"exposes":[7,{},{"type":"light"},
            {"type":"light","features":[{"name":"state"}]},{"type":"numeric","access":1},{"type":"enum","access":"x","property":9}]}}])"));
    ASSERT_EQ(devices.size(), 4U);
    for (const ZigbeeDevice& device : devices) {
        EXPECT_THAT(device.announcement.entities, IsEmpty()) << device.address;
        EXPECT_FALSE(device.announcement.left_out.empty()) << device.address;
    }
    EXPECT_TRUE(devices[0].announcement.left_out[0].wrong) << "somebody may rename it";
}

}  // namespace
}  // namespace ambit::mqtt

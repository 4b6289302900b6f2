#include "mqtt/exposes.h"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "mqtt/json_text.h"

namespace ambit::mqtt {
namespace {

using nlohmann::json;
using Kind = Member::Kind;

constexpr int kTold = 1;  // bits of "access"
constexpr int kSettable = 2;

bool may(const json& feature, int what) {
    return (static_cast<int>(std::clamp(number_in(feature, "access", 0), 0.0, 255.0)) & what) != 0;
}

// A value as a message has it: text as such, anything else as JSON.
std::string said(const json& value) {
    return value.is_string() ? value.get<std::string>() : dumped(value);
}

// What a home knows a sensor of this name as.
std::string class_of(const std::string& name) {
    static const std::map<std::string, std::string, std::less<>> table = {
        {"contact", "door"},
        {"occupancy", "occupancy"},
        {"presence", "presence"},
        {"water_leak", "moisture"},
        {"smoke", "smoke"},
        {"gas", "gas"},
        {"vibration", "vibration"},
        {"carbon_monoxide", "carbon_monoxide"},
        {"temperature", "temperature"},
        {"humidity", "humidity"},
        {"pressure", "pressure"},
        {"illuminance", "illuminance"},
        {"power", "power"},
        {"energy", "energy"},
        {"voltage", "voltage"},
        {"current", "current"},
        {"battery", "battery"},
        {"co2", "carbon_dioxide"},
        {"pm25", "pm25"},
        {"tamper", "tamper"}};
    const auto found = table.find(name);
    return found == table.end() ? "" : found->second;
}

class Reader {
  public:
    Reader(const json& expose, const ZigbeeTopics& topics, Announced& out)
        : expose_(expose), topics_(topics), out_(out) {}

    bool light() {
        const json* state = feature("state");
        if (state == nullptr) {
            return false;
        }
        add_on(*state);
        if (const json* dim = feature("brightness")) {
            Member made = member("brightness_pct", Kind::Number, *dim);
            made.factor = std::max(1.0, number_in(*dim, "value_max", 254)) / 100;
            made.sent_min = 1;
            made.only_while_on = true;
            add(std::move(made));
        }
        if (const json* warm = feature("color_temp")) {
            Member made = member("color_temp_k", Kind::Number, *warm);
            made.mired = true;
            made.min = kMiredOfKelvin / std::clamp(number_in(*warm, "value_max", 500), 50.0, 1000.0);
            made.max = kMiredOfKelvin / std::clamp(number_in(*warm, "value_min", 153), 50.0, 1000.0);
            made.slack = kKelvinSlack;
            made.only_while_on = true;
            add(std::move(made));
        }
        const json* color = feature("color_xy") != nullptr ? feature("color_xy") : feature("color_hs");
        if (color != nullptr) {
            Member made = member("color_rgb", Kind::Rgb, *color);
            made.command_topic = topics_.command;
            made.max = 255;
            made.state_topic.clear();  // it tells in other terms
            made.only_while_on = true;
            add(std::move(made));
        }
        return done("light", "light.set");
    }

    bool on_off() {
        const json* state = feature("state");
        if (state == nullptr) {
            return false;
        }
        add_on(*state);
        return done("switch", "switch.set");
    }

    bool lock() {
        const json* state = feature("state");
        if (state == nullptr) {
            return false;
        }
        Member made = member("locked", Kind::Choice, *state);
        made.others_unknown = true;
        made.choices = pair_of(*state);
        add(std::move(made));
        return done("lock", "lock.set");
    }

    bool cover() {
        const json* state = feature("state");
        const json* position = feature("position");
        if (state == nullptr) {
            return false;
        }
        Member open = member("open", Kind::Choice, *state);
        open.others_unknown = true;
        open.choices = {{"OPEN", "true", R"("OPEN")"}, {"CLOSE", "false", R"("CLOSE")"}};
        if (position != nullptr && may(*position, kTold)) {
            open.kind = Kind::Above;
            open.state_topic = topics_.state;
            open.state_key = text_in(*position, "property");
        }
        if (has_value(*state, "STOP")) {
            out_.pulses.push_back(
                {"cover.stop", {topics_.command, json({{text_in(*state, "property"), "STOP"}}).dump()}});
        }
        add(std::move(open));
        if (position != nullptr) {
            Member made = member("position_pct", Kind::Number, *position);
            made.sent_min = 0;
            add(std::move(made));
        }
        return done("cover", "cover.set");
    }

    bool climate() {
        if (const json* mode = feature("system_mode")) {
            std::vector<std::string> modes;
            for (const json& value : values_of(*mode)) {
                modes.push_back(said(value));
            }
            add_modes(out_, member("mode", Kind::Choice, *mode), modes);
        }
        const json* target = feature("occupied_heating_setpoint") != nullptr
                                 ? feature("occupied_heating_setpoint")
                                 : feature("current_heating_setpoint");
        if (target != nullptr) {
            Member made = degrees("temperature_c", *target);
            made.min = number_in(*target, "value_min", 5);
            made.max = number_in(*target, "value_max", 35);
            made.sent_step = std::max(0.1, number_in(*target, "value_step", 0.5));
            made.slack = std::max(kDegreesSlack, made.sent_step / 2);
            add(std::move(made));
        }
        if (const json* now = feature("local_temperature")) {
            add(degrees("current_temperature_c", *now));
        }
        return done("climate", "climate.set");
    }

    bool fan() {
        const json* state = feature("state");
        const json* mode = feature("mode");
        if (state != nullptr) {
            add_on(*state);
        } else if (mode != nullptr) {
            Member made = member("on", Kind::Choice, *mode);
            made.others_unknown = true;
            for (const json& value : values_of(*mode)) {
                made.choices.push_back({said(value), said(value) == "off" ? "false" : "true", dumped(value)});
            }
            add(std::move(made));
        }
        if (const json* speed = feature("speed")) {
            Member made = member("speed_pct", Kind::Number, *speed);
            made.factor = std::max(1.0, number_in(*speed, "value_max", 100)) / 100;
            made.slack = std::max(1.0, 0.5 / made.factor);
            made.only_while_on = true;
            add(std::move(made));
        }
        return done("fan", "fan.set");
    }

    bool numeric() {
        Member made = member("value", may(expose_, kSettable) ? Kind::Number : Kind::Value, expose_);
        // What is only told may be large: a meter's count.
        const double none = made.kind == Kind::Value ? std::numeric_limits<double>::infinity() : kUnbounded;
        made.min = number_in(expose_, "value_min", -none);
        made.max = number_in(expose_, "value_max", none);
        made.step = made.sent_step =
            std::max(1e-6, number_in(expose_, "value_step", made.max > 100 ? 1 : 0.1));
        made.sent_min = made.min;
        made.slack = made.step / 2;
        made.numeric = true;
        made.beyond = Member::Beyond::Mistake;
        add(std::move(made));
        out_.unit = capped(text_in(expose_, "unit"));
        return may(expose_, kSettable) ? done("number", "number.set") : heard_only("sensor");
    }

    bool binary() {
        add_on(expose_);
        return may(expose_, kSettable) ? done("switch", "switch.set") : heard_only("binary_sensor");
    }

    bool choices() {
        if (text_in(expose_, "name") == "action") {
            add(member("value", Kind::Value, expose_));
            return heard_only("event");
        }
        if (!may(expose_, kSettable)) {
            add(member("value", Kind::Value, expose_));
            return heard_only("sensor");
        }
        Member made = member("option", Kind::Choice, expose_);
        for (const json& value : values_of(expose_)) {
            made.choices.push_back({said(value), dumped(json(said(value))), dumped(value)});
        }
        add(std::move(made));
        return done("select", "select.set");
    }

    bool text() {
        if (may(expose_, kSettable)) {
            return false;
        }
        add(member("value", Kind::Value, expose_));
        return heard_only("sensor");
    }

  private:
    const json* feature(std::string_view name) const {
        const auto features = expose_.find("features");
        if (features == expose_.end() || !features->is_array()) {
            return nullptr;
        }
        const auto found = std::find_if(features->begin(), features->end(), [&](const json& one) {
            return one.is_object() && text_in(one, "name") == name;
        });
        return found == features->end() ? nullptr : &*found;
    }

    static json values_of(const json& feature) {
        const auto found = feature.find("values");
        return found == feature.end() || !found->is_array() || found->size() > kChoicesMax ? json::array()
                                                                                           : *found;
    }

    static bool has_value(const json& feature, std::string_view value) {
        const json values = values_of(feature);
        return std::find(values.begin(), values.end(), value) != values.end();
    }

    static json at(const json& object, std::string_view key) {
        const auto found = object.find(key);
        return found == object.end() ? json() : *found;
    }

    // value_on and value_off
    static std::vector<Choice> pair_of(const json& feature) {
        const json yes = at(feature, "value_on");
        const json no = at(feature, "value_off");
        return {{said(yes), "true", dumped(yes)}, {said(no), "false", dumped(no)}};
    }

    Member member(const char* name, Kind kind, const json& feature) const {
        Member made;
        made.name = name;
        made.kind = kind;
        made.state_key = made.command_key = text_in(feature, "property");
        made.state_topic = may(feature, kTold) ? topics_.state : "";
        made.command_topic = may(feature, kSettable) ? topics_.command : "";
        return made;
    }

    Member degrees(const char* name, const json& feature) const {
        Member made = member(name, Kind::Number, feature);
        made.beyond = Member::Beyond::Counts;
        made.step = 0.1;
        made.sent_min = -kUnbounded;
        return made;
    }

    void add_on(const json& feature) {
        Member made = member("on", Kind::Choice, feature);
        made.others_unknown = true;
        made.choices = pair_of(feature);
        add(std::move(made));
    }

    void add(Member made) {
        if (!made.state_key.empty() && (!made.state_topic.empty() || made.can_be_asked())) {
            out_.members.push_back(std::move(made));
        }
    }

    bool done(const char* domain, const char* capability) {
        out_.entity.domain = domain;
        const bool settable = std::any_of(out_.members.begin(), out_.members.end(),
                                          [](const Member& one) { return one.can_be_asked(); });
        if (!settable) {
            return false;
        }
        out_.entity.capabilities = {capability};
        for (const Pulse& pulse : out_.pulses) {
            out_.entity.capabilities.push_back(pulse.capability);
        }
        return true;
    }

    bool heard_only(const char* domain) {
        out_.entity.domain = domain;
        out_.entity.device_class = class_of(text_in(expose_, "name"));
        for (Member& one : out_.members) {
            one.command_topic.clear();
        }
        return !out_.members.empty();
    }

    const json& expose_;
    const ZigbeeTopics& topics_;
    Announced& out_;
};

struct Type {
    std::string_view name;
    bool (Reader::*read)();
};

constexpr auto kTypes = std::to_array<Type>({{"light", &Reader::light},
                                             {"switch", &Reader::on_off},
                                             {"lock", &Reader::lock},
                                             {"cover", &Reader::cover},
                                             {"climate", &Reader::climate},
                                             {"fan", &Reader::fan},
                                             {"numeric", &Reader::numeric},
                                             {"binary", &Reader::binary},
                                             {"enum", &Reader::choices},
                                             {"text", &Reader::text}});

}  // namespace

std::optional<LeftOut> read_expose(const json& expose, const ZigbeeTopics& topics, Announced& into) {
    const std::string type = text_in(expose, "type");
    const std::string name = text_in(expose, "name");
    const std::string what = capped(name.empty() ? type : name);
    const auto no_use = [&](const char* why) { return LeftOut{what, unusable(why), false}; };
    const std::string category = text_in(expose, "category");
    if (category == "config") {
        return no_use("a setting of the device");
    }
    if (category == "diagnostic" && name != "battery" && name != "action") {
        return no_use("what the device says of itself");
    }
    const auto row =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& one) { return one.name == type; });
    if (row == kTypes.end()) {
        return no_use("of a kind that Ambit has no use for");
    }
    Reader reader(expose, topics, into);
    if (!(reader.*row->read)()) {
        return no_use("neither told nor settable in a way that Ambit knows");
    }
    return std::nullopt;
}

}  // namespace ambit::mqtt

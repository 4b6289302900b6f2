#include "vehicle/bridge.h"

#include <cmath>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "vehicle/kuksa.pb.h"

namespace ambit::vehicle {
namespace {

using capability::Outcome;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kAir = "Vehicle.Cabin.HVAC.AmbientAirTemperature";
constexpr const char* kOutside = "Vehicle.Exterior.AirTemperature";
constexpr const char* kDriver = "Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature";
constexpr const char* kPassenger = "Vehicle.Cabin.HVAC.Station.Row1.Passenger.Temperature";
constexpr const char* kFan = "Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed";
constexpr const char* kCooler = "Vehicle.Cabin.HVAC.IsAirConditioningActive";
constexpr const char* kCharge = "Vehicle.Powertrain.TractionBattery.StateOfCharge.Current";
constexpr const char* kCable =
    "Vehicle.Powertrain.TractionBattery.Charging.ChargingPort.AnyPosition.IsChargingCableConnected";
constexpr const char* kMoving = "Vehicle.IsMoving";
constexpr const char* kSpeed = "Vehicle.Speed";
constexpr const char* kId = "vehicle:ab/cabin";
constexpr const char* kWarm = R"({"on":true,"target_c":21.0})";

constexpr int kFlagType = 2;
constexpr int kInt8Type = 3;
constexpr int kUint8Type = 7;
constexpr int kFloatType = 11;
constexpr int kSensor = 2;
constexpr int kActuatorEntry = 3;

RequestId request(std::uint8_t n) {
    std::array<std::uint8_t, RequestId::kSize> bytes{};
    bytes[0] = n;
    return RequestId(bytes);
}

v1::Value real(float value) {
    v1::Value one;
    one.set_real32(value);
    return one;
}

v1::Value flag(bool value) {
    v1::Value one;
    one.set_flag(value);
    return one;
}

v1::Value natural(std::uint32_t value) {
    v1::Value one;
    one.set_uint32(value);
    return one;
}

// A bridge, what it asked for, and what it told; the test is the databroker.
class VehicleBridgeTest : public testing::Test, public Line, public capability::ProviderEvents {
  protected:
    VehicleBridgeTest() {
        signal(kAir, kFloatType);
        signal(kOutside, kFloatType);
        signal(kDriver, kInt8Type, kActuatorEntry);
        signal(kPassenger, kInt8Type, kActuatorEntry);
        signal(kFan, kUint8Type, kActuatorEntry);
        signal(kCooler, kFlagType, kActuatorEntry);
        signal(kCharge, kFloatType);
        signal(kCable, kFlagType);
        signal(kMoving, kFlagType);
        signal(kSpeed, kFloatType);
        signal("Vehicle.Cabin.Door.Row1.DriverSide.IsLocked", kFlagType, kActuatorEntry);
        values_ = {{kAir, real(4)},        {kOutside, real(2)},    {kFan, natural(0)},
                   {kCooler, flag(false)}, {kCharge, real(80.4F)}, {kCable, flag(true)},
                   {kMoving, flag(false)}};
    }

    // --- Line
    Result<void> open() override {
        ++opened_;
        open_ = true;
        calls_.clear();
        return {};
    }

    void close() override { open_ = false; }

    void call(std::uint64_t number, Method method, Bytes request) override {
        EXPECT_TRUE(open_);
        calls_.push_back({number, method, std::move(request)});
    }

    void more(std::uint64_t number) override { more_.push_back(number); }

    // --- ProviderEvents
    void on_entity(const capability::Entity& entity) override { entities_[entity.id] = entity; }

    void on_entity_gone(const std::string& id) override { entities_.erase(id); }

    void on_state(const std::string& id, const std::string& state, bool available) override {
        EXPECT_EQ(id, kId);
        state_ = nlohmann::json::parse(state);
        able_ = available;
        ++told_;
    }

    void on_result(const capability::InvocationResult& result) override {
        EXPECT_FALSE(results_.contains(result.request)) << "one result each";
        results_[result.request] = result;
    }

    void on_available(const std::string&, bool available) override { available_ = available; }

    void on_health(const capability::HealthItem& item) override { health_ = item; }

    // --- the databroker
    void signal(const std::string& path, int type, int entry = kSensor) {
        v1::Signal one;
        one.set_path(path);
        one.set_data_type(type);
        one.set_entry_type(entry);
        signals_[path] = one;
    }

    struct Asked {
        std::uint64_t number = 0;
        Method method = Method::List;
        Bytes request;
    };

    const Asked& last(Method method) const {
        for (auto at = calls_.rbegin(); at != calls_.rend(); ++at) {
            if (at->method == method) {
                return *at;
            }
        }
        ADD_FAILURE() << "no such call";
        return calls_.front();
    }

    void part(std::uint64_t number, const google::protobuf::MessageLite& message) {
        bridge_.on_part(number, to_bytes(message.SerializeAsString()), now_);
    }

    void end(std::uint64_t number, Status status, const std::string& text = "") {
        bridge_.on_end(number, status, text, now_);
    }

    void list() {
        v1::ListAnswer answer;
        for (const auto& [path, one] : signals_) {
            *answer.add_signals() = one;
        }
        const std::uint64_t number = last(Method::List).number;
        part(number, answer);
        end(number, Status::Ok);
    }

    void say(const std::string& path, const v1::Value& value, std::optional<seconds> ahead = seconds(-1)) {
        v1::FollowPart update;
        v1::Reading& reading = (*update.mutable_readings())[path];
        *reading.mutable_value() = value;
        if (ahead) {
            reading.mutable_at()->set_seconds(
                std::chrono::duration_cast<seconds>(now_.wall.time_since_epoch() + *ahead).count());
        }
        part(last(Method::Follow).number, update);
    }

    void first_values() {
        v1::FollowPart all;
        for (const auto& [path, one] : signals_) {
            v1::Reading& reading = (*all.mutable_readings())[path];
            if (values_.contains(path)) {
                *reading.mutable_value() = values_.at(path);
            }
        }
        part(last(Method::Follow).number, all);
    }

    void come_up() {
        bridge_.start(now_);
        list();
        first_values();
    }

    void answer_read() {
        const Asked asked = last(Method::Values);
        v1::ValuesRequest names;
        ASSERT_TRUE(names.ParseFromArray(asked.request.data(), static_cast<int>(asked.request.size())));
        v1::ValuesAnswer answer;
        for (const auto& name : names.names()) {
            v1::Reading& reading = *answer.add_readings();
            if (values_.contains(name.path())) {
                *reading.mutable_value() = values_.at(name.path());
            }
        }
        part(asked.number, answer);
        end(asked.number, Status::Ok);
    }

    void pass(seconds time) {
        now_.mono += time;
        now_.wall += time;
        bridge_.on_time(now_);
    }

    void act(std::uint8_t n, const std::string& input, const std::string& capability = "cabin.precondition") {
        bridge_.act({request(n), capability, kId, input, now_.mono + seconds(15)}, now_);
    }

    // Path and value of each order of the last command.
    std::map<std::string, std::string> orders() const {
        const Bytes& bytes = last(Method::Actuate).request;
        v1::ActuateRequest parsed;
        EXPECT_TRUE(parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        std::map<std::string, std::string> orders;
        for (const auto& order : parsed.orders()) {
            const v1::Value& value = order.value();
            orders[order.name().path()] = value.has_flag()     ? (value.flag() ? "true" : "false")
                                          : value.has_int32()  ? "int32 " + std::to_string(value.int32())
                                          : value.has_uint32() ? "uint32 " + std::to_string(value.uint32())
                                          : value.has_real32() ? "real " + std::to_string(value.real32())
                                                               : "other";
        }
        return orders;
    }

    std::size_t asked(Method method) const {
        return static_cast<std::size_t>(std::count_if(
            calls_.begin(), calls_.end(), [&](const Asked& one) { return one.method == method; }));
    }

    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    std::map<std::string, v1::Signal> signals_;
    std::map<std::string, v1::Value> values_;
    std::vector<Asked> calls_;
    std::vector<std::uint64_t> more_;
    int opened_ = 0;
    bool open_ = false;
    std::map<std::string, capability::Entity> entities_;
    std::map<RequestId, capability::InvocationResult> results_;
    nlohmann::json state_;
    bool able_ = false;
    bool available_ = false;
    int told_ = 0;
    capability::HealthItem health_;
    Bridge bridge_{"vehicle:ab", "", *this, *this};
};

TEST_F(VehicleBridgeTest, OffersTheCabinAndTellsItsState) {
    come_up();
    ASSERT_TRUE(entities_.contains(kId));
    EXPECT_THAT(entities_.at(kId).capabilities, ElementsAre("cabin.precondition"));
    EXPECT_TRUE(available_ && able_ && health_.ok);
    EXPECT_EQ(state_["cabin_c"], 4);
    EXPECT_EQ(state_["outside_c"], 2);
    EXPECT_EQ(state_["charge_pct"], 80);
    EXPECT_EQ(state_["plugged"], true);
    EXPECT_EQ(state_["moving"], false);
    EXPECT_EQ(state_["on"], false);
    EXPECT_FALSE(state_.contains("target_c")) << "nothing is known of it";
    v1::FollowRequest follow;
    const Bytes& bytes = last(Method::Follow).request;
    ASSERT_TRUE(follow.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    EXPECT_THAT(follow.paths(), testing::Not(Contains(HasSubstr("Door")))) << "only what is used";
}

TEST_F(VehicleBridgeTest, DoneIsWhatTheCurrentValuesSay) {
    come_up();
    act(1, kWarm);
    EXPECT_THAT(orders(), testing::UnorderedElementsAre(
                              testing::Pair(kDriver, "int32 21"), testing::Pair(kPassenger, "int32 21"),
                              testing::Pair(kFan, "uint32 60"), testing::Pair(kCooler, "true")));
    end(last(Method::Actuate).number, Status::Ok);
    EXPECT_THAT(results_, IsEmpty()) << "that it was taken is not that it is done";
    say(kFan, natural(55));
    EXPECT_THAT(results_, IsEmpty());
    v1::Value target;
    target.set_int32(21);
    say(kDriver, target);
    ASSERT_TRUE(results_.contains(request(1)));
    EXPECT_EQ(results_[request(1)].outcome, Outcome::Done);
    EXPECT_THAT(results_[request(1)].output_json, HasSubstr(R"("on":true)"));
    act(2, R"({"on":false})");
    EXPECT_THAT(orders(), testing::UnorderedElementsAre(testing::Pair(kFan, "uint32 0"),
                                                        testing::Pair(kCooler, "false")));
    end(last(Method::Actuate).number, Status::Ok);
    say(kFan, natural(0));
    EXPECT_EQ(results_[request(2)].outcome, Outcome::Done);
}

TEST_F(VehicleBridgeTest, WhatIsNotConfirmedIsUnknown) {
    come_up();
    act(1, kWarm);
    end(last(Method::Actuate).number, Status::Ok);
    pass(seconds(14));
    EXPECT_THAT(results_, IsEmpty());
    pass(seconds(1));
    EXPECT_EQ(results_[request(1)].outcome, Outcome::Unknown);
    EXPECT_EQ(results_[request(1)].error.code, ErrorCode::VehicleUnconfirmed);
    act(2, kWarm);
    bridge_.cancel(request(2));
    EXPECT_EQ(results_[request(2)].outcome, Outcome::Unknown);
}

TEST_F(VehicleBridgeTest, AMovingCarIsLeftAlone) {
    come_up();
    say(kMoving, flag(true));
    EXPECT_EQ(state_["moving"], true);
    act(1, kWarm);
    act(2, R"({"on":false})");
    say(kMoving, flag(false));
    say(kSpeed, real(7));
    act(3, kWarm);
    say(kSpeed, real(0));
    act(4, kWarm);
    for (const auto n : std::vector<std::uint8_t>{1, 2, 3}) {
        EXPECT_EQ(results_[request(n)].outcome, Outcome::NotDone);
        EXPECT_EQ(results_[request(n)].error.code, ErrorCode::VehicleCannot);
        EXPECT_EQ(results_[request(n)].error.detail, "the car is moving");
    }
    EXPECT_FALSE(results_.contains(request(4)));
    EXPECT_EQ(asked(Method::Actuate), 1U);
}

TEST_F(VehicleBridgeTest, ALowBatteryIsForDriving) {
    values_[kCharge] = real(19.4F);
    values_[kCable] = flag(false);
    come_up();
    act(1, kWarm);
    EXPECT_THAT(results_[request(1)].error.detail, HasSubstr("below 20 %"));
    act(2, R"({"on":false})");
    EXPECT_FALSE(results_.contains(request(2))) << "off is always good for it";
    say(kCable, flag(true));
    act(3, kWarm);
    EXPECT_FALSE(results_.contains(request(3)));
}

TEST_F(VehicleBridgeTest, WhatIsNotKnownCountsAsDangerous) {
    values_.erase(kMoving);
    come_up();
    EXPECT_FALSE(able_);
    act(1, kWarm);
    EXPECT_EQ(results_[request(1)].error.detail, "whether the car is moving is not known");
    say(kMoving, flag(false));
    EXPECT_TRUE(able_);
    say(kCharge, real(std::nanf("")));
    EXPECT_TRUE(able_) << "it is plugged in";
    say(kCable, flag(false));
    EXPECT_FALSE(able_);
    EXPECT_EQ(asked(Method::Actuate), 0U);
}

TEST_F(VehicleBridgeTest, ValuesThatMakeNoSenseCountAsUnknownAndAreNamed) {
    come_up();
    say(kAir, real(std::nanf("")));
    EXPECT_FALSE(health_.ok);
    pass(kTellEvery);
    EXPECT_FALSE(state_.contains("cabin_c"));
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleNonsense);
    EXPECT_THAT(health_.error.detail, HasSubstr("AmbientAirTemperature: not a number"));
    say(kAir, real(4000));
    EXPECT_THAT(health_.error.detail, HasSubstr("out of any range"));
    say(kAir, flag(true));
    EXPECT_THAT(health_.error.detail, HasSubstr("not a number"));
    say(kAir, real(5), seconds(3600));
    EXPECT_THAT(health_.error.detail, HasSubstr("from the future"));
    say(kAir, real(5), std::nullopt);
    EXPECT_TRUE(health_.ok);
    say(kMoving, natural(0));
    EXPECT_THAT(health_.error.detail, HasSubstr("Vehicle.IsMoving: neither true nor false"));
    EXPECT_FALSE(able_);
}

TEST_F(VehicleBridgeTest, NamesOfOlderVersionsAreKnown) {
    signals_.clear();
    for (const char* path : {"Vehicle.Cabin.HVAC.Station.Row1.Left.FanSpeed",
                             "Vehicle.Cabin.HVAC.Station.Row1.Left.Temperature"}) {
        signal(path, kUint8Type, kActuatorEntry);
    }
    signal("Vehicle.Powertrain.TractionBattery.Charging.IsChargingCableConnected", kFlagType);
    signal(kSpeed, kFloatType);
    values_ = {{"Vehicle.Powertrain.TractionBattery.Charging.IsChargingCableConnected", flag(true)},
               {kSpeed, real(0)}};
    come_up();
    EXPECT_EQ(state_["plugged"], true);
    EXPECT_EQ(state_["moving"], false);
    act(1, kWarm);
    EXPECT_EQ(orders().at("Vehicle.Cabin.HVAC.Station.Row1.Left.Temperature"), "uint32 21");
}

TEST_F(VehicleBridgeTest, ACarThatCannotBeActedForIsNotOffered) {
    signal(kFan, kUint8Type, kSensor);
    signal(kCooler, kInt8Type, kActuatorEntry);
    bridge_.start(now_);
    list();
    EXPECT_THAT(entities_, IsEmpty());
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleSignalMissing);
    EXPECT_FALSE(open_);
    pass(seconds(299));
    EXPECT_EQ(opened_, 1) << "it won't have one soon";
    signal(kFan, kUint8Type, kActuatorEntry);
    pass(seconds(1));
    list();
    first_values();
    EXPECT_TRUE(entities_.contains(kId) && health_.ok);
}

TEST_F(VehicleBridgeTest, TheCarsOwnSignalGoesFirst) {
    constexpr const char* kOwn = "Vehicle.Private.Precondition";
    Bridge own("vehicle:ab", kOwn, *this, *this);
    own.start(now_);
    bridge_.start(now_);
    list();
    EXPECT_EQ(health_.ok, false);
    signal(kOwn, kFlagType, kActuatorEntry);
    const Signals signals = [&] {
        v1::ListAnswer answer;
        for (const auto& [path, one] : signals_) {
            *answer.add_signals() = one;
        }
        return parse_list(to_bytes(answer.SerializeAsString())).value();
    }();
    const Mapping mapping(signals, kOwn);
    EXPECT_EQ(mapping.missing(), "");
    const auto wanted = wanted_of(mapping, "cabin.precondition", kWarm);
    ASSERT_TRUE(wanted);
    std::vector<std::string> paths;
    for (const Order& order : wanted->orders) {
        paths.push_back(order.path);
    }
    EXPECT_THAT(paths, testing::UnorderedElementsAre(kOwn, kDriver, kPassenger));
    EXPECT_EQ(Mapping(signals, "Vehicle.Private.Other").missing(),
              "Vehicle.Private.Other as a boolean actuator");
}

TEST_F(VehicleBridgeTest, WhatDoesNotFitIsRefused) {
    come_up();
    for (const char* odd : {"{}", "[]", "", R"({"on":"yes"})", R"({"target_c":20})"}) {
        results_.clear();
        act(4, odd);
        EXPECT_EQ(results_[request(4)].error.code, ErrorCode::VehicleCannot) << odd;
    }
    results_.clear();
    act(4, R"({"on":true})", "lock.set");
    EXPECT_EQ(results_[request(4)].error.code, ErrorCode::VehicleCannot);
    EXPECT_EQ(asked(Method::Actuate), 0U);
    act(5, R"({"on":true})");
    EXPECT_EQ(orders().count(kDriver), 0U) << "the target stays as it was";
}

TEST_F(VehicleBridgeTest, LimitsOfTheCarAreKept) {
    *signals_[kDriver].mutable_min() = natural(18);
    *signals_[kDriver].mutable_max() = natural(26);
    *signals_[kFan].mutable_max() = natural(5);
    come_up();
    act(1, R"({"on":true,"target_c":28})");
    EXPECT_EQ(results_[request(1)].error.detail, "this car takes 18 to 26 degrees");
    act(2, kWarm);
    EXPECT_EQ(orders().at(kFan), "uint32 3");
}

TEST_F(VehicleBridgeTest, NothingInTheCarProvidesIt) {
    come_up();
    act(1, kWarm);
    end(last(Method::Actuate).number, Status::Unavailable, "no provider");
    EXPECT_THAT(results_, IsEmpty()) << "it may also be the connection that broke";
    answer_read();
    EXPECT_EQ(results_[request(1)].outcome, Outcome::NotDone);
    EXPECT_EQ(results_[request(1)].error.code, ErrorCode::VehicleCannot);
    act(2, kWarm);
    end(last(Method::Actuate).number, Status::Unavailable, "Socket closed");
    end(last(Method::Follow).number, Status::Unavailable, "Socket closed");
    EXPECT_EQ(results_[request(2)].outcome, Outcome::Unknown);
    EXPECT_FALSE(available_);
}

TEST_F(VehicleBridgeTest, WhatTheDatabrokerRefusesIsNotDone) {
    come_up();
    act(1, kWarm);
    end(last(Method::Actuate).number, Status::PermissionDenied, "no \x1b claim");
    EXPECT_EQ(results_[request(1)].outcome, Outcome::NotDone);
    EXPECT_EQ(results_[request(1)].error.code, ErrorCode::VehicleRefused);
    EXPECT_EQ(results_[request(1)].error.detail, "no ? claim");
    say(kAir, real(6));
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleRefused) << "it stands until a command is taken";
    act(2, kWarm);
    end(last(Method::Actuate).number, Status::InvalidArgument, "out of range");
    EXPECT_EQ(results_[request(2)].error.code, ErrorCode::VehicleCannot);
    act(3, kWarm);
    end(last(Method::Actuate).number, Status::Ok);
    say(kAir, real(7));
    EXPECT_TRUE(health_.ok);
    act(4, kWarm);
    end(last(Method::Actuate).number, Status::Other, "deadline");
    EXPECT_FALSE(results_.contains(request(4))) << "it may have come through";
}

TEST_F(VehicleBridgeTest, ComesBackAfterItWasLostWithGrowingPauses) {
    come_up();
    act(1, kWarm);
    end(last(Method::Follow).number, Status::Unavailable, "gone");
    EXPECT_EQ(results_[request(1)].outcome, Outcome::Unknown);
    EXPECT_FALSE(available_ || able_ || health_.ok);
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleLost);
    EXPECT_TRUE(entities_.contains(kId)) << "it is away, not gone";
    act(2, kWarm);
    EXPECT_EQ(results_[request(2)].error.code, ErrorCode::VehicleLost);
    int tries = 0;
    for (int i = 0; i < 600; ++i) {
        pass(seconds(1));
        if (open_) {
            ++tries;
            end(last(Method::List).number, Status::Unavailable, "refused");
        }
    }
    EXPECT_GT(tries, 8);
    EXPECT_LT(tries, 20);
    pass(seconds(60));
    list();
    first_values();
    EXPECT_TRUE(available_ && able_ && health_.ok);
}

TEST_F(VehicleBridgeTest, ARefusedTokenIsNotTriedAgainSoon) {
    bridge_.start(now_);
    end(last(Method::List).number, Status::Unauthenticated, "expired");
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleRefused);
    pass(seconds(299));
    EXPECT_EQ(opened_, 1);
    pass(seconds(1));
    EXPECT_EQ(opened_, 2);
}

TEST_F(VehicleBridgeTest, ADatabrokerThatStallsIsLost) {
    bridge_.start(now_);
    pass(kAnswerMax);
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleLost);
    pass(seconds(1));
    list();
    pass(kAnswerMax);
    EXPECT_FALSE(open_);
    pass(seconds(2));
    list();
    first_values();
    pass(kReadEvery);
    end(last(Method::Values).number, Status::Other, "deadline exceeded");
    EXPECT_FALSE(open_ || available_);
}

TEST_F(VehicleBridgeTest, ReadsEverythingAgainNowAndThen) {
    come_up();
    values_[kAir] = real(9);
    pass(kReadEvery);
    answer_read();
    EXPECT_EQ(state_["cabin_c"], 9) << "what was lost on the way does not stay lost";
    pass(kReadEvery);
    part(last(Method::Values).number, v1::ValuesAnswer());
    EXPECT_FALSE(open_) << "not as many as were asked for";
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleNonsense);
}

TEST_F(VehicleBridgeTest, AFloodWaitsAndTheHouseholdIsToldOnceASecond) {
    come_up();
    const std::uint64_t follow = last(Method::Follow).number;
    more_.clear();
    const int before = told_;
    for (unsigned i = 0; i < kPartsPerSecond; ++i) {
        say(kAir, real(static_cast<float>(i % 30)));
    }
    EXPECT_LT(std::count(more_.begin(), more_.end(), follow), kPartsPerSecond) << "it does not ask for more";
    EXPECT_LE(told_, before + 1);
    more_.clear();
    pass(seconds(1));
    EXPECT_THAT(more_, Contains(follow));
    EXPECT_EQ(told_, before + 1) << "the newest, once";
    say(kMoving, flag(true));
    EXPECT_LE(told_, before + 2);
}

TEST_F(VehicleBridgeTest, NonsenseEndsTheConnection) {
    come_up();
    const std::uint64_t number = last(Method::Follow).number;
    bridge_.on_part(number, to_bytes("\xff\xff\xff"), now_);
    EXPECT_EQ(health_.error.code, ErrorCode::VehicleNonsense);
    EXPECT_FALSE(open_);
    pass(seconds(1));
    v1::ListAnswer by_number;
    by_number.add_signals()->set_data_type(1);
    part(last(Method::List).number, by_number);
    EXPECT_THAT(health_.error.detail, HasSubstr("by its path"));
}

TEST_F(VehicleBridgeTest, AsManyCommandsAsFitAndNoMore) {
    come_up();
    for (std::size_t n = 0; n <= kPendingMax; ++n) {
        act(static_cast<std::uint8_t>(n), kWarm);
    }
    EXPECT_EQ(results_.size(), 1U);
    EXPECT_EQ(results_[request(kPendingMax)].error.code, ErrorCode::LimitExceeded);
    act(0, kWarm);
    EXPECT_EQ(asked(Method::Actuate), kPendingMax) << "one and the same is sent once";
}

}  // namespace
}  // namespace ambit::vehicle

#include "node/local_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

using testing::Contains;
using testing::Pair;

class Answered final : public api::Responder {
  public:
    using Responder::reply;

    void reply(int code, std::string text) override {
        status = code;
        json = Json::parse(text);
        ended = true;
    }

    bool event(std::string_view name, std::string text) override {
        events.emplace_back(name, Json::parse(text));
        return !gone;
    }

    void end() override { ended = true; }

    void on_closed(std::function<void()> callback) override { closed = std::move(callback); }

    std::string error() const {
        return json.contains("error") ? json["error"]["name"].get<std::string>() : "";
    }

    int status = 0;
    Json json;
    std::vector<std::pair<std::string, Json>> events;
    std::function<void()> closed;
    bool ended = false;
    bool gone = false;

  protected:
    bool streaming() const override { return !events.empty(); }
};

// Anna's phone, which has just created the household "Home".
class LocalApiTest : public testing::Test {
  protected:
    void SetUp() override {
        const identity::Genesis genesis = annas_home(key_, seal_, random_);
        found_household(storage_, genesis, {key_, secret_, random_, now_.wall});
        NodeOptions options;
        options.fresh_store = true;
        node_ = std::make_unique<Node>(Ports{key_, storage_, network_, random_}, options,
                                       [this] { return now_; });
        storage_.set_events(node_.get());
        ASSERT_TRUE(node_->load());
        DaemonInfo info;
        info.version = "0.1.0";
        info.instance = "default";
        api_ = std::make_unique<LocalApi>(*node_, info, listener_, genesis.founder);
        EXPECT_TRUE(api_->load());
        releasing_ = std::make_unique<Releasing>(*node_);
        storage_.settle();
    }

    void TearDown() override {
        releasing_.reset();
        api_.reset();
        storage_.set_events(nullptr);
    }

    std::shared_ptr<Answered> ask(const std::string& method,
                                  const std::string& path,
                                  const Json& body = Json::object(),
                                  std::map<std::string, std::string> query = {}) {
        auto answered = std::make_shared<Answered>();
        api_->handle({method, path, std::move(query), body.dump()}, answered);
        storage_.settle();
        api_->settle();
        return answered;
    }

    std::shared_ptr<Answered> get(const std::string& path, std::map<std::string, std::string> query = {}) {
        return ask("GET", path, Json::object(), std::move(query));
    }

    crypto::SeededRandom random_{crypto::Seed{7}};
    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    crypto::SealKey seal_ = crypto::SealKey::generate(random_);
    crypto::RecoverySecret secret_ = crypto::RecoverySecret::generate(random_);
    storage::MemoryStorage storage_;
    NoNetwork network_;
    FakeListener listener_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<LocalApi> api_;
    std::unique_ptr<Releasing> releasing_;
};

TEST_F(LocalApiTest, StatusAndDoctorShowTheHousehold) {
    const auto status = get("status");
    EXPECT_EQ(status->status, 200);
    EXPECT_EQ(status->json["household"]["name"], "Home");
    EXPECT_EQ(status->json["device"]["owner"], "Anna");
    EXPECT_EQ(status->json["device"]["admin"], true);
    const auto doctor = get("doctor");
    ASSERT_FALSE(doctor->json["items"].empty());
    EXPECT_EQ(doctor->json["items"][0]["key"], "admins") << "bad ones first: there is one admin only";
    EXPECT_EQ(doctor->json["items"][0]["ok"], false);
    EXPECT_EQ(get("doctor", {{"source", "nothing"}})->error(), "NoSuchThing");
}

TEST_F(LocalApiTest, UnknownPathsAndBrokenBodiesAreRefused) {
    EXPECT_EQ(get("nothing")->error(), "NoSuchPath");
    EXPECT_EQ(ask("DELETE", "status")->error(), "NoSuchPath");
    EXPECT_EQ(ask("POST", "ask", Json::array())->error(), "BadRequest");
    EXPECT_EQ(ask("POST", "devices/rename", {{"device", "phone"}})->error(), "BadRequest");
    EXPECT_EQ(ask("POST", "devices/remove", {{"device", "boat"}})->error(), "NoSuchThing");
    EXPECT_EQ(get("why", {{"request", "zz"}})->status, 400);
}

TEST_F(LocalApiTest, DevicesAndPeople) {
    const auto devices = get("devices");
    ASSERT_EQ(devices->json["devices"].size(), 1U);
    EXPECT_EQ(devices->json["devices"][0]["link"], "here");
    EXPECT_EQ(devices->json["devices"][0]["now"], "idle");
    EXPECT_FALSE(devices->json["devices"][0].contains("version")) << "it has not said yet";
    EXPECT_FALSE(devices->json["devices"][0].contains("battery_pct"));
    node_->home().announce_version("0.1.0", now_);
    const facts::Key battery{privacy::Household{}, device_subject(node_->parts().self),
                             std::string(kBatteryAttribute)};
    ASSERT_TRUE(node_->put_fleeting(battery, facts::Json{"72"}, now_.wall, seconds(60)));
    storage_.settle();
    EXPECT_EQ(get("devices")->json["devices"][0]["version"], "0.1.0");
    EXPECT_EQ(get("devices")->json["devices"][0]["battery_pct"], 72);
    EXPECT_EQ(
        ask("POST", "devices/rename", {{"device", "phone"}, {"name", "pocket"}})->json["device"]["name"],
        "pocket");
    EXPECT_EQ(get("people")->json["people"][0]["devices"], Json({"pocket"}));
    EXPECT_EQ(ask("POST", "people/role", {{"person", "Anna"}, {"role", "king"}})->error(), "BadRequest");
    EXPECT_EQ(ask("POST", "people/role", {{"person", "Anna"}, {"role", "guest"}})->error(), "LastAdmin");
    EXPECT_EQ(ask("POST", "people/remove", {{"person", "Bob"}})->error(), "NoSuchThing");
    EXPECT_EQ(ask("POST", "devices/bind", {{"device", "boat"}, {"person", "Anna"}})->error(), "NoSuchThing");
}

TEST_F(LocalApiTest, Bridges) {
    const auto set = ask("POST", "devices/bridge", {{"source", "mqtt:home"}, {"devices", {"phone"}}});
    EXPECT_EQ(set->json["devices"], Json({"phone"}));
    EXPECT_EQ(get("bridges")->json["bridges"][0]["source"], "mqtt:home");
}

TEST_F(LocalApiTest, ThingsAreWherePeopleSayTheyAre) {
    for (const char* id : {"mqtt:home/1", "mqtt:home/2"}) {
        node_->on_entity({id, "mqtt:home", "Lamp", "", "light", {}, {"light.set"}});
    }
    node_->on_state("mqtt:home/1", R"({"on":true})", true);
    storage_.settle();
    node_->settle();
    EXPECT_EQ(ask("POST", "things/area", {{"thing", "lamp"}, {"area", "Study"}})->error(), "SeveralFound")
        << "two have that name";
    EXPECT_EQ(ask("POST", "things/name", {{"thing", "mqtt:home/1"}, {"name", "Desk Lamp"}})->json["name"],
              "Desk Lamp");
    EXPECT_EQ(ask("POST", "things/area", {{"thing", "desk LAMP"}, {"area", "Study"}})->json["id"],
              "mqtt:home/1");
    const Json there = get("things", {{"area", "study"}})->json;
    ASSERT_EQ(there["things"].size(), 1U);
    EXPECT_EQ(there["things"][0]["name"], "Desk Lamp");
    EXPECT_EQ(there["things"][0]["state"]["on"], true);
    EXPECT_EQ(there["things"][0]["reached_by"], Json({"phone"}));
    EXPECT_EQ(get("things", {{"limit", "1"}})->json["all"], 2);
    EXPECT_EQ(node_->home().home().areas().size(), 1U) << "so that \"the light in the study\" is understood";
    EXPECT_EQ(ask("POST", "things/area", {{"thing", "nobody"}, {"area", "Study"}})->error(), "NoSuchThing");
    EXPECT_EQ(ask("POST", "things/area", {{"thing", "lamp"}, {"area", "a\nb"}})->error(), "BadRequest");
    ask("POST", "things/area", {{"thing", "desk lamp"}, {"area", ""}});
    EXPECT_EQ(get("things", {{"area", "study"}})->json["all"], 0);
}

TEST_F(LocalApiTest, FactsAreAnsweredWhenDurable) {
    auto answered = std::make_shared<Answered>();
    const Json body = {{"subject", "note"}, {"attribute", "text"}, {"value", {{"a", 1}}}, {"audience", "me"}};
    api_->handle({"POST", "facts", {}, body.dump()}, answered);
    EXPECT_FALSE(answered->ended) << "not durable yet";
    storage_.settle();
    api_->settle();
    ASSERT_TRUE(answered->ended);
    EXPECT_EQ(answered->json["fact"]["audience"], "person:Anna");
    EXPECT_EQ(answered->json["fact"]["kept"], true);
    EXPECT_EQ(get("facts", {{"subject", "note"}})->json["facts"][0]["value"]["a"], 1);
    EXPECT_EQ(get("facts", {{"subject", "not"}})->json["facts"].size(), 0U) << "whole subjects without *";
    EXPECT_EQ(get("facts", {{"subject", "not*"}})->json["facts"].size(), 1U);
    EXPECT_EQ(get("facts", {{"audience", "somebody"}})->error(), "BadRequest");
    EXPECT_EQ(ask("POST", "facts", {{"subject", "note"}})->error(), "BadRequest");
}

TEST_F(LocalApiTest, AFullDiskIsToldToWhoWaitsAndToWhoComesAfter) {
    const Json fact = {{"subject", "note"}, {"attribute", "text"}, {"audience", "household"}, {"value", "x"}};
    const Json name = {{"device", "phone"}, {"name", "pocket"}};
    auto writing = std::make_shared<Answered>();
    auto changing = std::make_shared<Answered>();
    api_->handle({"POST", "facts", {}, fact.dump()}, writing);
    api_->handle({"POST", "devices/rename", {}, name.dump()}, changing);
    EXPECT_FALSE(writing->ended);
    EXPECT_FALSE(changing->ended);
    node_->on_storage_failed(Error{ErrorCode::StorageFailed, "database or disk is full"});
    api_->settle();
    EXPECT_EQ(writing->error(), "StorageFailed");
    EXPECT_EQ(changing->error(), "StorageFailed");
    EXPECT_EQ(ask("POST", "facts", fact)->error(), "StorageFailed");
    const Json another = {{"device", "pocket"}, {"name", "purse"}};
    EXPECT_EQ(ask("POST", "devices/rename", another)->error(), "StorageFailed");
    EXPECT_EQ(get("devices")->status, 200) << "it goes on reading";
}

TEST_F(LocalApiTest, WatchersSeeWhatIsAndWhatComes) {
    const auto watch = get("facts/watch", {{"subject", "note*"}});
    ASSERT_EQ(watch->events.size(), 1U);
    EXPECT_EQ(watch->events[0].first, "current");
    const auto all = get("events");
    ask("POST", "facts", {{"subject", "note"}, {"attribute", "x"}, {"value", 1}, {"audience", "household"}});
    ask("POST", "facts", {{"subject", "other"}, {"attribute", "x"}, {"value", 1}, {"audience", "household"}});
    ASSERT_EQ(watch->events.size(), 2U);
    EXPECT_EQ(watch->events[1].second["subject"], "note");
    EXPECT_THAT(all->events, Contains(Pair("fact", testing::_)).Times(2));
    watch->gone = true;
    ask("POST", "facts", {{"subject", "note"}, {"attribute", "y"}, {"value", 1}, {"audience", "household"}});
    const std::size_t seen = watch->events.size();
    ask("POST", "facts", {{"subject", "note"}, {"attribute", "z"}, {"value", 1}, {"audience", "household"}});
    EXPECT_EQ(watch->events.size(), seen) << "a reader that is gone is dropped";
}

TEST_F(LocalApiTest, AskPlanWhyPendingConfirm) {
    const auto asked = ask("POST", "ask", {{"text", "turn on the kitchen light"}});
    EXPECT_EQ(asked->status, 200) << "what is not understood is an answer, not a failure";
    EXPECT_EQ(asked->json["understood"], false);
    EXPECT_EQ(ask("POST", "ask", {{"text", "x"}, {"timeout_ms", 0}})->error(), "BadRequest");
    EXPECT_EQ(get("plan")->error(), "BadRequest");
    EXPECT_TRUE(get("plan", {{"text", "turn on"}})->json["rows"].empty());
    EXPECT_EQ(get("why", {{"text", "the light"}})->status, 404);
    EXPECT_TRUE(get("pending")->json["pending"].empty());
    EXPECT_EQ(ask("POST", "confirm", {{"id", "3f9a"}, {"yes", true}})->error(), "NothingPending");
    EXPECT_EQ(ask("POST", "confirm", {{"id", "3f9a"}})->error(), "BadRequest");
}

TEST_F(LocalApiTest, PingNeedsAnotherDevice) {
    EXPECT_EQ(ask("POST", "ping", {{"device", "phone"}})->error(), "BadRequest");
    EXPECT_EQ(ask("POST", "ping", {{"device", "hub"}})->error(), "NoSuchThing");
}

TEST_F(LocalApiTest, LedgerIsShownAndVerified) {
    EXPECT_EQ(get("ledger")->json["intact"], true);
    EXPECT_EQ(get("ledger", {{"since", "yesterday"}})->error(), "BadRequest");
    EXPECT_EQ(get("ledger/verify")->json["intact"], true);
}

TEST_F(LocalApiTest, ReleaseRuleWidensOnlyTheNarrowResult) {
    const auto granted =
        ask("POST", "release",
            {{"extractor", "sleep-state"}, {"recipient", "household"}, {"purpose", "dim lights"}});
    ASSERT_EQ(granted->status, 200) << granted->json.dump();
    const PersonId anna = *node_->parts().person();
    const facts::Key reading{privacy::OnePerson{anna}, "person:" + anna.hex(), "heart_rate"};
    const std::string json = R"({"beats_per_min":50,"resting_beats_per_min":60})";
    ASSERT_TRUE(node_->put_fleeting(reading, facts::Json{json}, now_.wall, seconds(30)));
    ASSERT_TRUE(node_->put_fleeting(reading, facts::Json{json}, now_.wall, seconds(30)));
    storage_.settle();
    const auto state = get("facts", {{"attribute", "sleep_state"}});
    ASSERT_EQ(state->json["facts"].size(), 1U);
    EXPECT_EQ(state->json["facts"][0]["value"], Json({{"state", "asleep"}}));
    EXPECT_EQ(state->json["facts"][0]["audience"], "household");
    EXPECT_EQ(get("facts", {{"attribute", "heart_rate"}})->json["facts"][0]["audience"], "person:Anna");
    const std::string id = granted->json["rule"]["id"];
    EXPECT_EQ(get("release")->json["rules"].size(), 2U);
    EXPECT_EQ(ask("DELETE", "release/" + id)->status, 200);
    EXPECT_EQ(get("release")->json["rules"].size(), 1U) << "only the built-in one is left";
    EXPECT_EQ(ask("DELETE", "release/" + id)->error(), "NoSuchThing");
    EXPECT_EQ(ask("POST", "release", {{"extractor", "mind"}, {"recipient", "household"}})->error(),
              "NoSuchThing");
}

TEST_F(LocalApiTest, ARevokedRuleTakesBackWhatItTold) {
    const PersonId anna = *node_->parts().person();
    const facts::Key reading{privacy::OnePerson{anna}, "person:" + anna.hex(), "body_state"};
    ASSERT_TRUE(node_->put_fleeting(reading, facts::Json{R"({"state":"asleep","confidence":0.5})"}, now_.wall,
                                    std::chrono::hours(3)));
    const auto told = [&] {
        const auto facts = get("facts", {{"attribute", "body_state"}})->json["facts"];
        Json values = Json::array();
        for (const Json& fact : facts) {
            if (fact["audience"] == "household") {
                values.push_back(fact["value"]);
            }
        }
        return values;
    };
    EXPECT_EQ(told(), Json::array());
    const auto granted = ask("POST", "release", {{"extractor", "body-state"}, {"recipient", "household"}});
    ASSERT_EQ(granted->status, 200);
    EXPECT_EQ(told(), Json::array({Json{{"state", "asleep"}}})) << "from when it is given";
    ask("DELETE", "release/" + std::string(granted->json["rule"]["id"]));
    EXPECT_EQ(told(), Json::array({Json::object()}));
    ASSERT_TRUE(node_->put_fleeting(reading, facts::Json{R"({"state":"active","confidence":0.5})"}, now_.wall,
                                    std::chrono::hours(3)));
    EXPECT_EQ(told(), Json::array({Json::object()})) << "and no more";
}

TEST_F(LocalApiTest, ARuleIsShownAndTriedBeforeItIsGiven) {
    const Json wish = {{"extractor", "departure"}, {"recipient", "household"}};
    const auto nothing = ask("POST", "release/simulate", wish);
    EXPECT_FALSE(nothing->json.contains("would_tell")) << nothing->json.dump();
    EXPECT_EQ(nothing->json["readers"], Json::array({"phone"}));
    const PersonId anna = *node_->parts().person();
    const facts::Key plan{privacy::OnePerson{anna}, "person:" + anna.hex(), "departure"};
    const std::string json = R"({"leaves_ms":1800003600000,"comfort_c":21,"travel_min":25})";
    ASSERT_TRUE(node_->put_fleeting(plan, facts::Json{json}, now_.wall, std::chrono::hours(3)));
    const auto would = ask("POST", "release/simulate", wish);
    EXPECT_EQ(would->json["would_tell"], Json({{"leaves", "2027-01-15T09:00:00.000Z"}, {"comfort_c", 21.0}}));
    EXPECT_EQ(would->json["observed_by"], "phone");
    EXPECT_EQ(get("release")->json["rules"].size(), 1U) << "nothing was given";
    EXPECT_EQ(ask("POST", "release/simulate", {{"extractor", "mind"}, {"recipient", "household"}})->error(),
              "NoSuchThing");
    const std::string id = ask("POST", "release", wish)->json["rule"]["id"];
    const auto shown = get("release/" + id.substr(0, 6));
    EXPECT_EQ(shown->json["rule"]["name"], "departure -> household");
    EXPECT_EQ(shown->json["rule"]["tells"][0], Json({{"name", "leaves"}, {"time", true}}));
    EXPECT_EQ(shown->json["rule"]["tells"][1], Json({{"name", "comfort_c"}, {"from", 16.0}, {"to", 26.0}}));
    EXPECT_EQ(get("release/ffff")->error(), "NoSuchThing");
}

TEST_F(LocalApiTest, PairingShowsACodeAndEndsWithItsReader) {
    const auto pairing = ask("POST", "pair", {{"owner", {{"shared", true}}}});
    ASSERT_EQ(pairing->events.size(), 1U);
    EXPECT_EQ(pairing->events[0].first, "code");
    EXPECT_EQ(pairing->events[0].second["at"], "192.0.2.7:41877");
    EXPECT_NE(listener_.open_for, nullptr);
    EXPECT_EQ(ask("POST", "pair")->error(), "PairingUnderWay");
    EXPECT_EQ(ask("POST", "pair/answer", {{"confirm", true}})->error(), "NoPairing");
    pairing->closed();
    EXPECT_EQ(listener_.open_for, nullptr) << "the listener exists only while a code lives";
    EXPECT_EQ(ask("POST", "pair", {{"owner", {{"person", "Bob"}}}})->error(), "NoSuchThing");
}

TEST_F(LocalApiTest, ACodeDiesOfAge) {
    const auto pairing = ask("POST", "pair", {{"owner", {{"shared", true}}}});
    now_.mono += identity::kPairingCodeLife + seconds(1);
    api_->settle();
    EXPECT_EQ(listener_.open_for, nullptr);
    ASSERT_FALSE(pairing->events.empty());
    EXPECT_EQ(pairing->events.back().first, "failed");
    EXPECT_EQ(ask("DELETE", "pair")->status, 200);
}

TEST_F(LocalApiTest, RecoveryWordsWorkOnce) {
    EXPECT_EQ(ask("POST", "recover", {{"words", {"wrong"}}})->error(), "BadRecoveryWords");
    const Json words = words_json(secret_.words());
    const auto recovered = ask("POST", "recover", {{"words", words}});
    ASSERT_FALSE(recovered->events.empty()) << recovered->json.dump();
    EXPECT_EQ(recovered->events.back().first, "recovered");
    EXPECT_EQ(recovered->events.front().first, "words") << "before they count";
    EXPECT_EQ(recovered->events.front().second["recovery_words"].size(), crypto::kRecoveryWords);
    EXPECT_EQ(ask("POST", "recover", {{"words", words}})->error(), "BadRecoveryWords");
}

}  // namespace
}  // namespace ambit::node

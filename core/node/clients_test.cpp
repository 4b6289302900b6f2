#include "node/clients.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

using testing::HasSubstr;
using testing::Not;

class Got final : public api::Responder {
  public:
    using Responder::reply;

    void reply(int code, std::string text) override {
        status = code;
        json = Json::parse(text);
        ended = true;
    }

    bool event(std::string_view name, std::string text) override {
        events.emplace_back(name, Json::parse(text));
        return true;
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

  protected:
    bool streaming() const override { return !events.empty(); }
};

// Anna's phone, where programs come in with tokens.
class ClientsTest : public testing::Test {
  protected:
    ClientsTest() {
        phone_.found();
        EXPECT_TRUE(phone_.start(true));
        clients_ = std::make_unique<Clients>(*phone_.node_, *phone_.api_);
    }

    std::string token(const std::string& name, const std::string& audience) {
        const auto made = local("POST", "token", Json{{"name", name}, {"audience", audience}}.dump());
        EXPECT_EQ(made->status, 200) << made->json.dump();
        return made->json.value("secret", "");
    }

    std::shared_ptr<Got> local(const std::string& method,
                               const std::string& path,
                               const std::string& body = "{}") {
        auto got = std::make_shared<Got>();
        phone_.ask({method, path, {}, body, {}}, got);
        return got;
    }

    std::shared_ptr<Got> from(const std::string& address,
                              const std::string& secret,
                              const std::string& method,
                              const std::string& path,
                              const Json& body = Json::object(),
                              const std::map<std::string, std::string>& query = {}) {
        auto got = std::make_shared<Got>();
        clients_->handle({method, path, query, body.dump(), {address, address == "127.0.0.1", secret}}, got);
        // The fact first, then the row of the ledger that lets the answer out.
        for (int i = 0; i < 2; ++i) {
            storage_.settle();
            phone_.api_->settle();
        }
        return got;
    }

    std::shared_ptr<Got> get(const std::string& secret, const std::string& path) {
        return from("127.0.0.1", secret, "GET", path);
    }

    void put(const std::string& audience, const std::string& text) {
        const Json body = {
            {"subject", "note"}, {"attribute", audience}, {"value", text}, {"audience", audience}};
        EXPECT_EQ(local("POST", "facts", body.dump())->status, 200);
    }

    storage::MemoryStorage storage_;
    PhoneAlone phone_{storage_};
    std::unique_ptr<Clients> clients_;
};

TEST_F(ClientsTest, ATokenSeesWhatItsAudienceMayRead) {
    put("household", "for all");
    put("me", "mine alone");
    put("device", "this device's");
    const std::string household = token("page", "household");
    const std::string mine = token("shortcuts", "me");
    const auto seen = get(household, "facts")->json.dump();
    EXPECT_THAT(seen, HasSubstr("for all"));
    EXPECT_THAT(seen, Not(HasSubstr("mine alone"))) << "although Anna lives alone today";
    EXPECT_THAT(seen, Not(HasSubstr("this device's")));
    const auto seen_by_anna = get(mine, "facts")->json.dump();
    EXPECT_THAT(seen_by_anna, HasSubstr("for all"));
    EXPECT_THAT(seen_by_anna, HasSubstr("mine alone"));
    EXPECT_THAT(seen_by_anna, Not(HasSubstr("this device's")));
}

TEST_F(ClientsTest, EventsAreFilteredTheSameWay) {
    const std::string household = token("page", "household");
    const auto stream = get(household, "events");
    ASSERT_EQ(stream->events.size(), 1U) << "it says at once that it runs";
    put("me", "mine alone");
    put("household", "for all");
    storage_.settle();
    phone_.api_->settle();
    ASSERT_EQ(stream->events.size(), 2U);
    EXPECT_THAT(stream->events[1].second.dump(), HasSubstr("for all"));
}

TEST_F(ClientsTest, NothingLeavesBeforeItsRowOfTheLedgerIsDurable) {
    const std::string household = token("page", "household");
    auto got = std::make_shared<Got>();
    clients_->handle({"GET", "facts", {}, "{}", {"127.0.0.1", true, household}}, got);
    EXPECT_FALSE(got->ended);
    storage_.settle();
    EXPECT_TRUE(got->ended);
    const auto ledger = local("GET", "ledger");
    EXPECT_EQ(ledger->json["rows"].back()["to"], "client:page");
    EXPECT_EQ(ledger->json["rows"].back()["what"], "facts");
    const auto rows = ledger->json["entries"];
    get(household, "facts");
    EXPECT_EQ(local("GET", "ledger")->json["entries"], rows) << "one row for an hour of the same";
}

TEST_F(ClientsTest, WhatWaitsForASlowDiskIsBounded) {
    const std::string household = token("page", "household");
    auto stream = std::make_shared<Got>();
    clients_->handle({"GET", "events", {}, "{}", {"127.0.0.1", true, household}}, stream);
    for (std::size_t i = 0; i < Outlet::kWaitingMax; ++i) {
        EXPECT_FALSE(stream->ended) << i;
        const facts::Key key{privacy::Household{}, "client:door", "seen"};
        ASSERT_TRUE(phone_.node_->put_fleeting(key, static_cast<std::int64_t>(i), phone_.now_.wall,
                                               std::chrono::minutes(1)));
        phone_.node_->settle();
    }
    ASSERT_TRUE(stream->ended) << "one more than the first event leaves room for";
    EXPECT_EQ(stream->error(), "LimitExceeded");
    storage_.settle();
    EXPECT_EQ(get(household, "facts")->status, 200);
}

TEST_F(ClientsTest, WhatComesWithATokenHasItsAudience) {
    const std::string household = token("page", "household");
    const std::string mine = token("health", "me");
    const Json weight = {{"subject", "me"}, {"attribute", "weight_kg"}, {"value", 61.5}};
    const auto put = from("127.0.0.1", mine, "POST", "facts", weight);
    ASSERT_EQ(put->status, 200) << put->json.dump();
    EXPECT_EQ(put->json["fact"]["audience"], "person:Anna");
    const auto refused = from("127.0.0.1", household, "POST", "facts", weight);
    EXPECT_EQ(refused->error(), "NotAllowed");
    EXPECT_THAT(refused->json.dump(), HasSubstr("--audience person")) << "it says which one may";
    Json noted = {{"subject", "client:door"}, {"attribute", "rang"}, {"value", true}};
    EXPECT_EQ(from("127.0.0.1", household, "POST", "facts", noted)->json["fact"]["audience"], "household");
    noted["audience"] = "person:Anna";
    EXPECT_EQ(from("127.0.0.1", household, "POST", "facts", noted)->error(), "AudienceForbids");
    noted["audience"] = "household";
    for (const char* subject : {"entity:mqtt:home/x", "device:00", "release:00", "household", "person:00"}) {
        noted["subject"] = subject;
        EXPECT_EQ(from("127.0.0.1", household, "POST", "facts", noted)->error(), "NotAllowed") << subject;
    }
}

TEST_F(ClientsTest, AReadingThatSomebodyTakesBecomesNoFact) {
    const std::string mine = token("health", "me");
    const auto post = [&](const std::string& secret, const char* subject) {
        const Json body = {{"subject", subject}, {"attribute", "heart_rate"}, {"value", 61.5}};
        return from("127.0.0.1", secret, "POST", "facts", body);
    };
    std::string heard;
    phone_.node_->posted().set("heart_rate", [&](const std::string& value, Now) -> Result<std::string> {
        heard = value;
        return value == "61.5" ? Result<std::string>(R"({"taken":1})") : Error{ErrorCode::BadRequest, "no"};
    });
    EXPECT_EQ(post(mine, "me")->json, Json({{"taken", 1}}));
    EXPECT_EQ(heard, "61.5");
    EXPECT_THAT(get(mine, "facts")->json.dump(), Not(HasSubstr("61.5")));
    heard.clear();
    EXPECT_EQ(post(token("page", "household"), "me")->status, 403) << "that is nobody";
    EXPECT_EQ(post(mine, "client:health")->status, 200);
    EXPECT_EQ(heard, "") << "and that is not about a person";
    phone_.node_->posted().set("heart_rate", {});
    EXPECT_EQ(post(mine, "me")->status, 200);
    EXPECT_THAT(get(mine, "facts")->json.dump(), HasSubstr("61.5")) << "nobody takes it: a fact like others";
}

TEST_F(ClientsTest, ANarrowerSetOfPaths) {
    const std::string mine = token("shortcuts", "me");
    for (const char* path : {"token", "release", "doctor", "bridges", "plan"}) {
        EXPECT_EQ(get(mine, path)->error(), "NoSuchPath") << path;
    }
    EXPECT_EQ(from("127.0.0.1", mine, "POST", "pair")->error(), "NoSuchPath");
    EXPECT_EQ(from("127.0.0.1", mine, "POST", "token", {{"name", "more"}})->error(), "NoSuchPath");
    EXPECT_EQ(from("127.0.0.1", mine, "POST", "devices/remove", {{"device", "phone"}})->error(),
              "NoSuchPath");
    EXPECT_EQ(get(mine, "status")->json["client"]["audience"], "person:Anna");
}

TEST_F(ClientsTest, APersonalTokenStaysOnThisMachine) {
    const std::string mine = token("shortcuts", "me");
    const std::string household = token("page", "household");
    EXPECT_EQ(from("192.0.2.9", mine, "GET", "facts")->error(), "TokenNotInTheOpen");
    EXPECT_EQ(from("192.0.2.9", household, "GET", "facts")->status, 200);
}

TEST_F(ClientsTest, AYesComesFromAPerson) {
    const std::string household = token("page", "household");
    const std::string mine = token("shortcuts", "me");
    const Json yes = {{"id", "3f9a"}, {"yes", true}};
    EXPECT_EQ(from("127.0.0.1", household, "POST", "confirm", yes)->error(), "NotAllowed");
    EXPECT_EQ(from("127.0.0.1", mine, "POST", "confirm", yes)->error(), "NothingPending");
}

TEST_F(ClientsTest, RevokingCutsWhatIsOpen) {
    const std::string secret = token("page", "household");
    const auto stream = get(secret, "events");
    EXPECT_FALSE(stream->ended);
    EXPECT_EQ(local("DELETE", "token/page")->status, 200);
    EXPECT_TRUE(stream->ended);
    EXPECT_EQ(get(secret, "facts")->error(), "TokenWrong");
    EXPECT_EQ(local("DELETE", "token/page")->error(), "NoSuchThing");
    EXPECT_TRUE(local("GET", "token")->json["tokens"].empty());
}

TEST_F(ClientsTest, WrongTokensHaveToWait) {
    const std::string secret = token("page", "household");
    for (int i = 0; i < Clients::kWrongMax; ++i) {
        EXPECT_EQ(from("192.0.2.9", "ambit_" + std::to_string(i), "GET", "facts")->status, 401);
    }
    EXPECT_EQ(from("192.0.2.9", secret, "GET", "facts")->status, 429)
        << "even the right one, so that none is found";
    EXPECT_EQ(from("192.0.2.7", secret, "GET", "facts")->status, 200) << "others are not kept waiting";
    phone_.now_.mono += Clients::kWrongEvery;
    EXPECT_EQ(from("192.0.2.9", secret, "GET", "facts")->status, 200);
    for (int i = 0; i < 1000; ++i) {
        from("198.51.100." + std::to_string(i), "x", "GET", "facts");
    }
    EXPECT_EQ(from("192.0.2.9", "", "GET", "facts")->status, 401) << "none at all is no guess";
}

TEST_F(ClientsTest, TokensAreKeptAsHashesAndSurvive) {
    EXPECT_EQ(local("POST", "token", R"({"name":"a/b"})")->error(), "InvalidArgument");
    EXPECT_EQ(local("POST", "token", R"({"name":"x","audience":"device"})")->error(), "InvalidArgument");
    const std::string secret = token("page", "household");
    EXPECT_EQ(local("POST", "token", R"({"name":"page"})")->error(), "TokenExists");
    from("192.0.2.9", secret, "GET", "facts");
    const auto table = storage_.load_table(std::string(kTokenTable));
    ASSERT_TRUE(table);
    ASSERT_EQ(table->size(), 1U);
    EXPECT_THAT(to_text(table->at("page")), Not(HasSubstr(secret.substr(6))));
    const auto listed = local("GET", "token");
    EXPECT_THAT(listed->json.dump(), Not(HasSubstr(secret.substr(6))));
    EXPECT_EQ(listed->json["tokens"][0]["used_from"], "192.0.2.9");

    clients_.reset();
    ASSERT_TRUE(phone_.start(false));
    clients_ = std::make_unique<Clients>(*phone_.node_, *phone_.api_);
    EXPECT_EQ(get(secret, "facts")->status, 200);
    EXPECT_EQ(local("GET", "token")->json["tokens"][0]["name"], "page");
}

TEST_F(ClientsTest, AskingStreamsWhatIsHeard) {
    const std::string secret = token("page", "household");
    const auto got =
        from("127.0.0.1", secret, "POST", "ask", {{"text", "turn on the kitchen light"}, {"stream", true}});
    ASSERT_EQ(got->events.size(), 2U);
    EXPECT_EQ(got->events[0].first, "heard");
    EXPECT_EQ(got->events[1].first, "done");
    EXPECT_EQ(got->events[1].second["understood"], false) << "no sentences are loaded here";
    EXPECT_TRUE(got->ended);
    EXPECT_EQ(from("127.0.0.1", secret, "POST", "ask", {{"text", "x"}})->json["understood"], false);
}

TEST_F(ClientsTest, AHandfulOfStreamsForOneToken) {
    const std::string secret = token("page", "household");
    std::vector<std::shared_ptr<Got>> open;
    for (std::size_t i = 0; i < Clients::kStreamsMax; ++i) {
        open.push_back(get(secret, "events"));
    }
    EXPECT_EQ(get(secret, "events")->error(), "LimitExceeded");
    open.front()->closed();
    EXPECT_EQ(get(secret, "events")->events.size(), 1U);
}

TEST_F(ClientsTest, AServiceWithoutATokenSpeaksForTheHousehold) {
    clients_->add_service("wyoming");
    std::optional<Result<std::string>> said;
    clients_->ask_household("wyoming", "turn on the light", seconds(1),
                            [&](Result<std::string> text) { said = std::move(text); });
    storage_.settle();
    ASSERT_TRUE(said.has_value());
    EXPECT_FALSE(*said) << "no sentences are loaded here";
    EXPECT_EQ(said->error().code, ErrorCode::NotUnderstood);
}

}  // namespace
}  // namespace ambit::node

#include "request/executor.h"

#include <gmock/gmock.h>

#include "privacy/home_testing.h"
#include "request/confirmations.h"
#include "storage/memory_storage.h"

namespace ambit::request {
namespace {

using privacy::Audience;
using privacy::Household;
using privacy::Label;
using privacy::Labelled;
using testing::now_at;

class ExecutorTest : public ::testing::Test {
  protected:
    ExecutorTest() : executor(std::make_unique<Executor>(storage)) {
        for (const auto* name : {"light.set", "sensor.read", "garage.pulse"}) {
            const std::string id = std::string("mqtt:home/") + name;
            EXPECT_TRUE(directory.announce(home.hub, {id, "mqtt:home", name, "", "light", {}, {name}}));
        }
    }

    World world() {
        return {home.hub, home.roster, directory, [](const DeviceId&) { return true; }};
    }

    InvokeRequest request(const std::string& capability, const std::string& input = R"({"on":true})") {
        return {
            random.id<RequestId>(), capability, "mqtt:home/" + capability, to_bytes(input), home.ada, {}, 1};
    }

    // A pulse with a valid yes of Ada's phone.
    InvokeRequest pulse() {
        InvokeRequest ask = request("garage.pulse", "{}");
        Confirmations side(home.key(home.phone));
        const World at_phone{home.phone, home.roster, directory, [](const DeviceId&) { return true; }};
        auto asked = side.ask(
            {{ask.request, ask.capability, ask.entity, "", ask.input, home.ada, seconds(30)}, Label{}},
            at_phone, now_at(0));
        auto effects = side.confirm(ask.request, at_phone, now_at(0)).value();
        for (auto& effect : effects) {
            if (auto* yes = std::get_if<Confirmed>(&effect)) {
                ask.yes = yes->yes;
            }
        }
        return ask;
    }

    ExecutorEffects invoke(const InvokeRequest& what, const DeviceId& from, std::int64_t at = 0) {
        return executor->on_invoke(from, what, Label{Audience(privacy::ThisDevice{home.hub})},
                                   now_at(10).mono, world(), now_at(at));
    }

    ExecutorEffects durable(std::int64_t at = 0) {
        storage.settle();
        return executor->on_durable(storage.durable(), now_at(at));
    }

    ExecutorEffects result(const RequestId& id, Outcome outcome = Outcome::Done) {
        return executor->on_result(id, outcome,
                                   Labelled<Bytes>(to_bytes("{\"on\":true}"), Label{Audience(Household{})}),
                                   {}, now_at(1));
    }

    void crash() {
        storage.crash();
        executor = std::make_unique<Executor>(storage);
        ASSERT_TRUE(executor->load(now_at(2)));
        storage.settle();
    }

    static bool acts(const ExecutorEffects& effects) {
        return effects.size() == 1 && std::holds_alternative<Act>(effects[0]);
    }

    // Only that: the effect waits for the journal.
    static bool prepares(const ExecutorEffects& effects) {
        return effects.size() == 1 && std::holds_alternative<Prepare>(effects[0]);
    }

    static const InvokeReply& reply(const ExecutorEffects& effects) {
        return std::get<Reply>(effects.at(0)).reply;
    }

    ErrorCode refusal(const InvokeRequest& what, const DeviceId& from, std::int64_t at = 0) {
        return reply(invoke(what, from, at)).error.code;
    }

    testing::Home home;
    crypto::SeededRandom random{crypto::Seed{5}};
    storage::MemoryStorage storage;
    capability::Directory directory;
    std::unique_ptr<Executor> executor;
};

TEST_F(ExecutorTest, ActsOnlyWhenTheJournalIsDurable) {
    const auto what = request("light.set");
    EXPECT_TRUE(prepares(invoke(what, home.phone)));
    EXPECT_TRUE(executor->on_durable(storage.durable(), now_at(0)).empty());
    const auto effects = durable();
    ASSERT_TRUE(acts(effects));
    EXPECT_EQ(std::get<Act>(effects[0]).asked_by, home.phone);
    const auto end = result(what.request);
    EXPECT_EQ(reply(end).outcome, Outcome::Done);
    EXPECT_EQ(std::get<Reply>(end.at(0)).label.audience, Audience(Household{}));
    EXPECT_TRUE(result(what.request).empty());
}

TEST_F(ExecutorTest, ADuplicateIsAnsweredFromTheJournal) {
    const auto what = request("light.set");
    invoke(what, home.phone);
    EXPECT_TRUE(invoke(what, home.phone).empty());
    ASSERT_TRUE(acts(durable()));
    EXPECT_TRUE(invoke(what, home.watch).empty());  // a second asker waits for the same result
    EXPECT_EQ(result(what.request).size(), 2U);
    const auto again = invoke(what, home.phone);
    EXPECT_TRUE(reply(again).duplicate);
    EXPECT_EQ(reply(again).outcome, Outcome::Done);
    storage.settle();
    crash();
    EXPECT_TRUE(reply(invoke(what, home.phone)).duplicate);
}

TEST_F(ExecutorTest, AnIdStandsForOneActionOnly) {
    const auto what = request("light.set");
    invoke(what, home.phone);
    auto other = what;
    other.input = to_bytes(R"({"on":false})");
    EXPECT_EQ(refusal(other, home.phone), ErrorCode::RequestIdReused);
    durable();
    result(what.request).clear();
    EXPECT_EQ(refusal(other, home.phone), ErrorCode::RequestIdReused);
}

TEST_F(ExecutorTest, AnAbsoluteEffectMayBeDoneAgainAfterACrash) {
    const auto what = request("light.set");
    invoke(what, home.phone);
    ASSERT_TRUE(acts(durable()));
    crash();
    EXPECT_TRUE(prepares(invoke(what, home.phone, 2)));
    EXPECT_TRUE(acts(durable(2)));
}

TEST_F(ExecutorTest, AnEffectThatCountsOnceIsUnknownAfterACrash) {
    const auto what = pulse();
    EXPECT_TRUE(prepares(invoke(what, home.phone)));
    ASSERT_TRUE(acts(durable()));
    crash();
    const auto again = invoke(what, home.phone, 2);
    EXPECT_EQ(reply(again).outcome, Outcome::Unknown);
    EXPECT_TRUE(reply(again).duplicate);
}

TEST_F(ExecutorTest, WhatWasNotJournalledBeforeACrashWasNotDone) {
    const auto what = pulse();
    invoke(what, home.phone);
    crash();
    EXPECT_TRUE(prepares(invoke(what, home.phone, 2)));
    EXPECT_TRUE(acts(durable(2)));
}

TEST_F(ExecutorTest, AFinishedPulseIsNeverRepeated) {
    const auto what = pulse();
    invoke(what, home.phone);
    durable();
    EXPECT_EQ(reply(result(what.request)).outcome, Outcome::Done);
    storage.settle();
    crash();
    EXPECT_EQ(reply(invoke(what, home.phone, 2)).outcome, Outcome::Done);
}

TEST_F(ExecutorTest, RefusesWhatItMust) {
    const auto good = request("light.set");
    EXPECT_EQ(refusal(good, DeviceId()), ErrorCode::NotAMember);
    EXPECT_EQ(refusal(good, home.phone, 10), ErrorCode::DeadlinePassed);
    EXPECT_EQ(refusal(request("light.set", R"({"on":1})"), home.phone), ErrorCode::BadInput);
    EXPECT_EQ(refusal(request("no.such"), home.phone), ErrorCode::UnknownCapability);
    auto elsewhere = good;
    elsewhere.entity = "mqtt:home/other";
    EXPECT_EQ(refusal(elsewhere, home.phone), ErrorCode::UnknownEntity);
    EXPECT_EQ(refusal(request("garage.pulse", "{}"), home.phone), ErrorCode::ConfirmationNeeded);
    auto stolen = pulse();
    EXPECT_EQ(refusal(stolen, home.tablet), ErrorCode::ConfirmationInvalid);
    directory.set_available(home.hub, "mqtt:home", false);
    EXPECT_EQ(refusal(good, home.phone), ErrorCode::NotAvailable);
    EXPECT_EQ(executor->journal_size(), 0U);
}

TEST_F(ExecutorTest, ReadsAreNotJournalled) {
    const auto what = request("sensor.read", "{}");
    EXPECT_TRUE(acts(invoke(what, home.phone)));
    EXPECT_EQ(executor->journal_size(), 0U);
    const auto end = result(what.request);
    const auto bare = without_output(std::get<Reply>(end.at(0)), {ErrorCode::AudienceForbids, "x"});
    EXPECT_EQ(bare.reply.outcome, Outcome::NotDone);
    EXPECT_EQ(bare.reply.error.code, ErrorCode::AudienceForbids);
    EXPECT_EQ(to_text(bare.reply.output), "{}");
}

TEST_F(ExecutorTest, CancelBeforeActingMeansNotDone) {
    const auto what = request("light.set");
    invoke(what, home.phone);
    EXPECT_TRUE(executor->on_cancel(home.watch, what.request, now_at(1)).empty());
    EXPECT_EQ(reply(executor->on_cancel(home.phone, what.request, now_at(1))).outcome, Outcome::NotDone);
    EXPECT_TRUE(durable(1).empty());
}

TEST_F(ExecutorTest, CancelWhileActingAsksTheProvider) {
    const auto what = request("light.set");
    invoke(what, home.phone);
    durable();
    const auto effects = executor->on_cancel(home.phone, what.request, now_at(1));
    EXPECT_EQ(std::get<CancelAct>(effects.at(0)).request, what.request);
    EXPECT_EQ(reply(result(what.request, Outcome::Unknown)).outcome, Outcome::Unknown);
}

TEST_F(ExecutorTest, DeadlinesEndWhatWaitsAndWhatActs) {
    const auto waiting = request("light.set");
    invoke(waiting, home.phone);
    EXPECT_EQ(executor->next_wake(), now_at(10).mono);
    EXPECT_EQ(reply(executor->on_tick(now_at(10))).outcome, Outcome::NotDone);
    const auto acting = request("light.set");
    invoke(acting, home.phone);
    durable();
    EXPECT_TRUE(executor->on_tick(now_at(10)).empty());  // the provider has a moment more
    const auto late = executor->on_tick(now_at(11));
    ASSERT_EQ(late.size(), 2U);
    EXPECT_EQ(std::get<Reply>(late[1]).reply.outcome, Outcome::Unknown);
}

TEST_F(ExecutorTest, OneDeviceCannotTakeAllPlaces) {
    for (std::size_t i = 0; i < Executor::kActingPerPeerMax; ++i) {
        EXPECT_TRUE(prepares(invoke(request("light.set"), home.phone)));
    }
    EXPECT_EQ(refusal(request("light.set"), home.phone), ErrorCode::LimitExceeded);
    EXPECT_TRUE(prepares(invoke(request("light.set"), home.tablet)));
}

TEST(Journal, ForgetsWhatIsOldAndStaysBounded) {
    storage::MemoryStorage storage;
    Journal journal(storage);
    crypto::SeededRandom random(crypto::Seed{6});
    const auto accept = [&](std::int64_t at) {
        return journal.accept({random.id<RequestId>(),
                               {},
                               "light.set",
                               "x",
                               capability::Effect::Absolute,
                               now_at(at).wall,
                               {},
                               std::nullopt},
                              now_at(at));
    };
    for (std::size_t i = 0; i < Journal::kEntriesMax; ++i) {
        ASSERT_TRUE(accept(0));
    }
    EXPECT_EQ(accept(1).error().code, ErrorCode::LimitExceeded);
    EXPECT_TRUE(accept(360));
    EXPECT_EQ(journal.size(), Journal::kEntriesMax);
    EXPECT_TRUE(accept(86'400));
    EXPECT_EQ(journal.size(), 2U);
    storage.settle();
    Journal again(storage);
    ASSERT_TRUE(again.load(now_at(86'400)));
    EXPECT_EQ(again.size(), 2U);
}

}  // namespace
}  // namespace ambit::request

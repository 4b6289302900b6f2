// Asking, confirming and acting together, in virtual time: a small network of real Requests, Confirmations
// and Executors over MemoryStorage, with the messages encoded and decoded as on the wire.
#include <gmock/gmock.h>

#include "privacy/home_testing.h"
#include "request/confirmations.h"
#include "request/executor.h"
#include "storage/memory_storage.h"

namespace ambit::request {
namespace {

using capability::Effect;
using privacy::Audience;
using privacy::Household;
using privacy::Label;
using privacy::Labelled;
using privacy::OnePerson;
using testing::now_at;

constexpr privacy::Here kHere{"test"};

class RequestTest : public ::testing::Test {
  protected:
    RequestTest() : ledger(ledger_storage, home.key(home.phone)), rules(ledger), requests(rules) {
        for (const auto& device : {home.hub, home.speaker}) {
            announce(device, "light.set", "lamp");
            announce(device, "lock.set", "door");
            announce(device, "garage.pulse", "garage");
            announce(device, "button.press", "bell");
        }
        home.roster.bridges["mqtt:home"] = {home.hub, home.speaker};
    }

    void announce(const DeviceId& by, const std::string& capability, const std::string& name) {
        ASSERT_TRUE(
            directory.announce(by, {"mqtt:home/" + name, "mqtt:home", name, "", "light", {}, {capability}}));
    }

    World world(const DeviceId& self) {
        return {self, home.roster, directory,
                [this](const DeviceId& device) { return !down.contains(device); }};
    }

    Intent intent(const std::string& capability, const std::string& name, const std::string& input = "{}") {
        return {random.id<RequestId>(),
                capability,
                "mqtt:home/" + name,
                Labelled<Bytes>(to_bytes(input), Label{Audience(OnePerson{home.ada})}),
                home.ada,
                now_at(10).mono};
    }

    Intent lamp_on() { return intent("light.set", "lamp", R"({"on":true})"); }

    RequestEffects invoke(Intent what, std::int64_t at = 0) {
        return requests.invoke(std::move(what), world(home.phone), now_at(at));
    }

    RequestEffects reply(const DeviceId& from, const RequestId& id, Outcome outcome, Error error = {}) {
        const InvokeReply message{id,    outcome,        std::move(error), to_bytes("{\"on\":true}"),
                                  false, microseconds(5)};
        return requests.on_reply(from, decode_invoke_reply(encode(message)).value(),
                                 Label{Audience(Household{})}, world(home.phone), now_at(1));
    }

    static const SendInvoke& sent(const RequestEffects& effects) {
        return std::get<SendInvoke>(effects.at(0));
    }

    static const RequestResult& finished(const RequestEffects& effects) {
        return std::get<Finished>(effects.back()).result;
    }

    InvokeRequest message(const SendInvoke& sent) {
        return decode_invoke_request(sent.body.read(kHere)).value();
    }

    testing::Home home;
    crypto::SeededRandom random{crypto::Seed{9}};
    storage::MemoryStorage ledger_storage;
    privacy::Ledger ledger;
    privacy::ReleaseRules rules;
    capability::Directory directory;
    std::set<DeviceId> down;
    Requests requests;
};

TEST_F(RequestTest, ACommandGoesToTheActingDeviceWithNothingItDoesNotNeed) {
    const auto what = lamp_on();
    const auto effects = invoke(what);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_EQ(sent(effects).to, home.hub);
    EXPECT_EQ(sent(effects).why.rule, "command");
    EXPECT_EQ(sent(effects).body.label().audience, Audience(privacy::ThisDevice{home.hub}));
    const auto received = message(sent(effects));
    EXPECT_EQ(received.request, what.id);
    EXPECT_EQ(to_text(received.input), R"({"on":true})");
    const auto end = reply(home.hub, what.id, Outcome::Done);
    EXPECT_EQ(finished(end).outcome, Outcome::Done);
    EXPECT_EQ(finished(end).acted_by, home.hub);
    EXPECT_EQ(requests.in_flight(), 0U);
}

TEST_F(RequestTest, TheGateLetsTheMessageOutToTheActingDeviceOnly) {
    privacy::Gate gate(home.phone, ledger);
    gate.set_roster(home.view());
    const auto effects = invoke(lamp_on());
    EXPECT_TRUE(gate.clear(sent(effects).body, home.hub, sent(effects).why, now_at(0)));
    EXPECT_FALSE(gate.clear(sent(effects).body, home.speaker, sent(effects).why, now_at(0)));
}

TEST_F(RequestTest, AnAbsoluteEffectGoesToTheStandbyAtOnce) {
    const auto what = lamp_on();
    ASSERT_EQ(sent(invoke(what)).to, home.hub);
    down.insert(home.hub);
    const auto effects = requests.on_peer_lost(home.hub, world(home.phone), now_at(1));
    EXPECT_EQ(sent(effects).to, home.speaker);
    EXPECT_EQ(message(sent(effects)).attempt, 2U);
    EXPECT_TRUE(reply(home.hub, what.id, Outcome::Done).empty());  // too late
    const auto end = reply(home.speaker, what.id, Outcome::Done);
    EXPECT_EQ(finished(end).outcome, Outcome::Done);
    EXPECT_EQ(finished(end).attempts.size(), 2U);
}

TEST_F(RequestTest, WithoutAStandbyAnAbsoluteEffectEndsAsUnknown) {
    down.insert(home.speaker);
    invoke(lamp_on());
    down.insert(home.hub);
    const auto end = requests.on_peer_lost(home.hub, world(home.phone), now_at(1));
    EXPECT_EQ(finished(end).outcome, Outcome::Unknown);
    EXPECT_EQ(finished(end).error.code, ErrorCode::ActorLost);
    EXPECT_EQ(finished(end).left_out.size(), 2U);
}

TEST_F(RequestTest, WhatWasNeverSentIsTriedElsewhereAndIsCertainlyNotDone) {
    const auto what = lamp_on();
    invoke(what);
    const Error stale{ErrorCode::StaleRoster, ""};
    auto effects = requests.on_not_sent(what.id, home.hub, stale, world(home.phone), now_at(1));
    EXPECT_EQ(sent(effects).to, home.speaker);
    effects = requests.on_not_sent(what.id, home.speaker, stale, world(home.phone), now_at(1));
    EXPECT_EQ(finished(effects).outcome, Outcome::NotDone);
}

TEST_F(RequestTest, ADeviceThatCannotActIsNotTheEnd) {
    const auto what = lamp_on();
    invoke(what);
    EXPECT_EQ(sent(reply(home.hub, what.id, Outcome::NotDone, {ErrorCode::NotAvailable, ""})).to,
              home.speaker);
    const auto end = reply(home.speaker, what.id, Outcome::NotDone, {ErrorCode::BadInput, ""});
    EXPECT_EQ(finished(end).outcome, Outcome::NotDone);
}

TEST_F(RequestTest, SaysWhyNobodyCan) {
    down = {home.hub, home.speaker};
    EXPECT_EQ(finished(invoke(lamp_on())).error.code, ErrorCode::NoCapableDevice);
    down.clear();
    directory.set_available(home.hub, "mqtt:home", false);
    directory.set_available(home.speaker, "mqtt:home", false);
    EXPECT_EQ(finished(invoke(lamp_on())).error.code, ErrorCode::NotAvailable);
    EXPECT_EQ(finished(invoke(intent("light.set", "nothing", R"({"on":true})"))).error.code,
              ErrorCode::UnknownEntity);
    EXPECT_EQ(finished(invoke(intent("light.set", "lamp", R"({"on":1})"))).error.code, ErrorCode::BadInput);
    EXPECT_EQ(finished(invoke(intent("x.y", "lamp"))).error.code, ErrorCode::UnknownCapability);
}

TEST_F(RequestTest, DataThatIsNoCommandGoesWhereItsLabelAllows) {
    for (const auto& device : {home.hub, home.watch}) {
        ASSERT_TRUE(
            directory.announce_rung(device, {"language.parse", "t2", device == home.hub ? 1.0 : 0.5, 1}));
    }
    auto words = intent("language.parse", "", R"({"text":"good night"})");
    words.entity.clear();
    words.command = false;
    const auto effects = invoke(words);
    EXPECT_EQ(sent(effects).to, home.watch);
    EXPECT_EQ(sent(effects).why.rule, "audience");
    const auto end = reply(home.watch, words.id, Outcome::Done);
    ASSERT_EQ(finished(end).left_out.size(), 1U);
    EXPECT_EQ(finished(end).left_out[0].why.code, ErrorCode::AudienceForbids);
}

TEST_F(RequestTest, ADeadlineEndsIt) {
    invoke(lamp_on());
    EXPECT_EQ(requests.next_wake(), now_at(10).mono);
    EXPECT_TRUE(requests.on_tick(now_at(9)).empty());
    const auto end = requests.on_tick(now_at(10));
    EXPECT_TRUE(std::holds_alternative<SendCancel>(end.at(0)));
    EXPECT_EQ(finished(end).outcome, Outcome::Unknown);
    EXPECT_EQ(finished(end).error.code, ErrorCode::DeadlinePassed);
}

TEST_F(RequestTest, CancelTellsTheActingDevice) {
    const auto what = lamp_on();
    invoke(what);
    const auto end = requests.cancel(what.id, now_at(1));
    EXPECT_EQ(std::get<SendCancel>(end.at(0)).to, home.hub);
    EXPECT_EQ(finished(end).outcome, Outcome::Unknown);
    EXPECT_TRUE(reply(home.hub, what.id, Outcome::Done).empty());
}

// Only its own executor knows whether it has begun, and always says.
TEST_F(RequestTest, WhatThisDeviceItselfDoesEndsWhenItsExecutorSaysSo) {
    for (const Outcome outcome : {Outcome::NotDone, Outcome::Unknown, Outcome::Done}) {
        const auto what = lamp_on();
        ASSERT_TRUE(
            std::holds_alternative<ExecuteHere>(requests.invoke(what, world(home.hub), now_at(0)).at(0)));
        const auto effects = requests.cancel(what.id, now_at(1));
        ASSERT_EQ(effects.size(), 1U) << "not finished yet";
        EXPECT_EQ(std::get<SendCancel>(effects.at(0)).to, home.hub);
        EXPECT_TRUE(requests.cancel(what.id, now_at(1)).empty());
        EXPECT_TRUE(requests.on_tick(now_at(10)).empty());
        EXPECT_FALSE(requests.next_wake()) << "nothing to wait for but the executor";
        const bool done = outcome == Outcome::Done;
        const auto end =
            reply(home.hub, what.id, outcome, done ? Error{} : Error{ErrorCode::LimitExceeded, ""});
        EXPECT_EQ(finished(end).outcome, outcome) << "and no other device is tried";
        EXPECT_TRUE(done || finished(end).error.code == ErrorCode::Cancelled);
    }
}

TEST_F(RequestTest, TheSameIdCannotBeUsedTwiceAtOnce) {
    const auto what = lamp_on();
    invoke(what);
    EXPECT_EQ(finished(invoke(what)).error.code, ErrorCode::RequestIdReused);
    EXPECT_EQ(requests.in_flight(), 1U);
}

TEST_F(RequestTest, InFlightRequestsHaveALimit) {
    for (std::size_t i = 0; i < Requests::kRequestsMax; ++i) {
        invoke(lamp_on());
    }
    EXPECT_EQ(finished(invoke(lamp_on())).error.code, ErrorCode::LimitExceeded);
}

// --- with a person's yes

class ConfirmTest : public RequestTest {
  protected:
    ConfirmTest() {
        for (const auto& [id, device] : home.roster.devices) {
            sides.emplace(id, std::make_unique<Confirmations>(home.key(id)));
        }
    }

    // Delivers all messages between confirmations; returns what came out for `self`.
    ConfirmEffects deliver(const DeviceId& self, ConfirmEffects effects, Now now) {
        ConfirmEffects kept;
        for (auto& effect : effects) {
            if (auto* send = std::get_if<SendConfirm>(&effect)) {
                const auto body = decode_confirm_message(send->body.read(kHere)).value();
                auto more = sides[send->to]->on_message(self, body, send->body.label(), world(send->to), now);
                auto rest = deliver(send->to, std::move(more), now);
                std::move(rest.begin(), rest.end(), std::back_inserter(kept));
            } else if (!std::holds_alternative<PendingChanged>(effect)) {
                kept.push_back(std::move(effect));
            }
        }
        return kept;
    }

    AskConfirmation question(const RequestEffects& effects) {
        return std::get<AskConfirmation>(effects.at(0));
    }

    ConfirmEffects ask(const DeviceId& self, const AskConfirmation& what, std::int64_t at = 0) {
        return deliver(self, sides[self]->ask(what, world(self), now_at(at)), now_at(at));
    }

    ConfirmationYes yes_from(const DeviceId& device, const RequestId& id, std::int64_t at = 1) {
        auto effects = sides[device]->confirm(id, world(device), now_at(at)).value();
        auto kept = deliver(device, std::move(effects), now_at(at));
        return std::get<Confirmed>(kept.at(0)).yes;
    }

    std::map<DeviceId, std::unique_ptr<Confirmations>> sides;
};

TEST_F(ConfirmTest, ARiskyActionWaitsForTheOwnersYes) {
    const auto what = intent("lock.set", "door", R"({"locked":false})");
    const auto effects = invoke(what);
    EXPECT_TRUE(ask(home.phone, question(effects)).empty());
    EXPECT_EQ(sides[home.watch]->pending().size(), 1U);
    EXPECT_EQ(sides[home.phone]->pending().size(), 1U);
    EXPECT_TRUE(sides[home.tablet]->pending().empty());
    EXPECT_TRUE(sides[home.hub]->pending().empty());
    const auto yes = yes_from(home.watch, what.id);
    EXPECT_TRUE(sides[home.phone]->pending().empty());  // taken back
    const auto go = requests.on_confirmed(what.id, yes, world(home.phone), now_at(1));
    EXPECT_TRUE(verify_yes(message(sent(go)), home.phone, home.roster, now_at(2)));
}

TEST_F(ConfirmTest, ALateYesLeavesTimeToAct) {
    auto what = intent("lock.set", "door", R"({"locked":false})");
    what.deadline = now_at(20).mono;
    const auto asked = question(invoke(what));
    EXPECT_EQ(asked.ask.expires_in, seconds(20)) << "nobody is asked for longer than the request lives";
    ask(home.phone, asked);
    const auto yes = yes_from(home.watch, what.id, 19);
    EXPECT_EQ(sent(requests.on_confirmed(what.id, yes, world(home.phone), now_at(19))).to, home.hub);
    EXPECT_EQ(requests.next_wake(), now_at(19).mono + Requests::kTimeAfterYes);
}

TEST_F(ConfirmTest, AYesIsGoodForExactlyOneThing) {
    const auto what = intent("lock.set", "door", R"({"locked":false})");
    ask(home.phone, question(invoke(what)));
    const auto yes = yes_from(home.phone, what.id);
    InvokeRequest good{what.id, what.capability, what.entity, to_bytes(R"({"locked":false})"), home.ada, yes,
                       1};
    EXPECT_TRUE(verify_yes(good, home.phone, home.roster, now_at(1)));
    const auto code = [&](InvokeRequest changed, const DeviceId& from, std::int64_t at = 1) {
        const auto verified = verify_yes(changed, from, home.roster, now_at(at));
        return verified ? ErrorCode{} : verified.error().code;
    };
    auto changed = good;
    changed.input = to_bytes(R"({"locked":true})");
    EXPECT_EQ(code(changed, home.phone), ErrorCode::ConfirmationInvalid);
    changed = good;
    changed.entity = "mqtt:home/other";
    EXPECT_EQ(code(changed, home.phone), ErrorCode::ConfirmationInvalid);
    changed = good;
    changed.request = random.id<RequestId>();
    EXPECT_EQ(code(changed, home.phone), ErrorCode::ConfirmationInvalid);
    changed = good;
    changed.yes->expires += seconds(100);
    EXPECT_EQ(code(changed, home.phone), ErrorCode::ConfirmationInvalid);
    changed = good;
    changed.yes.reset();
    EXPECT_EQ(code(changed, home.phone), ErrorCode::ConfirmationNeeded);
    // Ben's tablet can't use Ada's yes, whatever person it claims.
    EXPECT_EQ(code(good, home.tablet), ErrorCode::ConfirmationInvalid);
    EXPECT_EQ(code(good, home.phone, 1'000), ErrorCode::ConfirmationExpired);
}

TEST_F(ConfirmTest, AnotherPersonsYesDoesNotCount) {
    const auto what = intent("lock.set", "door", R"({"locked":false})");
    const auto question_asked = question(invoke(what));
    ask(home.phone, question_asked);
    // Ben's tablet is made to sign anyway, as a tampered device would.
    Confirmations rogue(home.key(home.tablet));
    const auto waits = rogue.on_message(home.speaker,
                                        ConfirmationAsk{what.id, what.capability, what.entity, "",
                                                        what.input.read(kHere), home.ben, seconds(30)},
                                        Label{}, world(home.tablet), now_at(0));
    ASSERT_EQ(waits.size(), 1U);
    auto effects = rogue.confirm(what.id, world(home.tablet), now_at(1)).value();
    const auto& send = std::get<SendConfirm>(effects.at(1));
    const auto body = decode_confirm_message(send.body.read(kHere)).value();
    EXPECT_TRUE(
        sides[home.phone]->on_message(home.tablet, body, Label{}, world(home.phone), now_at(1)).empty());
    InvokeRequest forged{what.id,
                         what.capability,
                         what.entity,
                         what.input.read(kHere),
                         home.ada,
                         std::get<ConfirmationYes>(body),
                         1};
    EXPECT_EQ(verify_yes(forged, home.phone, home.roster, now_at(1)).error().code,
              ErrorCode::ConfirmationInvalid);
}

TEST_F(ConfirmTest, ASharedDeviceAsksAnyAdultButNoChild) {
    home.roster.people[home.ben].role = identity::Role::Child;
    auto what = intent("lock.set", "door", R"({"locked":false})");
    what.person.reset();
    ask(home.speaker,
        {{what.id, what.capability, what.entity, "door", what.input.read(kHere), {}, seconds(30)},
         Label{Audience(Household{})}});
    EXPECT_EQ(sides[home.phone]->pending().size(), 1U);
    EXPECT_TRUE(sides[home.tablet]->pending().empty());
    const auto yes = yes_from(home.phone, what.id);
    InvokeRequest request{what.id, what.capability, what.entity, what.input.read(kHere), {}, yes, 1};
    EXPECT_TRUE(verify_yes(request, home.speaker, home.roster, now_at(1)));
}

TEST_F(ConfirmTest, NoAndSilenceBothEndIt) {
    auto what = intent("lock.set", "door", R"({"locked":false})");
    what.deadline = now_at(100).mono;
    ask(home.phone, question(invoke(what)));
    auto kept = deliver(home.watch, sides[home.watch]->deny(what.id, world(home.watch), now_at(1)).value(),
                        now_at(1));
    EXPECT_EQ(std::get<Denied>(kept.at(0)).why.code, ErrorCode::ConfirmationDenied);
    EXPECT_EQ(finished(requests.on_denied(what.id, std::get<Denied>(kept.at(0)).why, now_at(1))).outcome,
              Outcome::NotDone);
    what.id = random.id<RequestId>();
    ask(home.phone, question(invoke(what)));
    EXPECT_EQ(sides[home.phone]->next_wake(), now_at(30).mono);
    const auto late = sides[home.phone]->on_tick(now_at(31));
    EXPECT_EQ(std::get<Denied>(late.back()).why.code, ErrorCode::ConfirmationExpired);
    EXPECT_EQ(sides[home.watch]->on_tick(now_at(31)).size(), 1U);
    EXPECT_EQ(sides[home.watch]->confirm(what.id, world(home.watch), now_at(31)).error().code,
              ErrorCode::NothingPending);
}

// The device that usually acts may be cut off and pressing, too.
TEST_F(ConfirmTest, AStandbyTakesOverAPressOnlyOnAYes) {
    const auto usual = intent("button.press", "bell");
    EXPECT_EQ(sent(invoke(usual)).to, home.hub) << "no yes is needed for that";
    EXPECT_EQ(finished(reply(home.hub, usual.id, Outcome::Done)).outcome, Outcome::Done);

    const auto what = intent("button.press", "bell");
    EXPECT_EQ(sent(invoke(what)).to, home.hub);
    down.insert(home.hub);
    ask(home.phone, question(requests.on_not_sent(what.id, home.hub, {ErrorCode::QueueFull, ""},
                                                  world(home.phone), now_at(1))));
    const auto yes = yes_from(home.phone, what.id);
    const auto go = requests.on_confirmed(what.id, yes, world(home.phone), now_at(2));
    EXPECT_EQ(sent(go).to, home.speaker);

    // And the standby itself looks.
    storage::MemoryStorage disk;
    Executor standby(disk);
    auto bare = message(sent(go));
    bare.yes.reset();
    const auto refused =
        standby.on_invoke(home.phone, bare, Label{}, now_at(10).mono, world(home.speaker), now_at(2));
    EXPECT_EQ(std::get<Reply>(refused.at(0)).reply.error.code, ErrorCode::ConfirmationNeeded);
    const auto taken = standby.on_invoke(home.phone, message(sent(go)), Label{}, now_at(10).mono,
                                         world(home.speaker), now_at(2));
    EXPECT_TRUE(std::holds_alternative<Prepare>(taken.at(0)));
}

TEST_F(ConfirmTest, ALostPulseIsUnknownAndNotSentTwice) {
    const auto what = intent("garage.pulse", "garage");
    ask(home.phone, question(invoke(what)));
    const auto yes = yes_from(home.phone, what.id);
    EXPECT_EQ(sent(requests.on_confirmed(what.id, yes, world(home.phone), now_at(1))).to, home.hub);
    const auto end = requests.on_peer_lost(home.hub, world(home.phone), now_at(2));
    ASSERT_EQ(end.size(), 1U);
    EXPECT_EQ(finished(end).outcome, Outcome::Unknown);
    EXPECT_EQ(finished(end).error.code, ErrorCode::OutcomeUnknown);
}

}  // namespace
}  // namespace ambit::request

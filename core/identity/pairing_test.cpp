#include "identity/pairing.h"

#include <deque>

#include <gtest/gtest.h>

#include "identity/test_household.h"

namespace ambit::identity {
namespace {

template <typename Event>
const Event* find(const std::vector<PairingEvent>& events) {
    for (const PairingEvent& event : events) {
        if (const auto* found = std::get_if<Event>(&event)) {
            return found;
        }
    }
    return nullptr;
}

// A hub that shows a code, and a phone that wants to join; frames go from hand to hand.
class PairingTest : public testing::Test {
  protected:
    PairingTest() {
        add(log_, Result<Bytes>(test_genesis(hub_)));
        host_settings_ = {hub_.description, {"10.0.0.2:7420"}, true, Ownership(SharedDevice{})};
    }

    void start(std::string_view typed = "4821-7730") {
        host_ = std::make_unique<PairingHost>(log_, hub_.key, host_settings_, code_, random_, now_);
        connect(typed);
    }

    void connect(std::string_view typed) {
        joiner_ = std::make_unique<PairingJoiner>(phone_.key, joiner_settings_,
                                                  PairingCode::parse(typed).value(), random_, now_);
        ASSERT_TRUE(host_->connected(now_));
        to_host_.clear();
        to_joiner_.clear();
        push(to_host_, joiner_->connected(now_));
    }

    static void push(std::deque<Bytes>& queue, std::vector<Bytes> frames) {
        queue.insert(queue.end(), frames.begin(), frames.end());
    }

    // Moves frames until nobody has more to say, doing what a node does on each event.
    void run() {
        while (!to_host_.empty() || !to_joiner_.empty()) {
            auto& queue = to_host_.empty() ? to_joiner_ : to_host_;
            const Bytes frame = queue.front();
            queue.pop_front();
            if (&queue == &to_host_) {
                push(to_joiner_, host_->handle(frame, now_));
            } else {
                push(to_host_, joiner_->handle(frame, now_));
            }
            collect();
        }
    }

    void collect() {
        for (PairingEvent& event : host_->take_events()) {
            if (const auto* ready = std::get_if<OperationsReady>(&event)) {
                for (const Bytes& operation : ready->operations) {
                    ASSERT_EQ(log_.add(operation).value(), AddOutcome::Accepted);
                }
                push(to_joiner_, host_->operations_adopted(now_));
            }
            host_events_.push_back(std::move(event));
        }
        for (PairingEvent& event : joiner_->take_events()) {
            if (std::holds_alternative<PairingJoined>(event)) {
                push(to_host_, joiner_->household_adopted(now_));
            }
            joiner_events_.push_back(std::move(event));
        }
    }

    ErrorCode failure_of(const std::vector<PairingEvent>& events) {
        const auto* failed = find<PairingFailed>(events);
        return failed != nullptr ? failed->error.code : ErrorCode::Internal;
    }

    TestDevice hub_{1, "hub"};
    TestDevice phone_{2, "phone", "phone"};
    RosterLog log_;
    crypto::SeededRandom random_{test_seed(99)};
    PairingCode code_ = PairingCode::parse("4821-7730").value();
    Now now_{kTestTime, MonoTime(seconds(1000))};
    PairingHost::Settings host_settings_;
    PairingJoiner::Settings joiner_settings_{phone_.description, std::nullopt};
    std::unique_ptr<PairingHost> host_;
    std::unique_ptr<PairingJoiner> joiner_;
    std::deque<Bytes> to_host_;
    std::deque<Bytes> to_joiner_;
    std::vector<PairingEvent> host_events_;
    std::vector<PairingEvent> joiner_events_;
};

TEST_F(PairingTest, SharedDeviceJoinsUnattended) {
    start();
    run();
    const auto* joined = find<PairingJoined>(joiner_events_);
    ASSERT_NE(joined, nullptr);
    EXPECT_EQ(joined->household, log_.roster()->household);
    EXPECT_EQ(joined->operations, log_.all());
    EXPECT_EQ(joined->host, hub_.id());
    EXPECT_EQ(joined->addresses, host_settings_.addresses);
    ASSERT_NE(find<PairingHosted>(host_events_), nullptr);
    EXPECT_EQ(find<VerifierReady>(host_events_)->words, find<VerifierReady>(joiner_events_)->words);
    EXPECT_EQ(find<PeerKnown>(host_events_)->peer.name, "phone");
    EXPECT_EQ(find<PeerKnown>(joiner_events_)->peer.name, "hub");
    EXPECT_FALSE(log_.roster()->device(phone_.id())->owner);
    EXPECT_TRUE(host_->session_over() && joiner_->session_over() && host_->dead(now_));
}

TEST_F(PairingTest, HostWaitsForItsPersonAndANewPersonComesWithTheDevice) {
    host_settings_.accept_verifier = false;
    host_settings_.ownership.reset();
    start();
    run();
    ASSERT_NE(find<NeedOwner>(host_events_), nullptr);
    EXPECT_EQ(find<PairingJoined>(joiner_events_), nullptr);
    EXPECT_TRUE(host_->set_ownership(test_person(0, "Ada", Role::Admin), now_).empty());
    push(to_joiner_, host_->confirm_verifier(now_));
    run();
    ASSERT_NE(find<PairingHosted>(host_events_), nullptr);
    const Device* phone = log_.roster()->device(phone_.id());
    EXPECT_EQ(log_.roster()->person(*phone->owner)->name, "Ada");
}

TEST_F(PairingTest, AnotherPersonsDeviceJoinsUnboundTillTheyBindIt) {
    const TestDevice tablet(3, "tablet");
    const NewPerson ada = test_person(1, "Ada");
    const PersonId id = person_id_of(ada, tablet.key.verify_key());
    add(log_, hub_.author(log_).add_person(ada, tablet.consent(log_, {id, {}})));
    host_settings_.ownership = Ownership(DeviceOf{id});
    start();
    run();
    ASSERT_NE(find<PairingHosted>(host_events_), nullptr);
    EXPECT_FALSE(log_.roster()->device(phone_.id())->owner);
    add(log_, tablet.author(log_).bind_device(phone_.id()));
    EXPECT_EQ(log_.roster()->device(phone_.id())->owner, id);
}

TEST_F(PairingTest, ThreeWrongCodesBurnIt) {
    start("0000-0000");
    run();
    EXPECT_EQ(find<PairingFailed>(joiner_events_)->error.detail, "2 tries left");
    EXPECT_EQ(failure_of(host_events_), ErrorCode::WrongCode);
    EXPECT_FALSE(host_->dead(now_));
    connect("0000-0001");
    run();
    EXPECT_EQ(host_->tries_left(), 1);
    joiner_events_.clear();
    connect("0000-0002");
    run();
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::CodeBurnt);
    EXPECT_TRUE(host_->dead(now_));
    EXPECT_EQ(host_->connected(now_).error().code, ErrorCode::CodeBurnt);
    EXPECT_EQ(log_.all().size(), 1U);
}

TEST_F(PairingTest, RightCodeAfterAWrongOne) {
    start("0000-0000");
    run();
    connect("4821-7730");
    run();
    EXPECT_NE(find<PairingHosted>(host_events_), nullptr);
}

TEST_F(PairingTest, CodeDiesWithTime) {
    start();
    now_.mono += kPairingCodeLife;
    run();
    EXPECT_EQ(failure_of(host_events_), ErrorCode::CodeExpired);
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::CodeExpired);
    EXPECT_TRUE(host_->dead(now_));
    EXPECT_EQ(host_->connected(now_).error().code, ErrorCode::CodeExpired);
}

TEST_F(PairingTest, SilentStrangerBlocksTheCodeOnlyBriefly) {
    start();
    to_host_.clear();
    EXPECT_EQ(host_->connected(now_).error().code, ErrorCode::PairingBusy);
    now_.mono = host_->deadline();
    EXPECT_FALSE(host_->tick(now_).empty());
    connect("4821-7730");
    run();
    EXPECT_NE(find<PairingHosted>(host_events_), nullptr);
}

TEST_F(PairingTest, SomebodyInTheMiddleWithOtherKeysFails) {
    // The attacker relays everything but puts its own key into the joiner's share.
    start();
    push(to_joiner_, host_->handle(to_host_.front(), now_));
    to_host_.pop_front();
    push(to_host_, joiner_->handle(to_joiner_.front(), now_));
    to_joiner_.pop_front();
    Bytes& share = to_host_.front();
    const ByteView key = phone_.key.verify_key().bytes();
    const TestDevice attacker(66);
    const auto at = std::search(share.begin(), share.end(), key.begin(), key.end());
    ASSERT_NE(at, share.end());
    const ByteView other = attacker.key.verify_key().bytes();
    std::copy(other.begin(), other.end(), at);
    run();
    EXPECT_EQ(failure_of(host_events_), ErrorCode::WrongCode);
    EXPECT_EQ(log_.all().size(), 1U);
}

TEST_F(PairingTest, JoinerRefusesAnotherHostThanTheQrCodeNamed) {
    joiner_settings_.host = TestDevice(66).id();
    start();
    run();
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::WrongHost);
    EXPECT_EQ(log_.all().size(), 1U);
}

TEST_F(PairingTest, ReplayedFramesEndTheSession) {
    host_settings_.accept_verifier = false;
    start();
    std::vector<Bytes> recorded;
    while (!to_host_.empty() || !to_joiner_.empty()) {
        if (!to_host_.empty()) {
            recorded.push_back(to_host_.front());
            to_host_.pop_front();
            push(to_joiner_, host_->handle(recorded.back(), now_));
        } else {
            const Bytes frame = to_joiner_.front();
            to_joiner_.pop_front();
            push(to_host_, joiner_->handle(frame, now_));
        }
    }
    for (const Bytes& frame : recorded) {
        push(to_joiner_, host_->handle(frame, now_));
    }
    collect();
    EXPECT_NE(find<PairingFailed>(host_events_), nullptr);
    EXPECT_EQ(log_.all().size(), 1U);
}

TEST_F(PairingTest, GarbageEndsTheSessionButNotTheCode) {
    start();
    to_host_.clear();
    EXPECT_FALSE(host_->handle(Bytes(100, 0xff), now_).empty());
    EXPECT_TRUE(host_->session_over());
    EXPECT_EQ(host_->tries_left(), kPairingTriesMax);
    EXPECT_FALSE(joiner_->handle(Bytes(kPairingFrameMax + 1), now_).empty());
    EXPECT_EQ(failure_of(joiner_->take_events()), ErrorCode::BadPairingFrame);
}

TEST_F(PairingTest, JoiningAgainAfterALostAnswerChangesNothing) {
    start();
    run();
    const auto before = log_.all();
    start();
    run();
    EXPECT_EQ(log_.all(), before);
    EXPECT_NE(find<PairingJoined>(joiner_events_), nullptr);
}

TEST_F(PairingTest, RefusalBurnsTheCodeAndTellsTheJoiner) {
    host_settings_.accept_verifier = false;
    start();
    run();
    push(to_joiner_, host_->refuse(now_));
    run();
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::PairingRefused);
    EXPECT_TRUE(host_->dead(now_));
}

TEST_F(PairingTest, LongLogsTravelInSeveralFrames) {
    for (int i = 0; i < 300; ++i) {
        add(log_, hub_.author(log_).rename_household("Home " + std::to_string(i)));
    }
    start();
    run();
    ASSERT_NE(find<PairingJoined>(joiner_events_), nullptr);
    EXPECT_EQ(find<PairingJoined>(joiner_events_)->operations.size(), 302U);
}

}  // namespace
}  // namespace ambit::identity

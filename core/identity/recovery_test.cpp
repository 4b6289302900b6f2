#include "identity/recovery.h"

#include <deque>

#include <gtest/gtest.h>

#include "identity/operation.h"
#include "identity/recovery_frames.h"
#include "identity/test_household.h"
#include "proto/recovery.pb.h"

namespace ambit::identity {
namespace {

template <typename Event>
const Event* find(const std::vector<RecoveryEvent>& events) {
    for (const RecoveryEvent& event : events) {
        if (const auto* found = std::get_if<Event>(&event)) {
            return found;
        }
    }
    return nullptr;
}

// Anna's phone made the household and is gone; the hub is left, and a new phone with what was on the paper.
class RecoveryTest : public testing::Test {
  protected:
    RecoveryTest() {
        add(log_,
            make_genesis({"Home", phone_.description, anna_}, crypto::SigningKey::from_seed(test_seed(251)),
                         secret().signing_key(), phone_.key, kTestTime));
        add(log_, phone_.author(log_).add_device(hub_.consent(log_)));
    }

    crypto::RecoverySecret secret() const { return crypto::RecoverySecret::from_words(words_).value(); }

    static std::string fresh_words(std::uint8_t number) {
        crypto::SeededRandom random(test_seed(number));
        return crypto::RecoverySecret::generate(random).words();
    }

    Result<MadeRecovery> made(const RosterLog& log, const TestDevice& device, const std::string& words) {
        return make_recovery(log, crypto::RecoverySecret::from_words(words).value(), device.key,
                             device.description, std::nullopt, random_, kTestTime);
    }

    // Moves frames between the two until nobody has more to say, doing what a node does on each event.
    void run(RosterLog& log, const std::string& words) {
        const crypto::VerifyKey key = crypto::RecoverySecret::from_words(words)->signing_key().verify_key();
        host_ = std::make_unique<RecoveryHost>(log, key, std::vector<std::string>{"10.0.0.2:7420"}, now_);
        joiner_ = std::make_unique<RecoveryJoiner>(
            new_phone_.key, settings_, crypto::RecoverySecret::from_words(words).value(), random_);
        push(to_host_, joiner_->connected(hub_.id(), now_));
        pump(log);
    }

    void pump(RosterLog& log) {
        while (!to_host_.empty() || !to_joiner_.empty()) {
            auto& queue = to_host_.empty() ? to_joiner_ : to_host_;
            const Bytes frame = queue.front();
            queue.pop_front();
            seen_.push_back(frame);
            if (&queue == &to_host_) {
                push(to_joiner_, host_->handle(frame, now_));
            } else {
                push(to_host_, joiner_->handle(frame, now_));
            }
            collect(log);
        }
    }

    void collect(RosterLog& log) {
        for (RecoveryEvent& event : host_->take_events()) {
            if (const auto* arrived = std::get_if<RecoveryArrived>(&event)) {
                ASSERT_EQ(log.add(arrived->operation).value(), AddOutcome::Accepted);
                push(to_joiner_, host_->adopted());
            }
            host_events_.push_back(std::move(event));
        }
        for (RecoveryEvent& event : joiner_->take_events()) {
            if (std::holds_alternative<RecoveryPrepared>(event)) {
                push(to_host_, joiner_->submit());
            }
            joiner_events_.push_back(std::move(event));
        }
    }

    static void push(std::deque<Bytes>& queue, std::vector<Bytes> frames) {
        queue.insert(queue.end(), frames.begin(), frames.end());
    }

    static ErrorCode failure_of(const std::vector<RecoveryEvent>& events) {
        const auto* failed = find<RecoveryFailed>(events);
        return failed != nullptr ? failed->error.code : ErrorCode::Internal;
    }

    static Bytes operation_frame(const Bytes& operation) {
        v1::RecoveryFrame frame;
        frame.set_operation(to_text(operation));
        return recovery_frame_bytes(frame);
    }

    // What a host says to this operation from who made a link with `key`.
    ErrorCode answer_to(const Bytes& operation, const crypto::VerifyKey& key) {
        RecoveryHost host(log_, key, {}, now_);
        v1::RecoveryFrame hello;
        hello.mutable_hello()->set_version_min(1);
        hello.mutable_hello()->set_version_max(1);
        host.handle(recovery_frame_bytes(hello), now_);
        host.handle(operation_frame(operation), now_);
        const auto events = host.take_events();
        return find<RecoveryArrived>(events) != nullptr ? ErrorCode::AlreadyMember : failure_of(events);
    }

    const NewPerson anna_ = test_person(1, "Anna", Role::Admin);
    const TestDevice phone_{1, "phone", "phone"};
    const TestDevice hub_{2, "hub"};
    const TestDevice new_phone_{3, "new phone", "phone"};
    const PersonId anna_id_ = person_id_of(anna_, phone_.key.verify_key());
    const std::string words_ = fresh_words(77);
    const crypto::SigningKey secret_key_ = secret().signing_key();
    crypto::SeededRandom random_{test_seed(99)};
    RosterLog log_;
    Now now_{kTestTime, MonoTime(seconds(1000))};
    RecoveryJoiner::Settings settings_{new_phone_.description, std::nullopt};
    std::unique_ptr<RecoveryHost> host_;
    std::unique_ptr<RecoveryJoiner> joiner_;
    std::deque<Bytes> to_host_;
    std::deque<Bytes> to_joiner_;
    std::vector<Bytes> seen_;
    std::vector<RecoveryEvent> host_events_;
    std::vector<RecoveryEvent> joiner_events_;
};

TEST_F(RecoveryTest, TheRightWordsMakeANewDeviceTheOneAdminsAndAreUsedUp) {
    run(log_, words_);
    const auto* done = find<RecoveryDone>(joiner_events_);
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(done->operations, log_.all());
    EXPECT_EQ(done->host, hub_.id());
    EXPECT_EQ(done->addresses, std::vector<std::string>{"10.0.0.2:7420"});
    EXPECT_EQ(log_.roster()->device(new_phone_.id())->owner, anna_id_);
    EXPECT_TRUE(log_.roster()->is_admin(new_phone_.id()));
    EXPECT_TRUE(host_->over() && joiner_->over());
    const std::string& next = find<RecoveryPrepared>(joiner_events_)->next_words;
    EXPECT_EQ(crypto::RecoverySecret::from_words(next)->signing_key().verify_key(),
              log_.roster()->recovery_key);
    // What is lost can go now.
    add(log_, new_phone_.author(log_).remove_device(phone_.id(), {}));
}

TEST_F(RecoveryTest, ANewPersonComesWithTheDeviceAndBecomesAdmin) {
    settings_.owner = "Bob";
    run(log_, words_);
    const Device* device = log_.roster()->device(new_phone_.id());
    ASSERT_TRUE(device != nullptr && device->owner);
    EXPECT_EQ(log_.roster()->person(*device->owner)->name, "Bob");
    EXPECT_EQ(log_.roster()->person(*device->owner)->role, Role::Admin);
}

TEST_F(RecoveryTest, WithTwoAdminsThePersonSaysWhose) {
    const TestDevice tablet(4, "tablet");
    const NewPerson bob = test_person(2, "Bob", Role::Admin);
    const PersonId bob_id = person_id_of(bob, tablet.key.verify_key());
    add(log_, phone_.author(log_).add_person(bob, tablet.consent(log_, {bob_id, {}})));
    run(log_, words_);
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::InvalidArgument);
    settings_.owner = "Anna";
    run(log_, words_);
    EXPECT_NE(find<RecoveryDone>(joiner_events_), nullptr);
    EXPECT_EQ(log_.roster()->device(new_phone_.id())->owner, anna_id_);
}

TEST_F(RecoveryTest, WordsOfAnotherHouseholdAreNotUsed) {
    const std::size_t before = log_.all().size();
    run(log_, fresh_words(5));
    EXPECT_EQ(failure_of(joiner_events_), ErrorCode::BadRecoveryWords);
    EXPECT_EQ(find<RecoveryPrepared>(joiner_events_), nullptr);
    EXPECT_EQ(log_.all().size(), before);
}

TEST_F(RecoveryTest, NobodyHearsTheWordsOrTheSecretBehindThem) {
    run(log_, words_);
    ASSERT_NE(find<RecoveryDone>(joiner_events_), nullptr);
    const crypto::Seed seed = secret().signing_key().export_seed();
    crypto::SeededRandom random(test_seed(77));
    const auto entropy = random.bytes<crypto::RecoverySecret::kSize>();
    const std::string next = find<RecoveryPrepared>(joiner_events_)->next_words;
    for (const Bytes& frame : seen_) {
        const auto holds = [&](ByteView part) {
            return std::search(frame.begin(), frame.end(), part.begin(), part.end()) != frame.end();
        };
        EXPECT_FALSE(holds(seed) || holds(entropy) || holds(view_of(words_)) || holds(view_of(next)));
    }
}

TEST_F(RecoveryTest, WithoutTheWordsNobodyRecoversAndWithThemNobodyDoesAnythingElse) {
    const TestDevice mallory(66);
    const crypto::SigningKey key = secret().signing_key();
    const RosterAuthor::Recovery wish{mallory.consent(log_, {anna_id_, {}}), {}, anna_id_, {}};
    const auto parents = log_.heads();
    const auto household = log_.roster()->household;
    const RecoverChange recover{mallory.consent(log_, {anna_id_, {}}), anna_id_, std::nullopt};
    // Signed by the stranger, by a member, and by an admin.
    for (const TestDevice* author : {&mallory, &hub_, &phone_}) {
        const Bytes forged = encode_operation(household, parents, recover, author->key, kTestTime);
        EXPECT_EQ(answer_to(forged, key.verify_key()), ErrorCode::NotAllowed);
        EXPECT_FALSE(log_.check(forged));
    }
    const RosterAuthor author(log_, key, kTestTime);
    EXPECT_EQ(answer_to(author.rename_household("Mine").value(), key.verify_key()), ErrorCode::NotAllowed);
    EXPECT_EQ(answer_to(author.remove_device(hub_.id(), {}).value(), key.verify_key()),
              ErrorCode::NotAllowed);
    EXPECT_EQ(answer_to(author.recover(wish).value(), key.verify_key()), ErrorCode::AlreadyMember)
        << "arrives";
}

TEST_F(RecoveryTest, AReplayedRecoveryChangesNothing) {
    run(log_, words_);
    add(log_, new_phone_.author(log_).remove_device(phone_.id(), {}));
    const auto before = log_.all();
    RecoveryHost again(log_, secret().signing_key().verify_key(), {}, now_);
    for (const Bytes& frame : seen_) {
        again.handle(frame, now_);
    }
    EXPECT_EQ(find<RecoveryArrived>(again.take_events()), nullptr);
    EXPECT_TRUE(again.over());
    EXPECT_EQ(log_.all(), before);
}

TEST_F(RecoveryTest, UsedUpWordsDoNotOpenAgain) {
    run(log_, words_);
    ASSERT_NE(find<RecoveryDone>(joiner_events_), nullptr);
    const TestDevice thief(66, "thief");
    EXPECT_EQ(made(log_, thief, words_).error().code, ErrorCode::BadRecoveryWords);
    const RosterAuthor::Recovery wish{thief.consent(log_, {anna_id_, {}}), {}, anna_id_, {}};
    EXPECT_EQ(RosterAuthor(log_, secret_key_, kTestTime).recover(wish).error().code, ErrorCode::NotAllowed);
    EXPECT_FALSE(log_.roster()->is_recovery(crypto::device_id_of(secret_key_.verify_key())));
}

// The limit of it: who can write into the household's past (a member, or who got its log and a member's help)
// may use old words there, as if at the same time.  It is seen, and undone like any other intrusion.
TEST_F(RecoveryTest, UsedUpWordsInThePastAreARecoveryAtTheSameTimeAndCanBeRemoved) {
    RosterLog past = copy_of(log_);
    run(log_, words_);
    const TestDevice thief(66, "thief");
    const auto theirs = made(past, thief, words_);
    ASSERT_TRUE(theirs);
    add(log_, Result<Bytes>(theirs->operation));
    EXPECT_TRUE(log_.roster()->is_admin(thief.id()));
    add(log_, new_phone_.author(log_).remove_device(thief.id(), {}));
    EXPECT_EQ(log_.roster()->device(thief.id()), nullptr);
    EXPECT_TRUE(log_.roster()->is_admin(new_phone_.id()));
}

TEST_F(RecoveryTest, ARemovedDeviceComesBackWithTheWordsAndNotWithout) {
    const TestDevice tablet(4, "tablet");
    add(log_, phone_.author(log_).add_device(tablet.consent(log_, {anna_id_, {}})));
    add(log_, tablet.author(log_).remove_device(phone_.id(), {}));
    const RosterAuthor::Recovery wish{phone_.consent(log_, {anna_id_, {}}), {}, anna_id_, {}};
    EXPECT_EQ(phone_.author(log_).recover(wish).error().code, ErrorCode::NotAllowed);
    const auto back = made(log_, phone_, words_);
    ASSERT_TRUE(back) << back.error().message();
    add(log_, Result<Bytes>(back->operation));
    EXPECT_TRUE(log_.roster()->is_admin(phone_.id()));
}

TEST_F(RecoveryTest, AMemberThatRecoversStaysTheSameDevice) {
    const auto made_here = made(log_, hub_, words_);
    ASSERT_TRUE(made_here);
    add(log_, Result<Bytes>(made_here->operation));
    EXPECT_EQ(log_.roster()->device(hub_.id())->owner, anna_id_);
    EXPECT_EQ(log_.roster()->devices.size(), 2U);
}

TEST_F(RecoveryTest, OfTwoAtOnceBothAreInAndOneSheetOfWordsCounts) {
    RosterLog other = copy_of(log_);
    const TestDevice tablet(4, "tablet");
    const auto here = made(log_, new_phone_, words_);
    const auto there = made(other, tablet, words_);
    ASSERT_TRUE(here && there);
    add(log_, Result<Bytes>(here->operation));
    add(other, Result<Bytes>(there->operation));
    sync(other, log_);
    sync(log_, other);
    EXPECT_EQ(text_of(*log_.roster()), text_of(*other.roster()));
    EXPECT_TRUE(log_.roster()->is_admin(new_phone_.id()) && log_.roster()->is_admin(tablet.id()));
    const auto key_of = [](const MadeRecovery& recovery) {
        return crypto::RecoverySecret::from_words(recovery.next_words)->signing_key().verify_key();
    };
    EXPECT_NE(key_of(*here) == log_.roster()->recovery_key, key_of(*there) == log_.roster()->recovery_key);
}

TEST_F(RecoveryTest, AHouseholdMadeUpAroundTheSameKeyIsFound) {
    // Everything but the proof: only who has the words could sign it.
    const TestDevice mallory(66, "hub");
    const crypto::SigningKey root = crypto::SigningKey::from_seed(test_seed(67));
    const auto root_id = HouseholdId::from_bytes(root.verify_key().bytes()).value();
    const RecoveryKey stolen = prove_recovery_key(secret_key_, log_.roster()->household);
    GenesisChange genesis{"Home", stolen, consent_to_join(mallory.key, mallory.description, root_id, {}), {}};
    const Bytes forged = encode_operation(std::nullopt, {}, genesis, root, kTestTime);
    EXPECT_EQ(parse_operation(forged).error().code, ErrorCode::BadSignature);

    RecoveryJoiner joiner(new_phone_.key, settings_, secret(), random_);
    joiner.connected(mallory.id(), now_);
    v1::RecoveryFrame frame;
    frame.mutable_household()->set_version(1);
    frame.mutable_household()->add_operations(to_text(forged));
    frame.mutable_household()->set_last(true);
    joiner.handle(recovery_frame_bytes(frame), now_);
    EXPECT_EQ(failure_of(joiner.take_events()), ErrorCode::BadSignature);
}

TEST_F(RecoveryTest, WhoShowsAHouseholdMustBelongToIt) {
    RecoveryHost host(log_, secret_key_.verify_key(), {}, now_);
    RecoveryJoiner joiner(new_phone_.key, settings_, secret(), random_);
    for (const Bytes& hello : joiner.connected(TestDevice(66).id(), now_)) {
        for (const Bytes& frame : host.handle(hello, now_)) {
            joiner.handle(frame, now_);
        }
    }
    EXPECT_EQ(failure_of(joiner.take_events()), ErrorCode::BadOperation);
}

TEST_F(RecoveryTest, LongLogsTravelInSeveralFrames) {
    for (int i = 0; i < 400; ++i) {
        add(log_, phone_.author(log_).rename_household("Home " + std::to_string(i)));
    }
    run(log_, words_);
    EXPECT_NE(find<RecoveryDone>(joiner_events_), nullptr);
    EXPECT_GT(seen_.size(), 4U);
}

TEST_F(RecoveryTest, SilenceGarbageAndWhatIsOutOfTurnEndIt) {
    RecoveryHost silent(log_, secret_key_.verify_key(), {}, now_);
    EXPECT_TRUE(silent.tick(now_).empty());
    EXPECT_FALSE(silent.tick({now_.wall, silent.deadline()}).empty());
    EXPECT_TRUE(silent.over());

    RecoveryHost garbage(log_, secret_key_.verify_key(), {}, now_);
    EXPECT_FALSE(garbage.handle(Bytes(40, 0xff), now_).empty());
    EXPECT_TRUE(garbage.over());

    RecoveryHost early(log_, secret_key_.verify_key(), {}, now_);
    early.handle(operation_frame({1, 2, 3}), now_);
    EXPECT_EQ(failure_of(early.take_events()), ErrorCode::BadPairingFrame);

    RecoveryJoiner joiner(new_phone_.key, settings_, secret(), random_);
    joiner.connected(hub_.id(), now_);
    v1::RecoveryFrame accepted;
    accepted.mutable_accepted();
    joiner.handle(recovery_frame_bytes(accepted), now_);
    EXPECT_EQ(failure_of(joiner.take_events()), ErrorCode::BadPairingFrame);
    EXPECT_TRUE(joiner.submit().empty());
}

}  // namespace
}  // namespace ambit::identity

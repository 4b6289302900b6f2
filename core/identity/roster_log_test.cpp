#include "identity/roster_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/test_household.h"
#include "proto/roster.pb.h"

namespace ambit::identity {
namespace {

using testing::ElementsAre;

// A hub that founded the household, and Ada with her phone.
class RosterLogTest : public testing::Test {
  protected:
    RosterLogTest() {
        EXPECT_EQ(log_.add(test_genesis(hub_)).value(), AddOutcome::Accepted);
        add(log_, hub_.author(log_).add_person(ada_, phone_.consent(log_, {ada_id_, std::nullopt})));
    }

    // A second admin, with a device.
    void add_bob() { add(log_, phone_.author(log_).add_person(bob_, tablet_.consent(log_, {bob_id_, {}}))); }

    RosterAuthor recovery_author() { return {log_, recovery_, kTestTime}; }

    ErrorCode refusal(const Result<Bytes>& operation) {
        return operation ? ErrorCode::Internal : operation.error().code;
    }

    TestDevice hub_{1, "hub"};
    TestDevice phone_{2, "phone", "phone"};
    TestDevice tablet_{3, "tablet", "tablet"};
    TestDevice watch_{4, "watch", "watch"};
    NewPerson ada_ = test_person(1, "Ada", Role::Admin);
    NewPerson bob_ = test_person(2, "Bob", Role::Admin);
    PersonId ada_id_ = person_id_of(ada_, phone_.key.verify_key());
    PersonId bob_id_ = person_id_of(bob_, tablet_.key.verify_key());
    crypto::SigningKey recovery_ = test_recovery_key();
    RosterLog log_;
};

TEST_F(RosterLogTest, ShowsWhoBelongs) {
    const RosterView roster = log_.roster();
    EXPECT_EQ(roster->name, "Home");
    EXPECT_EQ(roster->devices.size(), 2U);
    EXPECT_EQ(roster->device(phone_.id())->owner, ada_id_);
    EXPECT_EQ(roster->person(ada_id_)->role, Role::Admin);
    EXPECT_TRUE(roster->is_admin(hub_.id()));
    EXPECT_TRUE(roster->is_admin(phone_.id()));
    EXPECT_EQ(roster->admin_count(), 2U);
    EXPECT_EQ(log_.heads().size(), 1U);
}

TEST_F(RosterLogTest, FounderPassesAdminToTheFirstAdult) {
    EXPECT_FALSE(phone_.author(log_).follow_up());
    const auto yield = hub_.author(log_).follow_up();
    ASSERT_TRUE(yield);
    add(log_, *yield);
    EXPECT_FALSE(log_.roster()->is_admin(hub_.id()));
    EXPECT_EQ(log_.roster()->admin_count(), 1U);
    EXPECT_FALSE(hub_.author(log_).follow_up());
}

TEST_F(RosterLogTest, YieldMakesAnAdultAnAdmin) {
    RosterLog log;
    ASSERT_TRUE(log.add(test_genesis(hub_)));
    const NewPerson adult = test_person(7, "Eve", Role::Adult);
    const PersonId id = person_id_of(adult, watch_.key.verify_key());
    add(log, hub_.author(log).add_person(adult, watch_.consent(log, {id, {}})));
    EXPECT_EQ(log.roster()->person(id)->role, Role::Adult);
    add(log, *hub_.author(log).follow_up());
    EXPECT_EQ(log.roster()->person(id)->role, Role::Admin);
}

TEST_F(RosterLogTest, NoAdminBecomesAReaderOfAnExistingPersonsAudience) {
    add_bob();
    // Directly, as their device.
    EXPECT_EQ(refusal(tablet_.author(log_).add_device(watch_.consent(log_, {ada_id_, {}}))),
              ErrorCode::NotAllowed);
    // By binding a device that was meant for them, or for nobody.
    add(log_, tablet_.author(log_).add_device(watch_.consent(log_, {{}, ada_id_})));
    EXPECT_EQ(refusal(tablet_.author(log_).bind_device(watch_.id())), ErrorCode::NotAllowed);
    // By removing all of their devices first.
    RosterLog later = copy_of(log_);
    add(later, tablet_.author(later).remove_device(phone_.id(), {}));
    const TestDevice spy(9, "spy");
    EXPECT_EQ(refusal(tablet_.author(later).add_device(spy.consent(later, {ada_id_, {}}))),
              ErrorCode::NotAllowed);
    // By bringing a removed device back with its old consent.
    EXPECT_EQ(refusal(tablet_.author(later).add_person(ada_, phone_.consent(later, {ada_id_, {}}))),
              ErrorCode::AlreadyMember);
    // By the same person id with another first device: the consent does not fit the id.
    EXPECT_EQ(refusal(tablet_.author(log_).add_person(ada_, spy.consent(log_, {ada_id_, {}}))),
              ErrorCode::BadOperation);
    // Ada herself may.
    add(log_, phone_.author(log_).bind_device(watch_.id()));
    EXPECT_THAT(log_.roster()->devices_of(ada_id_), testing::UnorderedElementsAre(phone_.id(), watch_.id()));
}

TEST_F(RosterLogTest, TwoFirstDevicesAtOnceReadNothing) {
    const NewPerson child = test_person(8, "Kim", Role::Child);
    const PersonId kim = person_id_of(child, std::nullopt);
    add(log_, phone_.author(log_).add_person(child, std::nullopt));
    add_bob();
    RosterLog other = copy_of(log_);
    const TestDevice first(10, "first");
    const TestDevice second(11, "second");
    add(log_, phone_.author(log_).add_device(first.consent(log_, {kim, {}})));
    EXPECT_EQ(log_.roster()->devices_of(kim).size(), 1U);
    add(other, tablet_.author(other).add_device(second.consent(other, {kim, {}})));
    sync(other, log_);
    EXPECT_THAT(log_.roster()->devices_of(kim), ElementsAre());
}

TEST_F(RosterLogTest, GuestsExpireWhenRead) {
    NewPerson guest = test_person(9, "Guest", Role::Guest);
    guest.expires = kTestTime + seconds(60);
    const PersonId id = person_id_of(guest, watch_.key.verify_key());
    add(log_, phone_.author(log_).add_person(guest, watch_.consent(log_, {id, {}})));
    EXPECT_FALSE(log_.roster()->is_expired(watch_.id(), kTestTime));
    EXPECT_TRUE(log_.roster()->is_expired(watch_.id(), kTestTime + seconds(60)));
    EXPECT_FALSE(log_.roster()->is_expired(phone_.id(), kTestTime + seconds(60)));
    EXPECT_EQ(refusal(watch_.author(log_).rename_household("Mine")), ErrorCode::NotAllowed);
}

TEST_F(RosterLogTest, RemovalKeepsTheFurthestHeadsAnyRemoverSaw) {
    add_bob();
    RosterLog other = copy_of(log_);
    const Digest hash = crypto::SeededRandom(test_seed(1)).id<Digest>();
    add(log_, phone_.author(log_).remove_device(hub_.id(), {{"a", 5, hash}, {"b", 2, hash}}));
    add(other, tablet_.author(other).remove_device(hub_.id(), {{"a", 7, hash}}));
    sync(other, log_);
    sync(log_, other);
    const Removal& removal = log_.roster()->removed.at(hub_.id());
    EXPECT_THAT(removal.heads, ElementsAre(ChannelHead{"a", 7, hash}, ChannelHead{"b", 2, hash}));
    EXPECT_EQ(other.roster()->removed.at(hub_.id()).heads, removal.heads);
    EXPECT_EQ(log_.roster()->version, other.roster()->version);
}

TEST_F(RosterLogTest, NobodyIsSafeFromRemovalByWritingHundredsOfLogs) {
    const Digest hash = crypto::SeededRandom(test_seed(1)).id<Digest>();
    std::vector<ChannelHead> heads;
    for (std::uint64_t i = 0; i < 256; ++i) {
        heads.push_back(
            {"facts/" + std::string(64, 'a') + "/person:" + std::string(64, 'b') + std::to_string(i),
             1 + i % 200, hash});
    }
    add(log_, phone_.author(log_).remove_device(hub_.id(), heads));
    const Removal& removal = log_.roster()->removed.at(hub_.id());
    EXPECT_EQ(removal.heads.size(), kRemovalHeadsMax);
    for (const ChannelHead& head : removal.heads) {
        EXPECT_GE(head.seq, 137U) << "the longest logs are kept";
    }
}

TEST_F(RosterLogTest, ReAddedDeviceIsAMemberAgainAndKeepsItsCut) {
    add(log_, phone_.author(log_).remove_device(hub_.id(), {}));
    EXPECT_EQ(log_.roster()->device(hub_.id()), nullptr);
    EXPECT_EQ(refusal(hub_.author(log_).rename_household("Mine")), ErrorCode::NotAllowed);
    add(log_, phone_.author(log_).add_device(hub_.consent(log_)));
    EXPECT_NE(log_.roster()->device(hub_.id()), nullptr);
    EXPECT_FALSE(log_.roster()->is_admin(hub_.id()));
    EXPECT_EQ(log_.roster()->removed.count(hub_.id()), 1U);
}

TEST_F(RosterLogTest, RefusesToLoseTheLastAdmin) {
    add(log_, *hub_.author(log_).follow_up());
    EXPECT_EQ(refusal(phone_.author(log_).set_role(ada_id_, Role::Adult, std::nullopt)),
              ErrorCode::LastAdmin);
    EXPECT_EQ(refusal(phone_.author(log_).remove_device(phone_.id(), {})), ErrorCode::LastAdmin);
    EXPECT_EQ(refusal(phone_.author(log_).remove_person(ada_id_, {})), ErrorCode::LastAdmin);
}

TEST_F(RosterLogTest, RecoveryEnrolsAnAdminAndRotatesItsKey) {
    const auto next = crypto::SigningKey::from_seed(test_seed(240));
    const NewPerson person = test_person(20, "Ada again", Role::Admin);
    const PersonId id = person_id_of(person, watch_.key.verify_key());
    add(log_, recovery_author().recover({watch_.consent(log_, {id, {}}),
                                         person,
                                         {},
                                         prove_recovery_key(next, log_.roster()->household)}));
    EXPECT_TRUE(log_.roster()->is_admin(watch_.id()));
    EXPECT_EQ(log_.roster()->recovery_key, next.verify_key());
    EXPECT_EQ(refusal(recovery_author().rename_household("x")), ErrorCode::NotAllowed);
    EXPECT_EQ(refusal(phone_.author(log_).recover({watch_.id(), {}, ada_id_, {}})), ErrorCode::NotAllowed);
}

TEST_F(RosterLogTest, RecoveryWinsOverConcurrentRemovals) {
    add_bob();
    RosterLog thief = copy_of(log_);
    // Bob's stolen tablet removes Ada and her phone; Ada recovers her phone with the words at the same time.
    add(thief, tablet_.author(thief).remove_device(phone_.id(), {}));
    add(thief, tablet_.author(thief).remove_person(ada_id_, {}));
    add(log_, recovery_author().recover({phone_.id(), {}, ada_id_, {}}));
    add(log_, phone_.author(log_).remove_device(tablet_.id(), {}));
    sync(thief, log_);
    sync(log_, thief);
    EXPECT_TRUE(log_.roster()->is_admin(phone_.id()));
    EXPECT_EQ(log_.roster()->device(tablet_.id()), nullptr);
    EXPECT_EQ(log_.roster()->version, thief.roster()->version);
}

TEST_F(RosterLogTest, RecoveryBringsBackWhoWasRemoved) {
    add_bob();
    add(log_, tablet_.author(log_).remove_person(ada_id_, {}));
    EXPECT_EQ(log_.roster()->person(ada_id_), nullptr);
    add(log_, recovery_author().recover({phone_.id(), {}, ada_id_, {}}));
    EXPECT_EQ(log_.roster()->device(phone_.id())->owner, ada_id_);
    EXPECT_TRUE(log_.roster()->is_admin(phone_.id()));
}

TEST_F(RosterLogTest, BridgesFollowTheRules) {
    add(log_, *hub_.author(log_).follow_up());
    add(log_, phone_.author(log_).add_device(watch_.consent(log_)));
    add(log_, hub_.author(log_).set_bridges("mqtt:home", {hub_.id()}));
    add(log_, watch_.author(log_).set_bridges("mqtt:home", {hub_.id(), watch_.id()}));
    EXPECT_EQ(refusal(watch_.author(log_).set_bridges("mqtt:home", {watch_.id(), hub_.id()})),
              ErrorCode::NotAllowed);
    EXPECT_EQ(refusal(watch_.author(log_).set_bridges("mqtt:home", {watch_.id()})), ErrorCode::NotAllowed);
    add(log_, phone_.author(log_).set_bridges("mqtt:home", {watch_.id(), hub_.id()}));
    EXPECT_THAT(log_.roster()->bridges.at("mqtt:home"), ElementsAre(watch_.id(), hub_.id()));
    add(log_, phone_.author(log_).remove_device(watch_.id(), {}));
    EXPECT_THAT(log_.roster()->bridges.at("mqtt:home"), ElementsAre(hub_.id()));
}

TEST_F(RosterLogTest, WaitsForParentsAndKeepsWhatCameEarly) {
    add_bob();
    const std::vector<Bytes> all = log_.all();
    RosterLog late(log_.roster()->household);
    EXPECT_EQ(late.add(all[2]).value(), AddOutcome::WaitingForParents);
    EXPECT_EQ(late.add(all[1]).value(), AddOutcome::WaitingForParents);
    EXPECT_EQ(late.add(all[0]).value(), AddOutcome::Accepted);
    EXPECT_EQ(late.roster()->version, log_.roster()->version);
    EXPECT_EQ(late.add(all[1]).value(), AddOutcome::AlreadyKnown);
}

TEST_F(RosterLogTest, RefusesStrangersForgeriesAndOtherHouseholds) {
    Bytes forged = log_.all()[1];
    forged[0] ^= 1;
    EXPECT_EQ(log_.add(forged).error().code, ErrorCode::BadSignature);
    EXPECT_EQ(log_.add(Bytes(10)).error().code, ErrorCode::BadOperation);
    EXPECT_EQ(log_.add(Bytes(kOperationBytesMax + 1)).error().code, ErrorCode::LimitExceeded);
    RosterLog elsewhere;
    ASSERT_TRUE(elsewhere.add(test_genesis(TestDevice(77))));
    EXPECT_EQ(log_.add(elsewhere.all()[0]).error().code, ErrorCode::OtherHousehold);
    EXPECT_EQ(refusal(TestDevice(78).author(log_).rename_household("x")), ErrorCode::NotAllowed);
    // A consent for another household.
    EXPECT_EQ(refusal(phone_.author(log_).add_device(watch_.consent(elsewhere))), ErrorCode::BadSignature);
}

Bytes unknown_operation(const RosterLog& log, const TestDevice& author, bool critical) {
    v1::Operation body;
    body.set_household(to_text(log.roster()->household.bytes()));
    for (const auto& head : log.heads()) {
        body.add_parents(to_text(head.bytes()));
    }
    body.set_author(to_text(author.key.verify_key().bytes()));
    body.set_kind(4711);
    body.set_critical(critical);
    const Bytes bytes = to_bytes(body.SerializeAsString());
    const auto signature = author.key.sign(crypto::kRosterOperation, bytes);
    Bytes operation(signature.bytes().begin(), signature.bytes().end());
    operation.insert(operation.end(), bytes.begin(), bytes.end());
    return operation;
}

TEST_F(RosterLogTest, UnknownKindsAreKeptAndRelayedAndCriticalOnesStopWidening) {
    add_bob();
    ASSERT_TRUE(log_.add(unknown_operation(log_, phone_, false)));
    EXPECT_EQ(log_.roster()->unknown_critical, 0U);
    ASSERT_TRUE(log_.add(unknown_operation(log_, tablet_, true)));
    EXPECT_EQ(log_.roster()->unknown_critical, 1U);
    EXPECT_EQ(copy_of(log_).roster()->version, log_.roster()->version);
    EXPECT_EQ(refusal(phone_.author(log_).add_device(watch_.consent(log_))), ErrorCode::RosterTooNew);
    // A member that did it to harm us can be removed, and then it does not bind anybody.
    add(log_, phone_.author(log_).remove_device(tablet_.id(), {}));
    EXPECT_EQ(log_.roster()->unknown_critical, 0U);
    add(log_, phone_.author(log_).add_device(watch_.consent(log_)));
}

TEST_F(RosterLogTest, MembersWithoutAdminCannotFillTheLog) {
    add(log_, *hub_.author(log_).follow_up());
    for (std::size_t i = 2; i < kOperationsOfNonAdminMax; ++i) {
        add(log_, hub_.author(log_).rename_device(hub_.id(), "hub " + std::to_string(i)));
    }
    EXPECT_EQ(refusal(hub_.author(log_).rename_device(hub_.id(), "one more")), ErrorCode::LimitExceeded);
}

}  // namespace
}  // namespace ambit::identity

// Strong removal beyond the truth table: what rests on what was lost, adding again, recovery.
#include <algorithm>

#include <gtest/gtest.h>

#include "identity/operation.h"
#include "identity/test_household.h"

namespace ambit::identity {
namespace {

// Ada and Bob are admins with a device each; the hub founded the household and has passed admin on.
class ResolutionTest : public testing::Test {
  protected:
    ResolutionTest() {
        add(log_, test_genesis(hub_));
        ada_ = join(log_, hub_, phone_, test_person(1, "Ada", Role::Admin));
        add(log_, *hub_.author(log_).follow_up());
        bob_ = join(log_, phone_, tablet_, test_person(2, "Bob", Role::Admin));
        other_ = copy_of(log_);
    }

    // `by` adds a person with their first device.
    static PersonId join(RosterLog& log,
                         const TestDevice& by,
                         const TestDevice& device,
                         const NewPerson& person) {
        const PersonId id = person_id_of(person, device.key.verify_key());
        add(log, by.author(log).add_person(person, device.consent(log, {id, {}})));
        return id;
    }

    RosterAuthor recovery(const RosterLog& log) const { return {log, recovery_key_, kTestTime}; }

    // The roster of everything in both logs, which both, and logs that got it in other orders, agree on.
    RosterView merged() {
        sync(other_, log_);
        sync(log_, other_);
        EXPECT_EQ(text_of(*log_.roster()), text_of(*other_.roster()));
        std::vector<Bytes> operations = log_.all();
        std::reverse(operations.begin(), operations.end());
        RosterLog reversed(log_.roster()->household);
        for (const Bytes& operation : operations) {
            EXPECT_TRUE(reversed.add(operation));
        }
        EXPECT_EQ(text_of(*log_.roster()), text_of(*reversed.roster()));
        return log_.roster();
    }

    bool is_member(const TestDevice& device) const { return log_.roster()->device(device.id()) != nullptr; }

    bool is_admin(const TestDevice& device) const { return log_.roster()->is_admin(device.id()); }

    const TestDevice hub_{1, "hub"};
    const TestDevice phone_{2, "phone", "phone"};
    const TestDevice tablet_{3, "tablet", "tablet"};
    const TestDevice watch_{4, "watch", "watch"};
    const TestDevice lamp_{5, "lamp"};
    const crypto::SigningKey recovery_key_ = test_recovery_key();
    PersonId ada_;
    PersonId bob_;
    RosterLog log_;    // Ada's
    RosterLog other_;  // Bob's, while they don't hear each other
};

TEST_F(ResolutionTest, WhatARemovedAdminBuiltMeanwhileFallsWithAllItsFloors) {
    add(log_, phone_.author(log_).remove_person(bob_, {}));
    // Bob brings in Eve as an admin; Eve brings in a lamp, and throws out the hub.
    join(other_, tablet_, watch_, test_person(3, "Eve", Role::Admin));
    add(other_, watch_.author(other_).add_device(lamp_.consent(other_)));
    add(other_, watch_.author(other_).remove_device(hub_.id(), {}));
    merged();
    EXPECT_TRUE(is_member(phone_) && is_member(hub_));
    EXPECT_FALSE(is_member(tablet_) || is_member(watch_) || is_member(lamp_));
    EXPECT_TRUE(log_.roster()->removed.find(hub_.id()) == log_.roster()->removed.end());
}

TEST_F(ResolutionTest, AdminFromARemovedOneRemovesNobody) {
    const PersonId eve = join(log_, phone_, watch_, test_person(3, "Eve", Role::Adult));
    sync(log_, other_);
    add(log_, phone_.author(log_).remove_person(bob_, {}));
    add(other_, tablet_.author(other_).set_role(eve, Role::Admin, std::nullopt));
    add(other_, watch_.author(other_).remove_person(ada_, {}));
    merged();
    EXPECT_TRUE(is_admin(phone_));
    EXPECT_FALSE(is_member(tablet_));
    EXPECT_TRUE(is_member(watch_));
    EXPECT_FALSE(is_admin(watch_));
}

// A strike at a remover outlives its author; if it could grant as well, a thief would leave a friend behind.
TEST_F(ResolutionTest, AStrikeAtSomebodyElseGrantsNothing) {
    const PersonId eve = join(log_, phone_, watch_, test_person(3, "Eve", Role::Adult));
    add(log_, phone_.author(log_).set_device_admin(hub_.id(), true));
    const auto passing = [&](const TestDevice& author) {
        return encode_operation(log_.roster()->household, log_.heads(),
                                SetDeviceAdminChange{hub_.id(), false, eve}, author.key, kTestTime);
    };
    EXPECT_EQ(log_.add(passing(tablet_)).error().code, ErrorCode::NotAllowed);
    EXPECT_TRUE(log_.add(passing(hub_)));
    EXPECT_TRUE(is_admin(watch_));
}

TEST_F(ResolutionTest, DemotionTakesWhatWasDoneMeanwhileAndNothingElse) {
    add(other_, tablet_.author(other_).rename_household("Before"));
    sync(other_, log_);
    add(log_, phone_.author(log_).set_role(bob_, Role::Adult, std::nullopt));
    add(other_, tablet_.author(other_).rename_household("Meanwhile"));
    add(other_, tablet_.author(other_).add_device(lamp_.consent(other_)));
    add(other_, hub_.author(other_).rename_device(hub_.id(), "by the hub itself"));
    merged();
    EXPECT_EQ(log_.roster()->name, "Before");
    EXPECT_FALSE(is_member(lamp_));
    EXPECT_TRUE(is_member(tablet_));
    EXPECT_NE(log_.roster()->device_named("by the hub itself"), nullptr);
}

TEST_F(ResolutionTest, AddingAgainBringsNothingBack) {
    add(log_, phone_.author(log_).add_device(lamp_.consent(log_)));
    sync(log_, other_);
    add(log_, phone_.author(log_).remove_device(lamp_.id(), {}));
    add(log_, phone_.author(log_).add_device(lamp_.consent(log_)));
    // The lamp knows neither that it was removed nor that it is back.
    add(other_, lamp_.author(other_).rename_device(lamp_.id(), "old me"));
    add(other_, lamp_.author(other_).set_bridges("mqtt:home", {lamp_.id()}));
    merged();
    EXPECT_EQ(log_.roster()->device(lamp_.id())->name, "lamp");
    EXPECT_TRUE(log_.roster()->bridges.empty());
    // From here on it does, on top of its own lost past.
    add(log_, lamp_.author(log_).rename_device(lamp_.id(), "new me"));
    merged();
    EXPECT_EQ(log_.roster()->device(lamp_.id())->name, "new me");
}

TEST_F(ResolutionTest, RemovedByWhoDidNotKnowOfTheAddingStaysOut) {
    add(log_, phone_.author(log_).add_device(lamp_.consent(log_)));
    sync(log_, other_);
    add(log_, phone_.author(log_).remove_device(lamp_.id(), {}));
    add(log_, phone_.author(log_).add_device(lamp_.consent(log_)));
    add(other_, tablet_.author(other_).remove_device(lamp_.id(), {}));
    merged();
    EXPECT_FALSE(is_member(lamp_));
    add(log_, phone_.author(log_).add_device(lamp_.consent(log_)));
    EXPECT_TRUE(is_member(lamp_));
}

TEST_F(ResolutionTest, RecoveryBeatsEveryRemovalItDidNotKnow) {
    join(log_, phone_, watch_, test_person(3, "Eve", Role::Admin));
    sync(log_, other_);
    RosterLog third = copy_of(log_);
    add(other_, tablet_.author(other_).remove_person(ada_, {}));
    add(other_, tablet_.author(other_).remove_device(hub_.id(), {}));
    add(third, watch_.author(third).remove_device(phone_.id(), {}));
    add(log_, recovery(log_).recover({phone_.id(), {}, ada_, {}}));
    sync(third, other_);
    merged();
    EXPECT_TRUE(is_admin(phone_));
    EXPECT_FALSE(is_member(hub_));
    // One that knows of the recovery is a removal like any other.
    add(log_, tablet_.author(log_).remove_device(phone_.id(), {}));
    merged();
    EXPECT_FALSE(is_member(phone_));
}

TEST_F(ResolutionTest, WhatTheRecoveredDoAtOnceStandsAgainstTheThief) {
    // Bob's tablet is stolen.  The thief removes Ada and makes a friend; Ada recovers and removes the tablet.
    add(other_, tablet_.author(other_).remove_person(ada_, {}));
    join(other_, tablet_, watch_, test_person(3, "Friend", Role::Admin));
    add(log_, recovery(log_).recover({phone_.id(), {}, ada_, {}}));
    add(log_, phone_.author(log_).remove_person(bob_, {}));
    merged();
    EXPECT_TRUE(is_admin(phone_));
    EXPECT_FALSE(is_member(tablet_) || is_member(watch_));
}

TEST_F(ResolutionTest, AfterMutualStrikesTheSurvivorActsOn) {
    // Ada demotes Bob while Bob removes Ada: both apply, and Bob is an adult.
    add(log_, phone_.author(log_).set_role(bob_, Role::Adult, std::nullopt));
    add(other_, tablet_.author(other_).remove_person(ada_, {}));
    add(other_, tablet_.author(other_).rename_device(tablet_.id(), "lost with the demotion"));
    merged();
    EXPECT_FALSE(is_member(phone_));
    EXPECT_TRUE(is_member(tablet_));
    EXPECT_FALSE(is_admin(tablet_));
    EXPECT_EQ(log_.roster()->device(tablet_.id())->name, "tablet");
    RosterLog apart = copy_of(log_);
    add(log_, tablet_.author(log_).rename_device(tablet_.id(), "mine"));
    EXPECT_EQ(log_.roster()->device(tablet_.id())->name, "mine");
    // What comes from elsewhere later does not take it back.
    add(apart, hub_.author(apart).rename_device(hub_.id(), "the hub"));
    other_ = copy_of(apart);
    merged();
    EXPECT_EQ(log_.roster()->device(tablet_.id())->name, "mine");
}

}  // namespace
}  // namespace ambit::identity

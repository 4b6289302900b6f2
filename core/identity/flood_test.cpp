// A hostile admin writes without end: the others still agree, and still get rid of it.
#include <gtest/gtest.h>

#include "identity/roster_log.h"
#include "identity/test_household.h"

namespace ambit::identity {
namespace {

// A hub that founded the household, Ada with her phone and Bob with his tablet, both admins.  Bob's turned
// bad.
class FloodTest : public testing::Test {
  protected:
    FloodTest() {
        EXPECT_TRUE(base_.add(test_genesis(hub_)));
        add(base_, hub_.author(base_).add_person(ada_, phone_.consent(base_, {ada_id_, {}})));
        add(base_, phone_.author(base_).add_person(bob_, tablet_.consent(base_, {bob_id_, {}})));
        // All beside each other: each knows of the base and of none of the others.
        for (std::size_t i = 0; i < kOperationsOfAuthorMax + 20; ++i) {
            flood_.push_back(
                tablet_.author(base_).rename_device(tablet_.id(), "name " + std::to_string(i)).value());
        }
    }

    // What a peer would do on a link: offers all it has until nothing is new.
    static void exchange(RosterLog& a, RosterLog& b) {
        for (int round = 0; round < 3; ++round) {
            for (const Bytes& operation : a.missing_for(b.hashes())) {
                EXPECT_TRUE(b.add(operation));
            }
            for (const Bytes& operation : b.missing_for(a.hashes())) {
                EXPECT_TRUE(a.add(operation));
            }
        }
    }

    static void expect_agreed(const RosterLog& a, const RosterLog& b) {
        EXPECT_EQ(text_of(*a.roster()), text_of(*b.roster()));
        EXPECT_EQ(a.heads(), b.heads());
    }

    TestDevice hub_{1, "hub"};
    TestDevice phone_{2, "phone", "phone"};
    TestDevice tablet_{3, "tablet", "tablet"};
    NewPerson ada_ = test_person(1, "Ada", Role::Admin);
    NewPerson bob_ = test_person(2, "Bob", Role::Admin);
    PersonId ada_id_ = person_id_of(ada_, phone_.key.verify_key());
    PersonId bob_id_ = person_id_of(bob_, tablet_.key.verify_key());
    RosterLog base_;
    std::vector<Bytes> flood_;
};

TEST_F(FloodTest, DevicesThatKeptDifferentPartsAgree) {
    RosterLog one = copy_of(base_);
    RosterLog other = copy_of(base_);
    for (std::size_t i = 0; i < flood_.size(); ++i) {
        EXPECT_TRUE(one.add(flood_[i]));
        EXPECT_TRUE(other.add(flood_[flood_.size() - 1 - i]));
    }
    const std::size_t kept = base_.hashes().size() + kOperationsOfAuthorMax + 1;
    EXPECT_EQ(one.hashes().size(), kept);
    EXPECT_NE(one.hashes(), other.hashes());
    exchange(one, other);
    EXPECT_EQ(one.hashes().size(), kept);
    expect_agreed(one, other);
    EXPECT_EQ(one.roster()->device(tablet_.id())->name, "tablet") << "nothing of the flood counts";
    EXPECT_EQ(one.heads(), base_.heads()) << "and nobody builds on it";

    add(one, phone_.author(one).remove_device(tablet_.id(), {}));
    exchange(one, other);
    expect_agreed(one, other);
    EXPECT_EQ(other.roster()->device(tablet_.id()), nullptr);
}

TEST_F(FloodTest, WhatOthersBuiltOnBeforeTheyKnewCountsEverywhere) {
    RosterLog one = copy_of(base_);
    RosterLog other = copy_of(base_);
    EXPECT_TRUE(one.add(flood_[0]));
    add(one, phone_.author(one).rename_device(phone_.id(), "pocket"));
    // The other device has as much as it takes of the rest before it hears of that.
    for (std::size_t i = flood_.size(); i-- > 1;) {
        EXPECT_TRUE(other.add(flood_[i]));
    }
    EXPECT_EQ(other.add(flood_[0]).value(), AddOutcome::NotKept);
    exchange(one, other);
    expect_agreed(one, other);
    EXPECT_EQ(other.roster()->device(phone_.id())->name, "pocket");
    EXPECT_EQ(other.roster()->device(tablet_.id())->name, "name 0");
    // And after a restart.
    RosterLog restarted;
    for (const Bytes& operation : other.all()) {
        EXPECT_EQ(restarted.restore(operation).value(), AddOutcome::Accepted);
    }
    expect_agreed(restarted, other);
}

TEST_F(FloodTest, AChainOfOneAuthorEndsForEverybodyAtTheSameOperation) {
    RosterLog log = copy_of(base_);
    for (std::size_t i = 0; i < kOperationsOfAuthorMax; ++i) {
        add(log, tablet_.author(log).rename_device(tablet_.id(), "name " + std::to_string(i)));
    }
    const auto more = tablet_.author(log).rename_device(tablet_.id(), "one more");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::LimitExceeded);
    EXPECT_EQ(log.roster()->device(tablet_.id())->name, "name " + std::to_string(kOperationsOfAuthorMax - 1));
    add(log, phone_.author(log).remove_device(tablet_.id(), {}));
    EXPECT_EQ(log.roster()->device(tablet_.id()), nullptr);
}

TEST_F(FloodTest, OneMemberIsToldFromAnother) {
    RosterLog log = copy_of(base_);
    for (const Bytes& operation : flood_) {
        EXPECT_TRUE(log.add(operation));
    }
    add(log, phone_.author(log).rename_device(phone_.id(), "pocket"));
    add(log, hub_.author(log).rename_device(hub_.id(), "shelf"));
    EXPECT_EQ(log.roster()->device(phone_.id())->name, "pocket");
    EXPECT_EQ(log.roster()->device(hub_.id())->name, "shelf");
}

}  // namespace
}  // namespace ambit::identity

// Each invariant can fail: plant its defect, and see it caught; and without the defect nothing is.
#include "sim/invariants.h"

#include <gtest/gtest.h>

#include "sim/noninterference.h"

namespace ambit::sim {
namespace {

constexpr const char* kHome = R"(hub is a hub
there is a lamp kitchen
there is a garage door garage
hub reaches the things
phone is the phone of Anna
watch is the watch of Anna
pad is the tablet of Ben
wait 2s
)";

class Planted : public testing::Test {
  protected:
    Planted() { EXPECT_EQ(go(kHome), std::nullopt); }

    Trouble go(const std::string& lines) {
        for (const Line& line : parse_script("planted", lines).lines) {
            if (Trouble trouble = stage.perform(line.text)) {
                return trouble;
            }
        }
        return std::nullopt;
    }

    // The invariants that were violated, once everything has settled.
    std::set<std::string> caught() {
        static_cast<void>(stage.settle());
        std::set<std::string> names;
        for (const Violation& violation : stage.violations().all()) {
            names.insert(violation.invariant);
        }
        return names;
    }

    Device& device(const std::string& name) { return stage.household().device(name); }

    Stage stage{configurations().front(), 5};
};

using Names = std::set<std::string>;

TEST_F(Planted, NothingIsCaughtWhereNothingIsWrong) {
    EXPECT_EQ(go("phone notes a 1\nphone pulses garage\nhub turns kitchen on\nthe answer is done\n"),
              std::nullopt);
    EXPECT_EQ(caught(), Names());
    EXPECT_GT(stage.violations().checks, 100U);
}

TEST_F(Planted, AStoreThatAcknowledgesBeforeTheDiskHasIt) {
    // Alone, so that nobody else holds what it loses.
    EXPECT_EQ(
        go("hub leaves home\nwait 2s\nhub stops\nhub starts\nthe disk of hub lies about what it synced\n"
           "hub tells everybody a 1\nhub tells everybody b 2\nwait 1s\nhub loses power\nhub starts\n"),
        std::nullopt);
    const Names names = caught();
    EXPECT_TRUE(names.contains("acknowledged-writes") || names.contains("starts"));
}

TEST_F(Planted, AValueThatReachesSomebodyOutsideItsAudience) {
    EXPECT_EQ(go("phone tells everybody a 1\nwait 1s\n"), std::nullopt);
    EXPECT_EQ(stage.violations().count(), 0U);
    // The same frames, had it been Anna's own.
    stage.records().writes.back().audience = {Audience::Kind::Person, {}, "Anna"};
    EXPECT_EQ(go("hub is killed\nhub starts\nwait 1s\n"), std::nullopt);
    EXPECT_EQ(go("speaker is a speaker\nspeaker and hub are linked\nwait 5s\n"), std::nullopt);
    EXPECT_TRUE(caught().contains("plaintext"));
}

TEST_F(Planted, WordsThatLeaveTheDeviceTheyWereSaidAt) {
    stage.records().phrases["garage"] = {Audience::Kind::Person, {}, "Anna"};
    EXPECT_EQ(go("phone pulses garage\nwait 2s\n"), std::nullopt);
    EXPECT_TRUE(caught().contains("plaintext"));
}

TEST_F(Planted, AnEffectThatHappensTwice) {
    EXPECT_EQ(go("phone pulses garage\nthe answer is done\n"), std::nullopt);
    Thing* garage = stage.household().things.named("garage");
    garage->effects.push_back(garage->effects.back());
    EXPECT_EQ(caught(), Names{"effects"});
}

TEST_F(Planted, AnEffectThatNeverHappenedAndIsReportedDone) {
    EXPECT_EQ(go("phone turns kitchen on\nthe answer is done\n"), std::nullopt);
    stage.household().things.named("kitchen")->effects.clear();
    EXPECT_EQ(caught(), Names{"effects"});
}

TEST_F(Planted, AWriteThatIsNowhere) {
    EXPECT_EQ(go("phone tells everybody a 1\nwait 1s\n"), std::nullopt);
    stage.records().writes.back().key.attribute = "b";
    EXPECT_EQ(caught(), Names{"acknowledged-writes"});
}

TEST_F(Planted, ADeviceThatDoesNotHearOfTheOthers) {
    EXPECT_EQ(go("pad leaves home\nwait 2s\nhub tells everybody a 1\nwait 2s\n"), std::nullopt);
    Violations violations;
    Convergence convergence(stage.household(), stage.records(), violations);
    convergence.at_quiescence();
    EXPECT_EQ(violations.count(), 1U);
}

TEST_F(Planted, WhatARemovedDeviceWroteUnseen) {
    EXPECT_EQ(go("pad tells everybody a 1\nphone knows a 1\nphone removes pad\n"), std::nullopt);
    stage.records().writes.back().seen_by_remover = false;
    EXPECT_EQ(caught(), Names{"removals"});
}

TEST_F(Planted, ALedgerThatWentBackInTime) {
    EXPECT_EQ(go("hub is backed up\nphone turns kitchen on\nthe answer is done\nhub tells everybody a "
                 "1\nphone knows a 1\nhub is restored\n"),
              std::nullopt);
    stage.records().epochs.clear();  // as if nobody had told
    EXPECT_TRUE(caught().contains("ledgers"));
}

TEST_F(Planted, ADaemonThatDoesNotStart) {
    EXPECT_EQ(go("pad loses power\n"), std::nullopt);
    Disk::Image image = device("pad").disk().image();
    for (auto& [path, content] : image) {
        content.assign(content.size(), std::uint8_t{7});
    }
    device("pad").restore(image);
    EXPECT_TRUE(caught().contains("starts"));
}

// A machine that has the pad's key, and none of its manners.
class Pusher final : public wire::TransportEvents {
  public:
    Pusher(Household& home, const DeviceId& as)
        : home_(home), endpoint_(home.network.attach("pusher", as, *this, [] {})) {
        home.network.set_power("pusher", true);
        endpoint_->set_roster(home.admin().node().parts().roster);
    }

    void push_at(const std::string& machine) {
        endpoint_->dial(1, Network::address_of(machine), home_.device(machine).id());
    }

    void on_link_up(const wire::LinkUp& up, Now /*now*/) override {
        while (refused_ < 4) {
            refused_ += endpoint_->send(up.link, Bytes(wire::kFrameBytesMax)) ? 0 : 1;
        }
    }

    void on_link_down(wire::LinkId, const Error&, Now) override {}

    void on_frame(wire::LinkId, ByteView, Now) override {}

    void on_writable(wire::LinkId, Now) override {}

    void on_dial_failed(wire::DialId, const Error&, Now) override {}

    int refused() const { return refused_; }

  private:
    Household& home_;
    std::unique_ptr<Network::Endpoint> endpoint_;
    int refused_ = 0;
};

TEST_F(Planted, ASenderThatPushesOnIntoAFullLink) {
    Violations violations;
    Limits limits(stage.household(), stage.records(), violations);
    limits.at_quiescence();
    EXPECT_EQ(violations.count(), 0U);
    EXPECT_EQ(go("pad leaves home\n"), std::nullopt);
    Pusher pusher(stage.household(), device("pad").id());
    pusher.push_at("hub");
    EXPECT_EQ(go("wait 1s\n"), std::nullopt);
    EXPECT_EQ(pusher.refused(), 4);
    limits.at_quiescence();
    EXPECT_EQ(violations.count(), 1U);
    EXPECT_EQ(violations.all().front().invariant, "limits");
}

// --- Non-interference

constexpr const char* kSecrets = R"(phone notes diary hopeful
phone keeps pin 0815 to itself
wait 1s
phone turns kitchen on
the answer is done
watch notes pulse 71
hub tells everybody bins monday
wait 5s
)";

TEST(NonInterference, WhatAnnaNotesLooksTheSameToEverybodyElse) {
    const Script script = parse_script("secrets", std::string(kHome) + kSecrets);
    const std::map<std::string, std::string> other{
        {"hopeful", "afraid-of-what-Tom-will-say-and-of-much-else"},
        {"0815", "4711-and-more"},
        {"71", "142"}};
    for (const char* observer : {"hub", "pad", ""}) {
        EXPECT_EQ(interference(script, other, observer, 3), std::nullopt) << "observer: " << observer;
    }
}

TEST(NonInterference, ADifferenceThatTheObserverMayReadIsSeen) {
    const Script script = parse_script("secrets", std::string(kHome) + kSecrets);
    EXPECT_NE(interference(script, {{"monday", "friday"}}, "pad", 3), std::nullopt);
    EXPECT_NE(interference(script, {{"hopeful", "afraid"}}, "watch", 3), std::nullopt);
}

}  // namespace
}  // namespace ambit::sim

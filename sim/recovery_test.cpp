// Recovery in a whole household on virtual time: every admin is lost, and the words bring a new device in.
#include <gtest/gtest.h>

#include "node/recovering.h"
#include "sim/household.h"

namespace ambit::sim {
namespace {

// The new device before it is one of the household's: only its attempt, at the network under the words' key.
class Newcomer {
  public:
    Newcomer(Household& home, std::uint8_t number, const crypto::RecoverySecret& secret, std::string owner)
        : home_(home),
          machine_("newcomer " + std::to_string(number)),
          random_(crypto::Seed{number}),
          key_(crypto::SigningKey::generate(random_)) {
        identity::RecoveryJoiner::Settings settings;
        settings.self = {key_.verify_key(), crypto::SealKey::generate(random_).public_key(), "new phone",
                         "phone", false};
        settings.owner = std::move(owner);
        joiner_ = std::make_unique<identity::RecoveryJoiner>(
            key_, std::move(settings), crypto::RecoverySecret::from_words(secret.words()).value(), random_);
        recovery_id_ = crypto::device_id_of(secret.signing_key().verify_key());
    }

    DeviceId id() const { return crypto::device_id_of(key_.verify_key()); }

    void recover(const std::vector<std::string>& at) {
        gate_ = std::make_unique<Gate>(*this);
        home_.network.set_power(machine_, true);
        link_ = home_.network.attach(machine_, recovery_id_, *gate_, [] {});
        std::vector<wire::Address> addresses;
        for (const std::string& name : at) {
            addresses.push_back(Network::address_of(name));
        }
        recovering_ = std::make_unique<node::Recovering>(
            node::Recovering::Wiring{
                *link_, [this](wire::DialId dial, const wire::Address& to) { link_->dial_anybody(dial, to); },
                [this](const identity::RecoveryPrepared& prepared) { next_words = prepared.next_words; },
                [this](const Result<identity::RecoveryDone>& result) { end = result; }},
            std::move(joiner_), std::move(addresses));
        recovering_->start(home_.world.now());
        tick_every_second();
    }

    std::string next_words;
    std::optional<Result<identity::RecoveryDone>> end;

  private:
    void tick_every_second() {
        home_.world.after(seconds{1}, [this, alive = std::weak_ptr(alive_)] {
            if (!alive.expired()) {
                recovering_->tick(home_.world.now());
                tick_every_second();
            }
        });
    }

    // The attempt is there after the network knows where to tell it.
    class Gate final : public wire::TransportEvents {
      public:
        explicit Gate(Newcomer& owner) : owner_(owner) {}

        void on_link_up(const wire::LinkUp& up, Now now) override { owner_.recovering_->on_link_up(up, now); }

        void on_link_down(wire::LinkId link, const Error& reason, Now now) override {
            owner_.recovering_->on_link_down(link, reason, now);
        }

        void on_frame(wire::LinkId link, ByteView frame, Now now) override {
            owner_.recovering_->on_frame(link, frame, now);
        }

        void on_writable(wire::LinkId link, Now now) override { owner_.recovering_->on_writable(link, now); }

        void on_dial_failed(wire::DialId dial, const Error& reason, Now now) override {
            owner_.recovering_->on_dial_failed(dial, reason, now);
        }

      private:
        Newcomer& owner_;
    };

    Household& home_;
    std::string machine_;
    crypto::SeededRandom random_;
    crypto::SigningKey key_;
    DeviceId recovery_id_;
    std::unique_ptr<identity::RecoveryJoiner> joiner_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<Network::Endpoint> link_;
    std::unique_ptr<node::Recovering> recovering_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

// A hub, a speaker and the phone of Anna, who is the admin; the phone is lost.
class LostPhone : public testing::Test {
  protected:
    LostPhone() {
        home.add_personal("phone", "phone", "Anna");
        home.add_shared("speaker", "speaker");
        EXPECT_TRUE(home.run_until([this] { return home.connected(); }));
        home.device("phone").crash();
    }

    bool knows(const std::string& name, const DeviceId& device) {
        return home.device(name).node().parts().roster->device(device) != nullptr;
    }

    Household home{21, "hub", "hub"};
};

TEST_F(LostPhone, TheWordsAndAnyDeviceThatIsLeftBringANewAdminInEverywhere) {
    Newcomer phone(home, 50, home.recovery(), "Anna");
    phone.recover({"speaker"});
    ASSERT_TRUE(home.run_until([&] { return phone.end.has_value(); }));
    ASSERT_TRUE(phone.end->has_value()) << phone.end->error().message();
    EXPECT_FALSE(phone.next_words.empty());
    // Durable at the speaker before the phone was told; the hub hears of it by gossip.
    ASSERT_TRUE(home.run_until([&] { return knows("hub", phone.id()) && knows("speaker", phone.id()); }));
    const auto& roster = *home.device("hub").node().parts().roster;
    EXPECT_TRUE(roster.is_admin(phone.id()));
    EXPECT_EQ(roster.person(*roster.device(phone.id())->owner)->name, "Anna");
    home.device("speaker").crash();
    home.device("speaker").start();
    EXPECT_TRUE(knows("speaker", phone.id()));
}

TEST_F(LostPhone, TheUsedUpWordsOpenNothing) {
    Newcomer phone(home, 50, home.recovery(), "Anna");
    phone.recover({"hub"});
    ASSERT_TRUE(home.run_until([&] { return phone.end.has_value() && knows("speaker", phone.id()); }));
    Newcomer thief(home, 51, home.recovery(), "Anna");
    thief.recover({"speaker", "hub"});
    ASSERT_TRUE(home.run_until([&] { return thief.end.has_value(); }));
    EXPECT_FALSE(thief.end->has_value());
    EXPECT_FALSE(knows("hub", thief.id()));
}

TEST_F(LostPhone, OtherWordsReachNobody) {
    crypto::SeededRandom random(crypto::Seed{99});
    Newcomer stranger(home, 52, crypto::RecoverySecret::generate(random), "Anna");
    stranger.recover({"hub", "speaker"});
    ASSERT_TRUE(home.run_until([&] { return stranger.end.has_value(); }));
    EXPECT_FALSE(stranger.end->has_value());
    EXPECT_TRUE(stranger.next_words.empty());
}

TEST_F(LostPhone, TheSecondAddressIsTriedWhenTheFirstIsAway) {
    Newcomer phone(home, 50, home.recovery(), "Anna");
    phone.recover({"phone", "hub"});
    ASSERT_TRUE(home.run_until([&] { return phone.end.has_value(); }));
    EXPECT_TRUE(phone.end->has_value());
}

TEST_F(LostPhone, InEachHalfOfACutHouseholdOneIsEnoughAndBothAgreeLater) {
    home.network.cut("hub", "speaker");
    home.network.cut("speaker", "hub");
    Newcomer one(home, 50, home.recovery(), "Anna");
    one.recover({"hub"});
    ASSERT_TRUE(home.run_until([&] { return one.end.has_value(); }));
    Newcomer two(home, 51, home.recovery(), "Anna");
    two.recover({"speaker"});
    ASSERT_TRUE(home.run_until([&] { return two.end.has_value(); }));
    ASSERT_TRUE(one.end->has_value() && two.end->has_value());
    home.network.heal_all();
    ASSERT_TRUE(home.run_until(
        [&] {
            return home.device("hub").node().parts().roster->version ==
                   home.device("speaker").node().parts().roster->version;
        },
        seconds{120}));
    for (const DeviceId& device : {one.id(), two.id()}) {
        EXPECT_TRUE(home.device("hub").node().parts().roster->is_admin(device));
    }
}

}  // namespace
}  // namespace ambit::sim

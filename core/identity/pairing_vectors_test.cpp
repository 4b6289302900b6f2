// Makes docs/spec/vectors/pairing.json and holds the file to it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/vectors_testing.h"
#include "crypto/cpace.h"
#include "crypto/hash.h"
#include "crypto/words.h"
#include "identity/pairing_channel.h"
#include "identity/test_household.h"
#include "proto/pairing.pb.h"

namespace ambit::identity {
namespace {

using nlohmann::json;

// Random, and what it gave.
class Recorded final : public Random {
  public:
    explicit Recorded(std::uint8_t number) : random_(test_seed(number)) {}

    void fill(std::span<std::uint8_t> out) override {
        random_.fill(out);
        given.push_back(to_hex(out));
    }

    std::vector<std::string> given;

  private:
    crypto::SeededRandom random_;
};

// One pairing from its first frame to its last; the same every time.
class PairingVectors : public testing::Test {
  protected:
    struct Sent {
        bool by_joiner = false;
        Bytes frame;
    };

    PairingVectors() {
        add(log_, Result<Bytes>(test_genesis(hub_)));
        PairingHost::Settings settings{hub_.description, {"192.0.2.2:7420"}, true, std::nullopt};
        settings.ownership = test_person(0, "Ada", Role::Admin);
        host_ = std::make_unique<PairingHost>(log_, hub_.key, settings, code_, host_random_, now_);
        joiner_ = std::make_unique<PairingJoiner>(phone_.key, PairingJoiner::Settings{phone_.description, {}},
                                                  code_, joiner_random_, now_);
        EXPECT_TRUE(host_->connected(now_));
        take(true, joiner_->connected(now_));
    }

    void take(bool by_joiner, std::vector<Bytes> frames) {
        for (Bytes& frame : frames) {
            sent_.push_back({by_joiner, std::move(frame)});
        }
    }

    void deliver(const Sent& sent) {
        if (sent.by_joiner) {
            take(false, host_->handle(sent.frame, now_));
        } else {
            take(true, joiner_->handle(sent.frame, now_));
        }
        for (const PairingEvent& event : host_->take_events()) {
            if (const auto* ready = std::get_if<OperationsReady>(&event)) {
                for (const Bytes& operation : ready->operations) {
                    add(log_, Result<Bytes>(operation));
                }
                take(false, host_->operations_adopted(now_));
            } else if (const auto* failed = std::get_if<PairingFailed>(&event)) {
                failure_ = failed->error.code;
            }
        }
        for (const PairingEvent& event : joiner_->take_events()) {
            if (std::holds_alternative<PairingJoined>(event)) {
                take(true, joiner_->household_adopted(now_));
            } else if (const auto* verifier = std::get_if<VerifierReady>(&event)) {
                words_ = verifier->words;
            } else if (const auto* failed = std::get_if<PairingFailed>(&event)) {
                failure_ = failed->error.code;
            }
        }
    }

    // Delivers the first `count` frames; what they cause comes after them in sent_.
    void run(std::size_t count) {
        for (std::size_t i = 0; i < count && i < sent_.size(); ++i) {
            deliver(Sent(sent_[i]));
        }
    }

    json keys() const {
        v1::PairingFrame challenge;
        v1::PairingFrame ya;
        v1::PairingFrame yb;
        EXPECT_TRUE(challenge.ParseFromArray(sent_[1].frame.data(), static_cast<int>(sent_[1].frame.size())));
        EXPECT_TRUE(ya.ParseFromArray(sent_[2].frame.data(), static_cast<int>(sent_[2].frame.size())));
        EXPECT_TRUE(yb.ParseFromArray(sent_[3].frame.data(), static_cast<int>(sent_[3].frame.size())));
        Seeded joiner(joiner_random_.given.at(0));
        const crypto::CpaceContext context{crypto::cpace::lv_cat({view_of(kJoiner), view_of(kHost)}),
                                           to_bytes(challenge.challenge().session())};
        const auto run = crypto::Cpace::start(view_of(code_.digits()), context, joiner);
        EXPECT_EQ(to_hex(run.share()), to_hex(view_of(ya.share().share())));
        const auto key = run.finish_as_initiator(view_of(ya.share().data()), view_of(yb.share().share()),
                                                 view_of(yb.share().data()));
        json out = {{"session", to_hex(view_of(challenge.challenge().session()))},
                    {"isk", to_hex(key->expose())}};
        for (const char* domain :
             {"pairing-confirm-joiner", "pairing-confirm-host", "pairing-key-joiner", "pairing-key-host"}) {
            out[domain] = crypto::keyed_hash(key->expose(), domain, {}).hex();
        }
        EXPECT_EQ(words_, crypto::verifier_of(key->expose()));
        return out;
    }

    // Gives back what was drawn once.
    class Seeded final : public Random {
      public:
        explicit Seeded(const std::string& hex) : bytes_(from_hex(hex).value()) {}

        void fill(std::span<std::uint8_t> out) override {
            std::copy_n(bytes_.begin(), out.size(), out.begin());
        }

      private:
        Bytes bytes_;
    };

    static constexpr std::string_view kJoiner = "ambit-pairing-joiner";
    static constexpr std::string_view kHost = "ambit-pairing-host";
    const TestDevice hub_{1, "hub"};
    const TestDevice phone_{2, "phone", "phone"};
    RosterLog log_;
    Recorded host_random_{11};
    Recorded joiner_random_{12};
    const PairingCode code_ = PairingCode::parse("4821-7730").value();
    const Now now_{kTestTime, MonoTime(seconds(1000))};
    std::unique_ptr<PairingHost> host_;
    std::unique_ptr<PairingJoiner> joiner_;
    std::vector<Sent> sent_;
    std::string words_;
    std::optional<ErrorCode> failure_;
};

// The same pairing up to `after` frames; then `frame` comes instead of the next one.
class Broken : public PairingVectors {
  public:
    void TestBody() override {}

    json reject(const char* why, std::size_t after, const std::function<Bytes(Bytes)>& change) {
        run(after);
        Sent bad = sent_[after];
        bad.frame = change(bad.frame);
        deliver(bad);
        EXPECT_TRUE(failure_) << why;
        return {{"why", why},
                {"after", after},
                {"to", bad.by_joiner ? "host" : "joiner"},
                {"bytes", to_hex(bad.frame)},
                {"error", failure_ ? static_cast<int>(*failure_) : 0}};
    }
};

Bytes changed(const Bytes& bytes, const std::function<void(v1::PairingFrame&)>& change) {
    v1::PairingFrame frame;
    EXPECT_TRUE(frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    change(frame);
    return to_bytes(frame.SerializeAsString());
}

void flip_last(std::string& text) {
    text.back() = static_cast<char>(text.back() ^ 1);
}

json rejects() {
    json out = json::array();
    const auto add = [&](const char* why, std::size_t after, const std::function<Bytes(Bytes)>& change) {
        Broken pairing;
        out.push_back(pairing.reject(why, after, change));
    };
    const auto edit = [&](const char* why, std::size_t after,
                          const std::function<void(v1::PairingFrame&)>& change) {
        add(why, after, [&](const Bytes& frame) { return changed(frame, change); });
    };
    edit("a version that the host does not speak", 0, [](v1::PairingFrame& frame) {
        frame.mutable_hello()->set_version_min(2);
        frame.mutable_hello()->set_version_max(3);
    });
    add("no frame at all", 0, [](const Bytes&) { return Bytes(8, 0xff); });
    edit("a version that was not offered", 1,
         [](v1::PairingFrame& f) { f.mutable_challenge()->set_version(2); });
    edit("a session of 15 bytes", 1,
         [](v1::PairingFrame& f) { f.mutable_challenge()->mutable_session()->pop_back(); });
    edit("the identity as a share", 2,
         [](v1::PairingFrame& f) { f.mutable_share()->set_share(std::string(32, '\0')); });
    edit("a share that is no point", 3,
         [](v1::PairingFrame& f) { f.mutable_share()->set_share(std::string(32, '\xff')); });
    edit("a device without keys", 3, [](v1::PairingFrame& f) { f.mutable_share()->set_data("no record"); });
    edit("a wrong confirmation of the joiner", 4,
         [](v1::PairingFrame& f) { flip_last(*f.mutable_confirm()->mutable_mac()); });
    edit("a wrong confirmation of the host", 5,
         [](v1::PairingFrame& f) { flip_last(*f.mutable_confirm()->mutable_mac()); });
    edit("an offer that was changed", 6, [](v1::PairingFrame& f) { flip_last(*f.mutable_sealed()); });
    edit("a consent that was changed", 7, [](v1::PairingFrame& f) { flip_last(*f.mutable_sealed()); });
    return out;
}

TEST_F(PairingVectors, AreWhatThisCodeMakes) {
    run(64);
    EXPECT_FALSE(failure_);
    json vectors = keys();
    vectors["code"] = code_.digits();
    vectors["joiner"] = {{"seed", to_hex(phone_.key.export_seed())}, {"random", joiner_random_.given}};
    vectors["host"] = {{"seed", to_hex(hub_.key.export_seed())}, {"random", host_random_.given}};
    vectors["verifier"] = words_;
    for (const Sent& sent : sent_) {
        vectors["frames"].push_back(
            {{"from", sent.by_joiner ? "joiner" : "host"}, {"bytes", to_hex(sent.frame)}});
    }
    for (const Bytes& operation : log_.all()) {
        vectors["operations"].push_back(to_hex(operation));
    }
    vectors["household"] = log_.roster()->household.hex();
    vectors["rejects"] = rejects();
    hold_to_vectors("pairing.json", vectors.dump(2) + "\n");
}

}  // namespace
}  // namespace ambit::identity

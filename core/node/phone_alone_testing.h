// A device that is alone in its household, with its local API, for tests and fuzzers.
#pragma once

#include "crypto/seeded_random.h"
#include "crypto/words.h"
#include "node/local_api.h"
#include "node/releasing.h"
#include "storage/memory_storage.h"

namespace ambit::node {

class NoNetwork final : public wire::Transport {
  public:
    void dial(wire::DialId /*id*/, const wire::Address& /*to*/, const DeviceId& /*expected*/) override {}

    void cancel_dial(wire::DialId /*id*/) override {}

    bool send(wire::LinkId /*link*/, Bytes /*frame*/) override { return true; }

    void close(wire::LinkId /*link*/, const Error& /*reason*/) override {}

    void set_roster(identity::RosterView /*roster*/) override {}
};

class FakeListener final : public PairingListenerPort {
  public:
    Result<std::string> open(PairingConnectionEvents& events) override {
        open_for = &events;
        return std::string("192.0.2.7:41877");
    }

    void send(const Bytes& /*frame*/) override {}

    void disconnect() override {}

    void close() override { open_for = nullptr; }

    PairingConnectionEvents* open_for = nullptr;
};

// Keeps what was answered, as text.
class Heard final : public api::Responder {
  public:
    using Responder::reply;

    void reply(int /*code*/, std::string json) override {
        text = std::move(json);
        ended = true;
    }

    bool event(std::string_view /*name*/, std::string /*json*/) override { return true; }

    void end() override { ended = true; }

    void on_closed(std::function<void()> callback) override { closed = std::move(callback); }

    std::string text;
    std::function<void()> closed;
    bool ended = false;

  protected:
    bool streaming() const override { return false; }
};

// The household "Home" that Anna creates on her phone.
inline identity::Genesis annas_home(const crypto::SigningKey& key,
                                    const crypto::SealKey& seal,
                                    crypto::SeededRandom& random) {
    return {"Home",
            {key.verify_key(), seal.public_key(), "phone", "phone", false},
            identity::NewPerson{random.bytes<16>(), "Anna", identity::Role::Admin, std::nullopt}};
}

struct Founding {
    const crypto::SigningKey& key;
    const crypto::RecoverySecret& secret;
    crypto::SeededRandom& random;
    WallTime time;
};

// Writes the household's beginning into an empty storage.
inline void found_household(storage::MemoryStorage& storage,
                            const identity::Genesis& genesis,
                            const Founding& by) {
    const auto operation = identity::make_genesis(genesis, crypto::SigningKey::generate(by.random),
                                                  by.secret.signing_key(), by.key, by.time);
    storage.commit({storage::Append{std::string(kRosterStream), 1, {operation.value()}}});
    storage.settle();
}

// Anna's phone, which has just created the household "Home".
class PhoneAlone {
  public:
    explicit PhoneAlone(storage::MemoryStorage& storage) : storage_(storage) {}

    ~PhoneAlone() { storage_.set_events(nullptr); }

    PhoneAlone(const PhoneAlone&) = delete;
    PhoneAlone& operator=(const PhoneAlone&) = delete;

    // Writes the household's beginning into an empty storage.
    void found() { found_household(storage_, genesis_, {key_, secret_, random_, now_.wall}); }

    // Comes to life from what is stored, also after an earlier life.
    Result<void> start(bool fresh_store) {
        releasing_.reset();
        api_.reset();
        NodeOptions options;
        options.fresh_store = fresh_store;
        node_ = std::make_unique<Node>(Ports{key_, storage_, network_, random_}, options,
                                       [this] { return now_; });
        storage_.set_events(node_.get());
        AMBIT_TRY(node_->load());
        DaemonInfo info;
        info.version = "0.1.0";
        info.instance = "default";
        api_ = std::make_unique<LocalApi>(*node_, info, listener_, genesis_.founder);
        AMBIT_TRY(api_->load());
        releasing_ = std::make_unique<Releasing>(*node_);
        storage_.settle();
        return {};
    }

    void ask(const api::Request& request, const Reply& reply) {
        api_->handle(request, reply);
        storage_.settle();
        api_->settle();
    }

    std::shared_ptr<Heard> ask(std::string method, std::string path, std::string body) {
        auto heard = std::make_shared<Heard>();
        ask({std::move(method), std::move(path), {}, std::move(body)}, heard);
        return heard;
    }

    crypto::SeededRandom random_{crypto::Seed{7}};
    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    crypto::SealKey seal_ = crypto::SealKey::generate(random_);
    crypto::RecoverySecret secret_ = crypto::RecoverySecret::generate(random_);
    identity::Genesis genesis_ = annas_home(key_, seal_, random_);
    storage::MemoryStorage& storage_;
    NoNetwork network_;
    FakeListener listener_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<LocalApi> api_;
    std::unique_ptr<Releasing> releasing_;
};

}  // namespace ambit::node

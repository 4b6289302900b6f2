// A household's car, with a made-up cabin, that hears what Anna's phone told, for tests.
//
// Ownership: value.  Threads: one.  Failure: what must not fail throws.
#pragma once

#include <set>

#include "node/agent_acts.h"
#include "node/phone_alone_testing.h"

namespace ambit::node {

// Does what it is told, unless `works` is false, and remembers it.
class MadeUpCabin final : public capability::Provider {
  public:
    static constexpr const char* kSource = "cabin:made-up";
    static constexpr const char* kId = "cabin:made-up/1";

    std::string source() const override { return kSource; }

    privacy::Service service() const override { return {kSource, privacy::Household{}}; }

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override {
        told.push_back({invocation.request, to_text(invocation.input.value())});
    }

    void cancel(const RequestId& /*request*/) override {}

    struct Told {
        RequestId request;
        std::string input;
    };

    std::vector<Told> told;
    bool works = true;
    std::set<std::string> refused;  // inputs that it can't do
    bool silent = false;            // nobody knows whether it did it
};

class CarAlone {
  public:
    CarAlone() {
        const crypto::SealKey seal = crypto::SealKey::generate(random_);
        const identity::Genesis genesis = annas_home(phone_key_, seal, random_);
        const auto recovery = crypto::RecoverySecret::generate(random_);
        identity::RosterLog log;
        const Bytes first = identity::make_genesis(genesis, crypto::SigningKey::generate(random_),
                                                   recovery.signing_key(), phone_key_, now_.wall)
                                .value();
        log.add(first).value();
        const auto consent = identity::consent_to_join(
            car_key_, {car_key_.verify_key(), seal.public_key(), "car", "car", false},
            log.roster()->household, {});
        const Bytes second = identity::RosterAuthor(log, phone_key_, now_.wall).add_device(consent).value();
        log.add(second).value();
        const auto of_anna = identity::consent_to_join(
            watch_key_, {watch_key_.verify_key(), seal.public_key(), "watch", "watch", false},
            log.roster()->household, {log.roster()->people.begin()->first, std::nullopt});
        const Bytes third = identity::RosterAuthor(log, phone_key_, now_.wall).add_device(of_anna).value();
        storage_.commit({storage::Append{std::string(kRosterStream), 1, {first, second, third}}});
        storage_.settle();
        start(true);
    }

    ~CarAlone() { storage_.set_events(nullptr); }

    CarAlone(const CarAlone&) = delete;
    CarAlone& operator=(const CarAlone&) = delete;

    // Comes to life from what is stored, also after an earlier life.
    void start(bool fresh_store) {
        NodeOptions options;
        options.fresh_store = fresh_store;
        node_ = std::make_unique<Node>(Ports{car_key_, storage_, network_, random_}, options,
                                       [this] { return now_; });
        storage_.set_events(node_.get());
        AMBIT_CHECK(node_->load().has_value());
        node_->actions().add_provider(cabin_);
        node_->on_available(MadeUpCabin::kSource, true);
        node_->on_entity({MadeUpCabin::kId,
                          MadeUpCabin::kSource,
                          "Cabin",
                          "",
                          "climate",
                          {"car"},
                          {"cabin.precondition"}});
        storage_.settle();
        node_->settle();
        for (const auto& [id, device] : node_->parts().roster->devices) {
            if (device.name == "watch") {
                watch_ = id;
            } else if (device.owner) {
                phone_ = id;
                anna_ = *device.owner;
            }
        }
    }

    void pass(seconds time) {
        now_.mono += time;
        now_.wall += time;
    }

    void state(double cabin_c, double outside_c, bool on, const std::string& more = "") {
        node_->on_state(MadeUpCabin::kId,
                        "{\"on\":" + std::string(on ? "true" : "false") +
                            ",\"cabin_c\":" + std::to_string(cabin_c) +
                            ",\"outside_c\":" + std::to_string(outside_c) + more + "}",
                        true);
        node_->settle();
    }

    // What the cabin was told, in order, after it answered.
    std::vector<std::string> done() {
        std::vector<std::string> inputs;
        storage_.settle();
        while (!cabin_.told.empty()) {
            for (const auto& told : std::exchange(cabin_.told, {})) {
                inputs.push_back(told.input);
                node_->on_result(answer_to(told));
            }
            storage_.settle();
        }
        node_->settle();
        return inputs;
    }

    capability::InvocationResult answer_to(const MadeUpCabin::Told& told) const {
        if (cabin_.refused.contains(told.input)) {
            return {
                told.request, capability::Outcome::NotDone, "{}", {ErrorCode::MqttCommandInvalid, "mode"}};
        }
        if (cabin_.silent) {
            return {told.request, capability::Outcome::Unknown, "{}", {ErrorCode::MqttNotConfirmed, ""}};
        }
        return {told.request, cabin_.works ? capability::Outcome::Done : capability::Outcome::NotDone, "{}",
                cabin_.works ? Error{} : Error{ErrorCode::NotAvailable, "flat"}};
    }

    // It is another kind of thing from now on.
    void offer(const std::string& domain, const std::string& capability) {
        node_->on_entity(
            {MadeUpCabin::kId, MadeUpCabin::kSource, "Heater", "", domain, {"cabin"}, {capability}});
        node_->settle();
    }

    // A thermometer of the same source says so.
    std::string thermometer(const std::string& name, const std::string& state) {
        const std::string id = std::string(MadeUpCabin::kSource) + "/" + name;
        node_->on_entity({id, MadeUpCabin::kSource, name, "", "sensor", {}, {"sensor.read"}});
        node_->on_state(id, state, true);
        node_->settle();
        return id;
    }

    void raw_state(const std::string& state, bool available = true) {
        node_->on_state(MadeUpCabin::kId, state, available);
        node_->settle();
    }

    // As somebody at the car says it.
    void command(const std::string& input) {
        begin_command(input);
        done();
    }

    void begin_command(const std::string& input) {
        Parts& parts = node_->parts();
        const privacy::Label label{privacy::Audience(privacy::Household{}), privacy::Trust::Trusted};
        node_->actions().invoke({.id = random_.id<RequestId>(),
                                 .capability = "cabin.precondition",
                                 .entity = MadeUpCabin::kId,
                                 .input = {to_bytes(input), label},
                                 .person = parts.person(),
                                 .deadline = now_.mono + seconds(5),
                                 .command = true},
                                {}, {}, now_);
    }

    // What this device has said of why the cabin is left alone, to `reader`; null if nothing.
    std::string held_for(const privacy::NamedAudience& reader) {
        for (const auto& fact : node_->parts().fleeting.query(entity_subject(MadeUpCabin::kId), now_)) {
            constexpr privacy::Here here{"test"};
            const facts::Fact& one = fact.read(here);
            if (one.key.attribute == kHeldAttribute && one.key.audience == reader) {
                return std::get<facts::Json>(one.value).text;
            }
        }
        return "";
    }

    crypto::SeededRandom random_{crypto::Seed{7}};
    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    crypto::SigningKey phone_key_ = crypto::SigningKey::generate(random_);
    crypto::SigningKey car_key_ = crypto::SigningKey::generate(random_);
    crypto::SigningKey watch_key_ = crypto::SigningKey::generate(random_);
    storage::MemoryStorage storage_;
    NoNetwork network_;
    MadeUpCabin cabin_;
    std::unique_ptr<Node> node_;
    DeviceId phone_;
    DeviceId watch_;  // Anna's, too
    PersonId anna_;
};

}  // namespace ambit::node

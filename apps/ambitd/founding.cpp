#include "ambitd/founding.h"

#include <nlohmann/json.hpp>

#include "crypto/words.h"
#include "node/recovery_wish.h"
#include "settings_file/settings_file.h"

namespace ambit::daemon {

using node::Json;

Founding::Founding(Loop& loop,
                   const DeviceKeys& keys,
                   const Paths& paths,
                   const settings::Settings& settings,
                   node::DaemonInfo info,
                   OnFounded on_founded,
                   std::function<void()> after_event)
    : loop_(loop),
      keys_(keys),
      paths_(paths),
      settings_(settings),
      info_(std::move(info)),
      on_founded_(std::move(on_founded)),
      after_event_(std::move(after_event)) {}

void Founding::handle(const api::Request& request, const Reply& reply) {
    const std::string what = request.method + " " + request.path;
    if (what == "GET status") {
        get_status(reply);
    } else if (what == "GET doctor") {
        get_doctor(reply);
    } else if (what == "POST household/create") {
        create(request, reply);
    } else if (what == "POST household/join") {
        join(request, reply);
    } else if (what == "POST pair/answer") {
        answer(request, reply);
    } else if (what == "POST recover") {
        recover(request, reply);
    } else {
        reply->fail({ErrorCode::NoHousehold, ""});
    }
}

Json idle_status(const node::DaemonInfo& info, bool pairing) {
    return {{"version", info.version},
            {"instance", info.instance},
            {"pid", info.pid},
            {"started", node::time_text(info.started)},
            {"links", {{"up", 0}, {"known", 0}}},
            {"entities", 0},
            {"pending", 0},
            {"pairing", pairing},
            {"health", {{"ok", 0}, {"bad", 1}}}};
}

void Founding::get_status(const Reply& reply) const {
    reply->reply(node::dump(idle_status(info_, busy())));
}

void Founding::get_doctor(const Reply& reply) const {
    Json items = Json::array();
    items.push_back(node::health_json({"household", false, {ErrorCode::NoHousehold, ""}}));
    if (storage_failure_) {
        items.push_back(node::health_json({"store", false, *storage_failure_}));
    }
    reply->reply(node::dump({{"items", std::move(items)}}));
}

Result<identity::DeviceDescription> Founding::describe_self(const Json& body) const {
    identity::DeviceDescription self;
    self.verify_key = keys_.signing.verify_key();
    self.seal_key = keys_.sealing.public_key();
    AMBIT_TRY_ASSIGN(self.name, node::text_member(body, "name"));
    self.kind = node::text_or(body, "kind", settings_.device_kind);
    self.mains_powered = settings_.device_mains_powered;
    if (self.name.size() > identity::kNameBytesMax || self.kind.size() > identity::kNameBytesMax) {
        return Error{ErrorCode::BadRequest, "\"name\" and \"kind\": at most 64 bytes"};
    }
    return self;
}

void Founding::create(const api::Request& request, const Reply& reply) {
    if (busy()) {
        return reply->fail({ErrorCode::PairingUnderWay, ""});
    }
    Random& random = Loop::system_random();
    const auto secret = crypto::RecoverySecret::generate(random);
    const auto founded = [&]() -> Result<Founded> {
        AMBIT_TRY_ASSIGN(const Json body, node::parse_body(request));
        identity::Genesis genesis;
        AMBIT_TRY_ASSIGN(genesis.founder, describe_self(body));
        AMBIT_TRY_ASSIGN(genesis.household_name, node::text_member(body, "household_name"));
        if (const auto owner = body.find("owner"); owner != body.end()) {
            identity::NewPerson person;
            AMBIT_TRY_ASSIGN(person.name, node::text_member(*owner, "name"));
            person.role = identity::Role::Admin;
            random.fill(person.nonce);
            genesis.person = std::move(person);
        }
        Founded made;
        if (body.contains("languages")) {
            AMBIT_TRY_ASSIGN(made.languages, node::texts_member(body, "languages"));
        }
        made.keep_admin = node::flag_or(body, "keep_admin", false);
        // The root key lives for this one signature.
        AMBIT_TRY_ASSIGN(Bytes operation,
                         identity::make_genesis(genesis, crypto::SigningKey::generate(random),
                                                secret.signing_key(), keys_.signing, Loop::now().wall));
        made.operations.push_back(std::move(operation));
        AMBIT_TRY(settings::store(paths_.settings_file, "device.name", genesis.founder.name));
        AMBIT_TRY(settings::store(paths_.settings_file, "device.kind", genesis.founder.kind));
        return made;
    }();
    if (!founded) {
        return reply->fail(founded.error());
    }
    founding_ = true;
    storage_failure_.reset();
    on_founded_(*founded, [this, reply, words = secret.words()](const Result<Json>& household) {
        founding_ = false;
        if (!household) {
            return reply->fail(household.error());
        }
        founded_ = true;
        Json answer = *household;
        answer["recovery_words"] = node::words_json(words);
        answer["recovery_qr"] = words;
        reply->reply(node::dump(answer));
    });
}

Result<Joining::Wanted> Founding::wanted(const Json& body) const {
    AMBIT_TRY_ASSIGN(const std::string code, node::text_member(body, "code"));
    AMBIT_TRY_ASSIGN(identity::DeviceDescription self, describe_self(body));
    std::string at = node::text_or(body, "at", "");
    std::optional<DeviceId> host;
    std::optional<identity::PairingCode> digits;
    if (code.starts_with("ambit:")) {
        AMBIT_TRY_ASSIGN(const identity::PairingInvitation invitation,
                         identity::PairingInvitation::parse(code));
        digits = invitation.code;
        host = invitation.host;
        at = at.empty() ? invitation.at : at;
    } else {
        AMBIT_TRY_ASSIGN(digits, identity::PairingCode::parse(code));
    }
    wire::Address address;  // port 0: to be found
    if (!at.empty()) {
        AMBIT_TRY_ASSIGN(address, wire::Address::parse(at));
    } else if (!settings_.mesh_mdns) {
        return Error{ErrorCode::DiscoveryUnavailable, "mesh.mdns is off"};
    }
    return Joining::Wanted{*digits, host, address, std::move(self),
                           node::flag_or(body, "accept_verifier", false)};
}

void Founding::join(const api::Request& request, const Reply& reply) {
    if (busy()) {
        return reply->fail({ErrorCode::PairingUnderWay, ""});
    }
    const auto body = node::parse_body(request);
    const auto wish = body ? wanted(*body) : Result<Joining::Wanted>(body.error());
    if (!wish) {
        return reply->fail(wish.error());
    }
    if (wish->at.port == 0) {
        find(*wish, reply);
    } else {
        start_joining(*wish, reply);
    }
}

void Founding::look(mdns::Service service, const Reply& reply, Finding::OnEnd on_end) {
    (void)reply->event("finding", "{}");
    finding_ =
        std::make_unique<Finding>(loop_, service, std::move(on_end), [this] { loop_.post(after_event_); });
}

// A wrong guess would cost the other device one of its code's three tries, so nothing is tried unless exactly
// one is found.
void Founding::find(const Joining::Wanted& wish, const Reply& reply) {
    look(mdns::Service::Pairing, reply, [this, wish, reply](const Result<std::vector<wire::Address>>& found) {
        if (!found) {
            return reply->fail(found.error());
        }
        if (found->size() != 1) {
            const std::string many = std::to_string(found->size()) + " devices nearby show a code now";
            return reply->fail({ErrorCode::DiscoveryUnavailable,
                                found->empty() ? "no device nearby shows a code now" : many});
        }
        Joining::Wanted at_host = wish;
        at_host.at = found->front();
        start_joining(at_host, reply);
    });
}

void Founding::start_joining(const Joining::Wanted& wish, const Reply& reply) {
    const auto adopt_joined = [this, self = wish.self](const identity::PairingJoined& joined,
                                                       std::function<void(const Result<Json>&)> told) {
        Founded founded;
        founded.operations = joined.operations;
        founded.host = joined.host;
        founded.host_addresses = joined.addresses;
        adopt(std::move(founded), self, std::move(told));
    };
    joining_ = std::make_unique<Joining>(loop_, keys_, wish, reply, adopt_joined, after_event_);
}

void Founding::adopt(Founded founded,
                     const identity::DeviceDescription& self,
                     std::function<void(const Result<Json>&)> told) {
    for (const auto& [name, value] :
         {std::pair("device.name", self.name), std::pair("device.kind", self.kind)}) {
        if (const auto stored = settings::store(paths_.settings_file, name, value); !stored) {
            return told(stored.error());
        }
    }
    on_founded_(founded, [this, told = std::move(told)](const Result<Json>& household) {
        founded_ = founded_ || household.has_value();
        told(household);
    });
}

void Founding::recover(const api::Request& request, const Reply& reply) {
    if (busy()) {
        return reply->fail({ErrorCode::PairingUnderWay, ""});
    }
    const auto wanted_recovery = [&]() -> Result<Recovery::Wanted> {
        AMBIT_TRY_ASSIGN(node::RecoveryWish wish, node::recovery_wish(request));
        AMBIT_TRY_ASSIGN(const Json body, node::parse_body(request));
        AMBIT_TRY_ASSIGN(identity::DeviceDescription self, describe_self(body));
        std::vector<wire::Address> addresses;
        if (const std::string at = node::text_or(body, "at", ""); !at.empty()) {
            AMBIT_TRY_ASSIGN(const wire::Address address, wire::Address::parse(at));
            addresses.push_back(address);
        } else if (!settings_.mesh_mdns) {
            return Error{ErrorCode::DiscoveryUnavailable, "mesh.mdns is off"};
        }
        return Recovery::Wanted{
            std::move(wish.secret), {std::move(self), std::move(wish.owner)}, std::move(addresses)};
    };
    auto wanted = wanted_recovery();
    if (!wanted) {
        return reply->fail(wanted.error());
    }
    if (!wanted->addresses.empty()) {
        return start_recovery(std::move(wanted).value(), reply);
    }
    // A secret is moved, never copied, and a callback must be copyable.
    auto held = std::make_shared<Recovery::Wanted>(std::move(wanted).value());
    look(mdns::Service::Mesh, reply, [this, held, reply](const Result<std::vector<wire::Address>>& found) {
        if (!found) {
            return reply->fail(found.error());
        }
        held->addresses = *found;
        start_recovery(std::move(*held), reply);
    });
}

void Founding::start_recovery(Recovery::Wanted wanted, const Reply& reply) {
    const auto adopt_recovered = [this, self = wanted.settings.self](
                                     const identity::RecoveryDone& done,
                                     std::function<void(const Result<Json>&)> told) {
        Founded founded;
        founded.operations = done.operations;
        founded.host = done.host;
        founded.host_addresses = done.addresses;
        adopt(std::move(founded), self, std::move(told));
    };
    auto recovery = Recovery::start(loop_, keys_, std::move(wanted), reply, adopt_recovered, after_event_);
    if (!recovery) {
        return reply->fail(recovery.error());
    }
    recovery_ = std::move(recovery).value();
}

void Founding::answer(const api::Request& request, const Reply& reply) {
    const auto body = node::parse_body(request);
    if (!body) {
        return reply->fail(body.error());
    }
    if (!joining_ || !joining_->waits_for_answer() || !body->contains("confirm")) {
        return reply->fail({ErrorCode::NoPairing, "nothing waits for an answer"});
    }
    joining_->answer(node::flag_or(*body, "confirm", false));
    reply->reply("{}");
}

void Founding::settle() {
    if (finding_ && Loop::now().mono >= finding_->deadline()) {
        const auto finding = std::move(finding_);
        finding->tick(Loop::now());
    }
    if (recovery_) {
        recovery_->tick();
        if (recovery_->over()) {
            recovery_.reset();
        }
    }
    if (joining_) {
        joining_->tick();
        if (joining_->over()) {
            joining_.reset();
        }
    }
}

std::optional<MonoTime> Founding::next_deadline() const {
    if (finding_) {
        return finding_->deadline();
    }
    if (recovery_) {
        return recovery_->deadline();
    }
    return joining_ ? std::optional(joining_->deadline()) : std::nullopt;
}

void Founding::stop() {
    finding_.reset();
    recovery_.reset();
    joining_.reset();
}

}  // namespace ambit::daemon

#include "node/pairings.h"

#include <nlohmann/json.hpp>

namespace ambit::node {

Result<identity::Ownership> Pairings::ownership_of(const Json& owner) const {
    if (flag_or(owner, "shared", false)) {
        return identity::Ownership(identity::SharedDevice{});
    }
    if (const auto name = optional_text(owner, "person")) {
        AMBIT_TRY_ASSIGN(const identity::Person* person, person_named(*name, *node_.parts().roster));
        return identity::Ownership(identity::DeviceOf{person->id});
    }
    const auto fresh = owner.find("new_person");
    if (fresh == owner.end() || !fresh->is_object()) {
        return Error{ErrorCode::BadRequest, "\"owner\": expected shared, person or new_person"};
    }
    identity::NewPerson person;
    AMBIT_TRY_ASSIGN(person.name, text_member(*fresh, "name"));
    AMBIT_TRY_ASSIGN(person.role, parse_role(text_or(*fresh, "role", "adult")));
    if (const auto expires = optional_text(*fresh, "expires")) {
        AMBIT_TRY_ASSIGN(person.expires, parse_time(*expires));
    }
    if (node_.parts().roster->person_named(person.name) != nullptr) {
        return Error{ErrorCode::BadRequest, "somebody is called \"" + person.name + "\" already"};
    }
    node_.parts().random.fill(person.nonce);
    return identity::Ownership(std::move(person));
}

void Pairings::start(const api::Request& request, const Reply& reply) {
    const Now now = node_.now();
    if (host_ != nullptr) {
        return reply->fail({ErrorCode::PairingUnderWay, ""});
    }
    const auto body = parse_body(request);
    if (!body) {
        return reply->fail(body.error());
    }
    identity::PairingHost::Settings settings;
    settings.self = self_;
    for (const wire::Address& address : addresses_) {
        settings.addresses.push_back(address.to_string());
    }
    settings.accept_verifier = accept_verifier_ = flag_or(*body, "accept_verifier", false);
    owner_given_ = body->contains("owner");
    owner_wanted_ = false;
    if (owner_given_) {
        auto ownership = ownership_of((*body)["owner"]);
        if (!ownership) {
            return reply->fail(ownership.error());
        }
        settings.ownership = std::move(ownership).value();
    }
    HostPairing::Wiring wiring{node_.parts(),
                               node_.membership(),
                               listener_,
                               [this] { return node_.now(); },
                               [this](storage::Ticket ticket, Node::OnDurable callback) {
                                   node_.when_durable(ticket, std::move(callback));
                               },
                               [this](const identity::PairingEvent& event) { on_event(event); }};
    auto host = std::make_unique<HostPairing>(std::move(wiring), std::move(settings), now);
    const auto at = host->open();
    if (!at) {
        return reply->fail(at.error());
    }
    host_ = std::move(host);
    stream_ = reply;
    waiting_ = Waiting::Nothing;
    reply->on_closed([this] { finish(); });
    const identity::PairingInvitation invitation{host_->code(), *at, node_.parts().self};
    say("code", {{"code", host_->code().text()},
                 {"at", *at},
                 {"qr_text", invitation.text()},
                 {"expires_s", identity::kPairingCodeLife.count()}});
}

void Pairings::say(std::string_view name, const Json& data) {
    if (stream_) {
        // A reader that is gone ends the pairing through on_closed.
        (void)stream_->event(name, dump(data));
    }
}

void Pairings::on_event(const identity::PairingEvent& event) {
    if (const auto* known = std::get_if<identity::PeerKnown>(&event)) {
        say("peer", {{"name", known->peer.name}, {"kind", known->peer.kind}});
    } else if (const auto* verifier = std::get_if<identity::VerifierReady>(&event)) {
        say("verifier", {{"words", words_json(verifier->words, kVerifierSeparator)}});
        if (!accept_verifier_) {
            waiting_ = Waiting::Confirm;
            say("need_confirm", Json::object());
        }
    } else if (std::holds_alternative<identity::NeedOwner>(event)) {
        owner_wanted_ = !owner_given_;
        if (owner_wanted_ && waiting_ == Waiting::Nothing) {
            ask_owner();
        }
    } else if (const auto* hosted = std::get_if<identity::PairingHosted>(&event)) {
        const identity::Device* device = node_.parts().roster->device(hosted->device);
        say("done", {{"device", device == nullptr ? Json{{"id", hosted->device.hex()}}
                                                  : device_json(*device, *node_.parts().roster)}});
        if (stream_) {
            std::exchange(stream_, nullptr)->end();
        }
    } else if (const auto* failed = std::get_if<identity::PairingFailed>(&event)) {
        // A wrong code leaves two more tries; the stream ends when the code is dead (tick).
        say("failed_try", {{"error", error_member(failed->error)}});
        last_failure_ = failed->error;
        waiting_ = Waiting::Nothing;
    }
}

void Pairings::ask_owner() {
    waiting_ = Waiting::Owner;
    Json people = Json::array();
    for (const auto& [id, person] : node_.parts().roster->people) {
        people.push_back(person.name);
    }
    say("need_owner", {{"people", std::move(people)}});
}

void Pairings::answer(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    if (!body) {
        return reply->fail(body.error());
    }
    if (host_ == nullptr || waiting_ == Waiting::Nothing) {
        return reply->fail({ErrorCode::NoPairing, "nothing waits for an answer"});
    }
    if (body->contains("confirm") && waiting_ == Waiting::Confirm) {
        const bool yes = flag_or(*body, "confirm", false);
        waiting_ = Waiting::Nothing;
        host_->confirm(yes);
        if (yes && owner_wanted_) {
            ask_owner();
        }
        return reply->reply("{}");
    }
    if (body->contains("owner") && waiting_ == Waiting::Owner) {
        const auto ownership = ownership_of((*body)["owner"]);
        if (!ownership) {
            return reply->fail(ownership.error());
        }
        waiting_ = Waiting::Nothing;
        host_->set_ownership(*ownership);
        return reply->reply("{}");
    }
    reply->fail({ErrorCode::NoPairing,
                 waiting_ == Waiting::Confirm ? "\"confirm\" is waited for" : "\"owner\" is waited for"});
}

void Pairings::end(const Reply& reply) {
    if (host_ != nullptr) {
        last_failure_ = Error{ErrorCode::Declined, "the pairing was ended"};
    }
    finish();
    reply->reply("{}");
}

void Pairings::stop() {
    last_failure_ = Error{ErrorCode::Stopping, ""};
    finish();
}

void Pairings::finish() {
    host_.reset();
    waiting_ = Waiting::Nothing;
    if (stream_) {
        std::exchange(stream_, nullptr)->fail(last_failure_.value_or(Error{ErrorCode::CodeExpired, ""}));
    }
    last_failure_.reset();
}

void Pairings::tick(Now now) {
    if (host_ != nullptr) {
        host_->tick(now);
        if (host_->over()) {
            finish();
        }
    }
}

std::optional<MonoTime> Pairings::next_deadline() const {
    return host_ == nullptr ? std::nullopt : std::optional(host_->deadline());
}

}  // namespace ambit::node

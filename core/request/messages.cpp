#include "request/messages.h"

#include "crypto/hash.h"
#include "proto/request.pb.h"

namespace ambit::request {

namespace {

// Largest message whose parts can all be within their limits.
constexpr std::size_t kMessageMax = kPayloadMax + 4 * kNameMax + 4'096;

Error bad(const char* what) {
    return {ErrorCode::BadEncoding, what};
}

template <typename Message>
Result<Message> parse(ByteView bytes) {
    if (bytes.size() > kMessageMax) {
        return Error{ErrorCode::LimitExceeded, "message over its limit"};
    }
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return bad("not a message of this kind");
    }
    return message;
}

Result<std::string> name(const std::string& text) {
    if (text.size() > kNameMax) {
        return Error{ErrorCode::LimitExceeded, "name over 256 bytes"};
    }
    return text;
}

Result<Bytes> payload(const std::string& text) {
    if (text.size() > kPayloadMax) {
        return Error{ErrorCode::LimitExceeded, "values over 64 KiB"};
    }
    return to_bytes(text);
}

Result<std::optional<PersonId>> person(const std::string& bytes) {
    if (bytes.empty()) {
        return std::optional<PersonId>();
    }
    AMBIT_TRY_ASSIGN(const PersonId id, PersonId::from_bytes(view_of(bytes)));
    return std::optional<PersonId>(id);
}

void fill(const ConfirmationYes& yes, v1::ConfirmationYes& out) {
    out.set_request(to_text(yes.request.bytes()));
    out.set_digest(to_text(yes.digest.bytes()));
    out.set_device(to_text(yes.device.bytes()));
    out.set_expires_ms(static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(yes.expires.time_since_epoch()).count()));
    out.set_signature(to_text(yes.signature.bytes()));
}

Result<ConfirmationYes> from_message(const v1::ConfirmationYes& message) {
    ConfirmationYes yes;
    AMBIT_TRY_ASSIGN(yes.request, RequestId::from_bytes(view_of(message.request())));
    AMBIT_TRY_ASSIGN(yes.digest, Digest::from_bytes(view_of(message.digest())));
    AMBIT_TRY_ASSIGN(yes.device, DeviceId::from_bytes(view_of(message.device())));
    // Milliseconds that would overflow a WallTime are no time at all.
    if (message.expires_ms() > (std::uint64_t{1} << 48U)) {
        return bad("time out of range");
    }
    yes.expires = WallTime(milliseconds(message.expires_ms()));
    AMBIT_TRY_ASSIGN(yes.signature, crypto::Signature::from_bytes(view_of(message.signature())));
    return yes;
}

Result<ConfirmMessage> from_message(const v1::ConfirmationAsk& message) {
    ConfirmationAsk ask;
    AMBIT_TRY_ASSIGN(ask.request, RequestId::from_bytes(view_of(message.request())));
    AMBIT_TRY_ASSIGN(ask.capability, name(message.capability()));
    AMBIT_TRY_ASSIGN(ask.entity, name(message.entity()));
    AMBIT_TRY_ASSIGN(ask.entity_name, name(message.entity_name()));
    AMBIT_TRY_ASSIGN(ask.input, payload(message.input()));
    AMBIT_TRY_ASSIGN(ask.person, person(message.person()));
    ask.expires_in = milliseconds(message.expires_ms());
    return ConfirmMessage{std::move(ask)};
}

}  // namespace

Digest digest_of(std::string_view capability, std::string_view entity, ByteView input) {
    return crypto::hash_parts("ambit/v1/action", {view_of(capability), view_of(entity), input});
}

Bytes encode(const InvokeRequest& message) {
    v1::InvokeRequest out;
    out.set_request(to_text(message.request.bytes()));
    out.set_capability(message.capability);
    out.set_entity(message.entity);
    out.set_input(to_text(message.input));
    if (message.person) {
        out.set_person(to_text(message.person->bytes()));
    }
    if (message.yes) {
        fill(*message.yes, *out.mutable_yes());
    }
    out.set_attempt(message.attempt);
    return to_bytes(out.SerializeAsString());
}

Bytes encode(const InvokeReply& message) {
    v1::InvokeReply out;
    out.set_request(to_text(message.request.bytes()));
    out.set_outcome(static_cast<std::uint32_t>(message.outcome) + 1);
    if (message.outcome != Outcome::Done) {
        out.set_error(static_cast<std::uint32_t>(message.error.code));
        out.set_detail(message.error.detail.substr(0, kDetailMax));
    }
    out.set_output(to_text(message.output));
    out.set_duplicate(message.duplicate);
    out.set_acted_us(static_cast<std::uint32_t>(message.acted.count()));
    return to_bytes(out.SerializeAsString());
}

Bytes encode(const ConfirmMessage& message) {
    v1::Confirm out;
    if (const auto* ask = std::get_if<ConfirmationAsk>(&message)) {
        auto& body = *out.mutable_ask();
        body.set_request(to_text(ask->request.bytes()));
        body.set_capability(ask->capability);
        body.set_entity(ask->entity);
        body.set_entity_name(ask->entity_name);
        body.set_input(to_text(ask->input));
        if (ask->person) {
            body.set_person(to_text(ask->person->bytes()));
        }
        body.set_expires_ms(static_cast<std::uint32_t>(ask->expires_in.count()));
    } else if (const auto* yes = std::get_if<ConfirmationYes>(&message)) {
        fill(*yes, *out.mutable_yes());
    } else if (const auto* no = std::get_if<ConfirmationNo>(&message)) {
        out.mutable_no()->set_request(to_text(no->request.bytes()));
    } else {
        out.mutable_gone()->set_request(to_text(std::get<ConfirmationGone>(message).request.bytes()));
    }
    return to_bytes(out.SerializeAsString());
}

Result<InvokeRequest> decode_invoke_request(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const auto message, parse<v1::InvokeRequest>(bytes));
    InvokeRequest request;
    AMBIT_TRY_ASSIGN(request.request, RequestId::from_bytes(view_of(message.request())));
    AMBIT_TRY_ASSIGN(request.capability, name(message.capability()));
    AMBIT_TRY_ASSIGN(request.entity, name(message.entity()));
    AMBIT_TRY_ASSIGN(request.input, payload(message.input()));
    AMBIT_TRY_ASSIGN(request.person, person(message.person()));
    if (message.has_yes()) {
        AMBIT_TRY_ASSIGN(request.yes, from_message(message.yes()));
    }
    request.attempt = message.attempt();
    return request;
}

Result<InvokeReply> decode_invoke_reply(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const auto message, parse<v1::InvokeReply>(bytes));
    if (message.outcome() < 1 || message.outcome() > 3) {
        return bad("unknown outcome");
    }
    InvokeReply reply;
    AMBIT_TRY_ASSIGN(reply.request, RequestId::from_bytes(view_of(message.request())));
    reply.outcome = static_cast<Outcome>(message.outcome() - 1);
    if (reply.outcome != Outcome::Done) {
        // A number that this version doesn't know reads as Internal.
        const auto number = message.error() > 65'535 ? 0 : message.error();
        reply.error = {describe(static_cast<ErrorCode>(number)).code, message.detail().substr(0, kDetailMax)};
    }
    AMBIT_TRY_ASSIGN(reply.output, payload(message.output()));
    reply.duplicate = message.duplicate();
    reply.acted = microseconds(message.acted_us());
    return reply;
}

Result<ConfirmMessage> decode_confirm_message(ByteView bytes) {
    AMBIT_TRY_ASSIGN(const auto message, parse<v1::Confirm>(bytes));
    switch (message.body_case()) {
        case v1::Confirm::kAsk:
            return from_message(message.ask());
        case v1::Confirm::kYes: {
            AMBIT_TRY_ASSIGN(ConfirmationYes yes, from_message(message.yes()));
            return ConfirmMessage{yes};
        }
        case v1::Confirm::kNo: {
            AMBIT_TRY_ASSIGN(const RequestId id, RequestId::from_bytes(view_of(message.no().request())));
            return ConfirmMessage{ConfirmationNo{id}};
        }
        case v1::Confirm::kGone: {
            AMBIT_TRY_ASSIGN(const RequestId id, RequestId::from_bytes(view_of(message.gone().request())));
            return ConfirmMessage{ConfirmationGone{id}};
        }
        case v1::Confirm::BODY_NOT_SET:
            break;
    }
    return bad("empty confirmation message");
}

}  // namespace ambit::request

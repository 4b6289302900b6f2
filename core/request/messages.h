// Messages: what travels for a request, as values and as protobuf bytes.
//
// Decoding trusts nothing: every length, id and JSON text is checked here.  Ownership: values.  Threads: any.
// Failure: BadEncoding, LimitExceeded (1000-1099).  Spec: docs/spec/requests.md, proto/request.proto.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "capability/provider.h"
#include "crypto/keys.h"

namespace ambit::request {

inline constexpr std::string_view kInvokeMethod = "capability.invoke";
inline constexpr std::string_view kConfirmMethod = "capability.confirm";
inline constexpr std::size_t kNameMax = 256;           // bytes of capability, entity, entity name
inline constexpr std::size_t kPayloadMax = 64 * 1024;  // bytes of input and output
inline constexpr std::size_t kDetailMax = 500;         // bytes of an error's detail

using capability::Outcome;

// A person's signed yes; bound to the request, the capability, the entity and the values.
struct ConfirmationYes {
    RequestId request;
    Digest digest;
    DeviceId device;
    WallTime expires;
    crypto::Signature signature;
};

struct InvokeRequest {
    RequestId request;
    std::string capability;
    std::string entity;
    Bytes input;  // JSON object
    std::optional<PersonId> person;
    std::optional<ConfirmationYes> yes;
    std::uint32_t attempt = 1;
};

struct InvokeReply {
    RequestId request;
    Outcome outcome = Outcome::Unknown;
    Error error;   // when outcome != Done
    Bytes output;  // JSON object
    bool duplicate = false;
    microseconds acted{0};
};

struct ConfirmationAsk {
    RequestId request;
    std::string capability;
    std::string entity;
    std::string entity_name;
    Bytes input;
    std::optional<PersonId> person;
    milliseconds expires_in{0};
};

struct ConfirmationNo {
    RequestId request;
};

struct ConfirmationGone {
    RequestId request;
};

using ConfirmMessage = std::variant<ConfirmationAsk, ConfirmationYes, ConfirmationNo, ConfirmationGone>;

// What a request id stands for: a second request with the same id must have the same digest.
Digest digest_of(std::string_view capability, std::string_view entity, ByteView input);

Bytes encode(const InvokeRequest& message);
Bytes encode(const InvokeReply& message);
Bytes encode(const ConfirmMessage& message);
Result<InvokeRequest> decode_invoke_request(ByteView bytes);
Result<InvokeReply> decode_invoke_reply(ByteView bytes);
Result<ConfirmMessage> decode_confirm_message(ByteView bytes);

}  // namespace ambit::request

// Channel: one signed, hash-chained, gapless log, by one writer for one audience.
//
// Ownership: values.  Threads: any.  Failure: BadEncoding, BadSignature (1000-1199).
// Spec: docs/spec/facts.md sections "Channels" and "Chain".
#pragma once

#include <string>

#include "crypto/verifier.h"
#include "privacy/audience.h"

namespace ambit::facts {

struct Channel {
    DeviceId writer;
    privacy::NamedAudience audience;
    Incarnation incarnation;
    friend auto operator<=>(const Channel&, const Channel&) = default;

    // "facts/<writer hex>/<audience>/<incarnation hex>": its name in the store.
    std::string stream() const;
    static Result<Channel> from_stream(std::string_view stream);

    // Channels for this device never leave it.
    bool is_private() const;
};

// The hash before the first entry: binds the chain to its channel.
Digest chain_start(const Channel& channel);
// The hash of the entry after the one hashed `previous`; also the entry's name.
Digest chain_next(const Digest& previous, ByteView entry);

// What a writer signs after each batch.  `ledger` is the head of its ledger then, so that peers witness it.
struct SignedHead {
    std::uint64_t seq = 0;
    Digest hash;
    Digest ledger;
    crypto::Signature signature;
    friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

SignedHead sign_head(const crypto::SigningKey& key,
                     const Channel& channel,
                     std::uint64_t seq,
                     const Digest& hash,
                     const Digest& ledger);
Result<void> verify_head(const crypto::VerifyKey& key, const Channel& channel, const SignedHead& head);
Result<void> verify_head(crypto::Verifier& verifier,
                         const crypto::VerifyKey& key,
                         const Channel& channel,
                         const SignedHead& head);

}  // namespace ambit::facts

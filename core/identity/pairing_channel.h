// PairingChannel: the key agreement, confirmation and encryption that both sides of a pairing share.
//
// Inside core/identity only.  Ownership: value, move-only; its keys are wiped.  Threads: one.
// Failure: BadKey, BadCiphertext (1100-1199), BadPairingFrame (1305).  Spec: docs/spec/pairing.md, "Key
// schedule".
#pragma once

#include "crypto/aead.h"
#include "crypto/cpace.h"
#include "identity/pairing.h"

namespace ambit::v1 {
class PairingFrame;
class PairingMessage;
}  // namespace ambit::v1

namespace ambit::identity {

inline constexpr std::uint32_t kPairingVersion = 1;
inline constexpr seconds kPairingStepTimeout{5};
inline constexpr std::size_t kPairingSessionSize = 16;

enum class PairingSide { Joiner, Host };

class PairingChannel {
  public:
    PairingChannel(PairingSide side,
                   const PairingCode& code,
                   const DeviceDescription& self,
                   ByteView session,
                   Random& random);

    // This side's share frame.
    Bytes share_frame() const;
    // Takes the peer's share and derives all keys.  BadPairingFrame if the peer's data is not a device, or is
    // ours.
    Result<void> take_share(const v1::PairingFrame& frame);

    // REQUIRES for all below: take_share() succeeded.
    const DeviceDescription& peer() const { return keys_->peer; }

    std::string verifier() const { return keys_->verifier; }

    Bytes confirm_frame() const;
    bool confirms(const v1::PairingFrame& frame) const;
    Bytes sealed_frame(const v1::PairingMessage& message);
    Result<v1::PairingMessage> open(const v1::PairingFrame& frame);

  private:
    struct Keys {
        DeviceDescription peer;
        std::string verifier;
        Digest own_mac;
        Digest peer_mac;
        crypto::AeadKey sending;
        crypto::AeadKey receiving;
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
    };

    PairingSide side_;
    Bytes session_;
    Bytes data_;
    crypto::Cpace cpace_;
    std::optional<Keys> keys_;
};

// The frame in `bytes`; BadPairingFrame when it is none.
Result<v1::PairingFrame> parse_pairing_frame(ByteView bytes);
Bytes refusal_frame(const Error& error);
// What the peer's refusal says, with a detail that is safe to show.
Error error_of_refusal(const v1::PairingFrame& frame);

}  // namespace ambit::identity

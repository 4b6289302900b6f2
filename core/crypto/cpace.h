// CPace: two sides that know the same short secret agree on a key, and one that doesn't gets one guess per
// try.
//
// Ownership: values; scalars and keys are wiped, move-only, without == or <<.  Threads: any.
// Failure: BadKey (1101) for a share that is no point or the identity: abort the session.
// Spec: draft-irtf-cfrg-cpace-21, CPACE-RISTR255-SHA512, initiator-responder form; names as in the draft.
#pragma once

#include "crypto/keys.h"

namespace ambit::crypto {

using CpaceShare = std::array<std::uint8_t, 32>;

// The intermediate session key: what both sides share after a run with the same secret.
class CpaceKey {
  public:
    static constexpr std::size_t kSize = 64;

    explicit CpaceKey(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

    CpaceKey(CpaceKey&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

    CpaceKey& operator=(CpaceKey&& other) noexcept;
    CpaceKey(const CpaceKey&) = delete;
    CpaceKey& operator=(const CpaceKey&) = delete;

    ~CpaceKey() { wipe(bytes_); }

    // The key's bytes, for deriving other keys with keyed_hash(); never to be kept.
    ByteView expose() const { return bytes_; }

  private:
    std::array<std::uint8_t, kSize> bytes_;
};

// What both sides must agree on besides the secret: `channel` (CI in the draft) and the session's id (sid).
struct CpaceContext {
    Bytes channel;
    Bytes session;
};

// One side of one run.
class Cpace {
  public:
    // Picks a secret scalar from `random`.
    static Cpace start(ByteView password, CpaceContext context, Random& random);
    // With the scalar given: for test vectors.
    static Cpace with_scalar(ByteView password, CpaceContext context, const Seed& scalar);
    Cpace(Cpace&& other) noexcept;
    Cpace& operator=(Cpace&&) = delete;
    Cpace(const Cpace&) = delete;
    Cpace& operator=(const Cpace&) = delete;

    ~Cpace() { wipe(scalar_); }

    // Ya or Yb: to send, together with this side's associated data.
    const CpaceShare& share() const { return share_; }

    // The same key on both sides only if secret, context, both shares and both associated data are the same.
    Result<CpaceKey> finish_as_initiator(ByteView own_data, ByteView peer_share, ByteView peer_data) const;
    Result<CpaceKey> finish_as_responder(ByteView own_data, ByteView peer_share, ByteView peer_data) const;

  private:
    Cpace(CpaceContext context, const Seed& scalar) : context_(std::move(context)), scalar_(scalar) {}

    CpaceContext context_;
    Seed scalar_;
    CpaceShare share_{};
};

// The draft's building blocks, each with vectors of its own.
namespace cpace {

Bytes prepend_len(ByteView bytes);
Bytes lv_cat(std::initializer_list<ByteView> parts);
Bytes o_cat(ByteView a, ByteView b);
Bytes transcript_ir(ByteView share_a, ByteView data_a, ByteView share_b, ByteView data_b);
Bytes transcript_oc(ByteView share_a, ByteView data_a, ByteView share_b, ByteView data_b);
Bytes generator_string(ByteView password, const CpaceContext& context);
CpaceShare calculate_generator(ByteView password, const CpaceContext& context);
// BadKey for an invalid encoding or an identity result (G.I in the draft).
Result<CpaceShare> scalar_mult_vfy(const Seed& scalar, ByteView point);
CpaceKey derive_key(ByteView session, ByteView shared_point, ByteView transcript);

}  // namespace cpace

}  // namespace ambit::crypto

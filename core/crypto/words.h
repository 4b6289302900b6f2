// Words for people: the recovery secret on paper, and the verifier two screens show.
//
// Ownership: values; the recovery secret is wiped, move-only, without == or <<.  Threads: any.
// Failure: BadRecoveryWords (1208) names the first word that is wrong, or says that the check word does not
// fit. Spec: docs/spec/roster.md, section "Recovery words"; docs/spec/pairing.md, section "Verifier".
#pragma once

#include <array>
#include <string>

#include "crypto/keys.h"

namespace ambit::crypto {

inline constexpr std::size_t kRecoveryWords = 17;

// 256 distinct lower-case words, ascending; a byte is a word.
const std::array<std::string_view, 256>& word_list();

// The private half of a household's recovery key: 128 bits, shown once.
class RecoverySecret {
  public:
    static constexpr std::size_t kSize = 16;

    static RecoverySecret generate(Random& random);
    // 16 words, one a byte, and a check word; case, and what stands between the words, don't matter.
    static Result<RecoverySecret> from_words(std::string_view text);

    RecoverySecret(RecoverySecret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

    RecoverySecret& operator=(RecoverySecret&&) = delete;
    RecoverySecret(const RecoverySecret&) = delete;
    RecoverySecret& operator=(const RecoverySecret&) = delete;

    ~RecoverySecret() { wipe(bytes_); }

    // Separated by single spaces; also what the QR code holds.
    std::string words() const;
    SigningKey signing_key() const;

  private:
    explicit RecoverySecret(const std::array<std::uint8_t, kSize>& bytes) : bytes_(bytes) {}

    std::array<std::uint8_t, kSize> bytes_;
};

// "harbor · violin · 7 · moss": the same on both sides of a key agreement that nobody sits in the middle of.
std::string verifier_of(ByteView session_key);

}  // namespace ambit::crypto

// VerifyMemo: checks each signature once for the whole household.
//
// To verify is a pure function of key, purpose, message and signature, so that twenty devices that check the
// same head get the same answer; here the nineteen later ones get it from memory.  Only what is good is
// remembered, under a hash of all four.  The daemon has nothing like it. Ownership: a household's.  Threads:
// one.  Failure: as VerifyKey::verify().  Bounded: kRememberedMax, then emptied.
#pragma once

#include <unordered_set>

#include "crypto/hash.h"
#include "crypto/verifier.h"

namespace ambit::sim {

class VerifyMemo final : public crypto::Verifier {
  public:
    static constexpr std::size_t kRememberedMax = 65'536;

    Result<void> verify(const crypto::VerifyKey& key,
                        crypto::Purpose purpose,
                        ByteView message,
                        const crypto::Signature& signature) override {
        const Digest name = crypto::hash_parts(
            "simulator/verified", {key.bytes(), view_of(purpose.name), message, signature.bytes()});
        if (good_.contains(name)) {
            ++remembered_;
            return {};
        }
        auto verified = key.verify(purpose, message, signature);
        if (verified) {
            if (good_.size() >= kRememberedMax) {
                good_.clear();
            }
            good_.insert(name);
        }
        return verified;
    }

    // How often it did not check again.
    std::uint64_t remembered() const { return remembered_; }

  private:
    std::unordered_set<Digest> good_;
    std::uint64_t remembered_ = 0;
};

}  // namespace ambit::sim

// Verifier: who checks signatures.  The daemon checks each; a simulator of many devices may remember.
//
// Ownership: whoever is given one borrows it.  Threads: one.  Failure: as VerifyKey::verify(), always.
#pragma once

#include "crypto/keys.h"

namespace ambit::crypto {

class Verifier {
  public:
    virtual ~Verifier() = default;

    // The same as key.verify().
    virtual Result<void> verify(const VerifyKey& key,
                                Purpose purpose,
                                ByteView message,
                                const Signature& signature) {
        return key.verify(purpose, message, signature);
    }
};

}  // namespace ambit::crypto

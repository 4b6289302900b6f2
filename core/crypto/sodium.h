// Starts libsodium once, before anything of it is used.  Inside core/crypto only.
//
// Threads: any.  Failure: stops the process; without a cryptographic library nothing can run.
#pragma once

namespace ambit::crypto {

void ensure_sodium();

}  // namespace ambit::crypto

#include "crypto/sodium.h"

#include <sodium.h>

#include "base/check.h"

namespace ambit::crypto {

void ensure_sodium() {
    static const int kStarted = sodium_init();
    AMBIT_CHECK(kStarted >= 0);
}

}  // namespace ambit::crypto

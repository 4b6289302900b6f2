// RecoveryWish: what `POST recover` asks for, read alike by a member and by a device that is in no household.
//
// Ownership: values; the secret is wiped.  Threads: any.  Failure: BadRequest, BadRecoveryWords (6003, 1208).
// Spec: docs/spec/local-api.md section "POST recover".
#pragma once

#include "crypto/words.h"
#include "node/local_json.h"

namespace ambit::node {

struct RecoveryWish {
    crypto::RecoverySecret secret;
    std::optional<std::string> owner;
};

Result<RecoveryWish> recovery_wish(const api::Request& request);
// {"recovery_words", "recovery_qr"}
Json new_words_json(const std::string& words);

}  // namespace ambit::node

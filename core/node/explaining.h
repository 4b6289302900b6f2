// Explaining: why words were understood as they were, as JSON for `--explain`.
//
// Ownership: values.  Threads: the loop's.  Failure: none.  Spec: docs/spec/local-api.md section "POST ask".
#pragma once

#include "node/conversation.h"
#include "node/local_json.h"

namespace ambit::node {

Json explanation_json(const std::string& text,
                      const language::Understanding& understanding,
                      const Conversation& conversation,
                      const capability::Directory& directory);

}  // namespace ambit::node

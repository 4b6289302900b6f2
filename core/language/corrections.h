// Corrections: "no, I meant ..." said after something was misunderstood.
//
// Pure.  Threads: any.  Failure: none.  Spec: docs/spec/sentences.md, "Follow-ups".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ambit::language {

// What follows "no, I meant", in spoken form; nullopt if the words don't begin so, or nothing follows.
std::optional<std::string> corrected_to(std::string_view utterance, std::string_view language);

}  // namespace ambit::language

// Undoing: what would take back something that was done, from what its thing was like before.
//
// The device that acted wrote the state before into the fact `last_action`; so one step back is known for
// each thing.  Pure but for reading facts.  Ownership: values.  Threads: the loop's.  Failure: CannotUndo
// (4306), with the reason.  Spec: docs/spec/requests.md, "Undo".
#pragma once

#include "node/parts.h"

namespace ambit::node {

struct Undoing {
    RequestId request;  // what is taken back
    std::string capability;
    std::string entity;
    Result<std::string> input;  // what to send, or why it can't be taken back
};

// The steps that take back request `id` (its first digits do), or, if that is empty, all that was last asked
// for at once by this device or its person.  Words of an audience `of` that is not this device's own take
// back only what was asked with such words.
Result<std::vector<Undoing>> undoing(const Parts& parts,
                                     const privacy::NamedAudience& of,
                                     const std::string& id);
// The input of `capability` that brings back `before`, as far as `input` changed it.
Result<std::string> undo_input(const std::string& capability,
                               const std::string& input_json,
                               const std::string& before_json);

}  // namespace ambit::node

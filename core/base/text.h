// Text that came from somewhere else, made fit for people, logs and terminals.
//
// Ownership: values.  Threads: any.  Failure: none.
#pragma once

#include <string>
#include <string_view>

namespace ambit {

// At most `bytes_max` bytes of `text`, cut between characters; a control character, and each byte that is not
// UTF-8, becomes '?'.  So the result prints, and travels in a protobuf string.
std::string printable(std::string_view text, std::size_t bytes_max);

// All of it, on one line: each character that a terminal would obey, or turn the rest of the line around by,
// becomes a space.
std::string for_terminal(std::string_view text);

// ASCII letters in lower case, all else as it is.
std::string lower(std::string_view text);

// Whether `text` is UTF-8 by RFC 3629, as a protobuf string has to be.
bool is_utf8(std::string_view text);

}  // namespace ambit

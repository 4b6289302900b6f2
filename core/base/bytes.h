// Byte strings and their text forms.
//
// Ownership: values.  Threads: any.  Failure: decoding returns BadEncoding (1001).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ambit {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// Views the characters of `text` as bytes; the view lives as long as `text`.
ByteView view_of(std::string_view text);

Bytes to_bytes(std::string_view text);
// The bytes as characters, unchanged (they need not be UTF-8).
std::string to_text(ByteView bytes);

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);
// Accepts upper and lower case; BadEncoding for an odd length or another character.
Result<Bytes> from_hex(std::string_view hex);

}  // namespace ambit

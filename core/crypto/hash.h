// BLAKE2b-256, whole or in parts, always under a domain so that hashes of different things never collide.
//
// Ownership: values.  Threads: any.  Failure: none.  Spec: RFC 7693; the domain is hashed first, as
// length byte || domain.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/ids.h"

namespace ambit::crypto {

Digest hash(std::string_view domain, ByteView bytes);

// Hash of several parts, each preceded by its length as 8 bytes big-endian, so that boundaries matter.
Digest hash_parts(std::string_view domain, std::initializer_list<ByteView> parts);

// The same as hash() with BLAKE2b's key set to `key` (at most 64 bytes): a message authentication code, or a
// key derived from `key` for the use that `domain` names.
Digest keyed_hash(ByteView key, std::string_view domain, ByteView bytes);

}  // namespace ambit::crypto

// Identifiers as types, so that one kind can't be passed for another.
//
// Ownership: values.  Threads: any.  Failure: from_hex()/from_bytes() return BadEncoding (1001).
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <functional>

#include "base/bytes.h"

namespace ambit {

// N opaque bytes; `Tag` makes each kind its own type.
template <typename Tag, std::size_t N>
class Id {
  public:
    static constexpr std::size_t kSize = N;

    Id() = default;
    explicit Id(const std::array<std::uint8_t, N>& bytes) : bytes_(bytes) {}

    static Result<Id> from_bytes(ByteView bytes) {
        if (bytes.size() != N) {
            return Error{ErrorCode::BadEncoding, "identifier of the wrong length"};
        }
        Id id;
        std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
        return id;
    }
    static Result<Id> from_hex(std::string_view hex) {
        AMBIT_TRY_ASSIGN(const Bytes bytes, ambit::from_hex(hex));
        return from_bytes(bytes);
    }

    ByteView bytes() const { return bytes_; }
    std::string hex() const { return to_hex(bytes_); }
    // The first 8 hexadecimal digits, for people.
    std::string short_hex() const { return hex().substr(0, 8); }
    bool is_zero() const {
        return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
    }

    friend bool operator==(const Id&, const Id&) = default;
    friend auto operator<=>(const Id&, const Id&) = default;

  private:
    std::array<std::uint8_t, N> bytes_{};
};

// BLAKE2b-256 of something.
using Digest = Id<struct DigestTag, 32>;
// BLAKE2b-256 of a device's Ed25519 public key (docs/spec/wire.md).
using DeviceId = Id<struct DeviceIdTag, 32>;
// Random, chosen by the operation that adds the person.
using PersonId = Id<struct PersonIdTag, 16>;
// The hash of the household's genesis operation.
using HouseholdId = Id<struct HouseholdIdTag, 32>;
// Random and new with every new or restored database (docs/spec/facts.md, "Channels").
using Incarnation = Id<struct IncarnationTag, 16>;
// Identifies one request across devices; also the idempotency key of its effect.
using RequestId = Id<struct RequestIdTag, 16>;

}  // namespace ambit

template <typename Tag, std::size_t N>
struct std::hash<ambit::Id<Tag, N>> {
    std::size_t operator()(const ambit::Id<Tag, N>& id) const noexcept {
        // Ids are hashes or random already: their first bytes are well spread.
        std::size_t value = 0;
        std::memcpy(&value, id.bytes().data(), sizeof value);
        return value;
    }
};

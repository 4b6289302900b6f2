// The named limits of the mesh's edge (docs/spec/wire.md section "Limits").
#pragma once

#include <cstddef>

#include "base/time.h"

namespace ambit::mesh {

// Strangers: how many handshakes are under way at once, in all and from one address; over it the oldest one
// ends.
inline constexpr std::size_t kHandshakesMax = 64;
inline constexpr std::size_t kHandshakesPerAddressMax = 8;
inline constexpr milliseconds kHandshakeTimeout{3000};
inline constexpr milliseconds kDialHandshakeTimeout{4500};
inline constexpr std::size_t kUpgradeHeaderBytesMax = 4096;
// No file descriptors left: accepting pauses.
inline constexpr milliseconds kAcceptPause{200};

// A link's unsent bytes above which send() says "wait".
inline constexpr std::size_t kLinkBufferBytes = 256 * 1024;
// What a link buffers at most, whatever its user does; over it the link breaks.
inline constexpr std::size_t kLinkBufferBytesMax = 4 * 1024 * 1024;
// A read buffer that grew over this for one frame is given back.
inline constexpr std::size_t kReadBufferKept = 64 * 1024;
// How long a closed link may take to flush, and for the peer to close its side.
inline constexpr milliseconds kCloseTimeout{1000};

inline constexpr std::size_t kPairingFrameBytesMax = 64 * 1024;

}  // namespace ambit::mesh

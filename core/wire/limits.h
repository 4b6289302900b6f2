// The named limits of the wire (docs/spec/wire.md section "Limits"); a peer that goes over one is cut off.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace ambit::wire {

inline constexpr std::uint32_t kVersionMin = 1;
inline constexpr std::uint32_t kVersionMax = 1;

// One encoded frame, and the body of one message inside it.
inline constexpr std::size_t kFrameBytesMax = 1024 * 1024;
inline constexpr std::size_t kBodyBytesMax = kFrameBytesMax - 8 * 1024;
// On the interactive link, so that no message delays a pong by more than the liveness limit on slow Wi-Fi.
inline constexpr std::size_t kInteractiveBodyBytesMax = 256 * 1024;
inline constexpr std::size_t kMethodBytesMax = 64;
inline constexpr std::size_t kAudienceBytesMax = 4 * 1024;
inline constexpr std::size_t kDetailBytesMax = 512;
inline constexpr std::size_t kFeaturesMax = 16;

// Per link: what waits to be sent.
inline constexpr std::size_t kQueueFramesMax = 1024;
inline constexpr std::size_t kQueueBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kControlFramesMax = 1024;
// Per link and direction: calls in flight.
inline constexpr std::size_t kCallsMax = 256;
// Per call: items that wait for credit.
inline constexpr std::size_t kItemsWaitingMax = 64;
// What an opener may send before it gets credit, and what it gives unless it says otherwise.
inline constexpr std::uint32_t kCreditDefault = 16;
inline constexpr std::uint32_t kCreditMax = 1024;

inline constexpr milliseconds kHelloTimeout{3000};
inline constexpr milliseconds kDeadlineMax{24 * 3600 * 1000};
// Liveness while it matters (a call in flight, or both sides mains powered), and otherwise.
inline constexpr milliseconds kPingInterval{300};
inline constexpr milliseconds kPingYield{50};  // later, for the side that was pinged last
inline constexpr milliseconds kPingEarly{
    40};  // with one that is due now: this device wakes once for all its links
inline constexpr milliseconds kSilenceMax{950};
inline constexpr milliseconds kKeepAliveInterval{45'000};
inline constexpr milliseconds kKeepAliveSilenceMax{60'000};

// Dialling.
inline constexpr milliseconds kDialTimeout{5000};
inline constexpr milliseconds kDialYield{100};  // the larger id lets the smaller one dial first
inline constexpr milliseconds kBackoffMin{250};
inline constexpr milliseconds kBackoffMax{30'000};
// Two links that come up within this time are a race of two dials; later, the newer one replaces a dead one.
inline constexpr milliseconds kRaceWindow{5000};
// A link that was replaced by another one again and again is not dialled at once: the first so many times it
// is.
inline constexpr int kShortLivesMax = 2;
// Restarts of a peer that are remembered, to tell one from two nodes that take turns.
inline constexpr std::size_t kInstancesMax = 8;
inline constexpr milliseconds kBulkIdleMax{30'000};
inline constexpr std::size_t kBulkWaitingMax = 64;
inline constexpr milliseconds kBulkWaitMax{2000};  // then a bulk call takes the interactive link
inline constexpr std::size_t kLinksPerPeerMax = 4;

// Addresses.
inline constexpr std::size_t kAddressesPerRecordMax = 8;
inline constexpr std::size_t kHintsPerDeviceMax = 4;
inline constexpr std::size_t kStaticPerDeviceMax = 8;
inline constexpr std::size_t kHostBytesMax = 255;
inline constexpr std::size_t kRecordsPerNoticeMax = 256;

}  // namespace ambit::wire

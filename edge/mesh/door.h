// Door: which strangers may try to get in, so that a crowd of them costs little and keeps no member out.
//
// A place is a network address (IPv6: its first 64 bits).  Places that members came from are kept apart from
// all others: no stranger elsewhere takes their turn.  Ownership: MeshTransport's.  Threads: the loop's.
// Failure: none.  Spec: docs/spec/wire.md section "Limits".
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "wire/transport.h"

namespace ambit::mesh {

// Beside kHandshakesMax and kHandshakesPerAddressMax (limits.h), which hold for strangers; places that
// members came from have as many again.  A handshake costs some 0.3 ms of the one thread that runs the house:
// a crowd gets a small part of it.
inline constexpr std::size_t kHandshakesPerSecondMax = 200;
inline constexpr std::size_t kMemberPlacesMax = 64;

class Door {
  public:
    struct Answer {
        bool welcome = false;
        // The handshake to end, because there would be too many.
        std::optional<wire::LinkId> instead_of;
    };

    // Somebody connects from `address`.  If welcome, `id` is under way until gone().
    Answer come(wire::LinkId id, const std::string& address, MonoTime now);
    // The handshake of `id` is over, one way or the other.
    void gone(wire::LinkId id);
    // A member proved to be at `address`.
    void member_at(const std::string& address);

    std::size_t under_way() const { return strangers_.size() + members_.size(); }

  private:
    using Crowd = std::map<wire::LinkId, std::string>;  // ids grow with time

    static std::optional<wire::LinkId> too_many(const Crowd& crowd, const std::string& place);
    bool may_work(MonoTime now);

    Crowd strangers_;
    Crowd members_;  // from places that members came from
    std::deque<std::string> places_;
    double allowance_ = 0;
    std::optional<MonoTime> allowed_at_;
};

}  // namespace ambit::mesh

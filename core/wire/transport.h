// Transport: the narrow port to whatever carries frames between two members (edge/mesh, sim/).
//
// Ownership: whoever wires a node owns it; its events borrow.  Threads: the loop's; no call calls back from
// inside. A link is authenticated before on_link_up(): the peer holds the key of exactly that member of the
// roster. Failure: events with an Error (1500-1599).  Spec: docs/spec/wire.md section "Transport".
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "identity/roster.h"

namespace ambit::wire {

// Never reused while a node runs.
using LinkId = std::uint64_t;
using DialId = std::uint64_t;

// Two devices share one link for calls, and a second one, on demand, for bulk data.
enum class LinkKind : std::uint8_t { Interactive = 0, Bulk = 1 };

// Where a device may be reached: a name or an IP literal (IPv6 without brackets), and a port.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    // "host:port", "[v6]:port"
    std::string to_string() const;
    // BadEncoding (1001) if it isn't of that form.
    static Result<Address> parse(std::string_view text);
    friend auto operator<=>(const Address&, const Address&) = default;
};

struct LinkUp {
    LinkId link = 0;
    DeviceId peer;
    std::optional<DialId> dial;  // none: the peer dialled
    Address remote;
};

class Transport {
  public:
    virtual ~Transport() = default;

    // Connects to `address`, where only `expected` is welcome.  on_link_up() or on_dial_failed() follows,
    // once.
    virtual void dial(DialId id, const Address& address, const DeviceId& expected) = 0;
    // Nothing follows for `id` after this.
    virtual void cancel_dial(DialId id) = 0;

    // Sends one frame of at most kFrameBytesMax bytes.  False: taken, but the link's buffer is full; wait for
    // on_writable() before the next one.  An unknown link is ignored (its on_link_down() is under way).
    virtual bool send(LinkId link, Bytes frame) = 0;
    // Closes after what was sent is flushed, within a deadline of the transport.  Nothing follows for `link`.
    virtual void close(LinkId link, const Error& reason) = 0;

    // From now on only members of `roster` get a link; the links of others are closed, with on_link_down().
    // Who holds its recovery key may connect too (LinkUp says so by Roster::is_recovery()), and keeps that link
    // when the key changes: whoever serves it closes it.
    virtual void set_roster(identity::RosterView roster) = 0;
};

// Who owns the links implements this; always called on the loop, never from inside a call of Transport.
class TransportEvents {
  public:
    virtual ~TransportEvents() = default;

    virtual void on_link_up(const LinkUp& up, Now now) = 0;
    virtual void on_link_down(LinkId link, const Error& reason, Now now) = 0;
    // `frame` is at most kFrameBytesMax bytes and lives until the call returns.
    virtual void on_frame(LinkId link, ByteView frame, Now now) = 0;
    virtual void on_writable(LinkId link, Now now) = 0;
    virtual void on_dial_failed(DialId id, const Error& reason, Now now) = 0;
};

}  // namespace ambit::wire

// TLS 1.3 between members: this device's certificate, and the check that the other side is who it should be.
//
// A certificate here is only a wrapper of the device's Ed25519 key: names, dates and issuers in it don't
// matter, the roster decides.  No tickets, no resumption, no early data.  Ownership: the context outlives
// every stream made of it; a PeerCheck outlives its handshake.  Threads: the loop's. Failure: HandshakeFailed
// (1503).  Spec: docs/spec/wire.md section "Transport".
#pragma once

#include <memory>
#include <optional>

#include "crypto/keys.h"
#include "identity/roster.h"

struct ssl_st;

namespace boost::asio::ssl {
class context;
}

namespace ambit::mesh {

// The certificate of `key`, DER; made anew on every start.
Result<Bytes> make_certificate(const crypto::SigningKey& key);

Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const crypto::SigningKey& key);

// Who may be at the other end of one handshake, and who was.
struct PeerCheck {
    enum class Welcome : std::uint8_t {
        Expected,          // the dialler's: one member
        MemberOrRecovery,  // the acceptor's: any member, and who holds the recovery key
        Anybody,           // of a newcomer, who knows nobody yet
    };

    const identity::RosterView& roster;  // the one of the moment of the check
    Welcome welcome = Welcome::MemberOrRecovery;
    std::optional<DeviceId> expected;
    std::optional<DeviceId> found;
    bool recovers = false;  // let in for the recovery key alone

    bool admits(const DeviceId& device) const;
};

// Has the handshake of `ssl` decided by `check`.
void attach(ssl_st* ssl, PeerCheck& check);

}  // namespace ambit::mesh

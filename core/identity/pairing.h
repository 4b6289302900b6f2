// Pairing: how a device joins a household, over a connection that nobody vouches for.
//
// Two sans-IO machines that exchange frames: PairingHost at the member that shows the code, PairingJoiner at
// the new device.  The edge moves each frame with its length before it (docs/spec/pairing.md, "Framing"), and
// keeps the host's listener open only until dead(). Ownership: one host per code, one joiner per attempt;
// both borrow what they are given.  Threads: the loop's. Failure: never by return value; a PairingFailed
// event says why (1300-1399), on both sides. Spec: docs/spec/pairing.md; CPace (draft-irtf-cfrg-cpace-21,
// ristretto255 + SHA-512).
#pragma once

#include <memory>
#include <variant>

#include "identity/pairing_code.h"
#include "identity/roster_author.h"

namespace ambit::identity {

inline constexpr seconds kPairingCodeLife{180};
inline constexpr int kPairingTriesMax = 3;
inline constexpr std::size_t kPairingFrameMax = 64 * 1024;
inline constexpr std::size_t kPairingAddressesMax = 16;

// Whose the new device is; said by the person at the host.
struct SharedDevice {};

// Bound when a device of that person does it; the host's own person is bound at once.
struct DeviceOf {
    PersonId person;
};

using Ownership = std::variant<SharedDevice, DeviceOf, NewPerson>;

// Both: show these words to the person, who compares them with the other screen.
struct VerifierReady {
    std::string words;  // "harbor · violin · 7 · moss"
};

// Both: who the other side says it is; true only once the words were compared.
struct PeerKnown {
    DeviceDescription peer;
};

// Host: call confirm_verifier() (unless told beforehand), then set_ownership() (unless told beforehand).
struct NeedOwner {};

// Host: make these durable, add them to the log, then call operations_adopted().  May be empty (joined
// before).
struct OperationsReady {
    std::vector<Bytes> operations;
};

// Host: the new device is a member and said so.
struct PairingHosted {
    DeviceId device;
};

// Joiner: this device is a member; `operations` is the whole log of the household, checked to contain this
// device.
struct PairingJoined {
    HouseholdId household;
    std::vector<Bytes> operations;
    DeviceId host;
    std::vector<std::string> addresses;  // "host:port", of the host's mesh listener
};

struct PairingFailed {
    Error error;
};

using PairingEvent = std::variant<VerifierReady,
                                  PeerKnown,
                                  NeedOwner,
                                  OperationsReady,
                                  PairingHosted,
                                  PairingJoined,
                                  PairingFailed>;

class PairingHost {
  public:
    struct Settings {
        DeviceDescription self;
        std::vector<std::string> addresses;  // where the new device reaches this one afterwards
        bool accept_verifier = false;        // unattended runs only: nobody compares the words
        std::optional<Ownership> ownership;  // said beforehand
    };

    // `log`, `key` and `random` outlive the host.  The code lives kPairingCodeLife from `now`.
    PairingHost(const RosterLog& log,
                const crypto::SigningKey& key,
                Settings settings,
                const PairingCode& code,
                Random& random,
                Now now);
    ~PairingHost();

    // A device connected.  One at a time: PairingBusy, CodeExpired or CodeBurnt otherwise, and the connection
    // is to be closed after sending refusal_frame(error).
    Result<void> connected(Now now);
    static Bytes refusal_frame(const Error& error);
    // One frame from the connected device; returns the frames to send to it, in order.
    std::vector<Bytes> handle(ByteView frame, Now now);
    // The connection is gone.  Ends the session; the code lives on unless it was used.
    void disconnected(Now now);
    // The person at this device saw the same words on both.
    std::vector<Bytes> confirm_verifier(Now now);
    std::vector<Bytes> set_ownership(const Ownership& ownership, Now now);
    // The person at this device saw different words, or changed their mind; burns the code.
    std::vector<Bytes> refuse(Now now);
    std::vector<Bytes> operations_adopted(Now now);
    // Call at deadline(): ends what has taken too long.
    std::vector<Bytes> tick(Now now);
    MonoTime deadline() const;

    // Since the last call, in order.
    std::vector<PairingEvent> take_events();
    // Close the connection, after what was returned is sent.
    bool session_over() const;
    // The code is used, burnt or too old: close the listener.
    bool dead(Now now) const;
    int tries_left() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

class PairingJoiner {
  public:
    struct Settings {
        DeviceDescription self;
        std::optional<DeviceId> host;  // from a QR code: refuse another one
    };

    // `key` (this device's) and `random` outlive the joiner.
    PairingJoiner(
        const crypto::SigningKey& key, Settings settings, const PairingCode& code, Random& random, Now now);
    ~PairingJoiner();

    // The connection to the host is up: the first frames to send.
    std::vector<Bytes> connected(Now now);
    std::vector<Bytes> handle(ByteView frame, Now now);
    void disconnected(Now now);
    // The person at this device saw different words.
    std::vector<Bytes> refuse(Now now);
    // The joined household is durable here: tells the host.
    std::vector<Bytes> household_adopted(Now now);
    std::vector<Bytes> tick(Now now);
    MonoTime deadline() const;

    std::vector<PairingEvent> take_events();
    // Close the connection, after what was returned is sent.
    bool session_over() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ambit::identity

// Recovery: how a new device gets in with the recovery words when no admin is left to let it in.
//
// Two sans-IO machines over a link that was made with the recovery key: RecoveryHost at any member,
// RecoveryJoiner at the new device.  The words never leave the new device; it signs with what they say.
// Ownership: one machine per link; both borrow what they are given.  Threads: the loop's.  Failure: never by
// return value; RecoveryFailed says why.  Spec: docs/spec/recovery.md; why: docs/adr/0009.
#pragma once

#include <memory>
#include <variant>

#include "crypto/words.h"
#include "identity/roster_author.h"

namespace ambit::identity {

inline constexpr std::uint32_t kRecoveryVersion = 1;
inline constexpr std::size_t kRecoveryFrameMax = 64 * 1024;
inline constexpr std::size_t kRecoveryAddressesMax = 16;
// From the link to its end, at either side; no person is waited for.
inline constexpr seconds kRecoveryTimeout{30};

// What the words make of a household: the operation, and the words that replace them.
struct MadeRecovery {
    Bytes operation;
    std::string next_words;
};

// Makes `self` the device of an admin: of the person called `owner`, who is new if nobody is called so; else
// of its present owner; else of the one admin there is.  `next_words` must be shown before the operation
// counts anywhere: it uses `secret` up. BadRecoveryWords: `secret` is not this household's, or no more.
// InvalidArgument: whose is it to be?
Result<MadeRecovery> make_recovery(const RosterLog& log,
                                   const crypto::RecoverySecret& secret,
                                   const crypto::SigningKey& device_key,
                                   const DeviceDescription& self,
                                   const std::optional<std::string>& owner,
                                   Random& random,
                                   WallTime now);

// Host: make this durable and spread it, then call adopted(), or refuse().
struct RecoveryArrived {
    Bytes operation;
};

// Joiner: show `next_words` to the person, then call submit().
struct RecoveryPrepared {
    std::string household_name;
    std::string next_words;
};

// Joiner: a member has it durable; `operations` is the whole log with this device in it.
struct RecoveryDone {
    HouseholdId household;
    std::vector<Bytes> operations;
    DeviceId host;
    std::vector<std::string> addresses;  // "host:port", of the host's mesh listener
};

struct RecoveryFailed {
    Error error;
};

using RecoveryEvent = std::variant<RecoveryArrived, RecoveryPrepared, RecoveryDone, RecoveryFailed>;

class RecoveryHost {
  public:
    // The link's other side holds `key`, which was the household's recovery key when the link was made.
    // `addresses`: where the new device reaches this one afterwards.
    RecoveryHost(const RosterLog& log,
                 const crypto::VerifyKey& key,
                 std::vector<std::string> addresses,
                 Now now);

    // One frame from the new device; returns the frames to send to it, in order.
    std::vector<Bytes> handle(ByteView frame, Now now);
    std::vector<Bytes> adopted();
    std::vector<Bytes> refuse(const Error& error);
    // Call at deadline().
    std::vector<Bytes> tick(Now now);

    MonoTime deadline() const { return ends_; }

    std::vector<RecoveryEvent> take_events() { return std::exchange(events_, {}); }

    // Close the link, after what was returned is sent.
    bool over() const { return step_ == Step::Over; }

  private:
    enum class Step : std::uint8_t { Hello, Operation, Adoption, Over };

    std::vector<Bytes> household() const;
    Result<void> check(ByteView operation) const;

    const RosterLog& log_;
    crypto::VerifyKey key_;
    std::vector<std::string> addresses_;
    MonoTime ends_;
    Step step_ = Step::Hello;
    std::vector<RecoveryEvent> events_;
};

class RecoveryJoiner {
  public:
    struct Settings {
        DeviceDescription self;
        std::optional<std::string> owner;  // whose it is to be; none: the one admin's
    };

    // `device_key` (this device's) and `random` outlive the joiner.
    RecoveryJoiner(const crypto::SigningKey& device_key,
                   Settings settings,
                   crypto::RecoverySecret secret,
                   Random& random);
    ~RecoveryJoiner();

    // A link to `host`, of whom nothing is known but that it holds the key of this id.  May be called again
    // after a failure, for another host.
    std::vector<Bytes> connected(const DeviceId& host, Now now);
    std::vector<Bytes> handle(ByteView frame, Now now);
    void disconnected(const Error& reason);
    // The new words were shown: from here on they may be the ones that count.
    std::vector<Bytes> submit();
    std::vector<Bytes> tick(Now now);
    MonoTime deadline() const;

    std::vector<RecoveryEvent> take_events();
    bool over() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ambit::identity

// Requests: the asking side: from an intent to one outcome, whatever happens to the devices in between.
//
// invoke() plans and starts; every event returns the effects the node must carry out.  When the device that
// acts is lost, `absolute` effects go to the next standby at once, `once` effects end as Unknown unless
// nothing was sent; a standby takes over a `once` effect only on a person's yes. Ownership: one per node;
// borrows the ReleaseRules.  Threads: the loop's.  Limits: kRequestsMax. Failure: every request ends in
// exactly one Finished; errors NoCapableDevice .. OutcomeUnknown (4200-4299). Spec: docs/spec/requests.md.
#pragma once

#include <functional>
#include <map>

#include "capability/descriptor.h"
#include "capability/directory.h"
#include "privacy/release.h"
#include "request/messages.h"

namespace ambit::request {

// What was asked.
struct Intent {
    RequestId id;
    std::string capability;
    std::string entity;
    privacy::Labelled<Bytes> input;  // JSON object
    std::optional<PersonId> person;  // who asks; none: said to a shared device
    MonoTime deadline;
    // True: the person's explicit command, released by the rule `command`.  False: data to compute on
    // (words); it goes only where its label allows.
    bool command = true;
};

// The household as it is at this event.
struct World {
    const DeviceId& self;
    const identity::Roster& roster;
    const capability::Directory& directory;
    std::function<bool(const DeviceId&)> reachable;  // not asked about `self`
};

struct LeftOut {
    DeviceId device;
    Error why;
};

struct Plan {
    std::vector<DeviceId> devices;  // best first
    std::vector<LeftOut> left_out;
};

// First cut of placement: the acting order of the entity (or the rungs of the capability) without the devices
// that the label forbids, that can't be reached or that can't act now.  UnknownCapability, UnknownEntity,
// BadInput.
Result<Plan> plan(const Intent& intent, const World& world, const privacy::ReleaseRules& rules);

// Whether a person must say yes before `acts` does this: what is risky, and a `once` effect that a standby
// would take over, since the device that usually acts may be at it unseen.
bool needs_yes(const capability::Descriptor& descriptor,
               const std::string& entity,
               const DeviceId& acts,
               const World& world);

struct Attempt {
    DeviceId device;
    MonoTime started;
    MonoTime ended;
    Outcome outcome = Outcome::Unknown;
    std::optional<Error> error;
    microseconds acted{0};  // as the acting device says
};

struct RequestResult {
    RequestId id;
    Outcome outcome = Outcome::Unknown;
    Error error;  // when outcome != Done
    privacy::Labelled<Bytes> output;
    std::optional<DeviceId> acted_by;
    std::vector<Attempt> attempts;
    std::vector<LeftOut> left_out;
    MonoTime started;
    MonoTime ended;
};

// Clear `body` for `to` with `why`, send it as Open{kInvokeMethod} with the deadline; the answer is
// on_reply(). If the gate refuses or the message never reached the link: on_not_sent().
struct SendInvoke {
    RequestId request;
    DeviceId to;
    privacy::Labelled<Bytes> body;
    privacy::Egress why;
    MonoTime deadline;
};

// Hand to the Executor as if it came from `self`.
struct ExecuteHere {
    InvokeRequest request;
    privacy::Label label;
    MonoTime deadline;
};

// Cancel the call to `to`: nothing is expected back.  If that is this device: Executor::on_cancel(), whose
// reply ends the request.
struct SendCancel {
    RequestId request;
    DeviceId to;
};

// Hand to Confirmations::ask; on_confirmed() or on_denied() follows.
struct AskConfirmation {
    ConfirmationAsk ask;
    privacy::Label label;
};

struct Finished {
    RequestResult result;
};

using RequestEffect = std::variant<SendInvoke, ExecuteHere, SendCancel, AskConfirmation, Finished>;
using RequestEffects = std::vector<RequestEffect>;

class Requests {
  public:
    static constexpr std::size_t kRequestsMax = 256;
    static constexpr std::size_t kAttemptsMax = 8;
    static constexpr seconds kConfirmationTime{30};
    static constexpr seconds kTimeAfterYes{
        10};  // what a late yes leaves to act in, whatever the deadline was
    static constexpr std::chrono::hours kDeadlineMax{1};

    explicit Requests(const privacy::ReleaseRules& rules);
    ~Requests();

    [[nodiscard]] RequestEffects invoke(Intent intent, const World& world, Now now);
    [[nodiscard]] RequestEffects on_confirmed(const RequestId& id,
                                              const ConfirmationYes& yes,
                                              const World& world,
                                              Now now);
    [[nodiscard]] RequestEffects on_denied(const RequestId& id, const Error& why, Now now);
    // `label`: that of the Sealed the reply came in (or of the Executor's reply here).
    [[nodiscard]] RequestEffects on_reply(const DeviceId& from,
                                          const InvokeReply& reply,
                                          const privacy::Label& label,
                                          const World& world,
                                          Now now);
    // The call ended without a reply: `error` as the other side's Close says (unknown number: Internal).
    [[nodiscard]] RequestEffects on_call_failed(
        const RequestId& id, const DeviceId& from, const Error& error, const World& world, Now now);
    // Not one byte of the attempt reached the link.
    [[nodiscard]] RequestEffects on_not_sent(
        const RequestId& id, const DeviceId& to, const Error& why, const World& world, Now now);
    [[nodiscard]] RequestEffects on_peer_lost(const DeviceId& peer, const World& world, Now now);
    [[nodiscard]] RequestEffects cancel(const RequestId& id, Now now);
    // Deadlines.
    [[nodiscard]] RequestEffects on_tick(Now now);
    std::optional<MonoTime> next_wake() const;

    std::size_t in_flight() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::request

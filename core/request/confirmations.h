// Confirmations: risky actions wait for a person's yes on one of that person's own devices.
//
// The asking device keeps what it asked; a confirming device keeps what it was asked (pending()).  Whose yes
// counts: the asking person's devices; when a shared device asks for nobody in particular, any adult's or
// admin's own device. The yes is signed, lives kLife, and is checked again by the device that acts
// (verify_yes). Ownership: one per node; borrows the key.  Threads: the loop's.  Limits: kPendingMax,
// kAskedMax. Failure: NothingPending, ConfirmationInvalid, ConfirmationExpired, ConfirmationDenied
// (4200-4299). Spec: docs/spec/requests.md section "Confirmation".
#pragma once

#include <memory>

#include "request/requests.h"

namespace ambit::request {

// What this device could say yes to.
struct Pending {
    ConfirmationAsk ask;
    DeviceId asked_by;
    privacy::Label label;
    MonoTime expires;
};

// Clear `body` for `to` and send it as Notice{kConfirmMethod}.
struct SendConfirm {
    DeviceId to;
    privacy::Labelled<Bytes> body;
    privacy::Egress why;
};

// For Requests::on_confirmed / on_denied of this device.
struct Confirmed {
    ConfirmationYes yes;
};

struct Denied {
    RequestId request;
    Error why;
};

// pending() changed: tell the person.
struct PendingChanged {};

using ConfirmEffect = std::variant<SendConfirm, Confirmed, Denied, PendingChanged>;
using ConfirmEffects = std::vector<ConfirmEffect>;

// May `device` say yes for a request of `person` (none: any adult's own device)?
bool may_confirm(const DeviceId& device,
                 const std::optional<PersonId>& person,
                 const identity::Roster& roster);

// On the device that acts: is this yes good for this request from `from`?  ConfirmationNeeded,
// ConfirmationInvalid, ConfirmationExpired.  A personal device asks for its own person, whatever it claims.
Result<void> verify_yes(const InvokeRequest& request,
                        const DeviceId& from,
                        const identity::Roster& roster,
                        Now now);

class Confirmations {
  public:
    static constexpr std::size_t kPendingMax = 32;
    static constexpr std::size_t kAskedMax = 32;
    static constexpr seconds kLife = Requests::kConfirmationTime;
    static constexpr std::chrono::minutes kClockToleranceMax{5};  // between the signer's and the acting clock

    explicit Confirmations(const crypto::SigningKey& key);
    ~Confirmations();

    // Asking side.
    [[nodiscard]] ConfirmEffects ask(const AskConfirmation& question, const World& world, Now now);
    // The request ended some other way: take the question back everywhere.
    [[nodiscard]] ConfirmEffects withdraw(const RequestId& request, const World& world);
    // Both sides; `label` is that of the Sealed it came in.
    [[nodiscard]] ConfirmEffects on_message(const DeviceId& from,
                                            const ConfirmMessage& message,
                                            const privacy::Label& label,
                                            const World& world,
                                            Now now);
    // Confirming side: what the person at this device decides.
    std::vector<Pending> pending() const;
    [[nodiscard]] Result<ConfirmEffects> confirm(const RequestId& request, const World& world, Now now);
    [[nodiscard]] Result<ConfirmEffects> deny(const RequestId& request, const World& world, Now now);

    [[nodiscard]] ConfirmEffects on_tick(Now now);
    std::optional<MonoTime> next_wake() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::request

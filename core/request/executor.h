// Executor: the acting side: checks a request, journals it, lets it be done once, and answers.
//
// The journal entry is durable before Act is emitted; the outcome is journalled after.  The same request id
// is answered from the journal.  After a crash in between, `absolute` effects are done again when the asker
// asks again, `once` effects end as Unknown.  Reads (effect none) are not journalled. Ownership: one per
// node; borrows Storage.  Threads: the loop's.  Limits: kJournalEntriesMax, kActingMax. Failure: each request
// gets one Reply; errors NotAMember, UnknownCapability .. OutcomeUnknown (3000-4299). Spec:
// docs/spec/requests.md section "Acting".
#pragma once

#include <memory>

#include "capability/descriptor.h"
#include "request/journal.h"
#include "request/requests.h"

namespace ambit::request {

// Do it now: clear `input` for the provider's service (rule `command`) and invoke; on_result() must follow.
struct Act {
    RequestId request;
    std::string capability;
    std::string entity;
    privacy::Labelled<Bytes> input;
    std::optional<PersonId> person;
    DeviceId asked_by;
    MonoTime deadline;
};

// Act follows once the journal is durable, unless a Reply ends the request first.  Clear the input for the
// provider's service already: its ledger row then shares the journal's commit, and the command waits for the
// disk once.
struct Prepare {
    Act act;
};

struct CancelAct {
    RequestId request;
    std::string entity;
};

// Clear `body` for `to` and send it as the answer; `to` may be this device.  If the gate refuses, send
// without_output().
struct Reply {
    RequestId request;
    DeviceId to;
    InvokeReply reply;
    privacy::Label label;    // of the output
    std::string capability;  // empty when it was refused
};

using ExecutorEffect = std::variant<Prepare, Act, CancelAct, Reply>;
using ExecutorEffects = std::vector<ExecutorEffect>;

// The same reply for somebody who may not read its output: `why` instead of it.  A read is then NotDone.
Reply without_output(const Reply& reply, const Error& why);

class Executor {
  public:
    static constexpr std::size_t kJournalEntriesMax = Journal::kEntriesMax;
    static constexpr std::size_t kActingMax = 256;
    static constexpr std::size_t kActingPerPeerMax = 64;
    static constexpr std::size_t kWaitersMax = 4;     // askers of one request
    static constexpr milliseconds kResultGrace{250};  // a provider's result may be so late

    explicit Executor(storage::Storage& storage);
    ~Executor();

    // Start-up only: reads the journal; ends `once` effects without an outcome as Unknown.
    Result<void> load(Now now);

    // `label`: that of the Sealed the request came in.
    [[nodiscard]] ExecutorEffects on_invoke(const DeviceId& from,
                                            const InvokeRequest& request,
                                            const privacy::Label& label,
                                            MonoTime deadline,
                                            const World& world,
                                            Now now);
    // The asker took it back or its link is gone.
    [[nodiscard]] ExecutorEffects on_cancel(const DeviceId& from, const RequestId& request, Now now);
    [[nodiscard]] ExecutorEffects on_durable(storage::Ticket up_to, Now now);
    [[nodiscard]] ExecutorEffects on_result(const RequestId& request,
                                            Outcome outcome,
                                            const privacy::Labelled<Bytes>& output,
                                            const Error& error,
                                            Now now);
    [[nodiscard]] ExecutorEffects on_tick(Now now);
    std::optional<MonoTime> next_wake() const;

    std::size_t journal_size() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::request

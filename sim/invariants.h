// Invariants: what must be so in every run, one class for each, each with a name that a report prints.
//
// Checked at every frame, command and event where that is where it shows, else at quiescence.
// Ownership: the Stage owns them; they borrow the household and the records.  Threads: one.
// Failure: a violation is a line in `violations`, never an abort.  To show that each can fail,
// invariants_test.cpp plants its defect.
#pragma once

#include <map>
#include <memory>

#include "sim/household.h"
#include "sim/records.h"

namespace ambit::sim {

struct Violation {
    std::string invariant;
    std::string what;
    MonoTime at;
};

class Violations {
  public:
    static constexpr std::size_t kKeptMax = 20;  // the first ones; the rest is counted

    void add(std::string_view invariant, std::string what, MonoTime at);

    const std::vector<Violation>& all() const { return kept_; }

    std::size_t count() const { return count_; }

    // How many checks were made, so that "none" means something.
    std::uint64_t checks = 0;

  private:
    std::vector<Violation> kept_;
    std::size_t count_ = 0;
};

class Invariant : public Observer {
  public:
    Invariant(Household& household, Records& records, Violations& violations)
        : household_(household), records_(records), violations_(violations) {}

    virtual std::string_view name() const = 0;

    // Everybody runs, is linked, and has had time.
    virtual void at_quiescence() {}

  protected:
    void violated(std::string what) { violations_.add(name(), std::move(what), household_.world.now().mono); }

    // Running devices that belong to the household.
    std::vector<Device*> members();
    // By what was set up; not by any roster.
    bool may_read(const DeviceId& device, const Audience& audience) const;

    Household& household_;
    Records& records_;
    Violations& violations_;
};

// Members are linked, have the same roster, and hold the same state of each audience that they share.
class Convergence final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "convergence"; }

    void at_quiescence() override;
    // What keeps them from it; empty: nothing.
    std::string difference();
};

// What a device acknowledged is there, on all devices of its audience.
class AcknowledgedWrites final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "acknowledged-writes"; }

    void on_event(Device& device) override;
    void on_restore(Device& device) override;
    void at_quiescence() override;

  private:
    static void note_place(Device& device, Write& write);
    void check(Device& reader,
               const facts::Key& key,
               const std::vector<const Write*>& writes,
               const std::set<DeviceId>& writers);

    std::map<std::string, std::size_t> checked_from_;  // by machine: writes before it are settled
};

// No byte of a datum reaches a device or a service outside its audience.
class Plaintext final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "plaintext"; }

    void on_sent(const FrameSeen& frame) override;
    void on_invoked(Device& device, const capability::Invocation& invocation) override;

  private:
    void scan(ByteView bytes, const std::optional<DeviceId>& reader, const std::string& where);
};

// No effect that counts happens twice; what was reported done or not done is so.
class Effects final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "effects"; }

    void at_quiescence() override;
};

// Who was removed gets no frame from anybody who knows, and what they wrote unseen does not count.
class Removals final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "removals"; }

    void on_sent(const FrameSeen& frame) override;
    void at_quiescence() override;
};

// Every ledger verifies, and stood where its device told its peers that it stands.
class Ledgers final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "ledgers"; }

    void at_quiescence() override;
};

// Memory and queues stay within their named limits.
class Limits final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "limits"; }

    void on_event(Device& device) override;
    void at_quiescence() override;
};

// A daemon whose disk is honest and whole starts.
class Starts final : public Invariant {
  public:
    using Invariant::Invariant;

    std::string_view name() const override { return "starts"; }

    void at_quiescence() override;
};

std::vector<std::unique_ptr<Invariant>> all_invariants(Household& household,
                                                       Records& records,
                                                       Violations& violations);

// Every canary begins so; the number of its Write follows, and a full stop.
inline constexpr std::string_view kCanary = "canary-";
std::string canary(std::size_t write, const std::string& value);

}  // namespace ambit::sim

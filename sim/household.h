// Household: real nodes in one process, each with its store on a simulated disk, on virtual time and a
// simulated network.
//
// The same core and the same store as in the daemon, none of its IO: deterministic from its seed.
// Ownership: a test owns it.  Threads: one.  Failure: a mistake in the set-up stops the test (AMBIT_CHECK).
#pragma once

#include "crypto/words.h"
#include "sim/device.h"
#include "sim/verify_memo.h"

namespace ambit::sim {

class Household {
  public:
    // What the nth device speaks; none: all speak the same.
    using Dialects = std::function<wire::Dialect(std::size_t nth)>;

    // The first device creates the household.
    Household(std::uint64_t seed,
              const std::string& first,
              const std::string& kind,
              Dialects dialects = nullptr);
    Household(const Household&) = delete;
    Household& operator=(const Household&) = delete;

    Device& device(const std::string& name);
    Device* find(const std::string& name);

    const std::map<std::string, std::unique_ptr<Device>>& devices() const { return devices_; }

    std::vector<Device*> running();

    // What was on the paper when the household was made.
    const crypto::RecoverySecret& recovery() const { return recovery_; }

    // A running device that may change the household.
    Device& admin();
    // Joins `name`, shared or as a new person's (or an existing person's) device, and starts it.
    Device& add_shared(const std::string& name, const std::string& kind, bool mains_powered = true);
    Device& add_personal(const std::string& name,
                         const std::string& kind,
                         const std::string& person,
                         bool mains_powered = true);
    // Another machine with a copy of the disk, and so with the same keys.  It is off.
    Device& add_clone(const std::string& name, Device& original);
    // `by` signs it.
    Result<void> adopt(Device& by, const std::function<Result<Bytes>(const identity::RosterAuthor&)>& write);
    // With the last entry of each of its channels that `by` has.
    Result<void> remove(Device& by, const DeviceId& gone);

    // Whose a device is, by what was set up and not by what any device believes; none: shared.
    std::optional<std::string> owner_of(const DeviceId& device) const;
    std::string name_of(const DeviceId& device) const;

    // Lets it understand the built-in English sentences.
    static void teach(Device& device);
    // Asks at a device and waits for the answer, at most `wait`.
    std::optional<node::AskResult> ask(const std::string& device,
                                       const std::string& text,
                                       milliseconds wait = seconds{5});

    bool run_until(const std::function<bool()>& done, milliseconds wait = seconds{10}) {
        return world.run_until(done, wait);
    }

    // Every running member is linked to every other.
    bool connected();

    void observe(Observer& observer) { observers_.push_back(&observer); }

  private:
    crypto::SeededRandom random_;
    crypto::SeededRandom network_random_;
    Observers observers_;

  public:
    World world;
    VerifyMemo verifier;
    Network network{world, network_random_};
    Things things;

  private:
    Device& make_device(const std::string& name, const std::string& kind, bool mains_powered);
    Device& insert(const DeviceSetup& setup);
    void admit(Device& device, Device& host, Result<Bytes> operation);
    void bind(Device& device, const PersonId& person);

    std::map<std::string, std::unique_ptr<Device>> devices_;
    std::map<std::string, crypto::Seed> identities_;  // by machine
    std::map<DeviceId, std::string> names_;           // the first machine of each
    std::map<DeviceId, std::string> owners_;
    crypto::RecoverySecret recovery_;
    std::string first_;
    Dialects dialects_;
};

}  // namespace ambit::sim

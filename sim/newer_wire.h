// NewerWire: half of the household is of a version that does not exist yet, beside others of the first one.
//
// Such a device offers a wire version and a feature more, puts a field that nobody knows into every frame,
// sends notices and calls, and writes entries, of kinds that nobody knows and that are not critical.  The
// invariant: links agree on the highest version in common, and what such a device wrote is kept and passed on
// by everybody. Ownership: a Stage's, in the configuration "older-wire".  Threads: one.  Failure: as any
// invariant.
#pragma once

#include "sim/invariants.h"

namespace ambit::sim {

class NewerWire final : public Invariant {
  public:
    static constexpr std::uint32_t kVersion = wire::kVersionMax + 1;

    NewerWire(Household& household, Records& records, Violations& violations);

    std::string_view name() const override { return "newer-wire"; }

    // What the `nth` device of a mixed household speaks.
    static wire::Dialect dialect_of(std::size_t nth);

    void on_event(Device& device) override;
    void at_quiescence() override;

  private:
    static bool is_newer(const Device& device) { return device.dialect().version_max == kVersion; }

    void say_something_new(Device& device, const DeviceId& peer);
    void write_something_new(Device& device, const DeviceId& as_if_from);

    std::set<std::tuple<std::string, std::uint64_t, DeviceId>> greeted_;  // machine, life, peer
    std::map<std::string, facts::Channel> written_;                       // by machine
};

}  // namespace ambit::sim

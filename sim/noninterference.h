// NonInterference: two runs that differ only in what an observer may not read look the same to that observer.
//
// A run is what a machine could see of it: every frame that came to it or left it, with its time, size and
// bytes, and everything that was handed to the things' service.  The bytes include hashes and signatures: not
// even those may tell. Ownership: a test.  Threads: one.  Failure: the first thing that differs, as a text.
#pragma once

#include "sim/stage.h"

namespace ambit::sim {

// One machine's view; "" as the machine is the things' service.
class View final : public Observer {
  public:
    explicit View(std::string machine) : machine_(std::move(machine)) {}

    void on_arrived(const FrameSeen& frame) override;
    void on_invoked(Device& device, const capability::Invocation& invocation) override;

    struct Seen {
        MonoTime at;
        std::string what;  // from, to, size
        Digest bytes;
    };

    const std::vector<Seen>& seen() const { return seen_; }

  private:
    std::string machine_;
    std::vector<Seen> seen_;
    MonoTime last_{};
};

// Runs `script` twice, the second time with each value of `secrets` replaced; what `machine` sees must be the
// same.
Trouble interference(const Script& script,
                     const std::map<std::string, std::string>& secrets,
                     const std::string& machine,
                     std::uint64_t seed);

}  // namespace ambit::sim

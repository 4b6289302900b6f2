// Loop: the one thread that owns a node's state, and the clocks and the random source it hands to the core.
//
// Ownership: apps own one Loop; everything posted to it must be destroyed before it.  Threads: run() makes
// the calling thread the loop's; post() may be called from any thread, all else from the loop's.  Failure:
// none.
#pragma once

#include <functional>
#include <memory>

#include "base/random.h"
#include "base/time.h"

namespace boost::asio {
class io_context;
}

namespace ambit {

class Loop {
  public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs until stop(); SIGINT and SIGTERM call `on_signal` on the loop.
    void run(std::function<void()> on_signal);
    void stop();
    // Runs `task` on the loop soon.  Any thread.
    void post(std::function<void()> task);
    // One wake-up, replaced by the next call; `task` runs at or after `at`.
    void wake_at(MonoTime at, std::function<void()> task);
    void cancel_wake();

    boost::asio::io_context& io();

    static Now now();
    // The kernel's random source; the only code in Ambit that calls it.
    static Random& system_random();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit

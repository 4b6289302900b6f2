// Worker: where a store's blocking work is done, and how its results come back to the loop.
//
// Ownership: the store owns its worker; whatever it is made of outlives both.  Threads: run() and finish()
// are the loop's, post() is for the loop and for jobs.  Failure: none.  In the daemon it is a thread; the
// simulator does the work in virtual time.
#pragma once

#include <functional>
#include <memory>

namespace ambit {
class Loop;
}

namespace ambit::store {

class Worker {
  public:
    // All jobs are done; nothing is posted any more.
    virtual ~Worker() = default;

    // Does `job` soon: in order, one at a time, and not inside this call.
    virtual void run(std::function<void()> job) = 0;
    // Returns when all jobs given so far are done.
    virtual void finish() = 0;
    // Runs `task` on the loop soon.
    virtual void post(std::function<void()> task) = 0;
};

std::unique_ptr<Worker> make_worker_thread(Loop& loop);

}  // namespace ambit::store

// Watch: waits for a change in a folder, a call from another thread, or the time.
//
// The kernel tells of changes (inotify), where it knows of them: not of those on another machine's disk.  So
// whoever waits must look by themselves at times, too.
// Ownership: one owner, who waits.  Threads: call() from any; all else from the one that waits.  Failure: a
// folder that can't be watched reports nothing; without files for it (EMFILE) only the time ends a wait.
#pragma once

#include <chrono>
#include <string>

namespace ambit::calendar {

class Watch {
  public:
    // So long nothing more must happen in the folder before it is told: programs write in bursts.
    static constexpr std::chrono::milliseconds kQuiet{20};
    // But no longer than that.
    static constexpr std::chrono::milliseconds kBurstMax{250};

    Watch();
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // From now on `folder`, as it is now; of what is in it only that whose name ends in `ending` counts.
    void follow(const std::string& folder, const std::string& ending);
    void call();
    // True if a change in the folder ended it.
    bool wait(std::chrono::milliseconds at_most);

  private:
    bool changed();

    std::string ending_;
    int calls_ = -1;
    int changes_ = -1;
    int followed_ = -1;
};

}  // namespace ambit::calendar

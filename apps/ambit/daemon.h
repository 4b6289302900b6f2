// Daemon: starts ambitd for an instance, and waits until it answers.
//
// Ownership: the started daemon is its own session and outlives ambit (detached), or a child (attached).
// Threads: one.  Failure: DaemonMissing, DaemonFailed (the detail names the log).  Spec: docs/cli.md "up".
#pragma once

#include <string>

#include <sys/types.h>

#include "base/time.h"
#include "paths/paths.h"

namespace ambit::cli {

// How long a daemon may take until it answers.
inline constexpr seconds kStartMax{15};

bool is_answering(const Paths& paths);

// Beside this program, else in PATH.
Result<std::string> find_daemon();

enum class Attachment { Detached, Attached };
// Starts `program` for the instance and waits until it answers, at most `limit`.  Attached: its output is
// ours.
Result<pid_t> start_daemon(const std::string& program,
                           const Paths& paths,
                           Attachment attachment,
                           milliseconds limit);

// Waits until nobody answers any more.  TimedOut.
Result<void> await_stopped(const Paths& paths, milliseconds limit);

// Waits for an attached daemon, passing SIGINT and SIGTERM on.  DaemonFailed if it ends badly.
Result<void> follow(pid_t daemon);

}  // namespace ambit::cli

// Paths: where an instance (one device on this machine) keeps its files; the same for ambit and ambitd.
//
// Ownership: values.  Threads: any.  Failure: InvalidArgument for an instance name or a path that can't be
// used. Spec: docs/cli.md, "Files".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ambit {

struct Paths {
    std::string instance;
    std::string state_dir;      // mode 0700
    std::string socket;         // the local API
    std::string settings_file;  // <state_dir>/settings.toml
    std::string log_file;       // <state_dir>/ambitd.log, when `ambit up` starts the daemon
};

// What the environment says; "" = unset.
struct PathEnvironment {
    std::string ambit_state_dir = {};  // folder of all instances, socket included; wins over the others
    std::string xdg_state_home = {};
    std::string xdg_runtime_dir = {};
    std::string home = {};
};

Result<Paths> paths_for(std::string_view instance, const PathEnvironment& environment);
// From the process's environment: AMBIT_STATE_DIR, XDG_STATE_HOME, XDG_RUNTIME_DIR, HOME.
Result<Paths> paths_for(std::string_view instance);
// A file that came with Ambit: in share/ambit beside the folder of the running program ("/usr/bin/ambit" ->
// "/usr/share/ambit/NAME").  The path only; the file need not be there.
std::string shared_file(std::string_view name);
// Makes the state folder and the socket's folder, mode 0700.
Result<void> make_folders(const Paths& paths);

}  // namespace ambit

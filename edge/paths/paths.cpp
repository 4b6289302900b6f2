#include "paths/paths.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <sys/un.h>

namespace ambit {
namespace {

constexpr std::size_t kInstanceLengthMax = 32;

bool is_instance_name(std::string_view name) {
    return !name.empty() && name.size() <= kInstanceLengthMax && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read before any thread starts
    return value != nullptr ? value : "";
}

}  // namespace

Result<Paths> paths_for(std::string_view instance, const PathEnvironment& environment) {
    if (!is_instance_name(instance)) {
        return Error{
            ErrorCode::InvalidArgument,
            "an instance is named with 1 to 32 of a-z, 0-9, - and _, not \"" + std::string(instance) + "\""};
    }
    Paths paths;
    paths.instance = instance;
    std::string folder;
    if (!environment.ambit_state_dir.empty()) {
        folder = environment.ambit_state_dir;
    } else if (!environment.xdg_state_home.empty()) {
        folder = environment.xdg_state_home + "/ambit";
    } else if (!environment.home.empty()) {
        folder = environment.home + "/.local/state/ambit";
    } else {
        return Error{ErrorCode::InvalidArgument, "neither HOME, XDG_STATE_HOME nor AMBIT_STATE_DIR is set"};
    }
    paths.state_dir = folder + "/" + paths.instance;
    const bool in_runtime_dir = environment.ambit_state_dir.empty() && !environment.xdg_runtime_dir.empty();
    paths.socket = in_runtime_dir ? environment.xdg_runtime_dir + "/ambit/" + paths.instance + ".sock"
                                  : paths.state_dir + "/ambit.sock";
    paths.settings_file = paths.state_dir + "/settings.toml";
    paths.log_file = paths.state_dir + "/ambitd.log";
    if (paths.socket.size() >= sizeof(sockaddr_un::sun_path)) {
        return Error{ErrorCode::InvalidArgument,
                     "the socket's path is too long for the system: " + paths.socket};
    }
    return paths;
}

Result<Paths> paths_for(std::string_view instance) {
    return paths_for(instance, PathEnvironment{variable("AMBIT_STATE_DIR"), variable("XDG_STATE_HOME"),
                                               variable("XDG_RUNTIME_DIR"), variable("HOME")});
}

std::string shared_file(std::string_view name) {
    std::error_code failed;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
    return (program.parent_path().parent_path() / "share" / "ambit" / name).string();
}

Result<void> make_folders(const Paths& paths) {
    namespace fs = std::filesystem;
    for (const fs::path& folder : {fs::path(paths.state_dir), fs::path(paths.socket).parent_path()}) {
        std::error_code error;
        if (fs::create_directories(folder, error) && !error) {
            fs::permissions(folder, fs::perms::owner_all, error);
        }
        if (error) {
            return Error{ErrorCode::SocketFailed, folder.string() + ": " + error.message()};
        }
    }
    return {};
}

}  // namespace ambit

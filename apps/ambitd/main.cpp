// ambitd: the daemon of one device; runs in the foreground.  Files: core/node is what it runs, system.h how.
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "ambitd/system.h"
#include "settings_file/settings_file.h"

namespace {

int failed(const ambit::daemon::Log& log, const ambit::Error& error) {
    log.error("cannot_start", {{"error", error.message()}});
    return 1;
}

int run(const std::string& instance) {
    ambit::daemon::silence_libraries();
    ambit::daemon::Log log;
    const auto paths = ambit::paths_for(instance);
    if (!paths) {
        return failed(log, paths.error());
    }
    const auto loaded = ambit::settings::load(paths->settings_file);
    if (!loaded) {
        return failed(log, loaded.error());
    }
    log.set_level(loaded->settings.api_log_level);
    ambit::daemon::System system(*paths, *loaded, log);
    if (const auto started = system.start(); !started) {
        return failed(log, started.error());
    }
    system.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("ambitd: the daemon of one Ambit device.  It stays in the foreground and logs to stderr.");
    std::string instance = "default";
    app.add_option("--instance", instance, "Which device of this machine (a-z, 0-9, - and _)");
    app.set_version_flag("--version", std::string("ambitd ") + AMBIT_VERSION);
    CLI11_PARSE(app, argc, argv);
    // A peer, broker or log reader that is gone, and a file that may not grow, are errors of the call, and no
    // end.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    return run(instance);
}

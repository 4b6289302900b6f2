#include "ambit/daemon.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/unix_client.h"

namespace ambit::cli {
namespace {

constexpr milliseconds kPollEvery{20};

bool is_program(const std::string& path) {
    return access(path.c_str(), X_OK) == 0;
}

// Polls, because a process that is not ours yet has nothing to wait on.
bool await(milliseconds limit, const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(kPollEvery);
    }
    return true;
}

// In the child: never returns.
[[noreturn]] void become_daemon(const std::string& program, const Paths& paths, Attachment attachment) {
    if (attachment == Attachment::Detached) {
        setsid();
        const int nothing = open("/dev/null", O_RDONLY);
        const int log = open(paths.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(nothing, STDIN_FILENO);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        close_range(3, ~0U, 0);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execl(program.c_str(), program.c_str(), "--instance", paths.instance.c_str(),
          static_cast<char*>(nullptr));
    _exit(127);
}

}  // namespace

bool is_answering(const Paths& paths) {
    const auto answer =
        http::UnixClient(paths.socket).request({.target = "/api/v1/status", .timeout = seconds(5)});
    // A daemon that is there but slow is not one to start a second time.
    return answer.has_value() || answer.error().code == ErrorCode::TimedOut;
}

Result<std::string> find_daemon() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (const std::string beside = (self.parent_path() / "ambitd").string(); !error && is_program(beside)) {
        return beside;
    }
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (const std::string candidate = std::string(folder) + "/ambitd";
            !folder.empty() && is_program(candidate)) {
            return candidate;
        }
    }
    return Error{ErrorCode::DaemonMissing, ""};
}

Result<pid_t> start_daemon(const std::string& program,
                           const Paths& paths,
                           Attachment attachment,
                           milliseconds limit) {
    AMBIT_TRY(make_folders(paths));
    const pid_t child = fork();
    if (child < 0) {
        return Error{ErrorCode::DaemonFailed, std::strerror(errno)};
    }
    if (child == 0) {
        become_daemon(program, paths, attachment);
    }
    int status = 0;
    bool ended = false;
    const bool answers = await(limit, [&] {
        ended = waitpid(child, &status, WNOHANG) == child;
        return ended || is_answering(paths);
    });
    if (answers && !ended) {
        return child;
    }
    const std::string log = attachment == Attachment::Detached ? "; log: " + paths.log_file : "";
    if (ended) {
        return Error{ErrorCode::DaemonFailed, program + " ended at once" + log};
    }
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    return Error{ErrorCode::DaemonFailed, program + " did not answer in time" + log};
}

Result<void> await_stopped(const Paths& paths, milliseconds limit) {
    if (!await(limit, [&] { return !is_answering(paths); })) {
        return Error{ErrorCode::TimedOut, "the daemon is still there"};
    }
    return {};
}

Result<void> follow(pid_t daemon) {
    sigset_t awaited;
    sigemptyset(&awaited);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) {
        sigaddset(&awaited, signal);
    }
    sigprocmask(SIG_BLOCK, &awaited, nullptr);
    int status = 0;
    while (waitpid(daemon, &status, WNOHANG) == 0) {
        int signal = 0;
        sigwait(&awaited, &signal);
        if (signal != SIGCHLD) {
            kill(daemon, SIGTERM);
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Error{ErrorCode::DaemonFailed, "it ended with status " + std::to_string(status)};
    }
    return {};
}

}  // namespace ambit::cli

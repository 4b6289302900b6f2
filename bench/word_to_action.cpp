// word-to-action-meter: times commands on a household that bench/word-to-action has started.
//
// Each round, one of each, with a rest before it so that nobody pays for what another left to do: the phone's
// local API, its page's API, its port for Wyoming, the bare chain, the command line as a process, an empty
// process of it, and one fdatasync.
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare_chain.h"
#include "doors.h"
#include "http/unix_client.h"
#include "times.h"

extern char** environ;

namespace ambit::bench {
namespace {

constexpr int kWarmUp = 10;
constexpr std::chrono::milliseconds kRest{20};
constexpr std::size_t kPageBytes = 4096;

struct Options {
    std::string cli;
    std::string instance;
    std::string socket;
    std::string folder;  // on the disk that the daemons use
    BareLamp lamp;
    std::uint16_t page_port = 0;
    std::string token;
    std::uint16_t wyoming_port = 0;
    int rounds = 0;
};

void require(bool condition, const std::string& what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

std::string words(bool on) {
    return on ? "turn on the kitchen light" : "turn off the kitchen light";
}

void require_done(const std::string& answer, const char* sign) {
    require(answer.find(sign) != std::string::npos, answer);
}

class Commands {
  public:
    explicit Commands(const Options& options) : options_(options), api_(options.socket) {}

    void ask_api(bool on) const {
        const auto answer = api_.request(
            {.method = "POST", .target = "/api/v1/ask", .body = R"({"text":")" + words(on) + "\"}"});
        require(answer.has_value(), answer ? "" : "the phone does not answer: " + answer.error().detail);
        require(answer->json.find(R"("outcome":"done")") != std::string::npos, answer->json);
    }

    void ask_cli(bool on) const { run({"--json", "ask", words(on)}); }

    void start_cli() const { run({"version"}); }

  private:
    void run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {options_.cli, "--instance", options_.instance});
        std::vector<char*> argv;
        for (std::string& argument : arguments) {
            argv.push_back(argument.data());
        }
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = -1;
        const int failed = posix_spawn(&child, options_.cli.c_str(), &files, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        require(failed == 0, "cannot start " + options_.cli);
        int status = -1;
        waitpid(child, &status, 0);
        require(status == 0, "ambit " + arguments.back() + " failed");
    }

    const Options& options_;
    http::UnixClient api_;
};

// What the disk takes for the least a durable commit needs.
class Disk {
  public:
    explicit Disk(const std::string& folder)
        : file_(open((folder + "/disk").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        require(file_ >= 0, "cannot write in " + folder);
    }

    ~Disk() { close(file_); }

    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    void sync() {
        const std::string page(kPageBytes, 'x');
        require(write(file_, page.data(), page.size()) == ssize_t{kPageBytes} && fdatasync(file_) == 0,
                "the disk does not write");
    }

  private:
    int file_;
};

void measure(const Options& options) {
    BareChain bare(options.lamp);
    const Commands commands(options);
    Disk disk(options.folder);
    Page page("127.0.0.1", options.page_port, options.token);
    Times api;
    Times door;
    Times voice;
    Times cli;
    Times chain;
    Times start;
    Times sync;
    const auto timed = [](Times& times, const auto& action) {
        std::this_thread::sleep_for(kRest);
        times.measure(action);
    };
    for (int round = -kWarmUp; round < options.rounds; ++round) {
        if (round == 0) {
            for (Times* times : {&api, &door, &voice, &cli, &chain, &start, &sync}) {
                times->clear();
            }
        }
        const bool on = round % 2 == 0;
        timed(api, [&] { commands.ask_api(on); });
        timed(door, [&] { require_done(page.ask(words(!on)), R"("outcome":"done")"); });
        timed(voice, [&] { require_done(ask_wyoming(options.wyoming_port, words(on)), R"("handled")"); });
        timed(chain, [&] { require(bare.command(on), "the bare chain's lamp did not obey"); });
        timed(cli, [&] { commands.ask_cli(!on); });
        timed(start, [&] { commands.start_cli(); });
        timed(sync, [&] { disk.sync(); });
    }
    print_header("milliseconds");
    print_ms("Ambit, from the phone's command line (process included)", cli);
    print_ms("Ambit, from the phone's local API", api);
    print_ms("Ambit, from the phone's page: HTTP with a token", door);
    print_ms("Ambit, from the phone's port for Wyoming", voice);
    print_ms("bare chain: WebSocket over TLS, MQTT, and back", chain);
    print_ms("one process of the command line that does nothing", start);
    print_ms("one fdatasync of 4 KiB on the daemons' disk", sync);
    std::printf(
        "BENCH word-to-action p50_ms=%.2f p99_ms=%.2f ratio_bare=%.2f page_p50_ms=%.2f page_p99_ms=%.2f "
        "ratio_page=%.2f wyoming_p50_ms=%.2f wyoming_p99_ms=%.2f ratio_wyoming=%.2f\n",
        cli.ms(0.5), cli.ms(0.99), api.ms(0.5) / chain.ms(0.5), door.ms(0.5), door.ms(0.99),
        door.ms(0.5) / api.ms(0.5), voice.ms(0.5), voice.ms(0.99), voice.ms(0.5) / api.ms(0.5));
}

Options parse(int argc, char** argv) {
    require(argc == 12, "started by bench/word-to-action");
    Options options;
    options.cli = argv[1];
    options.instance = argv[2];
    options.socket = argv[3];
    options.folder = argv[4];
    options.lamp = {argv[5], std::atoi(argv[6]), std::string(argv[7]) + "/set",
                    std::string(argv[7]) + "/state"};
    options.page_port = static_cast<std::uint16_t>(std::atoi(argv[8]));
    options.token = argv[9];
    options.wyoming_port = static_cast<std::uint16_t>(std::atoi(argv[10]));
    options.rounds = std::atoi(argv[11]);
    return options;
}

}  // namespace
}  // namespace ambit::bench

int main(int argc, char** argv) {
    try {
        ambit::bench::measure(ambit::bench::parse(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "benchmark failed: %s\n", error.what());
        return 1;
    }
    return 0;
}

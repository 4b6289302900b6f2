// ambit: the command line of Ambit.  All it knows it asks the daemon over the local API.
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "ambit/commands.h"

namespace {

bool is_set(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return value != nullptr && *value != '\0';
}

// https://no-color.org, and CLICOLOR_FORCE for pipes that want colours.
bool wants_color() {
    const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): one thread
    const bool dumb = term != nullptr && std::strcmp(term, "dumb") == 0;
    return !is_set("NO_COLOR") && !dumb && (is_set("CLICOLOR_FORCE") || isatty(STDOUT_FILENO) == 1);
}

std::size_t terminal_columns() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
    const ambit::cli::Look look{
        .color = wants_color(),
        .terminal = isatty(STDOUT_FILENO) == 1,
        .now = std::chrono::time_point_cast<ambit::microseconds>(std::chrono::system_clock::now()),
        .columns = terminal_columns()};
    const ambit::cli::Streams streams{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) == 1};
    return ambit::cli::run({argv + 1, argv + argc}, streams, look);
}

#include "ambitd/log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <google/protobuf/stubs/logging.h>

#include "base/text.h"

namespace ambit::daemon {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"error", "warn", "info", "debug"};

// Bare if it needs no quotes; nothing in it forges a second line, or steers the terminal that shows the log.
std::string quoted(const std::string& text) {
    const bool plain = !text.empty() && text.find_first_of(" \"=\\") == std::string::npos;
    std::string safe = printable(for_terminal(text), text.size());
    std::replace(safe.begin(), safe.end(), '"', '\'');
    return plain && safe == text ? safe : '"' + safe + '"';
}

}  // namespace

void Log::set_level(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) {
            least_ = static_cast<Level>(i);
        }
    }
}

void Log::write(Level level, std::string_view event, Fields fields) const {
    if (level > least_) {
        return;
    }
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> time{};
    std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    std::string line = std::string("time=") + time.data() + " level=";
    line += kNames.at(static_cast<std::size_t>(level));
    line += " event=";
    line += event;
    for (const auto& [key, value] : fields) {
        line += ' ';
        line += key;
        line += '=' + quoted(value);
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void silence_libraries() {
    // Malformed messages are answered with an error of ours; protobuf would print each of them as well.
    google::protobuf::SetLogHandler(nullptr);
}

}  // namespace ambit::daemon

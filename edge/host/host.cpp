#include "host/host.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

namespace ambit::host {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::string gigabytes(std::uint64_t bytes) {
    char text[32];
    const double value = static_cast<double>(bytes) / 1e9;
    std::snprintf(text, sizeof text, value < 10 ? "%.1f GB" : "%.0f GB", value);
    return text;
}

}  // namespace

std::string DiskSpace::text() const {
    return gigabytes(free_bytes) + " of " + gigabytes(total_bytes) + " free";
}

Result<DiskSpace> disk_space(const std::string& folder) {
    std::error_code failed;
    const fs::space_info space = fs::space(folder, failed);
    if (failed) {
        return Error{ErrorCode::InvalidArgument, folder + ": " + failed.message()};
    }
    return DiskSpace{space.available, space.capacity};
}

std::optional<int> battery_pct(const std::string& power_supplies) {
    std::error_code failed;
    std::vector<fs::path> supplies;
    for (const auto& entry : fs::directory_iterator(power_supplies, failed)) {
        if (supplies.size() < kPowerSuppliesMax) {
            supplies.push_back(entry.path());
        }
    }
    std::sort(supplies.begin(), supplies.end());
    for (const fs::path& supply : supplies) {
        // A mouse or headset has the scope "Device".
        if (first_line(supply / "type") != "Battery" || first_line(supply / "scope") == "Device") {
            continue;
        }
        int percent = 0;
        std::ifstream file(supply / "capacity");
        if (file >> percent && percent >= 0 && percent <= 100) {
            return percent;
        }
    }
    return std::nullopt;
}

}  // namespace ambit::host

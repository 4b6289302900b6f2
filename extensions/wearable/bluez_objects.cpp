#include "wearable/bluez_objects.h"

#include <algorithm>
#include <cctype>

namespace ambit::wearable {
namespace {

constexpr std::string_view kMeasurement = "00002a37-0000-1000-8000-00805f9b34fb";

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

}  // namespace

bool is_address(const std::string& text) {
    constexpr std::size_t kLength = 17;
    if (text.size() != kLength) {
        return false;
    }
    for (std::size_t i = 0; i < kLength; ++i) {
        const bool fits =
            i % 3 == 2 ? text[i] == ':' : std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
        if (!fits) {
            return false;
        }
    }
    return true;
}

BluezNext next_step(const BluezObjects& objects, const std::string& address) {
    const auto adapter = std::find_if(objects.begin(), objects.end(), [](const auto& one) {
        return one.second.adapter && one.second.powered;
    });
    if (adapter == objects.end()) {
        return {BluezStep::NoBluetooth, ""};
    }
    const auto device = std::find_if(objects.begin(), objects.end(), [&](const auto& one) {
        return !one.second.adapter && !one.second.address.empty() &&
               upper(one.second.address) == upper(address);
    });
    if (device == objects.end()) {
        return {adapter->second.discovering ? BluezStep::Discovering : BluezStep::Discover, adapter->first};
    }
    const auto& [path, known] = *device;
    if (!known.connected) {
        return {BluezStep::Connect, path};
    }
    for (const auto& [of, object] : objects) {
        if (of.starts_with(path + "/") && object.uuid == kMeasurement) {
            return {object.notifying ? BluezStep::Listening : BluezStep::Notify, of};
        }
    }
    return {known.resolved ? BluezStep::NoHeartRate : BluezStep::WaitServices, path};
}

}  // namespace ambit::wearable

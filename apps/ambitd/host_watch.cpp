#include "ambitd/host_watch.h"

#include "host/host.h"

namespace ambit::daemon {

void HostWatch::tick(Now now) {
    if (now.mono < next_) {
        return;
    }
    next_ = now.mono + kEvery;
    if (const auto space = host::disk_space(state_dir_)) {
        node_.on_health({"disk",
                         space->free_bytes >= kDiskFreeMin,
                         {ErrorCode::StorageFailed, space->text() + " where " + state_dir_ + " is"}});
    }
    tell_battery(now);
}

void HostWatch::tell_battery(Now now) {
    const auto battery = host::battery_pct();
    if (!battery || (battery == battery_pct_ && now.mono < battery_again_)) {
        return;
    }
    battery_pct_ = battery;
    battery_again_ = now.mono + kBatteryLife / 2;
    const facts::Key key{privacy::Household{}, node::device_subject(node_.parts().self),
                         std::string(node::kBatteryAttribute)};
    const auto put = node_.put_fleeting(key, facts::Json{std::to_string(*battery)}, now.wall, kBatteryLife);
    if (!put) {
        node_.on_health({"battery", false, put.error()});
    }
}

}  // namespace ambit::daemon

#include "facts/channel_log.h"

#include <algorithm>

namespace ambit::facts {

void ChannelLog::note_holder(const DeviceId& device, std::uint64_t seq) {
    const auto at =
        std::find_if(holders.begin(), holders.end(), [&](const auto& one) { return one.first == device; });
    if (at == holders.end()) {
        holders.emplace_back(device, seq);
    } else {
        at->second = std::max(at->second, seq);
    }
}

bool ChannelLog::is_held_by(const DeviceId& device) const {
    return std::any_of(holders.begin(), holders.end(),
                       [&](const auto& one) { return one.first == device && one.second >= head.seq; });
}

void ChannelTable::note_changed(ChannelLog& log) {
    if (!std::exchange(log.changed, true)) {
        changed_.push_back(&log);
    }
}

void ChannelTable::forget_changed(const std::function<bool(const ChannelLog&)>& told) {
    std::erase_if(changed_, [&](ChannelLog* log) {
        if (!told(*log)) {
            return false;
        }
        log->changed = false;
        log->holders.clear();
        return true;
    });
}

ChannelLog* ChannelTable::find(const Channel& channel) {
    const auto at = logs_.find(channel);
    return at == logs_.end() ? nullptr : &at->second;
}

Result<ChannelLog*> ChannelTable::open(const Channel& channel) {
    if (ChannelLog* known = find(channel)) {
        return known;
    }
    if (per_writer_[channel.writer] >= kChannelsPerWriterMax) {
        return Error{ErrorCode::LimitExceeded, "more than 4096 channels of " + channel.writer.short_hex()};
    }
    return &open_own(channel);
}

ChannelLog& ChannelTable::open_own(const Channel& channel) {
    const auto [at, fresh] = logs_.try_emplace(channel);
    ChannelLog& log = at->second;
    if (fresh) {
        ++per_writer_[channel.writer];
        log.channel = channel;
        log.stream = channel.stream();
        log.base_hash = log.tip.hash = log.folded_hash = chain_start(channel);
    }
    return log;
}

}  // namespace ambit::facts

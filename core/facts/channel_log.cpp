#include "facts/channel_log.h"

namespace ambit::facts {

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

#include "facts/telling.h"

#include <algorithm>

namespace ambit::facts {
namespace {

bool has_come(const std::optional<MonoTime>& time, Now now) {
    return time && *time <= now.mono;
}

}  // namespace

bool Telling::is_for_all(const ChannelLog& log, Now now) const {
    return log.channel.writer == self_ || has_come(sweep_at_, now);
}

bool Telling::is_for_few(const ChannelLog& log, Now now) const {
    return !log.relayed && has_come(relay_at_, now);
}

MonoTime Telling::between(milliseconds least, milliseconds most, Now now) {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return now.mono + least + milliseconds(static_cast<std::int64_t>(random_.below(span)));
}

void Telling::note_changed(ChannelLog& log, Now now) {
    table_.note_changed(log);
    if (log.channel.writer == self_) {
        return;
    }
    log.relayed = false;
    if (!relay_at_) {
        relay_at_ = between(kRelayDelayMin, kRelayDelayMax, now);
    }
    if (!sweep_at_) {
        sweep_at_ = between(kSweepDelayMin, kSweepDelayMax, now);
    }
}

void Telling::add_news(ChannelLog& log, std::uint64_t first_seq, privacy::Labelled<Bytes> range) {
    news_.push_back({&log, first_seq, std::move(range)});
}

bool Telling::is_due(Now now) const {
    const auto& changed = table_.changed();
    return !news_.empty() || has_come(next(), now) ||
           std::any_of(changed.begin(), changed.end(),
                       [this](const ChannelLog* log) { return log->channel.writer == self_; });
}

std::vector<Facts::ForPeer> Telling::heights(std::span<const DeviceId> up, Now now) {
    std::vector<std::vector<const ChannelLog*>> due(up.size());
    for (const ChannelLog* log : table_.changed()) {
        if (is_for_all(*log, now)) {
            for (auto& logs : due) {
                logs.push_back(log);
            }
        } else if (is_for_few(*log, now)) {
            for (const std::size_t index : sync_.told_soon(log->channel, up)) {
                due[index].push_back(log);
                sync_.note_told_soon(up[index], log->channel);
            }
        }
    }
    std::vector<Facts::ForPeer> messages;
    for (std::size_t i = 0; i < up.size(); ++i) {
        for (auto& heights : sync_.heights_of(up[i], due[i])) {
            messages.push_back({up[i], std::move(heights)});
        }
    }
    return messages;
}

std::vector<privacy::Labelled<Bytes>> Telling::news(const DeviceId& peer) {
    std::vector<privacy::Labelled<Bytes>> messages;
    for (const News& one : news_) {
        if (sync_.may_push(peer, *one.log, one.first_seq)) {
            one.log->note_holder(peer, one.log->head.seq);
            messages.push_back(one.range);
        }
    }
    return messages;
}

void Telling::clear(Now now) {
    news_.clear();
    table_.forget_changed([&](const ChannelLog& log) { return is_for_all(log, now); });
    if (has_come(relay_at_, now)) {
        for (ChannelLog* log : table_.changed()) {
            log->relayed = true;
        }
        relay_at_.reset();
    }
    if (has_come(sweep_at_, now)) {
        sweep_at_.reset();
    }
}

std::optional<MonoTime> Telling::next() const {
    return relay_at_ && sweep_at_ ? std::min(*relay_at_, *sweep_at_) : relay_at_ ? relay_at_ : sweep_at_;
}

}  // namespace ambit::facts

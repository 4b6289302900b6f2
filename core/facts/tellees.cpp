#include "facts/tellees.h"

#include <algorithm>
#include <utility>

namespace ambit::facts {

Tellees::Use* Tellees::find_or_add(const DeviceId& peer, const DeviceId& writer) {
    const auto known = known_.find({peer, writer});
    if (known != known_.end()) {
        return &known->second;
    }
    return known_.size() >= kTelleesMax ? nullptr : &known_[{peer, writer}];
}

const Tellees::Use* Tellees::find(const DeviceId& peer, const DeviceId& writer) const {
    const auto known = known_.find({peer, writer});
    return known == known_.end() ? nullptr : &known->second;
}

void Tellees::asked(const DeviceId& peer, const DeviceId& writer) {
    if (Use* use = find_or_add(peer, writer)) {
        askers_ += use->asks ? 0 : 1;
        *use = {true, 0};
    }
}

void Tellees::told(const DeviceId& peer, const DeviceId& writer) {
    if (Use* use = find_or_add(peer, writer)) {
        use->in_vain = std::min<std::uint8_t>(use->in_vain + 1, kToldInVainMax);
    }
}

void Tellees::had_it(const DeviceId& peer, const DeviceId& writer) {
    const auto known = known_.find({peer, writer});
    if (known != known_.end() && std::exchange(known->second.asks, false)) {
        --askers_;
    }
}

bool Tellees::asks(const DeviceId& peer, const DeviceId& writer) const {
    const Use* use = find(peer, writer);
    return use != nullptr && use->asks;
}

bool Tellees::never_asks(const DeviceId& peer, const DeviceId& writer) const {
    const Use* use = find(peer, writer);
    return use != nullptr && !use->asks && use->in_vain >= kToldInVainMax;
}

void Tellees::on_link_lost(const DeviceId& peer) {
    std::erase_if(known_, [&peer](const auto& one) { return one.first.peer == peer; });
    askers_ = 0;
    for (auto& [pair, use] : known_) {
        use.in_vain = 0;
        askers_ += use.asks ? 1 : 0;
    }
}

}  // namespace ambit::facts

#include "wire/dialer.h"

#include <algorithm>

namespace ambit::wire {

void Dialer::want(MonoTime at) {
    wanted_ = true;
    empty_ = false;
    not_before_ = at;
    next_ = 0;
    backoff_ = kBackoffMin;
}

void Dialer::rest() {
    wanted_ = false;
    dial_.reset();
}

void Dialer::hurry(MonoTime now) {
    if (!wanted_) {
        return;
    }
    empty_ = false;
    if (!dial_) {
        not_before_ = std::min(not_before_, now);
        next_ = 0;
    }
    backoff_ = kBackoffMin;
}

std::optional<Address> Dialer::due(const std::vector<Address>& candidates, MonoTime now) {
    if (!wanted_ || dial_ || now < not_before_) {
        return std::nullopt;
    }
    empty_ = candidates.empty();
    if (empty_) {
        return std::nullopt;
    }
    count_ = candidates.size();
    next_ = next_ < count_ ? next_ : 0;
    return candidates[next_];
}

void Dialer::started(DialId id, const Address& address, MonoTime now) {
    dial_ = id;
    address_ = address;
    dial_until_ = now + kDialTimeout;
}

void Dialer::failed(MonoTime now, Random& random) {
    dial_.reset();
    if (++next_ < count_) {
        not_before_ = now;
        return;
    }
    // The round is over: between half and one and a half times the back-off, so that devices that lost each
    // other together don't come back together.
    next_ = 0;
    const auto whole = static_cast<std::uint64_t>(microseconds(backoff_).count());
    not_before_ = now + microseconds(static_cast<std::int64_t>(whole / 2 + random.below(whole)));
    backoff_ = std::min(backoff_ * 2, kBackoffMax);
}

std::optional<MonoTime> Dialer::next_deadline() const {
    if (!wanted_ || empty_) {
        return std::nullopt;
    }
    return dial_ ? dial_until_ : not_before_;
}

}  // namespace ambit::wire

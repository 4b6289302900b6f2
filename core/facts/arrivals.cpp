#include "facts/arrivals.h"

namespace ambit::facts {

void Arrivals::add(Arrival arrival) {
    entries_ += arrival.undurable.items.size();
    waiting_.push_back(std::move(arrival));
}

bool Arrivals::is_due(Now now) const {
    const bool many = waiting_.size() >= kArrivalRangesMax || entries_ >= kArrivalEntriesMax;
    return many || due().value_or(MonoTime::max()) <= now.mono;
}

std::optional<MonoTime> Arrivals::due() const {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    return last_commit_ ? *last_commit_ + wait() : MonoTime::min();
}

milliseconds Arrivals::wait() const {
    return *last_commit_ - busy_since_ < kArrivalsBusyAfter ? kArrivalsWait : kArrivalsWaitBusy;
}

std::vector<Undurable> Arrivals::commit(Now now) {
    std::vector<Undurable> undurable;
    if (waiting_.empty()) {
        return undurable;
    }
    storage::Batch batch;
    for (Arrival& arrival : waiting_) {
        std::move(arrival.batch.begin(), arrival.batch.end(), std::back_inserter(batch));
        undurable.push_back(std::move(arrival.undurable));
    }
    waiting_.clear();
    entries_ = 0;
    if (!last_commit_ || now.mono - *last_commit_ >= kArrivalsPause) {
        busy_since_ = now.mono;
    }
    last_commit_ = now.mono;
    const storage::Ticket ticket = storage_.commit(std::move(batch));
    for (Undurable& group : undurable) {
        group.ticket = ticket;
    }
    return undurable;
}

}  // namespace ambit::facts

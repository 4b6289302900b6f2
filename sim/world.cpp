#include "sim/world.h"

#include <algorithm>

namespace ambit::sim {

void World::after(microseconds delay, std::function<void()> event) {
    events_.push_back({now_.mono + delay, next_order_++, std::move(event)});
    std::push_heap(events_.begin(), events_.end(), later);
}

void World::pass_to(MonoTime time) {
    const auto passed = std::max(time - now_.mono, microseconds{0});
    now_.mono += passed;
    now_.wall += passed;
}

void World::step() {
    std::pop_heap(events_.begin(), events_.end(), later);
    const Event event = std::move(events_.back());
    events_.pop_back();
    pass_to(event.at);
    ++events_run_;
    event.run();
}

void World::run_for(microseconds span) {
    run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, microseconds span) {
    const MonoTime until = now_.mono + span;
    while (!done()) {
        if (events_.empty() || events_.front().at > until) {
            pass_to(until);
            return done();
        }
        step();
    }
    return true;
}

}  // namespace ambit::sim

#include "loop/alarm.h"

#include <boost/asio/steady_timer.hpp>

#include "loop/loop.h"

namespace ambit {

struct Alarm::Impl {
    Impl(Loop& loop, std::function<void()> when_due) : timer(loop.io()), due(std::move(when_due)) {}

    boost::asio::steady_timer timer;
    std::function<void()> due;
    std::optional<MonoTime> armed;
};

Alarm::Alarm(Loop& loop, std::function<void()> due) : impl_(std::make_shared<Impl>(loop, std::move(due))) {}

Alarm::~Alarm() = default;

void Alarm::set(std::optional<MonoTime> at) {
    if (at == impl_->armed) {
        return;
    }
    impl_->armed = at;
    impl_->timer.cancel();
    if (!at) {
        return;
    }
    impl_->timer.expires_at(std::chrono::steady_clock::time_point(at->time_since_epoch()));
    impl_->timer.async_wait([weak = std::weak_ptr<Impl>(impl_)](auto error) {
        const auto impl = weak.lock();
        if (error || !impl) {
            return;
        }
        impl->armed.reset();
        impl->due();
    });
}

}  // namespace ambit

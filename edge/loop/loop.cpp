#include "loop/loop.h"

#include <csignal>

#include <sys/random.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/check.h"

namespace ambit {
namespace {

class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            const ssize_t got = getrandom(out.data(), out.size(), 0);
            AMBIT_CHECK(got > 0 || errno == EINTR);
            out = out.subspan(got > 0 ? static_cast<std::size_t>(got) : 0);
        }
    }
};

}  // namespace

struct Loop::Impl {
    boost::asio::io_context io{1};
    boost::asio::steady_timer timer{io};
    boost::asio::signal_set signals{io};
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() = default;

void Loop::run(std::function<void()> on_signal) {
    impl_->signals.add(SIGINT);
    impl_->signals.add(SIGTERM);
    impl_->signals.async_wait([on_signal = std::move(on_signal)](auto error, int /*signal*/) {
        if (!error) {
            on_signal();
        }
    });
    const auto work = boost::asio::make_work_guard(impl_->io);
    impl_->io.run();
}

void Loop::stop() {
    impl_->io.stop();
}

void Loop::post(std::function<void()> task) {
    boost::asio::post(impl_->io, std::move(task));
}

void Loop::wake_at(MonoTime at, std::function<void()> task) {
    impl_->timer.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    impl_->timer.async_wait([task = std::move(task)](auto error) {
        if (!error) {
            task();
        }
    });
}

void Loop::cancel_wake() {
    impl_->timer.cancel();
}

boost::asio::io_context& Loop::io() {
    return impl_->io;
}

Now Loop::now() {
    return {std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()),
            std::chrono::time_point_cast<microseconds>(std::chrono::steady_clock::now())};
}

Random& Loop::system_random() {
    static SystemRandom random;
    return random;
}

}  // namespace ambit

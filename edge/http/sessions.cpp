#include "http/sessions.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ambit::http {

struct Sessions::Impl {
    struct Kept {
        std::shared_ptr<Session> session;
        std::string address;
    };

    Impl(boost::asio::io_context& on, api::Handler how) : io(on), handler(std::move(how)), timer(on) {}

    void finish_stop() {
        timer.cancel();
        if (auto told = std::exchange(on_stopped, nullptr)) {
            boost::asio::post(io, std::move(told));
        }
    }

    boost::asio::io_context& io;
    api::Handler handler;
    boost::asio::steady_timer timer;
    std::map<Session*, Kept> sessions;
    std::function<void()> on_stopped;
    bool stopping = false;
};

Sessions::Sessions(boost::asio::io_context& io, api::Handler handler)
    : impl_(std::make_unique<Impl>(io, std::move(handler))) {}

Sessions::~Sessions() = default;

std::size_t Sessions::size() const {
    return impl_->sessions.size();
}

std::size_t Sessions::with(const std::string& address) const {
    std::size_t count = 0;
    for (const auto& [key, kept] : impl_->sessions) {
        count += kept.address == address ? 1 : 0;
    }
    return count;
}

void Sessions::add(int fd, std::optional<Visitor> visitor) {
    const std::string address = visitor ? visitor->address : "";
    auto session = start_session(impl_->io, fd, std::move(visitor), impl_->handler,
                                 [weak = weak_from_this()](Session* ended) {
                                     if (const auto self = weak.lock()) {
                                         self->impl_->sessions.erase(ended);
                                         if (self->impl_->stopping && self->impl_->sessions.empty()) {
                                             self->impl_->finish_stop();
                                         }
                                     }
                                 });
    Session* key = session.get();
    impl_->sessions.emplace(key, Impl::Kept{std::move(session), address});
}

void Sessions::stop(milliseconds deadline, std::function<void()> on_stopped) {
    impl_->stopping = true;
    impl_->on_stopped = std::move(on_stopped);
    impl_->timer.expires_after(deadline);
    impl_->timer.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (!cancelled) {
            self->cut();
        }
    });
    const auto sessions = impl_->sessions;  // draining removes from the original
    for (const auto& [key, kept] : sessions) {
        kept.session->drain();
    }
    if (impl_->sessions.empty()) {
        impl_->finish_stop();
    }
}

void Sessions::cut() {
    impl_->stopping = true;
    impl_->timer.cancel();
    const auto sessions = impl_->sessions;
    for (const auto& [key, kept] : sessions) {
        kept.session->close();
    }
}

void refuse_busy(int fd) {
    static constexpr std::string_view kBusy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    // Best effort into an empty socket buffer; whoever is refused here sees at least the close.
    static_cast<void>(send(fd, kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

}  // namespace ambit::http

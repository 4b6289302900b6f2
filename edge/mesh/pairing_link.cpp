#include "mesh/pairing_link.h"

#include <algorithm>

#include "mesh/framed_socket.h"
#include "mesh/limits.h"
#include "mesh/listener.h"

namespace ambit::mesh {

class PairingListener::Impl {
  public:
    Impl(Loop& loop, PairingEvents events) : loop_(loop), events_(std::move(events)) {}

    ~Impl() {
        for (const auto& silent : silent_) {
            silent->abandon();
        }
        close_connection();
    }

    Result<void> listen(const wire::Address& at) {
        AMBIT_TRY_ASSIGN(listener_,
                         Listener::open(loop_.io(), at,
                                        [this](int socket, const std::string& /*from*/) { take(socket); }));
        return {};
    }

    const wire::Address& local() const { return listener_->local(); }

    void send(const Bytes& frame) {
        if (connection_) {
            connection_->send(frame);
        }
    }

    void close_connection() {
        if (connection_) {
            std::exchange(connection_, nullptr)->close();
        }
    }

  private:
    void take(int socket) {
        if (silent_.size() == kPairingSilentMax) {
            silent_.front()->abandon();
            silent_.erase(silent_.begin());
        }
        // Told later only, so that the handlers can name the connection they are of.
        const auto self = std::make_shared<std::weak_ptr<FramedSocket>>();
        auto socket_events = PairingEvents{{},
                                           [this, self](ByteView frame) { on_frame(self->lock(), frame); },
                                           [this, self](const Error& why) { on_closed(self->lock(), why); }};
        auto connection = FramedSocket::create(loop_.io(), std::move(socket_events));
        *self = connection;
        silent_.push_back(connection);
        connection->accept(socket);
    }

    void on_frame(const std::shared_ptr<FramedSocket>& from, ByteView frame) {
        if (from != connection_) {
            std::erase(silent_, from);
            if (connection_) {
                from->abandon();  // one at a time: guesses can't be tried in parallel
                return;
            }
            connection_ = from;
            events_.on_connected();
        }
        if (from == connection_) {
            events_.on_frame(frame);
        }
    }

    void on_closed(const std::shared_ptr<FramedSocket>& from, const Error& reason) {
        std::erase(silent_, from);
        if (from == connection_) {
            connection_.reset();
            events_.on_closed(reason);
        }
    }

    Loop& loop_;
    PairingEvents events_;
    std::unique_ptr<Listener> listener_;
    std::vector<std::shared_ptr<FramedSocket>> silent_;  // oldest first
    std::shared_ptr<FramedSocket> connection_;           // the one that is told
};

PairingListener::PairingListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PairingListener::~PairingListener() = default;

Result<std::unique_ptr<PairingListener>> PairingListener::open(Loop& loop,
                                                               const wire::Address& at,
                                                               PairingEvents events) {
    auto impl = std::make_unique<Impl>(loop, std::move(events));
    AMBIT_TRY(impl->listen(at));
    return std::unique_ptr<PairingListener>(new PairingListener(std::move(impl)));
}

const wire::Address& PairingListener::local() const {
    return impl_->local();
}

void PairingListener::send(const Bytes& frame) {
    impl_->send(frame);
}

void PairingListener::close_connection() {
    impl_->close_connection();
}

class PairingDialer::Impl {
  public:
    Impl(Loop& loop, const wire::Address& to, PairingEvents events)
        : socket_(FramedSocket::create(loop.io(), std::move(events))) {
        socket_->dial(to);
    }

    ~Impl() { socket_->close(); }

    FramedSocket& socket() { return *socket_; }

  private:
    std::shared_ptr<FramedSocket> socket_;
};

PairingDialer::PairingDialer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PairingDialer::~PairingDialer() = default;

std::unique_ptr<PairingDialer> PairingDialer::open(Loop& loop,
                                                   const wire::Address& to,
                                                   PairingEvents events) {
    return std::unique_ptr<PairingDialer>(
        new PairingDialer(std::make_unique<Impl>(loop, to, std::move(events))));
}

void PairingDialer::send(const Bytes& frame) {
    impl_->socket().send(frame);
}

void PairingDialer::close() {
    impl_->socket().close();
}

}  // namespace ambit::mesh

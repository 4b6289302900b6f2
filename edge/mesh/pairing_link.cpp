#include "mesh/pairing_link.h"

#include <unistd.h>

#include "mesh/framed_socket.h"
#include "mesh/listener.h"

namespace ambit::mesh {

class PairingListener::Impl {
  public:
    Impl(Loop& loop, PairingEvents events) : loop_(loop), events_(std::move(events)) {}

    ~Impl() {
        if (connection_) {
            connection_->close();
        }
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
        if (connection_) {
            ::close(socket);  // one at a time: guesses can't be tried in parallel
            return;
        }
        PairingEvents events = events_;
        events.on_closed = [this](const Error& reason) {
            connection_.reset();
            events_.on_closed(reason);
        };
        connection_ = FramedSocket::create(loop_.io(), std::move(events));
        connection_->accept(socket);
    }

    Loop& loop_;
    PairingEvents events_;
    std::unique_ptr<Listener> listener_;
    std::shared_ptr<FramedSocket> connection_;
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

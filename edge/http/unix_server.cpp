#include "http/unix_server.h"

#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/sessions.h"
#include "loop/loop.h"

namespace ambit::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::local::stream_protocol;

// Out of file descriptors: try again after this.
constexpr milliseconds kAcceptRetry{100};

bool somebody_answers(asio::io_context& io, const std::string& path) {
    Protocol::socket probe(io);
    error_code error;
    probe.connect(Protocol::endpoint(path), error);
    return !error;
}

bool is_own_user(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

}  // namespace

class UnixServer::Impl final : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& io, std::string path, api::Handler handler)
        : io_(io),
          path_(std::move(path)),
          sessions_(std::make_shared<Sessions>(io, std::move(handler))),
          acceptor_(io),
          timer_(io) {}

    Result<void> listen();
    void stop(milliseconds deadline, std::function<void()> on_stopped);
    void cut();

    std::size_t connections() const { return sessions_->size(); }

  private:
    void accept();
    void admit(Protocol::socket socket);
    void close();

    asio::io_context& io_;
    std::string path_;
    std::shared_ptr<Sessions> sessions_;
    Protocol::acceptor acceptor_;
    asio::steady_timer timer_;
    bool stopping_ = false;
};

Result<void> UnixServer::Impl::listen() {
    if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
        return Error{ErrorCode::SocketFailed, "the path is too long: " + path_};
    }
    if (somebody_answers(io_, path_)) {
        return Error{ErrorCode::AlreadyRunning, path_};
    }
    unlink(path_.c_str());
    error_code error;
    acceptor_.open(Protocol(), error);
    // Linux makes the socket file with the mode of the unbound socket: it is never open to others, not even
    // briefly.
    if (!error && fchmod(acceptor_.native_handle(), S_IRUSR | S_IWUSR) != 0) {
        error = error_code(errno, boost::system::system_category());
    }
    if (!error) {
        acceptor_.bind(Protocol::endpoint(path_), error);
    }
    if (!error) {
        acceptor_.listen(static_cast<int>(kConnectionsMax), error);
    }
    if (error) {
        return Error{ErrorCode::SocketFailed, path_ + ": " + error.message()};
    }
    accept();
    return {};
}

void UnixServer::Impl::accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, Protocol::socket socket) {
        if (self->stopping_ || error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            self->admit(std::move(socket));
            self->accept();
            return;
        }
        self->timer_.expires_after(kAcceptRetry);
        self->timer_.async_wait([self](error_code cancelled) {
            if (!cancelled && !self->stopping_) {
                self->accept();
            }
        });
    });
}

void UnixServer::Impl::admit(Protocol::socket socket) {
    if (!is_own_user(socket.native_handle())) {
        return;
    }
    if (sessions_->size() >= kConnectionsMax) {
        refuse_busy(socket.native_handle());
        return;
    }
    sessions_->add(socket.release(), std::nullopt);
}

void UnixServer::Impl::close() {
    stopping_ = true;
    timer_.cancel();
    error_code ignored;
    if (acceptor_.is_open()) {
        acceptor_.close(ignored);
        unlink(path_.c_str());
    }
}

void UnixServer::Impl::stop(milliseconds deadline, std::function<void()> on_stopped) {
    close();
    sessions_->stop(deadline, std::move(on_stopped));
}

void UnixServer::Impl::cut() {
    close();
    sessions_->cut();
}

UnixServer::UnixServer(Loop& loop, std::string socket_path, api::Handler handler)
    : impl_(std::make_shared<Impl>(loop.io(), std::move(socket_path), std::move(handler))) {}

UnixServer::~UnixServer() {
    impl_->cut();
}

Result<void> UnixServer::start() {
    return impl_->listen();
}

void UnixServer::stop(milliseconds deadline, std::function<void()> on_stopped) {
    impl_->stop(deadline, std::move(on_stopped));
}

std::size_t UnixServer::connections() const {
    return impl_->connections();
}

}  // namespace ambit::http

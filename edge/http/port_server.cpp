#include "http/port_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/sessions.h"
#include "http/unix_server.h"

namespace ambit::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Out of file descriptors: try again after this.
constexpr milliseconds kPortAcceptRetry{100};

// An IPv4 address that came in through an IPv6 socket is one all the same.
asio::ip::address plain(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address;
}

}  // namespace

class PortServer::Impl final : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& io, PortSettings settings, api::Handler handler)
        : settings_(std::move(settings)),
          sessions_(std::make_shared<Sessions>(io, std::move(handler))),
          acceptor_(io),
          timer_(io) {}

    Result<std::uint16_t> listen();

    void stop(milliseconds deadline, std::function<void()> on_stopped) {
        close();
        sessions_->stop(deadline, std::move(on_stopped));
    }

    void cut() {
        close();
        sessions_->cut();
    }

  private:
    void close() {
        stopping_ = true;
        timer_.cancel();
        error_code ignored;
        acceptor_.close(ignored);
    }

    void accept();
    void admit(tcp::socket socket);

    const PortSettings settings_;
    std::shared_ptr<Sessions> sessions_;
    tcp::acceptor acceptor_;
    asio::steady_timer timer_;
    bool stopping_ = false;
};

Result<std::uint16_t> PortServer::Impl::listen() {
    const auto any = settings_.lan ? asio::ip::address(asio::ip::address_v4::any())
                                   : asio::ip::address(asio::ip::address_v4::loopback());
    const tcp::endpoint at(any, settings_.port);
    error_code error;
    acceptor_.open(at.protocol(), error);
    if (!error) {
        acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor_.bind(at, error);
    }
    if (!error) {
        acceptor_.listen(static_cast<int>(kConnectionsMax), error);
    }
    if (error) {
        return Error{ErrorCode::PageUnavailable,
                     at.address().to_string() + ":" + std::to_string(at.port()) + ": " + error.message()};
    }
    accept();
    return acceptor_.local_endpoint(error).port();
}

void PortServer::Impl::accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (self->stopping_ || error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            self->admit(std::move(socket));
            self->accept();
            return;
        }
        self->timer_.expires_after(kPortAcceptRetry);
        self->timer_.async_wait([self](error_code cancelled) {
            if (!cancelled && !self->stopping_) {
                self->accept();
            }
        });
    });
}

void PortServer::Impl::admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    const auto local = error ? tcp::endpoint() : socket.local_endpoint(error);
    if (error) {
        return;  // it is gone already
    }
    const auto address = plain(remote.address());
    const std::string text = address.to_string();
    if (sessions_->size() >= kConnectionsMax || sessions_->with(text) >= kPerAddressMax) {
        refuse_busy(socket.native_handle());
        return;
    }
    socket.set_option(tcp::no_delay(true), error);
    Visitor visitor{text, address.is_loopback(), remote.protocol().family(),
                    plain(local.address()).to_string(), settings_.names};
    const int fd = socket.release(error);
    if (!error) {
        sessions_->add(fd, std::move(visitor));
    }
}

PortServer::PortServer(Loop& loop, PortSettings settings, api::Handler handler)
    : impl_(std::make_shared<Impl>(loop.io(), std::move(settings), std::move(handler))) {}

PortServer::~PortServer() {
    impl_->cut();
}

Result<std::uint16_t> PortServer::start() {
    return impl_->listen();
}

void PortServer::stop(milliseconds deadline, std::function<void()> on_stopped) {
    impl_->stop(deadline, std::move(on_stopped));
}

}  // namespace ambit::http

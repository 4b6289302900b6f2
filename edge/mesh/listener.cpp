#include "mesh/listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Listener::Impl : public std::enable_shared_from_this<Listener::Impl> {
  public:
    Impl(asio::io_context& io, OnSocket on_socket)
        : acceptor_(io), pause_(io), on_socket_(std::move(on_socket)) {}

    error_code open(const wire::Address& at) {
        error_code error;
        const auto address = asio::ip::make_address(at.host, error);
        const tcp::endpoint endpoint(address, at.port);
        if (!error) {
            acceptor_.open(endpoint.protocol(), error);
        }
        if (!error) {
            acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        }
        if (!error && address.is_v6()) {
            // "::" is for both families, so that one listener serves the whole network.
            acceptor_.set_option(asio::ip::v6_only(!address.is_unspecified()), error);
        }
        if (!error) {
            acceptor_.bind(endpoint, error);
        }
        if (!error) {
            acceptor_.listen(asio::socket_base::max_listen_connections, error);
        }
        if (!error) {
            const auto local = acceptor_.local_endpoint(error);
            local_ = {local.address().to_string(), local.port()};
        }
        return error;
    }

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (self->on_socket_ != nullptr && error != asio::error::operation_aborted) {
                self->on_accepted(error, std::move(socket));
            }
        });
    }

    void close() {
        on_socket_ = nullptr;
        error_code error;
        acceptor_.close(error);
        pause_.cancel();
    }

    const wire::Address& local() const { return local_; }

  private:
    void on_accepted(error_code error, tcp::socket socket) {
        if (error) {
            pause();
            return;
        }
        const auto remote = socket.remote_endpoint(error);
        const int handle = error ? -1 : socket.release(error);
        if (handle >= 0) {
            on_socket_(handle, remote.address().to_string());
        }
        if (on_socket_ != nullptr) {
            accept();
        }
    }

    // Usually EMFILE: trying at once would only burn the processor.
    void pause() {
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && self->on_socket_ != nullptr) {
                self->accept();
            }
        });
    }

    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    OnSocket on_socket_;
    wire::Address local_;
};

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
    impl_->close();
}

const wire::Address& Listener::local() const {
    return impl_->local();
}

Result<std::unique_ptr<Listener>> Listener::open(boost::asio::io_context& io,
                                                 const wire::Address& at,
                                                 OnSocket on_socket) {
    auto impl = std::make_shared<Impl>(io, std::move(on_socket));
    if (const error_code error = impl->open(at)) {
        return Error{ErrorCode::ListenFailed, at.to_string() + ": " + error.message()};
    }
    impl->accept();
    return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

}  // namespace ambit::mesh

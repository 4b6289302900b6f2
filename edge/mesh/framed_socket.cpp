#include "mesh/framed_socket.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

FramedSocket::FramedSocket(asio::io_context& io, PairingEvents events)
    : socket_(io), resolver_(io), timer_(io), events_(std::move(events)) {}

void FramedSocket::accept(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    error_code error;
    socket_.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket, error);
    start_timer();
    start();
}

void FramedSocket::dial(const wire::Address& to) {
    start_timer();
    resolver_.async_resolve(
        to.host, std::to_string(to.port), [self = shared_from_this()](error_code error, const auto& results) {
            if (error || !self->open_) {
                self->fail(ErrorCode::DialFailed, error.message());
                return;
            }
            asio::async_connect(self->socket_, results,
                                [self](error_code failed, const tcp::endpoint& /*to*/) {
                                    if (failed) {
                                        self->fail(ErrorCode::DialFailed, failed.message());
                                    } else if (self->open_) {
                                        self->start();
                                    }
                                });
        });
}

void FramedSocket::start() {
    connected_ = true;
    error_code error;
    socket_.set_option(tcp::no_delay(true), error);
    read_header();
    if (!outbox_.empty()) {
        write();
    }
    // Told from the loop: accept() and dial() are calls of the owner.
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        if (self->open_ && self->events_.on_connected) {
            self->events_.on_connected();
        }
    });
}

void FramedSocket::start_timer() {
    timer_.expires_after(kPairingTimeout);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error) {
            self->fail(ErrorCode::LinkBroken, "the pairing took too long");
        }
    });
}

void FramedSocket::read_header() {
    asio::async_read(
        socket_, asio::buffer(header_), [self = shared_from_this()](error_code error, std::size_t /*n*/) {
            const auto& header = self->header_;
            const std::size_t size =
                static_cast<std::size_t>(header[0]) << 24U | header[1] << 16U | header[2] << 8U | header[3];
            if (error || size == 0 || size > kPairingFrameBytesMax) {
                self->fail(ErrorCode::LinkBroken, error ? error.message() : "frame of a forbidden size");
                return;
            }
            self->read_body(size);
        });
}

void FramedSocket::read_body(std::size_t size) {
    body_.resize(size);
    asio::async_read(socket_, asio::buffer(body_),
                     [self = shared_from_this()](error_code error, std::size_t /*n*/) {
                         if (error) {
                             self->fail(ErrorCode::LinkBroken, error.message());
                             return;
                         }
                         if (self->open_) {
                             self->events_.on_frame(self->body_);
                         }
                         if (self->socket_.is_open()) {
                             self->read_header();
                         }
                     });
}

void FramedSocket::send(const Bytes& frame) {
    if (!open_ || frame.empty() || frame.size() > kPairingFrameBytesMax) {
        return;
    }
    Bytes framed(4);
    for (std::size_t i = 0; i < 4; ++i) {
        framed[i] = static_cast<std::uint8_t>(frame.size() >> (24U - 8U * i));
    }
    framed.insert(framed.end(), frame.begin(), frame.end());
    outbox_.push_back(std::move(framed));
    if (connected_ && outbox_.size() == 1) {
        write();
    }
}

void FramedSocket::write() {
    asio::async_write(socket_, asio::buffer(outbox_.front()),
                      [self = shared_from_this()](error_code error, std::size_t /*n*/) {
                          if (error) {
                              self->fail(ErrorCode::LinkBroken, error.message());
                              return;
                          }
                          self->outbox_.pop_front();
                          if (!self->outbox_.empty()) {
                              self->write();
                          } else if (self->closing_) {
                              self->finish();
                          }
                      });
}

void FramedSocket::close() {
    open_ = false;
    closing_ = true;
    if (!connected_) {
        abandon();
        return;
    }
    timer_.expires_after(kCloseTimeout);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error) {
            self->abandon();
        }
    });
    if (outbox_.empty()) {
        finish();
    }
}

void FramedSocket::finish() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
}

void FramedSocket::abandon() {
    open_ = false;
    timer_.cancel();
    resolver_.cancel();
    error_code error;
    socket_.close(error);
}

void FramedSocket::fail(ErrorCode code, const std::string& why) {
    const bool tell = open_;
    abandon();
    if (tell) {
        events_.on_closed(Error{code, why});
    }
}

}  // namespace ambit::mesh

#include "mesh/framed_socket.h"

#include <array>
#include <deque>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

class TcpFrames final : public FramedSocket, public std::enable_shared_from_this<TcpFrames> {
  public:
    TcpFrames(asio::io_context& io, PairingEvents events)
        : socket_(io), resolver_(io), timer_(io), events_(std::move(events)) {}

    void accept(int socket) override;
    void dial(const wire::Address& to) override;
    void send(const Bytes& frame) override;
    void close() override;
    void abandon() override;

  private:
    void start();
    void end_after(milliseconds span, const char* why);
    void read_header();
    void read_body(std::size_t size);
    void take_body();
    void write();
    void finish();
    void fail(ErrorCode code, const std::string& why);

    tcp::socket socket_;
    tcp::resolver resolver_;
    asio::steady_timer timer_;
    PairingEvents events_;
    bool open_ = true;
    bool connected_ = false;
    bool closing_ = false;
    bool spoken_ = false;  // the other side has sent a frame
    std::array<std::uint8_t, 4> header_{};
    Bytes body_;
    std::deque<Bytes> outbox_;
};

void TcpFrames::accept(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    error_code error;
    socket_.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket, error);
    end_after(kPairingSilenceTimeout, "the other device says nothing");
    start();
}

void TcpFrames::dial(const wire::Address& to) {
    end_after(kPairingSilenceTimeout, "the other device does not answer");
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

void TcpFrames::start() {
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

void TcpFrames::end_after(milliseconds span, const char* why) {
    timer_.expires_after(span);
    timer_.async_wait([self = shared_from_this(), why](error_code error) {
        if (!error) {
            self->fail(ErrorCode::LinkBroken, why);
        }
    });
}

void TcpFrames::read_header() {
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

void TcpFrames::read_body(std::size_t size) {
    body_.resize(size);
    asio::async_read(socket_, asio::buffer(body_),
                     [self = shared_from_this()](error_code error, std::size_t /*n*/) {
                         if (error) {
                             self->fail(ErrorCode::LinkBroken, error.message());
                             return;
                         }
                         self->take_body();
                     });
}

void TcpFrames::take_body() {
    if (open_) {
        if (!std::exchange(spoken_, true)) {
            // From here on people may be comparing words; what is too slow before that, the pairing ends.
            end_after(kPairingTimeout, "the pairing took too long");
        }
        events_.on_frame(body_);
    }
    if (socket_.is_open()) {
        read_header();
    }
}

void TcpFrames::send(const Bytes& frame) {
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

void TcpFrames::write() {
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

void TcpFrames::close() {
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

void TcpFrames::finish() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
}

void TcpFrames::abandon() {
    open_ = false;
    timer_.cancel();
    resolver_.cancel();
    error_code error;
    socket_.close(error);
}

void TcpFrames::fail(ErrorCode code, const std::string& why) {
    const bool tell = open_;
    abandon();
    if (tell) {
        events_.on_closed(Error{code, why});
    }
}

}  // namespace

std::shared_ptr<FramedSocket> FramedSocket::create(asio::io_context& io, PairingEvents events) {
    return std::make_shared<TcpFrames>(io, std::move(events));
}

}  // namespace ambit::mesh

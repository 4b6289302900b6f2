// FramedSocket: length-prefixed frames over one TCP connection with a deadline; for pairing_link.cpp only.
#pragma once

#include <deque>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mesh/pairing_link.h"

namespace ambit::mesh {

// Kept alive by its pending operations; says nothing after close() or abandon().
class FramedSocket : public std::enable_shared_from_this<FramedSocket> {
  public:
    FramedSocket(boost::asio::io_context& io, PairingEvents events);

    void accept(int socket);
    void dial(const wire::Address& to);
    void send(const Bytes& frame);
    void close();
    void abandon();

  private:
    void start();
    void start_timer();
    void read_header();
    void read_body(std::size_t size);
    void write();
    void finish();
    void fail(ErrorCode code, const std::string& why);

    boost::asio::ip::tcp::socket socket_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::steady_timer timer_;
    PairingEvents events_;
    bool open_ = true;
    bool connected_ = false;
    bool closing_ = false;
    std::array<std::uint8_t, 4> header_{};
    Bytes body_;
    std::deque<Bytes> outbox_;
};

}  // namespace ambit::mesh

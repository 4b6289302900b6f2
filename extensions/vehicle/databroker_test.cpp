#include "vehicle/databroker.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

namespace ambit::vehicle {
namespace {

using boost::asio::ip::tcp;

// Accepts no connection, but the kernel does: whoever calls it waits for its first word.
class Silent {
  public:
    Silent() : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {}

    std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

  private:
    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
};

// gRPC's own threads must not outlive their last channel, nor end with it in the middle of a call's end.
TEST(Databroker, EndsOnTheLoopWhateverItsCallsDo) {
    const Silent silent;
    for (int round = 0; round < 300; ++round) {
        Loop loop;
        Databroker databroker({.address = silent.address(), .authority = {}}, loop,
                              {.part = [](std::uint64_t, const Bytes&) { FAIL() << "nothing was said"; },
                               .end = [](std::uint64_t, Status, const std::string&) {}});
        databroker.open("");
        databroker.call(1, Method::Values, {});
        databroker.call(2, Method::Follow, {});
        databroker.close();
    }
}

}  // namespace
}  // namespace ambit::vehicle

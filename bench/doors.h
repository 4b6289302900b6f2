// Doors: a daemon's page API and its port for Wyoming, as the programs that use them do.
//
// Ownership: the caller's.  Threads: one; these calls block.  Failure: exceptions, which end the benchmark.
#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

namespace ambit::bench {

// One browser, or one program with a token: a connection that stays open.
class Page {
  public:
    Page(const std::string& host, std::uint16_t port, std::string token);
    // POST /api/v1/ask; the answer.
    std::string ask(const std::string& text);

  private:
    std::string host_;
    std::string token_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_{io_};
    boost::beast::flat_buffer buffer_;
};

// Home Assistant's way: a connection for each sentence.  The header line of the answer and what follows it.
std::string ask_wyoming(std::uint16_t port, const std::string& text);

}  // namespace ambit::bench

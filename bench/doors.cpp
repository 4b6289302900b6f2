#include "doors.h"

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace ambit::bench {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

tcp::socket connected(boost::asio::io_context& io, const std::string& host, std::uint16_t port) {
    tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address(host), port});
    socket.set_option(tcp::no_delay(true));
    return socket;
}

}  // namespace

Page::Page(const std::string& host, std::uint16_t port, std::string token)
    : host_(host + ":" + std::to_string(port)),
      token_(std::move(token)),
      socket_(connected(io_, host, port)) {}

std::string Page::ask(const std::string& text) {
    http::request<http::string_body> request(http::verb::post, "/api/v1/ask", 11);
    request.set(http::field::host, host_);
    request.set(http::field::authorization, "Bearer " + token_);
    request.set(http::field::content_type, "application/json");
    request.body() = R"({"text":")" + text + "\"}";
    request.prepare_payload();
    http::write(socket_, request);
    http::response<http::string_body> response;
    http::read(socket_, buffer_, response);
    return response.body();
}

std::string ask_wyoming(std::uint16_t port, const std::string& text) {
    boost::asio::io_context io;
    tcp::socket socket = connected(io, "127.0.0.1", port);
    const std::string data = R"({"text":")" + text + R"(","language":"en"})";
    const std::string header =
        R"({"type":"transcript","version":"1.9.0","data_length":)" + std::to_string(data.size()) + "}\n";
    boost::asio::write(socket, boost::asio::buffer(header + data));
    std::string answer;
    // The line says how long what follows is; that it came is enough here.
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), '\n');
    return answer;
}

}  // namespace ambit::bench

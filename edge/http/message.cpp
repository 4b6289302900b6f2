#include "http/message.h"

#include <algorithm>

#include <boost/beast/http/status.hpp>
#include <ostream>

#include "base/check.h"

namespace ambit::http {
namespace {

std::string head(int status, std::string_view fields) {
    namespace beast_http = boost::beast::http;
    const auto reason = beast_http::obsolete_reason(beast_http::int_to_status(static_cast<unsigned>(status)));
    return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason.data(), reason.size()) +
           "\r\nServer: ambitd\r\nCache-Control: no-store\r\n" + std::string(fields) + "\r\n";
}

// RFC 9112 section 7.1.
std::string chunk(std::string_view data) {
    std::string size;
    for (std::size_t rest = data.size(); rest > 0; rest >>= 4U) {
        size.insert(size.begin(), "0123456789abcdef"[rest & 15U]);
    }
    return size + "\r\n" + std::string(data) + "\r\n";
}

}  // namespace

std::string versioned(std::string json) {
    AMBIT_CHECK(json.size() >= 2 && json.front() == '{');
    json.insert(1, json == "{}" ? R"("v":1)" : R"("v":1,)");
    return json;
}

std::string reply_message(int status, std::string_view json, bool keep_alive) {
    return head(status,
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(json.size() + 1) +
                    (keep_alive ? "\r\n" : "\r\nConnection: close\r\n")) +
           std::string(json) + "\n";
}

std::string stream_head() {
    return head(200,
                "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n");
}

std::string event_chunk(std::string_view name, std::string json) {
    // In JSON a line break can only be white space between tokens.
    std::replace_if(
        json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return chunk("event: " + std::string(name) + "\ndata: " + json + "\n\n");
}

std::string last_chunk() {
    return "0\r\n\r\n";
}

}  // namespace ambit::http

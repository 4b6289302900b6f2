#include "http/message.h"

#include <algorithm>
#include <ostream>

#include <boost/beast/http/status.hpp>

#include "base/check.h"

namespace ambit::http {
namespace {

// Nothing may be loaded into an answer, and no other site may look into it.
constexpr std::string_view kBrowserFields =
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\n";
constexpr std::string_view kAnswerPolicy = "Content-Security-Policy: default-src 'none'\r\n";
// The page's own files, and its own API: nothing inline, nothing from elsewhere.
constexpr std::string_view kPagePolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n";

std::string head(int status, std::string_view caching, std::string_view fields) {
    namespace beast_http = boost::beast::http;
    const auto reason = beast_http::obsolete_reason(beast_http::int_to_status(static_cast<unsigned>(status)));
    return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason.data(), reason.size()) +
           "\r\nServer: ambitd\r\nCache-Control: " + std::string(caching) + "\r\n" + std::string(fields) +
           "\r\n";
}

std::string answer_fields(int status, bool to_browser) {
    if (!to_browser) {
        return "";
    }
    const std::string more = status == 401   ? "WWW-Authenticate: Bearer realm=\"ambit\"\r\n"
                             : status == 429 ? "Retry-After: 60\r\n"
                                             : "";
    return std::string(kBrowserFields) + std::string(kAnswerPolicy) + more;
}

std::string_view connection_field(bool keep_alive) {
    return keep_alive ? "" : "Connection: close\r\n";
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

std::string reply_message(int status, std::string_view json, bool keep_alive, bool to_browser) {
    return head(status, "no-store",
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(json.size() + 1) +
                    "\r\n" + answer_fields(status, to_browser) + std::string(connection_field(keep_alive))) +
           std::string(json) + "\n";
}

std::string file_message(const PageFile& file, bool known, bool head_only, bool keep_alive) {
    const std::string fields =
        "Content-Type: " + std::string(file.type) + "\r\nETag: " + std::string(file.tag) + "\r\n" +
        (known ? "" : "Content-Length: " + std::to_string(file.text.size()) + "\r\n") +
        std::string(kBrowserFields) + std::string(kPagePolicy) + std::string(connection_field(keep_alive));
    return head(known ? 304 : 200, "no-cache", fields) + (known || head_only ? "" : std::string(file.text));
}

std::string stream_head(bool to_browser) {
    return head(200, "no-store",
                "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n" +
                    answer_fields(200, to_browser));
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

#include "http/port_server.h"

#include <future>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/page.h"
#include "loop/loop.h"

namespace ambit::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PortServerTest : public testing::Test {
  protected:
    explicit PortServerTest(bool lan = false) {
        server_ = std::make_unique<PortServer>(
            loop_, PortSettings{0, lan, {"hub.local"}},
            [this](const api::Request& request, const std::shared_ptr<api::Responder>& responder) {
                seen_ = request;
                if (request.path == "stream") {
                    (void)responder->event("one", "{}");
                    responder->end();
                } else {
                    responder->fail(
                        {request.path == "wait" ? ErrorCode::TooManyTries : ErrorCode::TokenWrong, ""});
                }
            });
        const auto port = server_->start();
        EXPECT_TRUE(port);
        port_ = port ? *port : 0;
        thread_ = std::thread([this] { loop_.run([] {}); });
    }

    ~PortServerTest() override {
        std::promise<void> done;
        loop_.post([&] {
            server_.reset();
            done.set_value();
        });
        done.get_future().wait();
        loop_.post([this] { loop_.stop(); });
        thread_.join();
    }

    // -1 if nobody listens there.
    int connect_at(const std::string& address) const {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port_);
        EXPECT_EQ(inet_pton(AF_INET, address.c_str(), &at.sin_addr), 1) << address;
        if (connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
            return fd;
        }
        close(fd);
        return -1;
    }

    int connect_to() const { return connect_at("127.0.0.1"); }

    static std::string read_all(int fd) {
        std::string answer;
        char buffer[4096];
        for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
            answer.append(buffer, static_cast<std::size_t>(got));
        }
        close(fd);
        return answer;
    }

    std::string ask(const std::string& line,
                    const std::string& fields = "",
                    const std::string& body = "") const {
        const int fd = connect_to();
        EXPECT_GE(fd, 0);
        const std::string text =
            line + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n" + fields +
            "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
        return read_all(fd);
    }

    Loop loop_;
    api::Request seen_;
    std::unique_ptr<PortServer> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

TEST_F(PortServerTest, TellsTheHandlerWhoAsks) {
    const std::string answer =
        ask("POST /api/v1/ask?x=1", "Authorization: Bearer ambit_00\r\n", R"({"text":"x"})");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer"));
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'\r\n"));
    EXPECT_EQ(seen_.caller.bearer, "ambit_00");
    EXPECT_EQ(seen_.caller.address, "127.0.0.1");
    EXPECT_TRUE(seen_.caller.loopback);
    EXPECT_EQ(seen_.body, R"({"text":"x"})");
    EXPECT_THAT(ask("GET /api/v1/wait"), HasSubstr("Retry-After: "));
    EXPECT_THAT(ask("GET /api/v1/stream"), HasSubstr("X-Content-Type-Options: nosniff"));
}

TEST_F(PortServerTest, OtherSitesAndOtherNamesGetNothing) {
    EXPECT_THAT(ask("GET /api/v1/facts", "Origin: http://evil.example\r\n"), HasSubstr("OtherSite"));
    EXPECT_THAT(ask("GET /", "Host: evil.example\r\n"), HasSubstr("BadRequest")) << "two hosts";
    EXPECT_THAT(ask("GET /api/v1/facts", "Authorization: a\r\nAuthorization: b\r\n"),
                HasSubstr("BadRequest"));
    const int fd = connect_to();
    const std::string text = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    EXPECT_GT(send(fd, text.data(), text.size(), MSG_NOSIGNAL), 0);
    const std::string answer = read_all(fd);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(answer, HasSubstr("WrongName"));
    EXPECT_TRUE(seen_.path.empty()) << "the handler heard of none of it";
}

TEST_F(PortServerTest, ServesThePageAndNothingElse) {
    const std::string page = ask("GET /");
    EXPECT_THAT(page, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(page, HasSubstr("<!doctype html>"));
    EXPECT_THAT(page, HasSubstr("script-src 'self'"));
    EXPECT_THAT(page, Not(HasSubstr("unsafe")));
    const std::string_view tag = find_page_file("/")->tag;
    EXPECT_THAT(ask("GET /", "If-None-Match: " + std::string(tag) + "\r\n"), StartsWith("HTTP/1.1 304 "));
    EXPECT_THAT(ask("HEAD /page.js"), Not(HasSubstr("use strict")));
    EXPECT_THAT(ask("GET /page.css?v=1"), HasSubstr("text/css"));
    EXPECT_THAT(ask("POST /"), StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(ask("GET /../etc/passwd"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(ask("GET /index.html"), StartsWith("HTTP/1.1 404 "));
    EXPECT_TRUE(seen_.path.empty());
}

TEST_F(PortServerTest, OneAddressGetsSoManyConnections) {
    std::vector<int> open;
    for (std::size_t i = 0; i < kPerAddressMax; ++i) {
        open.push_back(connect_to());
    }
    // The server has seen them all once it refuses one more.
    EXPECT_THAT(read_all(connect_to()), StartsWith("HTTP/1.1 503 "));
    for (const int fd : open) {
        close(fd);
    }
}

// An IPv4 address of this machine that others reach too; "" if it has none.
std::string address_for_others() {
    ifaddrs* list = nullptr;
    std::string found;
    if (getifaddrs(&list) == 0) {
        for (const ifaddrs* at = list; at != nullptr && found.empty(); at = at->ifa_next) {
            const bool usable = at->ifa_addr != nullptr && at->ifa_addr->sa_family == AF_INET &&
                                (at->ifa_flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP;
            char text[INET_ADDRSTRLEN] = "";
            if (usable) {
                inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text,
                          sizeof text);
            }
            found = text;
        }
        freeifaddrs(list);
    }
    return found;
}

TEST_F(PortServerTest, WithoutTheLanNobodyElseReachesIt) {
    EXPECT_EQ(connect_at("127.0.0.2"), -1) << "it listens at 127.0.0.1 and nowhere else";
    if (const std::string address = address_for_others(); !address.empty()) {
        EXPECT_EQ(connect_at(address), -1) << address;
    }
}

class OnTheLan : public PortServerTest {
  protected:
    OnTheLan() : PortServerTest(true) {}

    std::string ask_at(const std::string& address, const std::string& path, const std::string& fields) const {
        const int fd = connect_at(address);
        EXPECT_GE(fd, 0);
        const std::string text = "GET " + path + " HTTP/1.1\r\nConnection: close\r\n" + fields + "\r\n";
        EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
        return read_all(fd);
    }
};

TEST_F(OnTheLan, TheHandlerKnowsWhoComesFromOutside) {
    const std::string address = address_for_others();
    if (address.empty()) {
        GTEST_SKIP() << "no network on this machine but loopback";
    }
    const std::string at = address + ":" + std::to_string(port_);
    const std::string own = "Host: " + at + "\r\n";
    EXPECT_THAT(ask_at(address, "/", own), HasSubstr("<!doctype html>"));
    EXPECT_THAT(ask_at(address, "/api/v1/facts", own), StartsWith("HTTP/1.1 401 "));
    EXPECT_EQ(seen_.caller.address, address);
    EXPECT_FALSE(seen_.caller.loopback) << "which is what keeps personal tokens out";
    seen_ = {};
    for (const char* host : {"localhost", "127.0.0.1", "evil.example"}) {
        EXPECT_THAT(ask_at(address, "/api/v1/facts", std::string("Host: ") + host + "\r\n"),
                    HasSubstr("WrongName"))
            << host;
    }
    EXPECT_THAT(ask_at(address, "/api/v1/facts", own + "Origin: http://evil.example\r\n"),
                HasSubstr("OtherSite"));
    EXPECT_TRUE(seen_.path.empty()) << "the handler heard of none of it";
    EXPECT_THAT(ask_at(address, "/api/v1/facts", own + "Origin: http://" + at + "\r\n"),
                StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(ask_at("127.0.0.1", "/api/v1/facts", "Host: localhost\r\n"), StartsWith("HTTP/1.1 401 "));
    EXPECT_TRUE(seen_.caller.loopback);
}

}  // namespace
}  // namespace ambit::http

#include "calendar/http.h"

#include <future>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "calendar/answer.h"

namespace ambit::calendar {
namespace {

using testing::HasSubstr;
using testing::Not;

// Answers each connection with the same bytes, and then closes it; without any it says nothing and waits for
// the other side to leave.
class OneAnswer {
  public:
    explicit OneAnswer(std::string bytes)
        : bytes_(std::move(bytes)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(listen(socket_, 4), 0);
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        url.tls = false;
        url.host = "127.0.0.1";
        url.port = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }

    ~OneAnswer() {
        shutdown(socket_, SHUT_RDWR);
        thread_.join();
        close(socket_);
    }

    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;

    // What came first.
    std::string asked() { return asked_.get_future().get(); }

    std::future<void> reached() { return reached_.get_future(); }

    Url url;

  private:
    void run() {
        for (bool first = true;; first = false) {
            const int other = accept(socket_, nullptr, nullptr);
            if (other < 0) {
                return;
            }
            std::string text;
            char buffer[4096];
            while (!text.ends_with("</D:propfind>\n")) {
                const auto length = read(other, buffer, sizeof buffer);
                if (length <= 0) {
                    break;
                }
                text.append(buffer, static_cast<std::size_t>(length));
            }
            if (first) {
                asked_.set_value(text);
                reached_.set_value();
            }
            for (std::size_t at = 0; at < bytes_.size();) {
                const auto length = send(other, bytes_.data() + at, bytes_.size() - at, MSG_NOSIGNAL);
                if (length <= 0) {
                    break;
                }
                at += static_cast<std::size_t>(length);
            }
            if (bytes_.empty()) {
                while (read(other, buffer, sizeof buffer) > 0) {
                }
            }
            close(other);
        }
    }

    const std::string bytes_;
    int socket_;
    std::promise<std::string> asked_;
    std::promise<void> reached_;
    std::thread thread_;
};

std::unique_ptr<Http> http_to(const Url& url, const Patience& patience = {}) {
    auto http = Http::create(url, {"anna", "s3cret", ""}, patience);
    EXPECT_TRUE(http) << http.error().detail;
    return std::move(http).value();
}

TEST(HttpTest, SendsWhatIsAskedAndReadsTheAnswer) {
    OneAnswer server("HTTP/1.0 207 Multi-Status\r\nContent-Type: text/xml\r\n\r\n<x/>");
    const Reply reply = http_to(server.url)->send(ask_properties(server.url, 1));
    EXPECT_FALSE(reply.lost);
    EXPECT_EQ(reply.status, 207);
    EXPECT_EQ(reply.body, "<x/>");
    const std::string asked = server.asked();
    EXPECT_THAT(asked, HasSubstr("PROPFIND / HTTP/1.1\r\n"));
    EXPECT_THAT(asked, HasSubstr("\r\nAuthorization: Basic YW5uYTpzM2NyZXQ=\r\n"));
    EXPECT_THAT(asked, HasSubstr("\r\nDepth: 1\r\n"));
    EXPECT_THAT(asked, HasSubstr("\r\nUser-Agent: ambit\r\n"));
    EXPECT_THAT(asked, Not(HasSubstr("Expect")));
}

TEST(HttpTest, FollowsNobodyElsewhere) {
    OneAnswer server("HTTP/1.1 302 Found\r\nLOCATION:  https://evil.example/x\r\nContent-Length: 0\r\n\r\n");
    const auto http = http_to(server.url);
    const Reply reply = http->send(ask_properties(server.url, 0));
    EXPECT_EQ(reply.status, 302);
    EXPECT_THAT(reply.location, HasSubstr("https://evil.example/x"));
    Url other = server.url;
    other.host = "localhost";
    EXPECT_TRUE(http->send(ask_properties(other, 0)).lost);
}

TEST(HttpTest, AnAnswerWithoutAnEndIsCutOff) {
    OneAnswer server("HTTP/1.1 207 x\r\nContent-Length: 1000000000\r\n\r\n" +
                     std::string(kAnswerBytesMax + 1, 'x'));
    const Reply reply = http_to(server.url)->send(ask_properties(server.url, 0));
    EXPECT_TRUE(reply.too_long);
    EXPECT_EQ(reply.status, 207);
    EXPECT_EQ(reply.body, "");
}

TEST(HttpTest, HeadersWithoutAnEndAreCutOff) {
    std::string headers = "HTTP/1.1 207 x\r\n";
    while (headers.size() <= kHeaderBytesMax) {
        headers += "X-Some: thing of no use\r\n";
    }
    OneAnswer server(headers + "\r\n");
    const Reply reply = http_to(server.url)->send(ask_properties(server.url, 0));
    ASSERT_TRUE(reply.lost);
    EXPECT_EQ(reply.lost->code, ErrorCode::CalendarServerLost);
}

TEST(HttpTest, WhatIsNoHttpIsALostServer) {
    OneAnswer server("220 mail.example ESMTP\r\n");
    EXPECT_TRUE(http_to(server.url)->send(ask_properties(server.url, 0)).lost);
}

TEST(HttpTest, ASilentServerIsNotWaitedForForever) {
    OneAnswer server("");
    Patience little;
    little.whole = std::chrono::milliseconds(50);
    const Reply reply = http_to(server.url, little)->send(ask_properties(server.url, 0));
    ASSERT_TRUE(reply.lost);
    EXPECT_EQ(reply.lost->code, ErrorCode::CalendarServerLost);
}

TEST(HttpTest, StoppingEndsWhatIsUnderWay) {
    OneAnswer server("");
    const auto http = http_to(server.url);
    std::thread stops([&] {
        server.reached().wait();
        http->stop();
    });
    EXPECT_TRUE(http->send(ask_properties(server.url, 0)).lost);
    EXPECT_TRUE(http->send(ask_properties(server.url, 0)).lost) << "and everything after it";
    stops.join();
}

TEST(HttpTest, NobodyThere) {
    Url url;
    {
        OneAnswer server("");
        url = server.url;
    }
    const Reply reply = http_to(url)->send(ask_properties(url, 0));
    ASSERT_TRUE(reply.lost);
    EXPECT_THAT(reply.lost->detail, HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace ambit::calendar

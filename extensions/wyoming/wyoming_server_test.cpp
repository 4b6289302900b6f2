#include <future>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wyoming/wyoming.h"

namespace ambit::wyoming {
namespace {

using testing::HasSubstr;

// A server on a loop of its own, and what its visitors hear.
class WyomingServerTest : public testing::Test {
  protected:
    ~WyomingServerTest() override { stop(); }

    void stop() {
        if (thread_.joinable()) {
            std::promise<void> done;
            loop_->post([&] {
                server_.reset();
                done.set_value();
            });
            done.get_future().wait();
            loop_->post([this] { loop_->stop(); });
            thread_.join();
        }
    }

    void serve(std::vector<std::string> allow, milliseconds idle_max = kIdleMax) {
        stop();
        loop_ = std::make_unique<Loop>();
        auto server = WyomingServer::create(
            {0, std::move(allow), "1", idle_max}, [] { return std::vector<std::string>{"en"}; },
            [](const std::string& text, milliseconds /*timeout*/, const OnAnswer& on_answer) {
                on_answer(text + "!");
            },
            *loop_);
        ASSERT_TRUE(server) << server.error().message();
        server_ = std::move(server).value();
        thread_ = std::thread([this] { loop_->run([] {}); });
    }

    // -1 if nobody listens there.
    int connect_to(const char* address) const {
        const bool six = std::string_view(address).find(':') != std::string_view::npos;
        sockaddr_in6 at6{};
        sockaddr_in at4{};
        at6.sin6_family = AF_INET6;
        at4.sin_family = AF_INET;
        at6.sin6_port = at4.sin_port = htons(server_->port());
        inet_pton(six ? AF_INET6 : AF_INET, address,
                  six ? static_cast<void*>(&at6.sin6_addr) : &at4.sin_addr);
        const int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
        const auto* at = six ? reinterpret_cast<sockaddr*>(&at6) : reinterpret_cast<sockaddr*>(&at4);
        if (fd >= 0 && connect(fd, at, six ? sizeof at6 : sizeof at4) == 0) {
            return fd;
        }
        close(fd);
        return -1;
    }

    // False once the other side has closed.
    static bool tell(int fd, std::string_view bytes) {
        return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    // What comes next, or "" at the end.
    static std::string hear(int fd) {
        char buffer[4096];
        const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
        return {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    }

    std::string ask_from(const char* address) const {
        const int fd = connect_to(address);
        if (fd < 0) {
            return "nobody listens";
        }
        EXPECT_TRUE(tell(fd, write_event("transcript", R"({"text":"hello"})")));
        const std::string heard = hear(fd);
        close(fd);
        return heard;
    }

    std::unique_ptr<Loop> loop_;
    std::unique_ptr<WyomingServer> server_;
    std::thread thread_;
};

TEST_F(WyomingServerTest, WithoutAListThisMachineAloneIsHeard) {
    serve({});
    EXPECT_THAT(ask_from("127.0.0.1"), HasSubstr("hello!"));
    EXPECT_EQ(ask_from("127.0.0.2"), "nobody listens") << "it listens at 127.0.0.1 and nowhere else";
}

TEST_F(WyomingServerTest, WhoIsOnTheListIsHeard) {
    serve({"127.0.0.0/8", "::1"});
    EXPECT_THAT(ask_from("127.0.0.1"), HasSubstr("hello!")) << "an IPv4 address, through whatever socket";
    const int probe = socket(AF_INET6, SOCK_STREAM, 0);
    sockaddr_in6 here{AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT, 0};
    const bool six = bind(probe, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0;
    close(probe);
    if (!six) {
        GTEST_SKIP() << "no IPv6 on this machine";
    }
    EXPECT_THAT(ask_from("::1"), HasSubstr("hello!"));
}

TEST_F(WyomingServerTest, WhoIsNotOnTheListIsClosedUnheard) {
    serve({"192.0.2.7", "2001:db8::/32"});
    EXPECT_EQ(ask_from("127.0.0.1"), "");
    EXPECT_THAT(ask_from("::1"), testing::AnyOf("", "nobody listens")) << "the latter without IPv6";
}

// An event that never comes to its end, a byte at a time.
constexpr std::string_view kLongEvent = "{\"type\":\"audio-chunk\",\"payload_length\":1048576}\n";

TEST_F(WyomingServerTest, BytesThatMakeNoEventDoNotHoldAConnection) {
    serve({}, milliseconds{30});
    const int fd = connect_to("127.0.0.1");
    EXPECT_TRUE(tell(fd, kLongEvent));
    std::size_t told = 0;
    while (told < kPayloadBytesMax && tell(fd, "x")) {
        ++told;
    }
    EXPECT_LT(told, kPayloadBytesMax);
    close(fd);
}

TEST_F(WyomingServerTest, WholeEventsHoldAConnection) {
    // More time where the machine stood still for as long as that.
    bool held = false;
    for (const int idle_ms : {100, 1000, 10'000}) {
        serve({}, milliseconds{idle_ms});
        const int talker = connect_to("127.0.0.1");
        const auto ping = [&] { return tell(talker, write_event("ping", "{}")) && !hear(talker).empty(); };
        // Whoever says nothing is closed: that is the clock here.
        const int silent = connect_to("127.0.0.1");
        char byte = 0;
        do {
            held = ping();
        } while (held && recv(silent, &byte, 1, MSG_DONTWAIT) != 0);
        held = held && ping();
        close(talker);
        close(silent);
        if (held) {
            break;
        }
    }
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace ambit::wyoming

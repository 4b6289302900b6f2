#include "mesh/pairing_link.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "mesh/limits.h"

namespace ambit::mesh {
namespace {

namespace asio = boost::asio;

struct Heard {
    int connected = 0;
    std::vector<Bytes> frames;
    std::vector<ErrorCode> closed;

    PairingEvents events() {
        return {[this] { ++connected; },
                [this](ByteView frame) { frames.emplace_back(frame.begin(), frame.end()); },
                [this](const Error& reason) { closed.push_back(reason.code); }};
    }
};

class PairingLinkTest : public testing::Test {
  protected:
    PairingLinkTest()
        : listener_(std::move(PairingListener::open(loop_, {"127.0.0.1", 0}, host_.events())).value()) {}

    bool until(const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + seconds(10);
        const auto work = asio::make_work_guard(loop_.io());
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            loop_.io().run_one_until(deadline);
        }
        return done();
    }

    Loop loop_;
    Heard host_;
    Heard joiner_;
    std::unique_ptr<PairingListener> listener_;
};

TEST_F(PairingLinkTest, FramesGoBothWaysAndTheNextOneMayCome) {
    auto dialer = PairingDialer::open(loop_, listener_->local(), joiner_.events());
    dialer->send(Bytes{1, 2});  // waits for the connection
    ASSERT_TRUE(until([&] { return host_.frames.size() == 1; }));
    EXPECT_EQ(host_.frames[0], (Bytes{1, 2}));
    listener_->send(Bytes(kPairingFrameBytesMax, 5));
    ASSERT_TRUE(until([&] { return joiner_.frames.size() == 1; }));
    EXPECT_EQ(joiner_.frames[0].size(), kPairingFrameBytesMax);
    dialer->close();
    ASSERT_TRUE(until([&] { return host_.closed.size() == 1; }));
    EXPECT_TRUE(joiner_.closed.empty());

    auto second = PairingDialer::open(loop_, listener_->local(), joiner_.events());
    second->send(Bytes{3});
    ASSERT_TRUE(until([&] { return host_.connected == 2 && joiner_.connected == 2; }));
}

TEST_F(PairingLinkTest, OnlyOneConnectionAtATime) {
    auto first = PairingDialer::open(loop_, listener_->local(), joiner_.events());
    first->send(Bytes{1});
    ASSERT_TRUE(until([&] { return host_.connected == 1; }));
    Heard other;
    auto second = PairingDialer::open(loop_, listener_->local(), other.events());
    second->send(Bytes{2});
    ASSERT_TRUE(until([&] { return other.closed.size() == 1; }));
    EXPECT_TRUE(joiner_.closed.empty());
    EXPECT_EQ(host_.frames, (std::vector<Bytes>{{1}}));
}

TEST_F(PairingLinkTest, ThoseWhoSayNothingKeepNobodyOut) {
    std::vector<asio::ip::tcp::socket> silent;
    for (std::size_t i = 0; i < 2 * kPairingSilentMax; ++i) {
        silent.emplace_back(loop_.io())
            .connect({asio::ip::make_address("127.0.0.1"), listener_->local().port});
    }
    auto dialer = PairingDialer::open(loop_, listener_->local(), joiner_.events());
    dialer->send(Bytes{1});
    ASSERT_TRUE(until([&] { return host_.frames.size() == 1; }));
    EXPECT_EQ(host_.connected, 1);
    EXPECT_TRUE(host_.closed.empty()) << "strangers that nobody was told of are not told of when they end";
}

TEST_F(PairingLinkTest, AForbiddenLengthEndsTheConnection) {
    asio::ip::tcp::socket socket(loop_.io());
    socket.connect({asio::ip::make_address("127.0.0.1"), listener_->local().port});
    asio::write(socket, asio::buffer(std::array<std::uint8_t, 9>{0, 0, 0, 1, 7, 0xff, 0, 0, 0}));
    ASSERT_TRUE(until([&] { return host_.closed.size() == 1; }));
    EXPECT_EQ(host_.closed[0], ErrorCode::LinkBroken);
}

TEST_F(PairingLinkTest, NobodyThereIsADialFailure) {
    const wire::Address at = listener_->local();
    listener_.reset();
    auto dialer = PairingDialer::open(loop_, at, joiner_.events());
    ASSERT_TRUE(until([&] { return joiner_.closed.size() == 1; }));
    EXPECT_EQ(joiner_.closed[0], ErrorCode::DialFailed);
}

}  // namespace
}  // namespace ambit::mesh

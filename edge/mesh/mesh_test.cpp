// Live over loopback: real sockets, real TLS, ports chosen by the kernel.
#include <functional>

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "crypto/seeded_random.h"
#include "mesh/limits.h"
#include "mesh/mesh_transport.h"
#include "mesh/tls.h"
#include "wire/limits.h"

namespace ambit::mesh {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::Ge;
using testing::Le;
using testing::SizeIs;

crypto::SigningKey key_of(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

DeviceId id_of(std::uint8_t number) {
    return crypto::device_id_of(key_of(number).verify_key());
}

identity::RosterView roster_of(std::initializer_list<std::uint8_t> members) {
    auto roster = std::make_shared<identity::Roster>();
    for (const std::uint8_t member : members) {
        identity::Device device;
        device.id = id_of(member);
        device.verify_key = key_of(member).verify_key();
        roster->devices[device.id] = device;
    }
    return roster;
}

// One side: a transport and what it said.
class Side final : public wire::TransportEvents {
  public:
    Side(Loop& loop, std::uint8_t number, identity::RosterView roster)
        : transport_(std::move(MeshTransport::create(loop, key_of(number))).value()) {
        transport_->set_events(this);
        transport_->set_roster(std::move(roster));
    }

    void on_link_up(const wire::LinkUp& up, Now /*now*/) override { ups.push_back(up); }

    void on_link_down(wire::LinkId link, const Error& reason, Now /*now*/) override {
        downs.emplace_back(link, reason.code);
    }

    void on_frame(wire::LinkId /*link*/, ByteView frame, Now /*now*/) override {
        frames.emplace_back(frame.begin(), frame.end());
    }

    void on_writable(wire::LinkId /*link*/, Now /*now*/) override { ++writable; }

    void on_dial_failed(wire::DialId id, const Error& reason, Now /*now*/) override {
        failed.emplace_back(id, reason.code);
    }

    MeshTransport* operator->() { return transport_.get(); }

    void destroy() { transport_.reset(); }

    std::vector<wire::LinkUp> ups;
    std::vector<std::pair<wire::LinkId, ErrorCode>> downs;
    std::vector<Bytes> frames;
    std::vector<std::pair<wire::DialId, ErrorCode>> failed;
    int writable = 0;

  private:
    std::unique_ptr<MeshTransport> transport_;
};

class MeshTest : public testing::Test {
  protected:
    // Runs the loop until `done` or ten seconds have passed.
    bool until(const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + seconds(10);
        const auto work = asio::make_work_guard(loop_.io());
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            loop_.io().run_one_until(deadline);
        }
        return done();
    }

    wire::Address listen(Side& side) { return *side->listen({"127.0.0.1", 0}); }

    // A connected pair: `one` dialled `two`.
    void connect(Side& one, Side& two, std::uint8_t two_number = 2) {
        one->dial(1, listen(two), id_of(two_number));
        ASSERT_TRUE(until([&] { return one.ups.size() == 1 && two.ups.size() == 1; }));
    }

    tcp::endpoint endpoint(const wire::Address& at) { return {asio::ip::make_address(at.host), at.port}; }

    Loop loop_;
};

TEST_F(MeshTest, TwoMembersConnectAndExchangeFrames) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    EXPECT_EQ(one.ups[0].peer, id_of(2));
    EXPECT_EQ(one.ups[0].dial, wire::DialId{1});
    EXPECT_EQ(two.ups[0].peer, id_of(1));
    EXPECT_FALSE(two.ups[0].dial.has_value());

    EXPECT_TRUE(one->send(one.ups[0].link, Bytes{1, 2, 3}));
    two->send(two.ups[0].link, Bytes(wire::kFrameBytesMax, 7));
    ASSERT_TRUE(until([&] { return one.frames.size() == 1 && two.frames.size() == 1; }));
    EXPECT_EQ(two.frames[0], (Bytes{1, 2, 3}));
    EXPECT_THAT(one.frames[0], SizeIs(wire::kFrameBytesMax));
}

identity::RosterView recoverable(const identity::RosterView& roster, std::uint8_t recovery) {
    auto copy = std::make_shared<identity::Roster>(*roster);
    copy->recovery_key = key_of(recovery).verify_key();
    return copy;
}

TEST_F(MeshTest, WhoHoldsTheRecoveryKeyGetsALinkAndKeepsItWhenTheKeyChanges) {
    Side member(loop_, 2, recoverable(roster_of({1, 2}), 9));
    Side newcomer(loop_, 9, roster_of({}));
    const auto at = listen(member);
    newcomer->dial_anybody(1, at);
    ASSERT_TRUE(until([&] { return newcomer.ups.size() == 1 && member.ups.size() == 1; }));
    EXPECT_EQ(newcomer.ups[0].peer, id_of(2));
    EXPECT_EQ(member.ups[0].peer, id_of(9));
    member->set_roster(recoverable(roster_of({1, 2}), 10));
    member->send(member.ups[0].link, Bytes{1, 2, 3});
    ASSERT_TRUE(until([&] { return newcomer.frames.size() == 1; }));

    // With the key used up, it opens nothing any more.
    newcomer->dial_anybody(2, at);
    ASSERT_TRUE(until([&] { return newcomer.failed.size() == 1; }));
    EXPECT_EQ(newcomer.failed[0], std::pair(wire::DialId{2}, ErrorCode::HandshakeFailed));
    EXPECT_EQ(member.ups.size(), 1U);
}

TEST_F(MeshTest, ADiallerNeverTakesTheRecoveryKeyForAMember) {
    Side one(loop_, 1, recoverable(roster_of({1, 2}), 9));
    Side thief(loop_, 9, roster_of({1}));
    one->dial(1, listen(thief), id_of(9));
    ASSERT_TRUE(until([&] { return one.failed.size() == 1; }));
    EXPECT_EQ(one.failed[0].second, ErrorCode::HandshakeFailed);
}

TEST_F(MeshTest, AStrangersKeyIsRefusedByBothSides) {
    Side stranger(loop_, 3, roster_of({2, 3}));
    Side member(loop_, 2, roster_of({1, 2}));
    stranger->dial(1, listen(member), id_of(2));
    ASSERT_TRUE(until([&] { return stranger.failed.size() == 1; }));
    EXPECT_EQ(stranger.failed[0].second, ErrorCode::HandshakeFailed);
    EXPECT_TRUE(member.ups.empty());

    // The other way round: the dialler expects somebody else at this address.
    Side dialler(loop_, 1, roster_of({1, 2, 4}));
    dialler->dial(7, listen(member), id_of(4));
    ASSERT_TRUE(until([&] { return dialler.failed.size() == 1; }));
    EXPECT_EQ(dialler.failed[0], std::pair(wire::DialId{7}, ErrorCode::HandshakeFailed));
    EXPECT_TRUE(dialler.ups.empty());
}

TEST_F(MeshTest, ARemovedDevicesLinkClosesAtOnce) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    one->set_roster(roster_of({1}));
    EXPECT_TRUE(one.downs.empty()) << "nothing calls back from inside a call";
    ASSERT_TRUE(until([&] { return one.downs.size() == 1 && two.downs.size() == 1; }));
    EXPECT_EQ(one.downs[0].second, ErrorCode::NotAMember);
}

TEST_F(MeshTest, WhatIsSentBeforeCloseArrives) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    one->send(one.ups[0].link, Bytes(100'000, 1));
    one->send(one.ups[0].link, Bytes{9});
    one->close(one.ups[0].link, Error{});
    ASSERT_TRUE(until([&] { return two.downs.size() == 1; }));
    ASSERT_THAT(two.frames, SizeIs(2));
    EXPECT_EQ(two.frames[1], Bytes{9});
    EXPECT_TRUE(one.downs.empty()) << "nothing follows close()";
}

TEST_F(MeshTest, AKilledPeerIsKnownWithin150Milliseconds) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    const auto killed = std::chrono::steady_clock::now();
    two.destroy();
    ASSERT_TRUE(until([&] { return one.downs.size() == 1; }));
    EXPECT_LE(std::chrono::steady_clock::now() - killed, milliseconds(150));
    EXPECT_EQ(one.downs[0].second, ErrorCode::LinkBroken);
}

TEST_F(MeshTest, ASlowReaderMeansWaitAndThenWritable) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    int sent = 0;
    bool more = true;
    while (more && sent < 100) {
        more = one->send(one.ups[0].link, Bytes(100'000, 1));
        ++sent;
    }
    EXPECT_FALSE(more);
    EXPECT_THAT(sent, Le(4));
    ASSERT_TRUE(
        until([&] { return one.writable == 1 && two.frames.size() == static_cast<std::size_t>(sent); }));
}

TEST_F(MeshTest, Tls12IsRefused) {
    Side member(loop_, 2, roster_of({1, 2}));
    const auto at = listen(member);
    asio::ssl::context context(asio::ssl::context::tlsv12_client);
    asio::ssl::stream<tcp::socket> stream(loop_.io(), context);
    stream.next_layer().connect(endpoint(at));
    boost::system::error_code result;
    bool finished = false;
    stream.async_handshake(asio::ssl::stream_base::client, [&](auto error) {
        result = error;
        finished = true;
    });
    ASSERT_TRUE(until([&] { return finished; }));
    EXPECT_TRUE(result);
    EXPECT_TRUE(member.ups.empty());
}

TEST_F(MeshTest, AClientWithoutCertificateGetsNoLink) {
    Side member(loop_, 2, roster_of({1, 2}));
    const auto at = listen(member);
    asio::ssl::context context(asio::ssl::context::tlsv13_client);
    asio::ssl::stream<tcp::socket> stream(loop_.io(), context);
    stream.next_layer().connect(endpoint(at));
    bool closed = false;
    std::array<char, 16> buffer{};
    stream.async_handshake(asio::ssl::stream_base::client, [&](auto /*error*/) {
        // In TLS 1.3 the client is done first; the refusal comes with the first read.
        stream.async_read_some(asio::buffer(buffer),
                               [&](auto error, auto) { closed = static_cast<bool>(error); });
    });
    ASSERT_TRUE(until([&] { return closed && member->handshakes() == 0; }));
    EXPECT_TRUE(member.ups.empty());
}

TEST_F(MeshTest, HalfOpenStrangersAndGarbageAreBoundedWhileAMemberConnects) {
    Side member(loop_, 2, roster_of({1, 2}));
    const auto at = listen(member);
    std::vector<tcp::socket> strangers;
    for (int i = 0; i < 40; ++i) {
        strangers.emplace_back(loop_.io());
        strangers.back().connect(endpoint(at));
        if (i % 2 == 0) {
            asio::write(strangers.back(), asio::buffer(std::string(64, 'x')));
        }
    }
    ASSERT_TRUE(until([&] { return member->handshakes() > 0; }));
    Side one(loop_, 1, roster_of({1, 2}));
    one->dial(1, at, id_of(2));
    ASSERT_TRUE(until([&] {
        EXPECT_THAT(member->handshakes(), Le(kHandshakesPerAddressMax));
        return one.ups.size() == 1 && member.ups.size() == 1;
    }));
    // And the half-open ones end by themselves.
    ASSERT_TRUE(until([&] { return member->handshakes() == 0; }));
    EXPECT_TRUE(member.downs.empty());
}

TEST_F(MeshTest, NobodyThereAndABadAddressAreDialFailures) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    const auto at = listen(two);
    two->stop_listening();
    one->dial(1, at, id_of(2));
    ASSERT_TRUE(until([&] { return one.failed.size() == 1; }));
    EXPECT_EQ(one.failed[0].second, ErrorCode::DialFailed);
    EXPECT_FALSE(one->listen({"not an address", 0}).has_value());
}

TEST_F(MeshTest, ACancelledDialSaysNothing) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    const auto at = listen(two);
    one->dial(1, at, id_of(2));
    one->cancel_dial(1);
    one->dial(2, at, id_of(2));
    ASSERT_TRUE(until([&] { return one.ups.size() == 1 && two.ups.size() == 1; }));
    EXPECT_EQ(one.ups[0].dial, wire::DialId{2});
    EXPECT_TRUE(one.failed.empty());
}

TEST_F(MeshTest, StopFlushesAndEnds) {
    Side one(loop_, 1, roster_of({1, 2}));
    Side two(loop_, 2, roster_of({1, 2}));
    connect(one, two);
    one->send(one.ups[0].link, Bytes{5});
    bool done = false;
    one->stop([&] { done = true; });
    ASSERT_TRUE(until([&] { return done && two.downs.size() == 1; }));
    EXPECT_EQ(two.frames, std::vector<Bytes>{Bytes{5}});
}

}  // namespace
}  // namespace ambit::mesh

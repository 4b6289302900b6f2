// Makes docs/spec/vectors/wire.json and holds the file to it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/vectors_testing.h"
#include "crypto/seeded_random.h"
#include "privacy/ledger.h"
#include "proto/wire.pb.h"
#include "storage/memory_storage.h"
#include "wire/codec.h"
#include "wire/links.h"

namespace ambit::wire {
namespace {

using nlohmann::json;

crypto::SigningKey key_of(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

identity::RosterView roster_of(std::initializer_list<const crypto::SigningKey*> keys) {
    auto roster = std::make_shared<identity::Roster>();
    roster->household = HouseholdId({0x11});
    roster->version = Digest({0x22});
    for (const crypto::SigningKey* key : keys) {
        identity::Device device;
        device.verify_key = key->verify_key();
        device.id = crypto::device_id_of(device.verify_key);
        roster->devices[device.id] = device;
    }
    return roster;
}

// The acceptor's end of one link, and what it sends.
class Acceptor final : public Transport {
  public:
    Acceptor() {
        storage_.settle();
        EXPECT_TRUE(ledger_.load());
        gate_.set_roster(roster_);
        links_.set_roster(roster_, now_);
        links_.on_link_up({1, peer(), std::nullopt, {"192.0.2.9", 40111}}, now_);
    }

    DeviceId peer() const { return crypto::device_id_of(peer_key_.verify_key()); }

    void take(const Bytes& frame) {
        if (!closed) {
            links_.on_frame(1, frame, now_);
            serve();
        }
    }

    void dial(DialId, const Address&, const DeviceId&) override {}

    void cancel_dial(DialId) override {}

    bool send(LinkId, Bytes frame) override {
        sent.push_back(std::move(frame));
        return true;
    }

    void close(LinkId, const Error&) override { closed = true; }

    void set_roster(identity::RosterView) override {}

    std::vector<Bytes> sent;
    bool closed = false;

  private:
    // As core/node does: pings are answered with their bytes, other methods are unknown.
    void serve() {
        for (const Event& event : links_.drain_events()) {
            const auto* incoming = std::get_if<Incoming>(&event);
            if (incoming == nullptr) {
                continue;
            }
            if (incoming->method == "node.ping") {
                auto cleared = gate_.clear(incoming->body, peer(), {"ping", "ping"}, now_);
                ASSERT_TRUE(links_.finish(incoming->call, std::move(cleared).value(), now_));
            } else {
                ASSERT_TRUE(links_.fail(incoming->call, {ErrorCode::UnknownMethod, incoming->method}, now_));
            }
        }
        storage_.settle();
        links_.on_durable(now_);
    }

    const Now now_{WallTime(milliseconds(1'700'000'000'000)), MonoTime(seconds(1000))};
    const crypto::SigningKey key_ = key_of(1);
    const crypto::SigningKey peer_key_ = key_of(2);
    const identity::RosterView roster_ = roster_of({&key_, &peer_key_});
    crypto::SeededRandom random_{crypto::Seed{3}};
    storage::MemoryStorage storage_;
    privacy::Ledger ledger_{storage_, key_};
    privacy::Gate gate_{crypto::device_id_of(key_.verify_key()), ledger_};
    Links links_{key_, true, Dialect(), *this, gate_, storage_, random_};
};

Sealed sealed(Bytes body) {
    return {"household", false, Digest({0x22}), std::move(body)};
}

Frame frame_of(FrameType type, std::uint64_t call = 0) {
    Frame frame;
    frame.type = type;
    frame.call = call;
    return frame;
}

Frame hello(std::uint32_t version_min = 1, std::uint32_t version_max = 1, std::uint8_t household = 0x11) {
    Frame frame = frame_of(FrameType::Hello);
    frame.hello.version_min = version_min;
    frame.hello.version_max = version_max;
    frame.hello.household = HouseholdId({household});
    frame.hello.roster_version = Digest({0x22});
    frame.hello.mains_powered = true;
    frame.hello.features = {"later"};
    frame.hello.wall_ms = 1'700'000'000'123;
    frame.hello.instance = Instance({0x33});
    return frame;
}

Frame open(std::uint64_t call, const std::string& method, Bytes body = {1, 2}) {
    Frame frame = frame_of(FrameType::Open, call);
    frame.method = method;
    frame.deadline_ms = 2000;
    frame.items = 16;
    frame.payload = sealed(std::move(body));
    return frame;
}

Frame with_nonce(FrameType type, std::uint64_t nonce) {
    Frame frame = frame_of(type);
    frame.nonce = nonce;
    return frame;
}

Frame with_payload(FrameType type, std::uint64_t call, const std::string& method = "") {
    Frame frame = frame_of(type, call);
    frame.method = method;
    frame.payload = sealed({9});
    return frame;
}

Frame with_error(FrameType type, std::uint64_t call, std::uint32_t error, const std::string& detail) {
    Frame frame = frame_of(type, call);
    frame.error = error;
    frame.detail = detail;
    return frame;
}

Frame credit(std::uint64_t call, std::uint32_t items) {
    Frame frame = frame_of(FrameType::Credit, call);
    frame.items = items;
    return frame;
}

json envelopes() {
    const std::vector<std::pair<const char*, Frame>> frames = {
        {"hello", hello()},
        {"ping", with_nonce(FrameType::Ping, 7)},
        {"pong", with_nonce(FrameType::Pong, 7)},
        {"open", open(1, "node.ping")},
        {"item", with_payload(FrameType::Item, 3)},
        {"close", with_payload(FrameType::Close, 1)},
        {"close with an error", with_error(FrameType::Close, 3, 1410, "facts.later")},
        {"cancel", frame_of(FrameType::Cancel, 3)},
        {"credit", credit(3, 2)},
        {"notice", with_payload(FrameType::Notice, 0, "roster.ops")},
        {"bye", with_error(FrameType::Bye, 0, 1004, "stopping")},
        {"want_bulk", frame_of(FrameType::WantBulk)}};
    json out = json::array();
    for (const auto& [name, frame] : frames) {
        const Bytes bytes = encode(frame);
        EXPECT_EQ(encode(decode(bytes).value()), bytes) << name;
        out.push_back({{"name", name}, {"bytes", to_hex(bytes)}});
    }
    return out;
}

json refused_frames() {
    const auto encoded = [](const std::function<void(v1::Frame&)>& fill) {
        v1::Frame frame;
        fill(frame);
        return to_bytes(frame.SerializeAsString());
    };
    const std::vector<std::pair<const char*, Bytes>> frames = {
        {"no frame", Bytes(4, 0xff)},
        {"no body", {}},
        {"an unknown body", {0xfa, 0x01, 0x00}},
        {"a household of 31 bytes",
         encoded([](v1::Frame& f) { f.mutable_hello()->set_household(std::string(31, 'x')); })},
        {"a method of 65 bytes", encoded([](v1::Frame& f) {
             f.mutable_open()->set_call(1);
             f.mutable_open()->set_method(std::string(65, 'm'));
         })},
        {"an empty method", encoded([](v1::Frame& f) { f.mutable_open()->set_call(1); })}};
    json out = json::array();
    for (const auto& [why, bytes] : frames) {
        EXPECT_EQ(decode(bytes).error().code, ErrorCode::ProtocolViolation) << why;
        out.push_back({{"why", why}, {"bytes", to_hex(bytes)}});
    }
    return out;
}

// What the acceptor says to each frame in turn; its Hello comes first, by itself.
json talk(const char* name, const std::vector<Frame>& frames) {
    Acceptor acceptor;
    json out = {{"name", name}, {"hello", to_hex(acceptor.sent.at(0))}, {"turns", json::array()}};
    for (const Frame& frame : frames) {
        const std::size_t before = acceptor.sent.size();
        acceptor.take(encode(frame));
        json answers = json::array();
        for (std::size_t i = before; i < acceptor.sent.size(); ++i) {
            answers.push_back(to_hex(acceptor.sent[i]));
        }
        out["turns"].push_back(
            {{"in", to_hex(encode(frame))}, {"out", answers}, {"closed", acceptor.closed}});
    }
    return out;
}

json talks() {
    json out = json::array();
    out.push_back(talk(
        "a call, one of an unknown method, a ping, and what comes too late",
        {hello(), open(1, "node.ping"), with_nonce(FrameType::Ping, 7), open(3, "facts.later"),
         frame_of(FrameType::Cancel, 1), credit(3, 1), with_error(FrameType::Bye, 0, 1004, "stopping")}));
    out.push_back(talk("a version range that holds ours", {hello(0, 9)}));
    out.push_back(talk("versions above ours", {hello(2, 3)}));
    out.push_back(talk("another household", {hello(1, 1, 0x12)}));
    out.push_back(talk("a call before Hello", {open(1, "node.ping")}));
    out.push_back(talk("a second Hello", {hello(), hello()}));
    out.push_back(talk("a call of our parity", {hello(), open(2, "node.ping")}));
    out.push_back(talk("a number used before", {hello(), open(3, "node.ping"), open(1, "node.ping")}));
    out.push_back(
        talk("an item of a call that was never opened", {hello(), with_payload(FrameType::Item, 9)}));
    out.push_back(talk("credit over 1024 in an Open counts as 1024", {hello(), open(1, "node.ping"), [] {
                                                                          Frame frame = open(3, "node.ping");
                                                                          frame.items = 1025;
                                                                          return frame;
                                                                      }()}));
    return out;
}

TEST(WireVectors, AreWhatThisCodeMakes) {
    const crypto::SigningKey key = key_of(1);
    const AddressRecord record =
        sign_address_record(key, {{"192.0.2.1", 7420}}, 1'700'000'000'000, WallTime{});
    const json vectors = {
        {"envelopes", envelopes()},
        {"refused", refused_frames()},
        {"talks", talks()},
        {"device",
         {{"public_key", key.verify_key().hex()}, {"id", crypto::device_id_of(key.verify_key()).hex()}}},
        {"address_records", to_hex(encode_address_records({record}))},
        {"mdns",
         {{"household", HouseholdId({0x11}).hex()},
          {"day", 20000},
          {"instance",
           opaque_instance(HouseholdId({0x11}), crypto::device_id_of(key.verify_key()), 20000)}}}};
    hold_to_vectors("wire.json", vectors.dump(2) + "\n");
}

}  // namespace
}  // namespace ambit::wire

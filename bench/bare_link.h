// The bare link: WebSocket over TLS 1.3, with the certificates and the checks of the mesh, and nothing of
// Ambit above.
//
// What mesh-rtt and word-to-action stand beside.  Ownership: the caller's; a context outlives its streams.
// Threads: any, one at a time; these calls block.  Failure: exceptions of Boost, which end the benchmark.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "mesh/tls.h"

namespace ambit::bench {

using boost::asio::ip::tcp;
using Tls = boost::beast::ssl_stream<tcp::socket>;
using WebSocket = boost::beast::websocket::stream<Tls>;

inline crypto::SigningKey key_of(std::uint8_t number) {
    crypto::Seed seed{};
    seed[0] = number;
    return crypto::SigningKey::from_seed(seed);
}

// Two mains-powered devices: those of key_of(1) and key_of(2).
inline identity::RosterView two_devices() {
    auto roster = std::make_shared<identity::Roster>();
    for (const auto number : {std::uint8_t{1}, std::uint8_t{2}}) {
        identity::Device device;
        device.verify_key = key_of(number).verify_key();
        device.id = crypto::device_id_of(device.verify_key);
        device.mains_powered = true;
        roster->devices[device.id] = device;
    }
    return roster;
}

inline Tls& tls_of(Tls& stream) {
    return stream;
}

inline Tls& tls_of(WebSocket& stream) {
    return stream.next_layer();
}

// Does both handshakes on a connected socket.
template <typename Stream>
void begin(Stream& stream, boost::asio::ssl::stream_base::handshake_type side) {
    const identity::RosterView roster = two_devices();
    mesh::PeerCheck check{.roster = roster, .expected = std::nullopt, .found = std::nullopt};
    Tls& tls = tls_of(stream);
    mesh::attach(tls.native_handle(), check);
    tls.next_layer().set_option(tcp::no_delay(true));
    tls.handshake(side);
    if constexpr (std::is_same_v<Stream, WebSocket>) {
        stream.binary(true);
        stream.auto_fragment(false);
        if (side == boost::asio::ssl::stream_base::server) {
            stream.accept();
        } else {
            stream.handshake("bench", "/ambit/v1");
        }
    }
}

}  // namespace ambit::bench

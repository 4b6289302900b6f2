#include "facts/channel.h"

#include "crypto/hash.h"

namespace ambit::facts {
namespace {

constexpr std::string_view kPrefix = "facts/";

// writer || incarnation || seq (8 bytes, big-endian) || hash || ledger || audience text: the only part of
// variable length comes last, so that no two heads have the same bytes.
Bytes head_message(const Channel& channel, std::uint64_t seq, const Digest& hash, const Digest& ledger) {
    const std::string audience = privacy::to_string(channel.audience);
    Bytes message;
    message.reserve(DeviceId::kSize + Incarnation::kSize + 8 + 2 * Digest::kSize + audience.size());
    const auto append = [&message](ByteView bytes) {
        message.insert(message.end(), bytes.begin(), bytes.end());
    };
    append(channel.writer.bytes());
    append(channel.incarnation.bytes());
    for (int shift = 56; shift >= 0; shift -= 8) {
        message.push_back(static_cast<std::uint8_t>(seq >> shift));
    }
    append(hash.bytes());
    append(ledger.bytes());
    append(view_of(audience));
    return message;
}

}  // namespace

std::string Channel::stream() const {
    return std::string(kPrefix) + writer.hex() + "/" + privacy::to_string(audience) + "/" + incarnation.hex();
}

Result<Channel> Channel::from_stream(std::string_view stream) {
    const std::size_t audience_at = kPrefix.size() + 2 * DeviceId::kSize + 1;
    const std::size_t incarnation_size = 2 * Incarnation::kSize;
    if (!stream.starts_with(kPrefix) || stream.size() < audience_at + 1 + incarnation_size ||
        stream[audience_at - 1] != '/' || stream[stream.size() - incarnation_size - 1] != '/') {
        return Error{ErrorCode::BadEncoding, "not the name of a channel"};
    }
    Channel channel;
    AMBIT_TRY_ASSIGN(channel.writer, DeviceId::from_hex(stream.substr(kPrefix.size(), 2 * DeviceId::kSize)));
    AMBIT_TRY_ASSIGN(channel.audience, privacy::parse_named_audience(stream.substr(
                                           audience_at, stream.size() - incarnation_size - 1 - audience_at)));
    AMBIT_TRY_ASSIGN(channel.incarnation,
                     Incarnation::from_hex(stream.substr(stream.size() - incarnation_size)));
    return channel;
}

Digest chain_start(const Channel& channel) {
    return crypto::hash_parts(
        "channel",
        {channel.writer.bytes(), view_of(privacy::to_string(channel.audience)), channel.incarnation.bytes()});
}

Digest chain_next(const Digest& previous, ByteView entry) {
    return crypto::hash_parts("entry", {previous.bytes(), entry});
}

SignedHead sign_head(const crypto::SigningKey& key,
                     const Channel& channel,
                     std::uint64_t seq,
                     const Digest& hash,
                     const Digest& ledger) {
    return {seq, hash, ledger, key.sign(crypto::kChannelHead, head_message(channel, seq, hash, ledger))};
}

Result<void> verify_head(const crypto::VerifyKey& key, const Channel& channel, const SignedHead& head) {
    crypto::Verifier verifier;
    return verify_head(verifier, key, channel, head);
}

Result<void> verify_head(crypto::Verifier& verifier,
                         const crypto::VerifyKey& key,
                         const Channel& channel,
                         const SignedHead& head) {
    return verifier.verify(key, crypto::kChannelHead, head_message(channel, head.seq, head.hash, head.ledger),
                           head.signature);
}

}  // namespace ambit::facts

#include "identity/pairing_channel.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/words.h"
#include "identity/operation.h"
#include "identity/records.h"
#include "proto/pairing.pb.h"
#include "proto/roster.pb.h"

namespace ambit::identity {
namespace {

constexpr std::string_view kJoinerRole = "ambit-pairing-joiner";
constexpr std::string_view kHostRole = "ambit-pairing-host";
constexpr std::size_t kRefusalDetailMax = 200;

Error bad_frame(const char* what) {
    return {ErrorCode::BadPairingFrame, what};
}

crypto::CpaceContext context_of(ByteView session) {
    return {crypto::cpace::lv_cat({view_of(kJoinerRole), view_of(kHostRole)}),
            Bytes(session.begin(), session.end())};
}

Bytes data_of(const DeviceDescription& self) {
    v1::DeviceRecord record;
    record.set_verify_key(to_text(self.verify_key.bytes()));
    record.set_seal_key(to_text(self.seal_key.bytes()));
    record.set_name(self.name);
    record.set_kind(self.kind);
    record.set_mains_powered(self.mains_powered);
    return to_bytes(record.SerializeAsString());
}

Digest mac_of(ByteView key, PairingSide side) {
    return crypto::keyed_hash(
        key, side == PairingSide::Joiner ? "pairing-confirm-joiner" : "pairing-confirm-host", {});
}

crypto::AeadKey aead_key_of(ByteView key, PairingSide sender) {
    const Digest digest = crypto::keyed_hash(
        key, sender == PairingSide::Joiner ? "pairing-key-joiner" : "pairing-key-host", {});
    crypto::Seed seed{};
    std::copy(digest.bytes().begin(), digest.bytes().end(), seed.begin());
    crypto::AeadKey aead(seed);
    crypto::wipe(seed);
    return aead;
}

Bytes bytes_of(const v1::PairingFrame& frame) {
    return to_bytes(frame.SerializeAsString());
}

}  // namespace

PairingChannel::PairingChannel(PairingSide side,
                               const PairingCode& code,
                               const DeviceDescription& self,
                               ByteView session,
                               Random& random)
    : side_(side),
      session_(session.begin(), session.end()),
      data_(data_of(self)),
      cpace_(crypto::Cpace::start(view_of(code.digits()), context_of(session), random)) {}

Bytes PairingChannel::share_frame() const {
    v1::PairingFrame frame;
    frame.mutable_share()->set_share(to_text(cpace_.share()));
    frame.mutable_share()->set_data(to_text(data_));
    return bytes_of(frame);
}

Result<void> PairingChannel::take_share(const v1::PairingFrame& frame) {
    const Bytes peer_data = to_bytes(frame.share().data());
    // parse_consent() checks the record; there is no signature to check yet.
    const Bytes no_signature(crypto::Signature::kSize);
    AMBIT_TRY_ASSIGN(const DeviceConsent peer, parse_consent(peer_data, no_signature));
    if (peer_data == data_ ||
        to_bytes(frame.share().share()) == Bytes(cpace_.share().begin(), cpace_.share().end())) {
        return bad_frame("our own share came back");
    }
    const ByteView share = view_of(frame.share().share());
    AMBIT_TRY_ASSIGN(const crypto::CpaceKey key, side_ == PairingSide::Joiner
                                                     ? cpace_.finish_as_initiator(data_, share, peer_data)
                                                     : cpace_.finish_as_responder(data_, share, peer_data));
    const PairingSide other = side_ == PairingSide::Joiner ? PairingSide::Host : PairingSide::Joiner;
    keys_.emplace(Keys{peer.device, crypto::verifier_of(key.expose()), mac_of(key.expose(), side_),
                       mac_of(key.expose(), other), aead_key_of(key.expose(), side_),
                       aead_key_of(key.expose(), other)});
    return {};
}

Bytes PairingChannel::confirm_frame() const {
    v1::PairingFrame frame;
    frame.mutable_confirm()->set_mac(to_text(keys_->own_mac.bytes()));
    return bytes_of(frame);
}

bool PairingChannel::confirms(const v1::PairingFrame& frame) const {
    return crypto::equal_in_constant_time(view_of(frame.confirm().mac()), keys_->peer_mac.bytes());
}

Bytes PairingChannel::sealed_frame(const v1::PairingMessage& message) {
    v1::PairingFrame frame;
    const Bytes plain = to_bytes(message.SerializeAsString());
    frame.set_sealed(to_text(keys_->sending.seal_numbered(keys_->sent++, session_, plain)));
    return bytes_of(frame);
}

Result<v1::PairingMessage> PairingChannel::open(const v1::PairingFrame& frame) {
    AMBIT_TRY_ASSIGN(const Bytes plain,
                     keys_->receiving.open_numbered(keys_->received, session_, view_of(frame.sealed())));
    ++keys_->received;
    v1::PairingMessage message;
    if (!message.ParseFromArray(plain.data(), static_cast<int>(plain.size()))) {
        return bad_frame("encrypted message");
    }
    return message;
}

Result<v1::PairingFrame> parse_pairing_frame(ByteView bytes) {
    v1::PairingFrame frame;
    if (bytes.size() > kPairingFrameMax ||
        !frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return bad_frame("not a pairing frame");
    }
    return frame;
}

Bytes refusal_frame(const Error& error) {
    v1::PairingFrame frame;
    frame.mutable_refusal()->set_error(static_cast<std::uint32_t>(error.code));
    frame.mutable_refusal()->set_detail(error.detail);
    return bytes_of(frame);
}

Error error_of_refusal(const v1::PairingFrame& frame) {
    static constexpr ErrorCode kSayable[] = {
        ErrorCode::WrongCode,      ErrorCode::CodeBurnt,  ErrorCode::CodeExpired,  ErrorCode::PairingBusy,
        ErrorCode::PairingVersion, ErrorCode::NotAllowed, ErrorCode::LimitExceeded};
    std::string detail = frame.refusal().detail().substr(0, kRefusalDetailMax);
    std::erase_if(detail, [](char c) { return c < 0x20 || c == 0x7f; });
    const auto* code = std::find_if(std::begin(kSayable), std::end(kSayable), [&](ErrorCode sayable) {
        return static_cast<std::uint32_t>(sayable) == frame.refusal().error();
    });
    return {code == std::end(kSayable) ? ErrorCode::PairingRefused : *code, detail};
}

}  // namespace ambit::identity

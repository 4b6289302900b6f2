#include "identity/pairing_code.h"

namespace ambit::identity {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::string_view kPrefix = "ambit:pair?";
constexpr std::size_t kInvitationBytesMax = 512;

}  // namespace

PairingCode PairingCode::generate(Random& random) {
    PairingCode code;
    while (code.digits_.size() < kDigits) {
        code.digits_.push_back(static_cast<char>('0' + random.below(10)));
    }
    return code;
}

Result<PairingCode> PairingCode::parse(std::string_view text) {
    PairingCode code;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            code.digits_.push_back(c);
        } else if (c != ' ' && c != '-') {
            return Error{ErrorCode::InvalidArgument, "a pairing code has digits only"};
        }
    }
    if (code.digits_.size() != kDigits) {
        return Error{ErrorCode::InvalidArgument, "a pairing code has eight digits"};
    }
    return code;
}

std::string PairingCode::text() const {
    return digits_.substr(0, 4) + "-" + digits_.substr(4);
}

std::string PairingInvitation::text() const {
    return std::string(kPrefix) + "code=" + std::string(code.digits()) + "&at=" + at +
           "&device=" + host.hex();
}

Result<PairingInvitation> PairingInvitation::parse(std::string_view text) {
    if (text.size() > kInvitationBytesMax || text.substr(0, kPrefix.size()) != kPrefix) {
        return Error{ErrorCode::InvalidArgument, "not a pairing invitation"};
    }
    std::optional<PairingCode> code;
    std::optional<DeviceId> host;
    std::string at;
    for (std::string_view rest = text.substr(kPrefix.size()); !rest.empty();) {
        const std::string_view field = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), field.size() + 1));
        const std::size_t equals = std::min(field.find('='), field.size());
        const std::string_view name = field.substr(0, equals);
        const std::string_view value = field.substr(std::min(equals + 1, field.size()));
        if (name == "code") {
            AMBIT_TRY_ASSIGN(code, PairingCode::parse(value));
        } else if (name == "device") {
            AMBIT_TRY_ASSIGN(host, DeviceId::from_hex(value));
        } else if (name == "at") {
            at = value;
        }
    }
    if (!code || !host || at.empty()) {
        return Error{ErrorCode::InvalidArgument, "a pairing invitation has code, at and device"};
    }
    return PairingInvitation{*code, at, *host};
}

}  // namespace ambit::identity

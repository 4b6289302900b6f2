// PairingCode: eight digits that a person reads off one screen and types on another, or a QR code with more.
//
// Ownership: values.  Threads: any.  Failure: InvalidArgument (1002).
// Spec: docs/spec/pairing.md, section "Code".
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/random.h"

namespace ambit::identity {

class PairingCode {
  public:
    static PairingCode generate(Random& random);
    // Eight digits; spaces and hyphens between them don't matter.
    static Result<PairingCode> parse(std::string_view text);

    std::string text() const;  // "4821-7730"

    // What CPace mixes in: the eight digits.
    std::string_view digits() const { return digits_; }

  private:
    std::string digits_;
};

// What a QR code says: "ambit:pair?code=48217730&at=192.168.1.20:7443&device=<64 hexadecimal digits>".
struct PairingInvitation {
    PairingCode code;
    std::string at;  // "host:port" of the pairing listener
    DeviceId host;

    std::string text() const;
    static Result<PairingInvitation> parse(std::string_view text);
};

}  // namespace ambit::identity

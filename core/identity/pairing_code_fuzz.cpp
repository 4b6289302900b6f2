// Fuzzes what a person types or a camera reads when a device joins: a pairing code, or the text of a QR code.
#include "base/check.h"
#include "identity/pairing_code.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const std::string text = to_text({data, size});
    if (const auto code = identity::PairingCode::parse(text)) {
        AMBIT_CHECK(code->digits().size() == 8);
        AMBIT_CHECK(identity::PairingCode::parse(code->text()).value().digits() == code->digits());
    }
    if (const auto invitation = identity::PairingInvitation::parse(text)) {
        const auto again = identity::PairingInvitation::parse(invitation->text());
        AMBIT_CHECK(again && again->code.digits() == invitation->code.digits() &&
                    again->at == invitation->at && again->host == invitation->host);
    }
    return 0;
}

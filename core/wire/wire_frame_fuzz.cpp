// Frames and address records as strangers may send them: decoding never crashes, and what decodes encodes to
// something that decodes again.
#include "base/check.h"
#include "wire/addresses.h"
#include "wire/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ambit::ByteView bytes(data, size);
    if (const auto frame = ambit::wire::decode(bytes)) {
        AMBIT_CHECK(ambit::wire::decode(ambit::wire::encode(*frame)).has_value());
    }
    if (const auto records = ambit::wire::decode_address_records(bytes)) {
        AMBIT_CHECK(
            ambit::wire::decode_address_records(ambit::wire::encode_address_records(*records)).has_value());
    }
    static_cast<void>(ambit::wire::Address::parse(ambit::to_text(bytes)));
    return 0;
}

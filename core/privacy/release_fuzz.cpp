// Any bytes as a release rule (in hexadecimal, as kept) and as command limits: a value that encodes back, or
// refused.
#include "base/check.h"
#include "privacy/release.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ambit::ByteView bytes(data, size);
    const auto rule = ambit::privacy::decode_rule(ambit::to_hex(bytes));
    if (rule) {
        AMBIT_CHECK(ambit::privacy::decode_rule(ambit::privacy::encode_rule(*rule)).value().body ==
                    rule->body);
    }
    const auto limits = ambit::privacy::decode_limits(ambit::to_text(bytes));
    if (limits) {
        AMBIT_CHECK(ambit::privacy::encode_limits(*limits).has_value());
    }
    return 0;
}

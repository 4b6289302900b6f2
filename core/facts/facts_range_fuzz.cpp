// Any bytes as a message between peers: refused or decoded, and what was decoded comes back the same.
#include "base/check.h"
#include "facts/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const ByteView bytes(data, size);
    if (const auto range = facts::decode_range(bytes)) {
        const auto again = facts::decode_range(facts::encode_range(*range));
        AMBIT_CHECK(again && again->entries == range->entries && again->head == range->head);
    }
    if (const auto heights = facts::decode_heights(bytes)) {
        const auto again = facts::decode_heights(facts::encode_heights(*heights));
        AMBIT_CHECK(again && *again == *heights);
    }
    if (const auto want = facts::decode_want(bytes)) {
        const auto again = facts::decode_want(facts::encode_want(*want));
        AMBIT_CHECK(again && *again == *want);
    }
    if (const auto time = facts::decode_time(bytes)) {
        const auto again = facts::decode_time(facts::encode_time(*time));
        AMBIT_CHECK(again && *again == *time);
    }
    return 0;
}

// Any bytes as an entry: refused or decoded, and what was decoded comes back the same.
#include <algorithm>

#include "base/check.h"
#include "facts/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const ByteView bytes(data, size);
    if (const auto entry = facts::decode_entry(bytes); entry && entry->is_known()) {
        const auto again = facts::decode_entry(facts::encode_entry(*entry));
        AMBIT_CHECK(again && again->value == entry->value && again->observed == entry->observed);
    }
    if (const auto stored = facts::decode_stored(bytes)) {
        storage::Items items;
        facts::add_stored(items, stored->entry, stored->head ? &*stored->head : nullptr);
        const auto again = facts::decode_stored(*items.begin());
        AMBIT_CHECK(again && std::ranges::equal(again->entry, stored->entry) && again->head == stored->head);
    }
    return 0;
}

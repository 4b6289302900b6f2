// Any bytes as an entry: refused or decoded, and what was decoded comes back the same.  Entries are decoded
// by hand, so protobuf is asked too: devices that disagree about what can be read would not converge.
#include <algorithm>

#include "base/check.h"
#include "facts/entry.h"
#include "facts/serialize.h"
#include "proto/facts.pb.h"

namespace {

using namespace ambit;

// Groups, which no entry has, are all that only protobuf takes.
bool has_group(ByteView bytes) {
    constexpr std::uint32_t kGroup = 3;
    facts::Fields fields(bytes);
    while (fields.next()) {
        const bool value =
            fields.tag() == facts::Fields::tag(v1::FactEntry::kValueFieldNumber, facts::Fields::kBytes);
        if (value && has_group(fields.bytes())) {
            return true;
        }
    }
    return fields.failed() && (fields.tag() & 7U) == kGroup;
}

void compare_with_protobuf(ByteView bytes, const Result<facts::Entry>& entry) {
    v1::FactEntry message;
    const bool parsed = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    AMBIT_CHECK(!entry || parsed);
    AMBIT_CHECK(entry || !parsed || entry.error().detail != "not an entry" || has_group(bytes) ||
                bytes.size() > facts::kEntryBytesMax);
    if (!entry) {
        return;
    }
    AMBIT_CHECK(entry->kind == message.kind() && entry->version == message.version() &&
                entry->critical == message.critical() && entry->hlc.packed == message.hlc());
    if (entry->is_known()) {
        AMBIT_CHECK(entry->subject == message.subject() && entry->attribute == message.attribute() &&
                    entry->value == facts::decode_value(message.value()).value() &&
                    entry->time_us == message.time_us() && entry->confidence == message.confidence() &&
                    entry->untrusted == message.untrusted() &&
                    std::ranges::equal(entry->causes, message.causes()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto entry = facts::decode_entry(bytes);
    compare_with_protobuf(bytes, entry);
    if (entry && entry->is_known()) {
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

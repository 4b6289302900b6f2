// Entry: one write, as it lies in a channel.
//
// Entries travel, are hashed and are stored as the bytes that their writer made; decoding is only for the
// fold. Ownership: values.  Threads: any.  Failure: FactInvalid, BadEncoding.  Spec: docs/spec/facts.md
// section "Entries".
#pragma once

#include <optional>

#include "facts/channel.h"
#include "facts/facts.h"

namespace ambit::v1 {
class FactValue;
}  // namespace ambit::v1

namespace ambit::facts {

inline constexpr std::uint32_t kEntryVersion = 1;
// Beside the kinds of Draft: what the same writer wrote for the same audience in the incarnation that is the
// subject (in hexadecimal), by a clock later than the value (milliseconds), does not count.
inline constexpr std::uint32_t kEndKind = 5;
inline constexpr std::uint32_t kEntryKindMax = kEndKind;
inline constexpr std::string_view kEndAttribute = "end";
inline constexpr std::size_t kSubjectBytesMax = 256;
inline constexpr std::size_t kAttributeBytesMax = 128;
inline constexpr std::size_t kValueBytesMax = 32 * 1024;
// How deep JSON may nest: who prints or copies it goes as deep.
inline constexpr std::size_t kValueDepthMax = 32;
inline constexpr std::size_t kCausesMax = 16;
inline constexpr std::size_t kCauseBytesMax = 128;
// One removal entry names at most so many additions; more need more entries.
inline constexpr std::size_t kObservedMax = 512;
// Microseconds since the epoch, years 1 to 9999: what calendars and other languages can show.
inline constexpr std::int64_t kTimeUsMin = -62'135'596'800'000'000;
inline constexpr std::int64_t kTimeUsMax = 253'402'300'799'999'999;

struct Entry {
    std::uint32_t kind = 1;  // Draft::Kind, or one that this version does not know
    std::uint32_t version = kEntryVersion;
    bool critical = true;
    Hlc hlc;
    std::string subject;
    std::string attribute;
    Value value;
    std::int64_t time_us = 0;
    double confidence = 1.0;
    bool untrusted = false;
    std::vector<std::string> causes;
    std::vector<EntryHash> observed;

    bool is_known() const { return version == kEntryVersion && kind >= 1 && kind <= kEntryKindMax; }
};

// The bytes of a value that has no fixed size, else 0.
std::size_t text_bytes(const Value& value);

// FactInvalid says which limit; used for drafts and for what peers wrote.
Result<void> check_entry(const Entry& entry);
Bytes encode_entry(const Entry& entry);
// Entries of unknown kinds are decoded but not checked.
Result<Entry> decode_entry(ByteView bytes);

// How an entry lies in the store: with the signed head, if there is one at it.
struct StoredEntry {
    ByteView entry;  // points into what it was decoded from
    std::optional<SignedHead> head;
};

// Adds `entry`, as it is stored, to the end of `items`.
void add_stored(storage::Items& items, ByteView entry, const SignedHead* head);
Result<StoredEntry> decode_stored(ByteView bytes);

// Shared by the codecs of this directory.
void encode_value(const Value& value, v1::FactValue& out);
Result<Value> decode_value(const v1::FactValue& in);
void encode_head(const SignedHead& head, Bytes& out);
Result<SignedHead> decode_head(ByteView bytes);

}  // namespace ambit::facts

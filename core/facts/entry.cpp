#include "facts/entry.h"

#include <cmath>

#include "facts/serialize.h"
#include "proto/facts.pb.h"

namespace ambit::facts {
namespace {

// One type switch for writing a Value.
struct ValueWriter {
    v1::FactValue& out;

    void operator()(std::monostate /*none*/) const {}

    void operator()(bool value) const { out.set_boolean(value); }

    void operator()(std::int64_t value) const { out.set_integer(value); }

    void operator()(double value) const { out.set_number(value); }

    void operator()(const std::string& value) const { out.set_text(value); }

    void operator()(const Json& value) const { out.set_json(value.text); }
};

Error invalid(const char* what) {
    return Error{ErrorCode::FactInvalid, what};
}

// Exact for JSON; what is none is no value to anybody.
bool is_deeper_than(std::string_view json, std::size_t depth_max) {
    std::size_t depth = 0;
    bool in_text = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (in_text) {
            at += c == '\\' ? 1 : 0;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            if (++depth > depth_max) {
                return true;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

}  // namespace

std::size_t text_bytes(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return text->size();
    }
    if (const auto* json = std::get_if<Json>(&value)) {
        return json->text.size();
    }
    return 0;
}

Result<void> check_entry(const Entry& entry) {
    if (entry.subject.empty() || entry.subject.size() > kSubjectBytesMax) {
        return invalid("the subject needs 1 to 256 bytes");
    }
    if (entry.attribute.empty() || entry.attribute.size() > kAttributeBytesMax) {
        return invalid("the attribute needs 1 to 128 bytes");
    }
    if (text_bytes(entry.value) > kValueBytesMax) {
        return invalid("the value has more than 32 KiB");
    }
    const auto* json = std::get_if<Json>(&entry.value);
    if (json != nullptr && is_deeper_than(json->text, kValueDepthMax)) {
        return invalid("the value nests more than 32 levels deep");
    }
    const auto* number = std::get_if<double>(&entry.value);
    if (number != nullptr && !std::isfinite(*number)) {
        return invalid("the value is not a finite number");
    }
    if (!(entry.confidence >= 0.0 && entry.confidence <= 1.0)) {
        return invalid("the confidence is not between 0 and 1");
    }
    if (entry.time_us < kTimeUsMin || entry.time_us > kTimeUsMax) {
        return invalid("the time is not in the years 1 to 9999");
    }
    if (entry.causes.size() > kCausesMax || entry.observed.size() > kObservedMax) {
        return invalid("more than 16 causes, or 512 observed additions");
    }
    for (const std::string& cause : entry.causes) {
        if (cause.size() > kCauseBytesMax) {
            return invalid("a cause has more than 128 bytes");
        }
    }
    return {};
}

Bytes encode_entry(const Entry& entry) {
    v1::FactEntry out;
    out.set_kind(entry.kind);
    out.set_version(entry.version);
    out.set_critical(entry.critical);
    out.set_hlc(entry.hlc.packed);
    out.set_subject(entry.subject);
    out.set_attribute(entry.attribute);
    encode_value(entry.value, *out.mutable_value());
    out.set_time_us(entry.time_us);
    out.set_confidence(entry.confidence);
    out.set_untrusted(entry.untrusted);
    for (const std::string& cause : entry.causes) {
        out.add_causes(cause);
    }
    for (const EntryHash& hash : entry.observed) {
        out.add_observed(hash.bytes().data(), hash.bytes().size());
    }
    return serialize(out);
}

void add_stored(storage::Items& items, ByteView entry, const SignedHead* head) {
    const FieldPrefix prefix(v1::StoredFactEntry::kEntryFieldNumber, entry.size());
    Bytes tail;
    if (head != nullptr) {
        Bytes part;
        encode_head(*head, part);
        FieldWriter(tail).bytes(v1::StoredFactEntry::kHeadFieldNumber, part);
    }
    items.push_back({prefix.bytes(), entry, tail});
}

Result<StoredEntry> decode_stored(ByteView bytes) {
    StoredEntry stored;
    std::optional<ByteView> head;
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.tag() == Fields::tag(v1::StoredFactEntry::kEntryFieldNumber, Fields::kBytes)) {
            stored.entry = fields.bytes();
        } else if (fields.tag() == Fields::tag(v1::StoredFactEntry::kHeadFieldNumber, Fields::kBytes)) {
            head = fields.bytes();
        }
    }
    if (fields.failed()) {
        return Error{ErrorCode::FactsDamaged, "an item of a channel can't be read"};
    }
    if (head) {
        AMBIT_TRY_ASSIGN(stored.head, decode_head(*head));
    }
    return stored;
}

void encode_value(const Value& value, v1::FactValue& out) {
    std::visit(ValueWriter{out}, value);
}

Result<Value> decode_value(const v1::FactValue& in) {
    switch (in.is_case()) {
        case v1::FactValue::kBoolean:
            return Value(in.boolean());
        case v1::FactValue::kInteger:
            return Value(std::int64_t{in.integer()});
        case v1::FactValue::kNumber:
            return Value(in.number());
        case v1::FactValue::kText:
            return Value(in.text());
        case v1::FactValue::kJson:
            return Value(Json{in.json()});
        case v1::FactValue::IS_NOT_SET:
            break;
    }
    return Value();
}

void encode_head(const SignedHead& head, Bytes& out) {
    FieldWriter fields(out);
    fields.integer(v1::FactHead::kSeqFieldNumber, head.seq);
    fields.bytes(v1::FactHead::kHashFieldNumber, head.hash.bytes());
    fields.bytes(v1::FactHead::kLedgerFieldNumber, head.ledger.bytes());
    fields.bytes(v1::FactHead::kSignatureFieldNumber, head.signature.bytes());
}

Result<SignedHead> decode_head(ByteView bytes) {
    SignedHead head;
    ByteView hash;
    ByteView ledger;
    ByteView signature;
    Fields fields(bytes);
    while (fields.next()) {
        switch (fields.tag()) {
            case Fields::tag(v1::FactHead::kSeqFieldNumber, Fields::kVarint):
                head.seq = fields.integer();
                break;
            case Fields::tag(v1::FactHead::kHashFieldNumber, Fields::kBytes):
                hash = fields.bytes();
                break;
            case Fields::tag(v1::FactHead::kLedgerFieldNumber, Fields::kBytes):
                ledger = fields.bytes();
                break;
            case Fields::tag(v1::FactHead::kSignatureFieldNumber, Fields::kBytes):
                signature = fields.bytes();
                break;
            default:
                break;
        }
    }
    if (fields.failed()) {
        return Error{ErrorCode::BadEncoding, "not a signed head"};
    }
    AMBIT_TRY_ASSIGN(head.hash, Digest::from_bytes(hash));
    AMBIT_TRY_ASSIGN(head.ledger, Digest::from_bytes(ledger));
    AMBIT_TRY_ASSIGN(head.signature, crypto::Signature::from_bytes(signature));
    return head;
}

}  // namespace ambit::facts

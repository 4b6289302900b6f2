// Release rules as bytes: encoding, decoding, signing, and the limits every field has.
#include <cmath>

#include <nlohmann/json.hpp>

#include "privacy/release.h"
#include "proto/release.pb.h"

namespace ambit::privacy {

namespace {

constexpr std::size_t kEncodedMax = 64 * 1024;
constexpr seconds kRatePerMax = std::chrono::hours(24 * 31);

Error bad(std::string what) {
    return {ErrorCode::BadReleaseRule, std::move(what)};
}

// A short name that shows as itself: no control characters.
bool good_name(const std::string& name) {
    return !name.empty() && name.size() <= ReleaseRule::kNameMax &&
           std::none_of(name.begin(), name.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

Result<void> check_field(const OutputField& field) {
    if (!good_name(field.name)) {
        return bad("field name");
    }
    switch (field.kind) {
        case OutputField::Kind::Enum:
            if (field.values.empty() || field.values.size() > ReleaseRule::kValuesMax ||
                !std::all_of(field.values.begin(), field.values.end(), good_name)) {
                return bad(field.name + ": expected 1 to 32 short values");
            }
            return {};
        case OutputField::Kind::Number:
            if (!std::isfinite(field.minimum) || !std::isfinite(field.maximum) ||
                field.minimum > field.maximum) {
                return bad(field.name + ": expected minimum <= maximum");
            }
            return {};
        case OutputField::Kind::Time:
            return {};
    }
    return bad(field.name + ": unknown kind");
}

Result<void> check_rule(const ReleaseRule& rule) {
    if (!good_name(rule.name) || !good_name(rule.extractor) || !good_name(rule.source_attribute)) {
        return bad("name, extractor and source must be 1 to 64 bytes");
    }
    // The names of built-in rules stay theirs, so that the ledger can't be misread.
    if (rule.name == "audience" || rule.name == "command" || rule.name == "roster" ||
        rule.name == "recheck") {
        return bad("the name is taken by a built-in rule");
    }
    if (rule.purpose.size() > ReleaseRule::kPurposeMax) {
        return bad("purpose too long");
    }
    if (rule.fields.empty() || rule.fields.size() > ReleaseRule::kFieldsMax) {
        return bad("expected 1 to 16 fields");
    }
    for (const auto& field : rule.fields) {
        AMBIT_TRY(check_field(field));
    }
    if (rule.rate_uses == 0 || rule.rate_uses > ReleaseRule::kRateUsesMax || rule.rate_per < seconds(1) ||
        rule.rate_per > kRatePerMax) {
        return bad("rate out of range");
    }
    return {};
}

v1::ReleaseRule to_message(const ReleaseRule& rule) {
    v1::ReleaseRule message;
    message.set_id(to_text(rule.id.bytes()));
    message.set_name(rule.name);
    message.set_owner(to_text(rule.owner.bytes()));
    message.set_extractor(rule.extractor);
    message.set_extractor_version(rule.extractor_version);
    message.set_code_hash(to_text(rule.code_hash.bytes()));
    for (const auto& field : rule.fields) {
        auto* out = message.add_fields();
        out->set_name(field.name);
        out->set_kind(static_cast<std::uint32_t>(field.kind));
        for (const auto& value : field.values) {
            out->add_values(value);
        }
        out->set_minimum(field.minimum);
        out->set_maximum(field.maximum);
    }
    message.set_source_attribute(rule.source_attribute);
    if (const auto* service = std::get_if<Service>(&rule.recipient)) {
        message.mutable_service()->set_name(service->name);
        message.mutable_service()->set_audience(service->audience.to_string());
    } else {
        message.set_audience(to_string(std::get<NamedAudience>(rule.recipient)));
    }
    message.set_purpose(rule.purpose);
    message.set_expires_us(rule.expires ? rule.expires->time_since_epoch().count() : 0);
    message.set_rate_uses(rule.rate_uses);
    message.set_rate_s(static_cast<std::uint32_t>(rule.rate_per.count()));
    return message;
}

Result<ReleaseRecipient> recipient_of(const v1::ReleaseRule& message) {
    if (message.has_service()) {
        Service service;
        service.name = message.service().name();
        if (!good_name(service.name)) {
            return bad("service name");
        }
        AMBIT_TRY_ASSIGN(service.audience, Audience::parse(message.service().audience()));
        return ReleaseRecipient{std::move(service)};
    }
    AMBIT_TRY_ASSIGN(const NamedAudience audience, parse_named_audience(message.audience()));
    return ReleaseRecipient{audience};
}

Result<ReleaseRule> from_bytes(ByteView bytes) {
    v1::ReleaseRule message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return bad("not a rule");
    }
    ReleaseRule rule;
    AMBIT_TRY_ASSIGN(rule.id, RuleId::from_bytes(view_of(message.id())));
    rule.name = message.name();
    AMBIT_TRY_ASSIGN(rule.owner, PersonId::from_bytes(view_of(message.owner())));
    rule.extractor = message.extractor();
    rule.extractor_version = message.extractor_version();
    AMBIT_TRY_ASSIGN(rule.code_hash, Digest::from_bytes(view_of(message.code_hash())));
    for (const auto& field : message.fields()) {
        OutputField out;
        out.name = field.name();
        out.kind = static_cast<OutputField::Kind>(std::min(field.kind(), 255U));
        out.values.assign(field.values().begin(), field.values().end());
        out.minimum = field.minimum();
        out.maximum = field.maximum();
        rule.fields.push_back(std::move(out));
    }
    rule.source_attribute = message.source_attribute();
    AMBIT_TRY_ASSIGN(rule.recipient, recipient_of(message));
    rule.purpose = message.purpose();
    if (message.expires_us() != 0) {
        rule.expires = WallTime(microseconds(message.expires_us()));
    }
    rule.rate_uses = message.rate_uses();
    rule.rate_per = seconds(message.rate_s());
    AMBIT_TRY(check_rule(rule));
    return rule;
}

}  // namespace

Result<SignedRule> sign_rule(ReleaseRule rule, const crypto::SigningKey& key) {
    AMBIT_TRY(check_rule(rule));
    SignedRule out;
    out.body = to_bytes(to_message(rule).SerializeAsString());
    out.rule = std::move(rule);
    out.signer = crypto::device_id_of(key.verify_key());
    out.signature = key.sign(crypto::kReleaseRule, out.body);
    return out;
}

std::string encode_rule(const SignedRule& rule) {
    v1::SignedRule message;
    message.set_rule(to_text(rule.body));
    message.set_signer(to_text(rule.signer.bytes()));
    message.set_signature(to_text(rule.signature.bytes()));
    return to_hex(view_of(message.SerializeAsString()));
}

Result<SignedRule> decode_rule(std::string_view text) {
    if (text.size() > 2 * kEncodedMax) {
        return Error{ErrorCode::LimitExceeded, "release rule too long"};
    }
    AMBIT_TRY_ASSIGN(const Bytes bytes, from_hex(text));
    v1::SignedRule message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return bad("not a signed rule");
    }
    SignedRule out;
    out.body = to_bytes(message.rule());
    AMBIT_TRY_ASSIGN(out.rule, from_bytes(out.body));
    AMBIT_TRY_ASSIGN(out.signer, DeviceId::from_bytes(view_of(message.signer())));
    AMBIT_TRY_ASSIGN(out.signature, crypto::Signature::from_bytes(view_of(message.signature())));
    return out;
}

Result<std::string> encode_limits(const std::vector<CommandLimit>& limits) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& limit : limits) {
        nlohmann::json one{{"capability", limit.capability}};
        if (limit.never) {
            one["never"] = true;
        } else {
            one["only"] = limit.entities;
        }
        list.push_back(std::move(one));
    }
    try {
        return list.dump();
    } catch (const nlohmann::json::exception&) {
        return bad("limits must be UTF-8");
    }
}

Result<std::vector<CommandLimit>> decode_limits(std::string_view json) {
    if (json.size() > kEncodedMax) {
        return Error{ErrorCode::LimitExceeded, "command limits too long"};
    }
    const auto list = nlohmann::json::parse(json, nullptr, false);
    if (!list.is_array() || list.size() > ReleaseRules::kLimitsMax) {
        return bad("expected a list of at most 64 limits");
    }
    std::vector<CommandLimit> limits;
    for (const auto& one : list) {
        if (!one.is_object() || !one.contains("capability") || !one["capability"].is_string()) {
            return bad("a limit needs a capability");
        }
        CommandLimit limit{one["capability"].get<std::string>(), false, {}};
        const auto only = one.find("only");
        // Anything but a list of entities forbids all: what isn't understood must not widen.
        limit.never = only == one.end() || !only->is_array();
        if (!limit.never) {
            for (const auto& entity : *only) {
                if (entity.is_string()) {
                    limit.entities.push_back(entity.get<std::string>());
                }
            }
        }
        limits.push_back(std::move(limit));
    }
    return limits;
}

}  // namespace ambit::privacy

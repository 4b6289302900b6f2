#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/local_api.h"
#include "node/releasing.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"local API: the person at this device"};
constexpr std::size_t kLimit = 200;
constexpr std::size_t kLimitMax = 10'000;
constexpr std::string_view kDevicePrefix = "device:";
constexpr std::string_view kServicePrefix = "service:";
constexpr std::string_view kPersonPrefix = "person:";

// "device:<hex>" as its name, "service:mqtt:home" without the prefix, audiences as they are.
std::string recipient_text(const std::string& recipient, const identity::Roster& roster) {
    if (recipient.starts_with(kDevicePrefix)) {
        const auto id = DeviceId::from_hex(recipient.substr(kDevicePrefix.size()));
        return id ? device_name(*id, roster) : recipient;
    }
    if (recipient.starts_with(kServicePrefix)) {
        return recipient.substr(kServicePrefix.size());
    }
    if (recipient.starts_with(kPersonPrefix)) {
        const auto audience = privacy::parse_named_audience(recipient);
        return audience ? audience_text(*audience, roster) : recipient;
    }
    return recipient;
}

Json ledger_row(const privacy::LedgerRow& row, const Parts& parts) {
    Json json = {{"seq", row.seq},
                 {"time", time_text(row.time)},
                 {"from", device_name(parts.self, *parts.roster)},
                 {"to", recipient_text(row.recipient, *parts.roster)},
                 {"what", row.what},
                 {"label", audience_text(row.label.audience, *parts.roster)},
                 {"rule", row.rule},
                 {"outcome", row.verdict == privacy::Verdict::Cleared ? "cleared" : "refused"},
                 {"count", row.count}};
    if (row.verdict == privacy::Verdict::Refused) {
        json["reason"] = describe(row.reason).text;
    }
    return json;
}

Result<std::optional<WallTime>> since_of(const std::string& text, Now now) {
    if (text.empty()) {
        return std::optional<WallTime>{};
    }
    if (text == "today") {
        return std::optional<WallTime>(std::chrono::floor<std::chrono::days>(now.wall));
    }
    AMBIT_TRY_ASSIGN(const WallTime time, parse_time(text));
    return std::optional(time);
}

}  // namespace

void LocalApi::get_ledger(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    const auto since = since_of(query_text(request, "since"), node_.now());
    if (!since) {
        return reply->fail(since.error());
    }
    privacy::LedgerQuery query;
    query.since = *since;
    query.refused_only = query_text(request, "refused") == "true";
    query.limit = privacy::Ledger::kLedgerRowsMax;
    const std::string to = query_text(request, "to");
    const std::size_t limit = query_limit(request, kLimit, kLimitMax);
    std::vector<privacy::LedgerRow> rows;
    for (const privacy::LabelledRow& labelled : parts_.ledger.query(query)) {
        const privacy::LedgerRow& row = labelled.read(kHere);
        const bool wanted = to.empty() || recipient_text(row.recipient, *parts_.roster) == to;
        if (wanted && viewer.may_see(row.label, parts_)) {
            rows.push_back(row);
        }
    }
    const std::size_t first = rows.size() > limit ? rows.size() - limit : 0;
    Json list = Json::array();
    std::uint64_t left_household = 0;
    for (std::size_t i = first; i < rows.size(); ++i) {
        list.push_back(ledger_row(rows[i], parts_));
        const bool service = rows[i].recipient.starts_with(kServicePrefix);
        left_household += service && rows[i].verdict == privacy::Verdict::Cleared ? rows[i].count : 0;
    }
    const privacy::LedgerReport report = parts_.ledger.verify();
    reply->reply(dump({{"rows", std::move(list)},
                       {"entries", report.rows},
                       {"intact", !report.error.has_value()},
                       {"left_household", left_household},
                       {"more", first > 0}}));
}

void LocalApi::get_ledger_verify(const api::Request& /*request*/, const Reply& reply) {
    const privacy::LedgerReport report = parts_.ledger.verify();
    Json json = {{"intact", !report.error.has_value()},
                 {"entries", report.rows},
                 {"segments", report.segments},
                 {"head", parts_.ledger.head().hex()}};
    if (report.broken_seq) {
        json["broken_at"] = *report.broken_seq;
    }
    if (report.error) {
        json["error"] = error_member(*report.error);
    }
    reply->reply(dump(json));
}

Json LocalApi::rule_json(const privacy::ReleaseRule& rule) const {
    Json json = {{"id", rule.id.short_hex()},
                 {"name", rule.name},
                 {"extractor", rule.extractor + "@" + std::to_string(rule.extractor_version)},
                 {"code_hash", rule.code_hash.hex()},
                 {"source", rule.source_attribute}};
    if (const auto* audience = std::get_if<privacy::NamedAudience>(&rule.recipient)) {
        json["recipient"] = audience_text(*audience, *parts_.roster);
    } else {
        json["recipient"] = std::get<privacy::Service>(rule.recipient).name;
    }
    json["purpose"] = rule.purpose;
    const identity::Person* owner = parts_.roster->person(rule.owner);
    json["owner"] = owner == nullptr ? rule.owner.short_hex() : owner->name;
    if (rule.expires) {
        json["expires"] = time_text(*rule.expires);
    }
    json["rate_per_hour"] =
        static_cast<double>(rule.rate_uses) * 3600.0 / static_cast<double>(rule.rate_per.count());
    json["used"] = parts_.ledger.uses_since(rule.name, WallTime{});
    json["builtin"] = false;
    json["enabled"] = !rule.expires || *rule.expires > node_.now().wall;
    return json;
}

void LocalApi::get_release(const api::Request& /*request*/, const Reply& reply) {
    Json rules = Json::array();
    rules.push_back({{"id", "command"},
                     {"name", "command"},
                     {"source", "an explicit command"},
                     {"recipient", "the device that acts"},
                     {"purpose", "Exactly what was commanded goes to what carries it out; never the words."},
                     {"used", parts_.ledger.uses_since("command", WallTime{})},
                     {"builtin", true},
                     {"enabled", true}});
    for (const privacy::ReleaseRule& rule : parts_.rules.list()) {
        rules.push_back(rule_json(rule));
    }
    Json extractors = Json::array();
    for (const privacy::Extractor& extractor : privacy::builtin_extractors()) {
        std::string output;
        for (const privacy::OutputField& field : extractor.fields) {
            for (const std::string& value : field.values) {
                output += (output.empty() ? "" : " | ") + value;
            }
            using Kind = privacy::OutputField::Kind;
            if (field.kind != Kind::Enum) {
                output += (output.empty() ? "" : ", ") + field.name + ": " +
                          (field.kind == Kind::Time ? std::string("a time")
                                                    : dump(field.minimum) + " to " + dump(field.maximum));
            }
        }
        extractors.push_back({{"name", extractor.name},
                              {"version", extractor.version},
                              {"source", usual_source(extractor.name)},
                              {"output", output}});
    }
    reply->reply(dump({{"rules", std::move(rules)}, {"extractors", std::move(extractors)}}));
}

Result<privacy::ReleaseRule> LocalApi::wished_rule(const Result<Json>& body) {
    AMBIT_TRY_ASSIGN(const std::string name, text_in(body, "extractor"));
    AMBIT_TRY_ASSIGN(const std::string recipient, text_in(body, "recipient"));
    AMBIT_TRY_ASSIGN(const auto audience, parse_audience(recipient, parts_));
    const auto& all = privacy::builtin_extractors();
    const auto extractor =
        std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == name; });
    if (extractor == all.end()) {
        return Error{ErrorCode::NoSuchThing, "no extractor is called \"" + name + "\""};
    }
    const auto owner = parts_.person();
    if (!owner) {
        return Error{ErrorCode::NotAllowed, "this device is shared: nobody's data is its to release"};
    }
    privacy::ReleaseRule rule;
    rule.id = parts_.random.id<privacy::RuleId>();
    rule.name = text_or(*body, "name", extractor->name + " -> " + recipient);
    rule.owner = *owner;
    rule.extractor = extractor->name;
    rule.extractor_version = extractor->version;
    rule.code_hash = extractor->code_hash();
    rule.fields = extractor->fields;
    rule.source_attribute = text_or(*body, "source", std::string(usual_source(extractor->name)));
    rule.recipient = audience;
    rule.purpose = text_or(*body, "purpose", "");
    rule.rate_uses = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
        number_or(*body, "rate_per_hour", rule.rate_uses), 1, privacy::ReleaseRule::kRateUsesMax));
    if (const auto text = optional_text(*body, "expires")) {
        AMBIT_TRY_ASSIGN(rule.expires, parse_time(*text));
    }
    return rule;
}

void LocalApi::post_release(const api::Request& request, const Reply& reply) {
    const auto wished = wished_rule(parse_body(request));
    if (!wished) {
        return reply->fail(wished.error());
    }
    const privacy::ReleaseRule& rule = *wished;
    const auto rule_signed = privacy::sign_rule(rule, parts_.key);
    if (!rule_signed) {
        return reply->fail(rule_signed.error());
    }
    const auto written = put_rule(parts_, *rule_signed, node_.now());
    if (!written) {
        return reply->fail(written.error());
    }
    when_written(*written, reply, [this, reply, rule = *wished] {
        reply->reply(dump({{"rule", rule_json(rule)}}));
    });
}

void LocalApi::delete_release(const api::Request& request, const Reply& reply) {
    const auto named = rule_called(request.path.substr(std::string_view("release/").size()));
    if (!named) {
        return reply->fail(named.error());
    }
    const privacy::ReleaseRule& rule = *named;
    if (parts_.person() != rule.owner) {
        return reply->fail({ErrorCode::NotAllowed, "only its owner may revoke it"});
    }
    const auto written = erase_rule(parts_, rule, node_.now());
    if (!written) {
        return reply->fail(written.error());
    }
    // In force from now on, even before the fact that says so is durable.
    parts_.rules.remove(rule.id);
    when_written(*written, reply, [this, reply, rule = *named] {
        reply->reply(dump({{"revoked", rule_json(rule)}}));
    });
}

}  // namespace ambit::node

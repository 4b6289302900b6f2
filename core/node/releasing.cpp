#include "node/releasing.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"releasing"};

facts::Key key_of(const privacy::ReleaseRule& rule) {
    return {privacy::OnePerson{rule.owner}, std::string(kReleasePrefix) + rule.id.hex(),
            std::string(kRuleAttribute)};
}

bool is_plan(const privacy::ReleaseRule& rule) {
    return rule.extractor == "departure";
}

// Where what a rule lets out is told.
facts::Key told_by(const privacy::ReleaseRule& rule) {
    std::string attribute = rule.extractor;
    std::replace(attribute.begin(), attribute.end(), '-', '_');
    return {std::get<privacy::NamedAudience>(rule.recipient), "person:" + rule.owner.hex(), attribute};
}

std::string own_told(const Parts& parts) {
    return std::string(kToldPrefix) + parts.self.hex() + ":";
}

}  // namespace

std::string_view usual_source(std::string_view extractor) {
    return extractor == "sleep-state"  ? "heart_rate"
           : extractor == "departure"  ? "departure"
           : extractor == "body-state" ? "body_state"
                                       : "";
}

Result<facts::WriteId> put_rule(Parts& parts, const privacy::SignedRule& rule, Now now) {
    AMBIT_TRY(parts.rules.add(rule, *parts.roster));
    facts::Draft draft;
    draft.key = key_of(rule.rule);
    draft.value = privacy::encode_rule(rule);
    draft.time = now.wall;
    return parts.facts.put(draft, now);
}

Result<facts::WriteId> erase_rule(Parts& parts, const privacy::ReleaseRule& rule, Now now) {
    facts::Draft draft;
    draft.kind = facts::Draft::Kind::Delete;
    draft.key = key_of(rule);
    draft.time = now.wall;
    return parts.facts.put(draft, now);
}

Releasing::Releasing(Node& node) : node_(node) {
    node_.add_watcher(*this);
    load();
    find_oldest_told();
}

Releasing::~Releasing() {
    node_.remove_watcher(*this);
}

void Releasing::load() {
    facts::Filter filter;
    filter.subject_prefix = kReleasePrefix;
    for (const auto& fact : node_.parts().facts.query(filter)) {
        take(fact.read(kHere), false);
    }
}

// Goes on where it ended before this start.
void Releasing::find_oldest_told() {
    const std::string own = own_told(node_.parts());
    WallTime newest{};
    for (const auto& labelled : node_.parts().facts.query({.audience = std::nullopt,
                                .subject_prefix = own,
                                .attribute = std::string(kToldAttribute),
                                .limit = kToldMax})) {
        const facts::Fact& fact = labelled.read(kHere);
        std::size_t slot = 0;
        const char* end = fact.key.subject.data() + fact.key.subject.size();
        const auto [at, problem] = std::from_chars(fact.key.subject.data() + own.size(), end, slot);
        if (problem == std::errc() && at == end && slot < kToldMax && fact.time >= newest) {
            newest = fact.time;
            next_told_ = (slot + 1) % kToldMax;
        }
    }
}

void Releasing::on_fact(const facts::LabelledFact& labelled, bool gone) {
    const facts::Fact& fact = labelled.read(kHere);
    if (fact.key.subject.starts_with(kReleasePrefix)) {
        take(fact, gone);
        return;
    }
    if (gone || fact.source != node_.parts().self) {
        return;
    }
    for (const privacy::ReleaseRule& rule : node_.parts().rules.list()) {
        if (is_about(rule, fact)) {
            apply(rule, labelled);
        }
    }
}

bool Releasing::is_about(const privacy::ReleaseRule& rule, const facts::Fact& fact) const {
    // A peer applies the rules to what it observed itself.
    return std::holds_alternative<privacy::NamedAudience>(rule.recipient) &&
           fact.source == node_.parts().self && rule.source_attribute == fact.key.attribute &&
           fact.key.audience == privacy::NamedAudience(privacy::OnePerson{rule.owner});
}

void Releasing::take(const facts::Fact& fact, bool gone) {
    Parts& parts = node_.parts();
    const auto* text = std::get_if<std::string>(&fact.value);
    if (fact.key.attribute != kRuleAttribute || text == nullptr) {
        return;
    }
    const auto rule = privacy::decode_rule(*text);
    const auto taken = [&]() -> Result<void> {
        AMBIT_TRY(rule);
        if (gone) {
            parts.rules.remove(rule->rule.id);
            take_back(rule->rule);
            return {};
        }
        return parts.rules.add(*rule, *parts.roster);
    }();
    if (!taken) {
        return parts.health.bad("release." + fact.key.subject.substr(kReleasePrefix.size(), 8),
                                taken.error());
    }
    if (!gone) {
        apply_to_what_is_known(rule->rule);
    }
}

void Releasing::take_back(const privacy::ReleaseRule& rule) {
    if (said_.erase(rule.id) == 0 || is_plan(rule)) {
        return;
    }
    const auto put = node_.put_fleeting(told_by(rule), facts::Json{"{}"}, node_.now().wall, kTakenBackLife);
    if (!put) {
        node_.parts().health.bad("release." + rule.id.short_hex(), put.error());
    }
}

void Releasing::apply_to_what_is_known(const privacy::ReleaseRule& rule) {
    for (const facts::LabelledFact& reading :
         node_.parts().fleeting.query("person:" + rule.owner.hex(), node_.now())) {
        if (is_about(rule, reading.read(kHere))) {
            apply(rule, reading);
        }
    }
}

void Releasing::apply(const privacy::ReleaseRule& rule, const facts::LabelledFact& reading) {
    Parts& parts = node_.parts();
    const Now now = node_.now();
    const auto* extractor = privacy::find_extractor(rule.extractor, rule.extractor_version);
    const facts::Fact& fact = reading.read(kHere);
    const auto* json = std::get_if<facts::Json>(&fact.value);
    if (extractor == nullptr || json == nullptr) {
        return;
    }
    const auto output = extractor->run(view_of(json->text));
    const auto last = said_.find(rule.id);
    const bool same = output && last != said_.end() && last->second.output == *output;
    if (!output || (same && now.mono - last->second.at < kSayAgain)) {
        return;
    }
    const privacy::Labelled<Bytes> input(to_bytes(json->text), fact.label());
    const std::string health_key = "release." + rule.id.short_hex();
    const auto released = parts.rules.apply(rule.id, fact.key.attribute, input, *parts.roster, now);
    if (!released) {
        parts.health.bad(health_key, released.error());
        return;
    }
    said_[rule.id] = {*output, now.mono};
    const facts::Key key = told_by(rule);
    const std::string told = to_text(released->value.read(kHere));
    const auto put =
        node_.put_fleeting(key, facts::Json{told}, fact.time, is_plan(rule) ? kLifeOfPlans : kLife);
    if (put && !same) {
        remember(rule, key, told, fact.time);
    }
    if (put) {
        parts.health.ok(health_key);
    } else {
        parts.health.bad(health_key, put.error());
    }
}

void Releasing::remember(const privacy::ReleaseRule& rule,
                         const facts::Key& told,
                         const std::string& json,
                         WallTime time) {
    facts::Draft draft;
    draft.key = {privacy::OnePerson{rule.owner}, own_told(node_.parts()) + std::to_string(next_told_),
                 std::string(kToldAttribute)};
    next_told_ = (next_told_ + 1) % kToldMax;
    draft.value = facts::Json{nlohmann::json({{"rule", rule.name},
                                              {"attribute", told.attribute},
                                              {"to", privacy::to_string(told.audience)},
                                              {"value", nlohmann::json::parse(json, nullptr, false)},
                                              {"time_ms", ms_of(time)}})
                                  .dump()};
    draft.time = node_.now().wall;
    if (const auto written = node_.parts().facts.put(draft, node_.now()); !written) {
        node_.parts().health.bad("facts.write", written.error());
    }
}

}  // namespace ambit::node

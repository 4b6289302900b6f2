// One release rule in full, and what one would tell: the part of the local API that shows before anything is
// told.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/local_api.h"
#include "node/local_json.h"
#include "node/releasing.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"local API, release"};

// Every device that may read it now, by name.
Json readers(const privacy::NamedAudience& audience, const identity::Roster& roster) {
    Json names = Json::array();
    for (const auto& [id, device] : roster.devices) {
        if (privacy::may_read(privacy::Audience(audience), roster, id)) {
            names.push_back(device.name);
        }
    }
    return names;
}

Json fields_json(const std::vector<privacy::OutputField>& fields) {
    using Kind = privacy::OutputField::Kind;
    Json list = Json::array();
    for (const privacy::OutputField& field : fields) {
        Json one = {{"name", field.name}};
        if (field.kind == Kind::Enum) {
            one["one_of"] = field.values;
        } else if (field.kind == Kind::Number) {
            one["from"] = field.minimum;
            one["to"] = field.maximum;
        } else {
            one["time"] = true;
        }
        list.push_back(std::move(one));
    }
    return list;
}

Json output_json(const privacy::Output& output, const std::vector<privacy::OutputField>& fields) {
    Json json = Json::object();
    for (const privacy::OutputField& field : fields) {
        const auto at = output.find(field.name);
        if (at == output.end()) {
            continue;
        }
        if (const auto* text = std::get_if<std::string>(&at->second)) {
            json[field.name] = *text;
        } else if (const auto* number = std::get_if<double>(&at->second)) {
            json[field.name] = *number;
        } else {
            const auto ms = std::get<std::int64_t>(at->second);
            json[field.name] = ms == 0 ? Json() : Json(time_text(WallTime(milliseconds(ms))));
        }
    }
    return json;
}

// What a device of the person's observed last of them, as it is known here.
std::optional<facts::Fact> observed(const Parts& parts,
                                    const PersonId& person,
                                    const std::string& attribute,
                                    Now now) {
    std::optional<facts::Fact> newest;
    for (const auto& labelled : parts.fleeting.query("person:" + person.hex(), now)) {
        const facts::Fact& fact = labelled.read(kHere);
        if (fact.key.attribute == attribute &&
            fact.key.audience == privacy::NamedAudience(privacy::OnePerson{person}) &&
            std::holds_alternative<facts::Json>(fact.value) && (!newest || newest->time < fact.time)) {
            newest = fact;
        }
    }
    return newest;
}

}  // namespace

Result<privacy::ReleaseRule> LocalApi::rule_called(const std::string& id) const {
    const auto rules = parts_.rules.list();
    std::vector<privacy::ReleaseRule> fitting;
    std::copy_if(rules.begin(), rules.end(), std::back_inserter(fitting), [&](const auto& rule) {
        return !id.empty() && (rule.id.hex().starts_with(id) || rule.name == id);
    });
    if (fitting.size() != 1) {
        return Error{ErrorCode::NoSuchThing, "no one rule has the id \"" + id + "\""};
    }
    return fitting.front();
}

void LocalApi::get_one_release(const api::Request& request, const Reply& reply) {
    const auto rule = rule_called(request.path.substr(std::string_view("release/").size()));
    if (!rule) {
        return reply->fail(rule.error());
    }
    Json json = rule_json(*rule);
    json["tells"] = fields_json(rule->fields);
    if (const auto* audience = std::get_if<privacy::NamedAudience>(&rule->recipient)) {
        json["readers"] = readers(*audience, *parts_.roster);
    }
    reply->reply(dump({{"rule", std::move(json)}}));
}

void LocalApi::post_release_simulate(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto rule = wished_rule(body);
    if (!rule) {
        return reply->fail(rule.error());
    }
    const Now now = node_.now();
    const auto* extractor = privacy::find_extractor(rule->extractor, rule->extractor_version);
    const auto& audience = std::get<privacy::NamedAudience>(rule->recipient);
    Json json = {{"extractor", rule->extractor + "@" + std::to_string(rule->extractor_version)},
                 {"source", rule->source_attribute},
                 {"recipient", audience_text(audience, *parts_.roster)},
                 {"readers", readers(audience, *parts_.roster)},
                 {"tells", fields_json(rule->fields)}};
    if (const auto fact = observed(parts_, rule->owner, rule->source_attribute, now)) {
        const auto output = extractor->run(view_of(std::get<facts::Json>(fact->value).text));
        if (!output) {
            return reply->fail(output.error());
        }
        json["would_tell"] = output_json(*output, rule->fields);
        json["time"] = time_text(fact->time);
        json["observed_by"] = device_name(fact->source, *parts_.roster);
    }
    reply->reply(dump(json));
}

}  // namespace ambit::node

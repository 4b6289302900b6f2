// The things of the home: what they are called, where they and the devices stand, how they are.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "node/local_api.h"

namespace ambit::node {
namespace {

constexpr std::size_t kPlaceBytesMax = 128;

// By its id, else by the one name it alone has.
Result<const capability::Entity*> thing_named(const std::string& name,
                                              const capability::Directory& directory) {
    const auto known = directory.find({});
    std::vector<const capability::Entity*> found;
    for (const capability::Entity* entity : known) {
        if (entity->id == name) {
            return entity;
        }
        if (lower(entity->name) == lower(name)) {
            found.push_back(entity);
        }
    }
    if (found.empty()) {
        return Error{ErrorCode::NoSuchThing, "thing \"" + name + "\""};
    }
    if (found.size() > 1) {
        return Error{ErrorCode::SeveralFound, found[0]->id + " and " + found[1]->id + ": give one of these"};
    }
    return found.front();
}

Result<std::string> place_in(const Result<Json>& body, const char* name) {
    AMBIT_TRY_ASSIGN(std::string text, text_in(body, name));
    const bool has_control =
        std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (text.size() > kPlaceBytesMax || has_control) {
        return Error{ErrorCode::BadRequest,
                     "\"" + std::string(name) + "\": expected at most 128 bytes of text"};
    }
    return text;
}

Json thing_json(const capability::Entity& entity, const Parts& parts, const HomeView& home, Now now) {
    Json json = {{"id", entity.id}, {"name", entity.name}, {"domain", entity.domain}};
    const auto add = [&](const char* name, const std::string& text) {
        if (!text.empty()) {
            json[name] = text;
        }
    };
    add("area", entity.area);
    add("device_class", entity.device_class);
    json["can"] = entity.capabilities;
    if (const auto state = home.state(entity.id, now)) {
        json["state"] = Json::parse(state->state_json, nullptr, false);
        json["available"] = state->available;
    }
    json["reached_by"] = Json::array();
    for (const DeviceId& device : parts.directory.acting_order(entity, *parts.roster)) {
        json["reached_by"].push_back(device_name(device, *parts.roster));
    }
    return json;
}

}  // namespace

void LocalApi::get_things(const api::Request& request, const Reply& reply) {
    const std::string area = query_text(request, "area");
    const std::size_t limit = query_limit(request, 1000, capability::Directory::kEntitiesMax);
    Json rows = Json::array();
    std::size_t all = 0;
    for (const capability::Entity* entity :
         parts_.directory.find({.name = "", .area = area, .domain = "", .capability = ""})) {
        if (all++ < limit) {
            rows.push_back(thing_json(*entity, parts_, node_.home(), node_.now()));
        }
    }
    reply->reply(dump({{"things", std::move(rows)}, {"all", all}}));
}

void LocalApi::post_things_area(const api::Request& request, const Reply& reply) {
    give(request, "area", kAreaAttribute, reply);
}

void LocalApi::post_things_name(const api::Request& request, const Reply& reply) {
    give(request, "name", kNameAttribute, reply);
}

void LocalApi::give(const api::Request& request,
                    const char* member,
                    std::string_view attribute,
                    const Reply& reply) {
    const auto body = parse_body(request);
    const auto name = text_in(body, "thing");
    // An empty text takes back what was said.
    const bool taken_back = body && optional_text(*body, member) == "";
    const auto given = taken_back ? Result<std::string>("") : place_in(body, member);
    const auto thing = name ? thing_named(*name, parts_.directory) : name.error();
    if (!given || !thing) {
        return reply->fail(!thing ? thing.error() : given.error());
    }
    const capability::Entity& entity = **thing;
    set_place({privacy::Household{}, entity_subject(entity.id), std::string(attribute)}, *given, reply,
              {{"thing", entity.name}, {"id", entity.id}, {member, *given}});
}

void LocalApi::get_areas(const api::Request& /*request*/, const Reply& reply) {
    const language::Home& home = node_.home().home();
    std::set<std::string> names;
    for (const std::string& area : home.areas()) {
        names.insert(area);
    }
    for (const auto& [id, device] : parts_.roster->devices) {
        if (const std::string area = node_.home().area_of(id); !area.empty()) {
            names.insert(area);
        }
    }
    Json rows = Json::array();
    for (const std::string& name : names) {
        Json row = {{"name", name}};
        if (const std::string floor = home.floor_of(name); !floor.empty()) {
            row["floor"] = floor;
        }
        row["entities"] = std::count_if(home.entities().begin(), home.entities().end(),
                                        [&](const auto& entity) { return entity.area == name; });
        row["devices"] = Json::array();
        for (const auto& [id, device] : parts_.roster->devices) {
            if (node_.home().area_of(id) == name) {
                row["devices"].push_back(device.name);
            }
        }
        rows.push_back(std::move(row));
    }
    reply->reply(dump({{"areas", std::move(rows)}}));
}

void LocalApi::set_place(const facts::Key& key,
                         const std::string& value,
                         const Reply& reply,
                         const Json& answer) {
    facts::Draft draft;
    draft.key = key;
    draft.value = value;
    draft.time = node_.now().wall;
    const auto written = parts_.facts.put(draft, node_.now());
    if (!written) {
        return reply->fail(written.error());
    }
    when_written(*written, reply, [reply, answer] { reply->reply(dump(answer)); });
}

void LocalApi::post_devices_area(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto device = device_in(body, *parts_.roster);
    const auto area = place_in(body, "area");
    if (!device || !area) {
        return reply->fail(!device ? device.error() : area.error());
    }
    set_place({privacy::Household{}, device_subject((*device)->id), std::string(kAreaAttribute)}, *area,
              reply, {{"device", (*device)->name}, {"area", *area}});
}

void LocalApi::post_areas_floor(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto area = place_in(body, "area");
    const auto floor = place_in(body, "floor");
    if (!area || !floor) {
        return reply->fail(!area ? area.error() : floor.error());
    }
    set_place({privacy::Household{}, area_subject(*area), std::string(kFloorAttribute)}, *floor, reply,
              {{"area", *area}, {"floor", *floor}});
}

}  // namespace ambit::node

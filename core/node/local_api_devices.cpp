#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "node/local_api.h"

namespace ambit::node {
namespace {

// What a rung is, in words for a person.
std::string does_text(const std::string& capability) {
    if (capability == "language.parse") {
        return "language";
    }
    if (capability == "health.heart_rate.read") {
        return "heart rate";
    }
    return capability;
}

}  // namespace

Json LocalApi::device_row(const identity::Device& device, const std::vector<wire::PeerStatus>& links) const {
    Json row = device_json(device, *parts_.roster);
    const bool here = device.id == parts_.self;
    row["here"] = here;
    const auto link = std::find_if(links.begin(), links.end(),
                                   [&](const auto& status) { return status.peer == device.id; });
    if (here) {
        row["link"] = "here";
        if (!info_.listen.empty()) {
            row["address"] = info_.listen;
        }
    } else if (link != links.end() && link->up) {
        row["link"] = "direct";
        row["via"] = "tls";
        row["wire_version"] = link->version;
        row["address"] = link->remote.to_string();
        if (link->round_trip) {
            row["rtt_ms"] = static_cast<double>(link->round_trip->count()) / 1000.0;
        }
    } else {
        row["link"] = "away";
        if (const auto seen = streams_.last_seen(device.id)) {
            row["since"] = time_text(*seen);
        }
        if (link != links.end() && link->last_error) {
            row["error"] = error_member(*link->last_error);
        }
    }
    if (here || (link != links.end() && link->up)) {
        row["now"] = node_.actions().under_way(device.id) > 0 ? "acting" : "idle";
    }
    const DeviceReport report = node_.home().report(device.id, node_.now());
    if (!report.version.empty()) {
        row["version"] = report.version;
    }
    if (report.battery_pct) {
        row["battery_pct"] = *report.battery_pct;
    }
    std::set<std::string> does;
    for (const capability::Descriptor& descriptor : capability::builtin_capabilities()) {
        const auto offering = parts_.directory.offering(descriptor.name, *parts_.roster);
        if (std::find(offering.begin(), offering.end(), device.id) != offering.end()) {
            does.insert(does_text(descriptor.name));
        }
    }
    for (const capability::Entity* entity : parts_.directory.find({})) {
        const auto order = parts_.directory.acting_order(*entity, *parts_.roster);
        if (!does.contains(entity->source) &&
            std::find(order.begin(), order.end(), device.id) != order.end()) {
            does.insert(entity->source);
        }
    }
    row["does"] = does;
    return row;
}

void LocalApi::get_devices(const api::Request& /*request*/, const Reply& reply, const Viewer& /*viewer*/) {
    const auto links = parts_.links.status();
    std::vector<const identity::Device*> devices;
    for (const auto& [id, device] : parts_.roster->devices) {
        devices.push_back(&device);
    }
    std::sort(devices.begin(), devices.end(), [&](const auto* a, const auto* b) {
        return std::pair(a->id != parts_.self, a->name) < std::pair(b->id != parts_.self, b->name);
    });
    Json rows = Json::array();
    for (const identity::Device* device : devices) {
        rows.push_back(device_row(*device, links));
    }
    reply->reply(dump({{"devices", std::move(rows)}}));
}

void LocalApi::change_roster(Result<Bytes> operation, const Reply& reply, std::function<Json()> answer) {
    const auto ticket = node_.membership().adopt(std::move(operation), node_.now());
    if (!ticket) {
        return reply->fail(ticket.error());
    }
    node_.when_durable(*ticket, [reply, answer = std::move(answer)](const Result<void>& durable) {
        durable ? reply->reply(dump(answer())) : reply->fail(durable.error());
    });
}

std::vector<identity::ChannelHead> LocalApi::heads_of(const DeviceId& device) const {
    std::vector<identity::ChannelHead> heads;
    for (const facts::Height& height : parts_.facts.heads_of(device)) {
        heads.push_back({height.channel.stream(), height.head.seq, height.head.hash});
    }
    return heads;
}

void LocalApi::post_devices_remove(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto device = device_in(body, *parts_.roster);
    if (!device) {
        return reply->fail(device.error());
    }
    const Json removed = {{"name", (*device)->name}, {"id", (*device)->id.hex()}};
    const DeviceId id = (*device)->id;
    change_roster(node_.membership().author(node_.now()).remove_device(id, heads_of(id)), reply, [removed] {
        return Json{{"removed", removed}};
    });
}

void LocalApi::post_devices_rename(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto device = device_in(body, *parts_.roster);
    const auto fresh = text_in(body, "name");
    if (!device || !fresh) {
        return reply->fail(!device ? device.error() : fresh.error());
    }
    const DeviceId id = (*device)->id;
    change_roster(node_.membership().author(node_.now()).rename_device(id, *fresh), reply, [this, id] {
        return Json{{"device", device_row(*parts_.roster->device(id), parts_.links.status())}};
    });
}

void LocalApi::post_devices_bind(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto device = device_in(body, *parts_.roster);
    const auto person = person_in(body, *parts_.roster);
    if (!device || !person) {
        return reply->fail(!device ? device.error() : person.error());
    }
    if (parts_.person() != (*person)->id) {
        return reply->fail({ErrorCode::NotAllowed, "only a device of " + (*person)->name + " can do this"});
    }
    const DeviceId id = (*device)->id;
    change_roster(node_.membership().author(node_.now()).bind_device(id), reply, [this, id] {
        return Json{{"device", device_row(*parts_.roster->device(id), parts_.links.status())}};
    });
}

void LocalApi::post_devices_bridge(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto source = text_in(body, "source");
    const auto names = texts_in(body, "devices");
    if (!source || !names) {
        return reply->fail(!source ? source.error() : names.error());
    }
    std::vector<DeviceId> devices;
    for (const std::string& name : *names) {
        const auto device = device_named(name, *parts_.roster);
        if (!device) {
            return reply->fail(device.error());
        }
        devices.push_back((*device)->id);
    }
    const Json answer = {{"source", *source}, {"devices", *names}};
    change_roster(node_.membership().author(node_.now()).set_bridges(*source, devices), reply,
                  [answer] { return answer; });
}

void LocalApi::get_bridges(const api::Request& /*request*/, const Reply& reply) {
    // One entity of each source stands for all: they share their order.
    std::map<std::string, const capability::Entity*> sources;
    for (const capability::Entity* entity : parts_.directory.find({})) {
        sources.try_emplace(entity->source, entity);
    }
    for (const auto& [source, devices] : parts_.roster->bridges) {
        sources.try_emplace(source, nullptr);
    }
    Json rows = Json::array();
    for (const auto& [source, entity] : sources) {
        const auto configured = parts_.roster->bridges.find(source);
        const std::vector<DeviceId> order =
            entity != nullptr ? parts_.directory.acting_order(*entity, *parts_.roster) : configured->second;
        Json names = Json::array();
        std::string acting;
        for (const DeviceId& device : order) {
            names.push_back(device_name(device, *parts_.roster));
            const bool reachable = device == parts_.self || parts_.links.is_up(device);
            if (acting.empty() && entity != nullptr && reachable &&
                parts_.directory.available(device, source)) {
                acting = device_name(device, *parts_.roster);
            }
        }
        Json row = {{"source", source}, {"devices", std::move(names)}};
        if (!acting.empty()) {
            row["acting"] = acting;
        }
        rows.push_back(std::move(row));
    }
    reply->reply(dump({{"bridges", std::move(rows)}}));
}

void LocalApi::get_people(const api::Request& /*request*/, const Reply& reply, const Viewer& /*viewer*/) {
    std::vector<const identity::Person*> people;
    for (const auto& [id, person] : parts_.roster->people) {
        people.push_back(&person);
    }
    std::sort(people.begin(), people.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    Json rows = Json::array();
    for (const identity::Person* person : people) {
        rows.push_back(person_json(*person, parts_));
    }
    reply->reply(dump({{"people", std::move(rows)}}));
}

void LocalApi::post_people_remove(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto person = person_in(body, *parts_.roster);
    if (!person) {
        return reply->fail(person.error());
    }
    std::map<DeviceId, std::vector<identity::ChannelHead>> heads;
    for (const DeviceId& device : parts_.roster->devices_of((*person)->id)) {
        heads[device] = heads_of(device);
    }
    const Json removed = {{"name", (*person)->name}, {"id", (*person)->id.hex()}};
    change_roster(node_.membership().author(node_.now()).remove_person((*person)->id, heads), reply,
                  [removed] {
                      return Json{{"removed", removed}};
                  });
}

void LocalApi::post_people_role(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto person = person_in(body, *parts_.roster);
    const auto word = text_in(body, "role");
    const auto role = word ? parse_role(*word) : Result<identity::Role>(word.error());
    if (!person || !role) {
        return reply->fail(!person ? person.error() : role.error());
    }
    std::optional<WallTime> expires;
    if (const auto text = optional_text(*body, "expires")) {
        const auto time = parse_time(*text);
        if (!time) {
            return reply->fail(time.error());
        }
        expires = *time;
    }
    const PersonId id = (*person)->id;
    change_roster(node_.membership().author(node_.now()).set_role(id, *role, expires), reply, [this, id] {
        return Json{{"person", person_json(*parts_.roster->person(id), parts_)}};
    });
}

}  // namespace ambit::node

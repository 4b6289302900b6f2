#include "capability/directory.h"

#include <algorithm>
#include <tuple>

namespace ambit::capability {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_text(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool matches(const Entity& entity, const Directory::Query& query) {
    const bool named = query.name.empty() || same_text(entity.name, query.name) ||
                       std::any_of(entity.aliases.begin(), entity.aliases.end(),
                                   [&](const std::string& alias) { return same_text(alias, query.name); });
    const auto& offers = entity.capabilities;
    return named && (query.area.empty() || same_text(entity.area, query.area)) &&
           (query.domain.empty() || entity.domain == query.domain) &&
           (query.capability.empty() ||
            std::find(offers.begin(), offers.end(), query.capability) != offers.end());
}

// "mqtt:home/0x00158d" -> "mqtt/0x00158d": what another source calls its twin.
std::string own_name(const std::string& id) {
    const std::size_t slash = std::min(id.find('/'), id.size());
    const std::size_t colon = std::min(id.find(':'), slash);
    return id.substr(0, colon) + id.substr(slash);
}

}  // namespace

std::set<std::string> Directory::twins_of(const std::string& id) const {
    std::set<std::string> twins;
    const auto add = [&](const auto& index, const std::string& key) {
        if (const auto found = index.find(key); found != index.end()) {
            twins.insert(found->second.begin(), found->second.end());
        }
    };
    if (const auto found = entities_.find(id);
        found != entities_.end() && !found->second.described().twin.empty()) {
        add(by_own_name_, found->second.described().twin);
    }
    add(by_twin_, own_name(id));
    twins.erase(id);
    return twins;
}

const Entity* Directory::shown_instead(const std::string& id) const {
    const auto found = entities_.find(id);
    if (found == entities_.end() || found->second.described().twin.empty()) {
        return nullptr;
    }
    const auto twins = by_own_name_.find(found->second.described().twin);
    if (twins == by_own_name_.end()) {
        return nullptr;
    }
    // One that says it is its own twin, or two that name each other, hide nobody.
    for (const std::string& twin : twins->second) {
        if (twin != id && entities_.at(twin).described().twin.empty()) {
            return &entities_.at(twin).shown;
        }
    }
    return nullptr;
}

void Directory::compose(const std::string& id) {
    const auto found = entities_.find(id);
    if (found == entities_.end()) {
        return;
    }
    Announced& announced = found->second;
    announced.shown = announced.described();
    const auto twins = by_twin_.find(own_name(id));
    if (!announced.shown.twin.empty() || twins == by_twin_.end()) {
        return apply_given(announced.shown);
    }
    for (const std::string& twin : twins->second) {
        const Entity& other = entities_.at(twin).described();
        if (announced.shown.area.empty()) {
            announced.shown.area = other.area;
        }
        if (announced.shown.floor.empty()) {
            announced.shown.floor = other.floor;
        }
        // People may know it by the name it has there.
        const bool known = same_text(announced.shown.name, other.name) ||
                           std::find(announced.shown.aliases.begin(), announced.shown.aliases.end(),
                                     other.name) != announced.shown.aliases.end();
        if (twin != id && !known) {
            announced.shown.aliases.push_back(other.name);
        }
    }
    apply_given(announced.shown);
}

void Directory::apply_given(Entity& entity) const {
    const auto given = given_.find(entity.id);
    if (given == given_.end()) {
        return;
    }
    if (!given->second.name.empty()) {
        entity.name = given->second.name;
    }
    if (!given->second.area.empty() && given->second.area != entity.area) {
        entity.area = given->second.area;
        entity.floor.clear();  // that was the other room's
    }
}

void Directory::set_given(const std::string& entity_id, const Given& given) {
    if (given == Given()) {
        given_.erase(entity_id);
    } else if (given_.contains(entity_id) || given_.size() < kEntitiesMax) {
        given_[entity_id] = given;
    }
    compose(entity_id);
}

void Directory::refresh(const std::string& id, const std::set<std::string>& twins_before) {
    compose(id);
    std::set<std::string> twins = twins_of(id);
    twins.insert(twins_before.begin(), twins_before.end());
    for (const std::string& twin : twins) {
        compose(twin);
    }
}

Result<void> Directory::announce(const DeviceId& by, const Entity& entity) {
    const auto known = entities_.find(entity.id);
    if (known == entities_.end() && entities_.size() >= kEntitiesMax) {
        return Error{ErrorCode::LimitExceeded, "more than 20,000 entities"};
    }
    if (known != entities_.end() && !known->second.by.contains(by) &&
        known->second.by.size() >= kAnnouncersMax) {
        return Error{ErrorCode::LimitExceeded, "more than 32 devices for one entity"};
    }
    const auto twins = unlink(entity.id);
    entities_[entity.id].by.insert_or_assign(by, entity);
    link(entity.id, twins);
    return {};
}

void Directory::withdraw(const DeviceId& by, const std::string& entity_id) {
    const auto known = entities_.find(entity_id);
    if (known == entities_.end()) {
        return;
    }
    const auto twins = unlink(entity_id);
    known->second.by.erase(by);
    if (known->second.by.empty()) {
        entities_.erase(known);
    }
    link(entity_id, twins);
}

std::set<std::string> Directory::unlink(const std::string& id) {
    std::set<std::string> twins = twins_of(id);
    const auto drop = [&](auto& index, const std::string& key) {
        if (const auto found = index.find(key); found != index.end()) {
            found->second.erase(id);
            if (found->second.empty()) {
                index.erase(found);
            }
        }
    };
    if (const auto found = entities_.find(id); found != entities_.end()) {
        drop(by_own_name_, own_name(id));
        drop(by_twin_, found->second.described().twin);
    }
    return twins;
}

void Directory::link(const std::string& id, const std::set<std::string>& twins_before) {
    if (const auto found = entities_.find(id); found != entities_.end()) {
        by_own_name_[own_name(id)].insert(id);
        if (const std::string& twin = found->second.described().twin; !twin.empty()) {
            by_twin_[twin].insert(id);
        }
    }
    refresh(id, twins_before);
}

Result<void> Directory::announce_rung(const DeviceId& by, const Rung& rung) {
    auto& rungs = rungs_[rung.capability];
    const auto [place, added] = rungs.try_emplace({by, rung.name}, rung);
    if (!added) {
        place->second = rung;
        return {};
    }
    if (rung_count_ >= kRungsMax) {
        rungs.erase(place);
        if (rungs.empty()) {
            rungs_.erase(rung.capability);
        }
        return Error{ErrorCode::LimitExceeded, "more than 4,096 rungs"};
    }
    ++rung_count_;
    return {};
}

void Directory::withdraw_rung(const DeviceId& by, const std::string& capability, const std::string& name) {
    const auto rungs = rungs_.find(capability);
    if (rungs == rungs_.end()) {
        return;
    }
    rung_count_ -= rungs->second.erase({by, name});
    if (rungs->second.empty()) {
        rungs_.erase(rungs);
    }
}

void Directory::forget(const DeviceId& device) {
    std::vector<std::string> announced;
    for (const auto& [id, entity] : entities_) {
        if (entity.by.contains(device)) {
            announced.push_back(id);
        }
    }
    for (const std::string& id : announced) {
        withdraw(device, id);
    }
    for (auto at = rungs_.begin(); at != rungs_.end();) {
        rung_count_ -=
            std::erase_if(at->second, [&](const auto& rung) { return rung.first.first == device; });
        at = at->second.empty() ? rungs_.erase(at) : std::next(at);
    }
    std::erase_if(unavailable_, [&](const auto& pair) { return pair.first == device; });
}

void Directory::set_available(const DeviceId& by, const std::string& source, bool available) {
    if (available) {
        unavailable_.erase({by, source});
    } else if (unavailable_.size() < kEntitiesMax) {
        unavailable_.insert({by, source});
    }
}

bool Directory::available(const DeviceId& by, const std::string& source) const {
    return !unavailable_.contains({by, source});
}

const Entity* Directory::entity(const std::string& id) const {
    const auto found = entities_.find(id);
    return found == entities_.end() ? nullptr : &found->second.shown;
}

bool Directory::announced_by(const DeviceId& device, const std::string& entity_id) const {
    const auto found = entities_.find(entity_id);
    return found != entities_.end() && found->second.by.contains(device);
}

std::vector<const Entity*> Directory::find(const Query& query) const {
    std::vector<const Entity*> found;
    for (const auto& [id, announced] : entities_) {
        const Entity& entity = announced.shown;
        if (matches(entity, query) && shown_instead(id) == nullptr) {
            found.push_back(&entity);
        }
    }
    return found;
}

std::vector<DeviceId> Directory::acting_order(const Entity& entity, const identity::Roster& roster) const {
    std::vector<DeviceId> order;
    const auto known = entities_.find(entity.id);
    if (known == entities_.end()) {
        return order;
    }
    const auto& by = known->second.by;
    const auto add = [&](const DeviceId& device) {
        if (by.contains(device) && roster.devices.contains(device) &&
            std::find(order.begin(), order.end(), device) == order.end()) {
            order.push_back(device);
        }
    };
    if (const auto bridge = roster.bridges.find(entity.source); bridge != roster.bridges.end()) {
        std::for_each(bridge->second.begin(), bridge->second.end(), add);
        return order;
    }
    for (const auto& [device, description] : by) {
        add(device);
    }
    return order;
}

std::vector<DeviceId> Directory::offering(const std::string& capability,
                                          const identity::Roster& roster) const {
    std::vector<std::tuple<double, double, DeviceId>> ranked;
    if (const auto rungs = rungs_.find(capability); rungs != rungs_.end()) {
        for (const auto& [key, rung] : rungs->second) {
            if (roster.devices.contains(key.first)) {
                ranked.emplace_back(-rung.quality, rung.cost_ms, key.first);
            }
        }
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<DeviceId> order;
    for (const auto& [quality, cost, device] : ranked) {
        if (std::find(order.begin(), order.end(), device) == order.end()) {
            order.push_back(device);
        }
    }
    return order;
}

double Directory::quality(const DeviceId& device, const std::string& capability) const {
    double best = 0;
    if (const auto rungs = rungs_.find(capability); rungs != rungs_.end()) {
        for (const auto& [key, rung] : rungs->second) {
            best = key.first == device ? std::max(best, rung.quality) : best;
        }
    }
    return best;
}

}  // namespace ambit::capability

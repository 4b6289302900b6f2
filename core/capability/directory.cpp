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

}  // namespace

Result<void> Directory::announce(const DeviceId& by, const Entity& entity) {
    const auto known = entities_.find(entity.id);
    if (known == entities_.end()) {
        if (entities_.size() >= kEntitiesMax) {
            return Error{ErrorCode::LimitExceeded, "more than 20,000 entities"};
        }
        entities_[entity.id].by.emplace(by, entity);
        return {};
    }
    auto& announced = known->second.by;
    if (!announced.contains(by) && announced.size() >= kAnnouncersMax) {
        return Error{ErrorCode::LimitExceeded, "more than 32 devices for one entity"};
    }
    announced.insert_or_assign(by, entity);
    return {};
}

void Directory::withdraw(const DeviceId& by, const std::string& entity_id) {
    const auto known = entities_.find(entity_id);
    if (known == entities_.end()) {
        return;
    }
    known->second.by.erase(by);
    if (known->second.by.empty()) {
        entities_.erase(known);
    }
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
    for (auto at = entities_.begin(); at != entities_.end();) {
        at->second.by.erase(device);
        at = at->second.by.empty() ? entities_.erase(at) : std::next(at);
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
    return found == entities_.end() ? nullptr : &found->second.by.begin()->second;
}

bool Directory::announced_by(const DeviceId& device, const std::string& entity_id) const {
    const auto found = entities_.find(entity_id);
    return found != entities_.end() && found->second.by.contains(device);
}

std::vector<const Entity*> Directory::find(const Query& query) const {
    std::vector<const Entity*> found;
    for (const auto& [id, announced] : entities_) {
        const Entity& entity = announced.by.begin()->second;
        if (matches(entity, query)) {
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

}  // namespace ambit::capability

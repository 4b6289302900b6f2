#include <algorithm>
#include <set>

#include "language/text.h"
#include "language/understand.h"

namespace ambit::language {
namespace {

std::vector<std::string> forms_of(const HomeEntity& entity) {
    std::vector<std::string> names = {spoken_form(entity.name)};
    for (const std::string& alias : entity.aliases) {
        names.push_back(spoken_form(alias));
    }
    const std::string area = spoken_form(entity.area);
    std::vector<std::string> all;
    for (const std::string& name : names) {
        if (name.empty() || name.size() > kUtteranceBytesMax) {
            continue;
        }
        all.push_back(name);
        if (!area.empty() && !name.starts_with(area + " ")) {
            all.push_back(area + " " + name);
        }
    }
    return all;
}

}  // namespace

Home::Home(std::vector<HomeEntity> entities, Places places)
    : entities_(std::move(entities)), places_(std::move(places)) {
    entities_.resize(std::min(entities_.size(), kHomeEntitiesMax));
    for (const auto& [area, floor] : places_.floor_of_area) {
        floors_[spoken_form(area)] = floor;
    }
    std::vector<ListValue> names;
    for (const HomeEntity& entity : entities_) {
        spoken_.push_back(forms_of(entity));
        for (const std::string& form : spoken_.back()) {
            names.push_back({form, entity.name, {{"domain", entity.domain}}});
        }
    }
    std::vector<ListValue> areas_said;
    for (const std::string& area : areas()) {
        areas_said.push_back({spoken_form(area), area, {}});
    }
    lists_.set("name", names);
    lists_.set("area", areas_said);
    std::vector<ListValue> floors_said;
    for (const std::string& floor : floors()) {
        floors_said.push_back({spoken_form(floor), floor, {}});
    }
    lists_.set("floor", floors_said);
}

const HomeEntity* Home::find(std::string_view id) const {
    const auto found =
        std::find_if(entities_.begin(), entities_.end(), [id](const auto& e) { return e.id == id; });
    return found == entities_.end() ? nullptr : &*found;
}

std::vector<std::string> Home::areas() const {
    std::set<std::string> seen;
    std::vector<std::string> out;
    for (const HomeEntity& entity : entities_) {
        if (!entity.area.empty() && seen.insert(spoken_form(entity.area)).second) {
            out.push_back(entity.area);
        }
    }
    for (const auto& [area, floor] : places_.floor_of_area) {
        if (!area.empty() && seen.insert(spoken_form(area)).second) {
            out.push_back(area);
        }
    }
    return out;
}

std::vector<std::string> Home::floors() const {
    std::set<std::string> seen;
    std::vector<std::string> out;
    for (const auto& [area, floor] : places_.floor_of_area) {
        if (!floor.empty() && seen.insert(spoken_form(floor)).second) {
            out.push_back(floor);
        }
    }
    return out;
}

std::string Home::floor_of(std::string_view area) const {
    const auto found = floors_.find(spoken_form(area));
    return found == floors_.end() ? std::string() : found->second;
}

bool Home::offers(std::string_view capability) const {
    return std::find(places_.offered.begin(), places_.offered.end(), capability) != places_.offered.end();
}

}  // namespace ambit::language

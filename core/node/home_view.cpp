#include "node/home_view.h"

#include <nlohmann/json.hpp>

#include "capability/descriptor.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"home view"};
// A source tells what changes: what does not change is said again in time, so that only a device that is gone
// is forgotten.
constexpr milliseconds kStateLife = facts::kFleetingLifeMax;
constexpr std::chrono::hours kRepeatStatesEvery{8};
constexpr std::string_view kEntityPrefix = "entity:";

// What people say of a thing of the home.
bool is_given(const facts::Key& key) {
    return key.subject.starts_with(kEntityPrefix) &&
           (key.attribute == kAreaAttribute || key.attribute == kNameAttribute) &&
           std::holds_alternative<privacy::Household>(key.audience);
}

std::string entity_of(const facts::Key& key) {
    return key.subject.substr(kEntityPrefix.size());
}

}  // namespace

std::string entity_subject(const std::string& entity_id) {
    return "entity:" + entity_id;
}

std::string device_subject(const DeviceId& device) {
    return "device:" + device.hex();
}

std::string area_subject(const std::string& area) {
    return "area:" + area;
}

void HomeView::load() {
    const std::string own = std::string(kAnnouncedPrefix) + parts_.self.hex();
    for (const std::string_view prefix : {std::string_view("entity:"), std::string_view("device:")}) {
        for (const auto& fact : parts_.facts.query({.audience = std::nullopt,
                                .subject_prefix = std::string(prefix),
                                .attribute = std::nullopt,
                                .limit = capability::Directory::kEntitiesMax * 2})) {
            apply(fact.read(kHere), false);
            if (fact.read(kHere).key.attribute == own) {
                const std::string id = entity_of(fact.read(kHere).key);
                from_before_[id] = id.substr(0, id.find('/'));
            }
            if (is_given(fact.read(kHere).key)) {
                apply_given(entity_of(fact.read(kHere).key));
            }
        }
    }
}

void HomeView::apply_given(const std::string& entity_id) {
    const std::string subject = entity_subject(entity_id);
    parts_.directory.set_given(
        entity_id, {household_text(subject, kNameAttribute), household_text(subject, kAreaAttribute)});
    home_.reset();
}

bool HomeView::on_change(const facts::Change& change) {
    const facts::Fact& fact = change.fact.read(kHere);
    if (fact.key.attribute == kFloorAttribute && fact.key.subject.starts_with("area:")) {
        home_.reset();
    }
    if (is_given(fact.key)) {
        apply_given(entity_of(fact.key));
    }
    const bool mine =
        fact.key.attribute.starts_with(kAnnouncedPrefix) || fact.key.attribute.starts_with(kRungPrefix);
    if (mine) {
        apply(fact, change.kind == facts::Draft::Kind::Delete);
    }
    return mine;
}

void HomeView::apply(const facts::Fact& fact, bool gone) {
    const auto* json = std::get_if<facts::Json>(&fact.value);
    if (json == nullptr || parts_.roster->device(fact.source) == nullptr) {
        return;
    }
    std::optional<Error> problem;
    if (fact.key.attribute.starts_with(kAnnouncedPrefix)) {
        home_.reset();
        const auto entity = capability::decode_entity(json->text);
        if (!entity) {
            problem = entity.error();
        } else if (gone) {
            parts_.directory.withdraw(fact.source, entity->id);
        } else if (const auto taken = parts_.directory.announce(fact.source, *entity); !taken) {
            problem = taken.error();
        }
    } else if (fact.key.attribute.starts_with(kRungPrefix)) {
        home_.reset();
        const auto rung = capability::decode_rung(json->text);
        if (!rung) {
            problem = rung.error();
        } else if (gone) {
            parts_.directory.withdraw_rung(fact.source, rung->capability, rung->name);
        } else if (const auto taken = parts_.directory.announce_rung(fact.source, *rung); !taken) {
            problem = taken.error();
        }
    }
    if (problem) {
        parts_.health.bad("announced." + fact.source.short_hex(), *problem);
    }
}

std::string HomeView::text_written(const facts::Key& key) const {
    const auto recent = written_.find(key);
    if (recent != written_.end() && recent->second.id > parts_.facts.durable_write()) {
        return recent->second.json;
    }
    const auto known = parts_.facts.get(key);
    const auto* value = known ? std::get_if<facts::Json>(&known->read(kHere).value) : nullptr;
    return value == nullptr ? std::string() : value->text;
}

bool HomeView::put_if_new(const facts::Key& key, const std::string& json, Now now) {
    if (text_written(key) == json) {
        return true;
    }
    facts::Draft draft;
    draft.key = key;
    draft.value = facts::Json{json};
    draft.time = now.wall;
    return write(draft, now);
}

bool HomeView::erase(const facts::Key& key, Now now) {
    facts::Draft draft;
    draft.kind = facts::Draft::Kind::Delete;
    draft.key = key;
    draft.time = now.wall;
    return text_written(key).empty() || write(draft, now);
}

bool HomeView::write(const facts::Draft& draft, Now now) {
    const auto written = parts_.facts.put(draft, now);
    if (!written && written.error().code == ErrorCode::FactsBusy) {
        return false;
    }
    if (!written) {
        parts_.health.bad("facts.write", written.error());
        return true;
    }
    const auto* json = std::get_if<facts::Json>(&draft.value);
    written_[draft.key] = {*written, json == nullptr ? "" : json->text};
    return true;
}

void HomeView::on_entity(const capability::Entity& entity, Now now) {
    home_.reset();
    if (const auto taken = parts_.directory.announce(parts_.self, entity); !taken) {
        parts_.health.bad("entities", taken.error());
        return;
    }
    unwritten_.erase(entity.id);
    from_before_.erase(entity.id);
    if (!write_entity(entity, now)) {
        unwritten_.emplace(entity.id, entity);
    }
}

bool HomeView::write_entity(const capability::Entity& entity, Now now) {
    return put_if_new(
        {privacy::Household{}, entity_subject(entity.id), std::string(kAnnouncedPrefix) + parts_.self.hex()},
        capability::encode_entity(entity), now);
}

void HomeView::write_rest(Now now) {
    std::erase_if(written_, [durable = parts_.facts.durable_write()](const auto& one) {
        return one.second.id <= durable;
    });
    while (!unwritten_.empty()) {
        const auto& [id, entity] = *unwritten_.begin();
        if (!(entity ? write_entity(*entity, now) : write_gone(id, now))) {
            return;
        }
        unwritten_.erase(unwritten_.begin());
    }
}

void HomeView::announce_rung(const capability::Rung& rung, Now now) {
    home_.reset();
    if (const auto taken = parts_.directory.announce_rung(parts_.self, rung); !taken) {
        parts_.health.bad("rungs", taken.error());
        return;
    }
    put_if_new({privacy::Household{}, device_subject(parts_.self),
                std::string(kRungPrefix) + rung.capability + "/" + rung.name},
               capability::encode_rung(rung), now);
}

void HomeView::withdraw_rung(const capability::Rung& rung, Now now) {
    const facts::Key key{privacy::Household{}, device_subject(parts_.self),
                         std::string(kRungPrefix) + rung.capability + "/" + rung.name};
    if (text_written(key).empty()) {
        return;
    }
    parts_.directory.withdraw_rung(parts_.self, rung.capability, rung.name);
    if (!erase(key, now)) {
        parts_.health.bad("facts.write", {ErrorCode::FactsBusy, "the rung " + rung.name});
    }
}

void HomeView::announce_version(const std::string& version, Now now) {
    put_if_new({privacy::Household{}, device_subject(parts_.self), std::string(kVersionAttribute)},
               nlohmann::json(version).dump(), now);
}

DeviceReport HomeView::report(const DeviceId& device, Now now) const {
    // Only what the device says about itself counts.
    const auto said = [&](const facts::Fact& fact, std::string_view attribute) {
        const auto* json = std::get_if<facts::Json>(&fact.value);
        const bool its_own = fact.source == device && fact.key.subject == device_subject(device) &&
                             fact.key.attribute == attribute && json != nullptr;
        return its_own ? nlohmann::json::parse(json->text, nullptr, false) : nlohmann::json();
    };
    DeviceReport report;
    const auto kept =
        parts_.facts.get({privacy::Household{}, device_subject(device), std::string(kVersionAttribute)});
    if (kept) {
        const nlohmann::json version = said(kept->read(kHere), kVersionAttribute);
        report.version = version.is_string() ? version.get<std::string>() : "";
    }
    for (const auto& labelled : parts_.fleeting.query(device_subject(device), now)) {
        const nlohmann::json battery = said(labelled.read(kHere), kBatteryAttribute);
        if (battery.is_number_integer()) {
            report.battery_pct = battery.get<int>();
        }
    }
    return report;
}

void HomeView::on_entity_gone(const std::string& entity_id, Now now) {
    home_.reset();
    parts_.directory.withdraw(parts_.self, entity_id);
    unwritten_.erase(entity_id);
    from_before_.erase(entity_id);
    if (!write_gone(entity_id, now)) {
        unwritten_.emplace(entity_id, std::nullopt);
    }
}

bool HomeView::write_gone(const std::string& entity_id, Now now) {
    return erase(
        {privacy::Household{}, entity_subject(entity_id), std::string(kAnnouncedPrefix) + parts_.self.hex()},
        now);
}

void HomeView::on_state(const std::string& entity_id,
                        const std::string& state_json,
                        bool available,
                        Now now) {
    const nlohmann::json value = {{"state", nlohmann::json::parse(state_json, nullptr, false)},
                                  {"available", available}};
    const facts::Key key{privacy::Household{}, entity_subject(entity_id), std::string(kStateAttribute)};
    const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (const auto kept = parts_.fleeting.put(key, facts::Json{text}, now.wall, kStateLife, now); !kept) {
        parts_.health.bad("states", kept.error());
    }
}

void HomeView::repeat_states(Now now) {
    repeats_at_ = repeats_at_.value_or(now.mono + kRepeatStatesEvery);
    if (now.mono < *repeats_at_) {
        return;
    }
    repeats_at_ = now.mono + kRepeatStatesEvery;
    for (const auto& labelled : parts_.fleeting.query(kEntityPrefix, now)) {
        const facts::Fact& fact = labelled.read(kHere);
        if (fact.source == parts_.self && fact.key.attribute == kStateAttribute &&
            parts_.directory.announced_by(parts_.self, entity_of(fact.key))) {
            (void)parts_.fleeting.put(fact.key, fact.value, fact.time, kStateLife, now);  // it fitted before
        }
    }
}

void HomeView::on_available(const std::string& source, bool available) {
    parts_.directory.set_available(parts_.self, source, available);
    if (available) {
        available_since_.try_emplace(source, std::nullopt);
    } else {
        available_since_.erase(source);
    }
}

bool HomeView::is_forgotten(const std::string& source, bool has_provider, Now now) const {
    const auto there = available_since_.find(source);
    const auto since =
        has_provider ? (there == available_since_.end() ? std::nullopt : there->second) : began_;
    return since && now.mono - *since >= kForgottenAfter;
}

void HomeView::withdraw_forgotten(const std::function<bool(const std::string& source)>& has_provider,
                                  Now now) {
    if (from_before_.empty()) {
        return;
    }
    began_ = began_.value_or(now.mono);
    for (auto& [source, since] : available_since_) {
        since = since.value_or(now.mono);
    }
    std::vector<std::string> forgotten;
    for (const auto& [id, source] : from_before_) {
        if (is_forgotten(source, has_provider(source), now)) {
            forgotten.push_back(id);
        }
    }
    for (const std::string& id : forgotten) {
        on_entity_gone(id, now);
    }
}

std::optional<EntityState> HomeView::state(const std::string& entity_id, Now now) const {
    std::optional<EntityState> newest;
    const std::string subject = entity_subject(entity_id);
    for (const auto& labelled : parts_.fleeting.query(subject, now)) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto* json = std::get_if<facts::Json>(&fact.value);
        const bool alive = fact.source == parts_.self || parts_.links.is_up(fact.source);
        if (fact.key.subject != subject || fact.key.attribute != kStateAttribute || json == nullptr ||
            !alive || (newest && newest->time >= fact.time)) {
            continue;
        }
        const nlohmann::json value = nlohmann::json::parse(json->text, nullptr, false);
        if (value.is_object() && value.contains("state") && value["state"].is_object()) {
            newest = EntityState{value["state"].dump(), flag_at(value, "available"), fact.time};
        }
    }
    return newest;
}

const language::Home& HomeView::home() const {
    if (!home_) {
        std::vector<language::HomeEntity> entities;
        for (const capability::Entity* entity : parts_.directory.find({})) {
            entities.push_back({entity->id, entity->name, entity->area, entity->domain, entity->aliases,
                                entity->capabilities, entity->device_class});
        }
        home_ = std::make_unique<language::Home>(std::move(entities), places());
    }
    return *home_;
}

language::Places HomeView::places() const {
    language::Places places;
    for (const auto& labelled : parts_.facts.query({.audience = privacy::Household{},
                                .subject_prefix = "area:",
                                .attribute = std::string(kFloorAttribute),
                                .limit = language::kAreasMax})) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto* floor = std::get_if<std::string>(&fact.value);
        if (floor != nullptr && !floor->empty()) {
            places.floor_of_area[fact.key.subject.substr(area_subject("").size())] = *floor;
        }
    }
    for (const capability::Descriptor& descriptor : capability::builtin_capabilities()) {
        if (!descriptor.needs_entity && !parts_.directory.offering(descriptor.name, *parts_.roster).empty()) {
            places.offered.push_back(descriptor.name);
        }
    }
    return places;
}

std::string HomeView::household_text(const std::string& subject, std::string_view attribute) const {
    const auto fact = parts_.facts.get({privacy::Household{}, subject, std::string(attribute)});
    const auto* text = fact ? std::get_if<std::string>(&fact->read(kHere).value) : nullptr;
    return text == nullptr ? std::string() : *text;
}

std::string HomeView::area_of(const DeviceId& device) const {
    return household_text(device_subject(device), kAreaAttribute);
}

bool HomeView::fahrenheit() const {
    return household_text("household", "units") == "imperial";
}

}  // namespace ambit::node

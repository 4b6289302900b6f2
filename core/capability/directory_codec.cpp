// Entities and rungs as JSON values of facts.
#include <cmath>

#include <nlohmann/json.hpp>

#include "capability/directory.h"

namespace ambit::capability {

namespace {

using nlohmann::json;

constexpr std::size_t kDescriptionMax = 16 * 1024;
constexpr std::size_t kTextMax = 256;
constexpr std::size_t kListMax = 32;

Error bad(const std::string& what) {
    return {ErrorCode::BadDescriptor, what};
}

Result<json> parse_object(std::string_view text) {
    if (text.size() > kDescriptionMax) {
        return bad("longer than 16 KiB");
    }
    json object = json::parse(text, nullptr, false);
    if (!object.is_object()) {
        return bad("expected a JSON object");
    }
    return object;
}

Result<std::string> text_at(const json& object, const char* name, bool required) {
    const auto found = object.find(name);
    if (found == object.end() && !required) {
        return std::string();
    }
    if (found == object.end() || !found->is_string() ||
        found->get_ref<const std::string&>().size() > kTextMax ||
        (required && found->get_ref<const std::string&>().empty())) {
        return bad(std::string(name) + ": expected a short text");
    }
    return found->get<std::string>();
}

Result<std::vector<std::string>> texts_at(const json& object, const char* name) {
    std::vector<std::string> texts;
    const auto found = object.find(name);
    if (found == object.end()) {
        return texts;
    }
    if (!found->is_array() || found->size() > kListMax) {
        return bad(std::string(name) + ": expected a list of at most 32 texts");
    }
    for (const auto& item : *found) {
        if (!item.is_string() || item.get_ref<const std::string&>().size() > kTextMax) {
            return bad(std::string(name) + ": expected short texts");
        }
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

Result<double> number_at(const json& object, const char* name, double fallback) {
    const auto found = object.find(name);
    if (found == object.end()) {
        return fallback;
    }
    if (!found->is_number() || !std::isfinite(found->get<double>()) || found->get<double>() < 0) {
        return bad(std::string(name) + ": expected a number, 0 or more");
    }
    return found->get<double>();
}

// Names come from sources that need not speak UTF-8.
std::string dump(const json& object) {
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string encode_entity(const Entity& entity) {
    json object = {{"id", entity.id},
                   {"source", entity.source},
                   {"name", entity.name},
                   {"area", entity.area},
                   {"domain", entity.domain},
                   {"aliases", entity.aliases},
                   {"capabilities", entity.capabilities}};
    if (!entity.device_class.empty()) {
        object["device_class"] = entity.device_class;
    }
    // Left out where unknown, so that entities without them read as they always did.
    if (!entity.floor.empty()) {
        object["floor"] = entity.floor;
    }
    if (!entity.twin.empty()) {
        object["twin"] = entity.twin;
    }
    return dump(object);
}

Result<Entity> decode_entity(std::string_view text) {
    AMBIT_TRY_ASSIGN(const json object, parse_object(text));
    Entity entity;
    AMBIT_TRY_ASSIGN(entity.id, text_at(object, "id", true));
    AMBIT_TRY_ASSIGN(entity.source, text_at(object, "source", true));
    AMBIT_TRY_ASSIGN(entity.name, text_at(object, "name", true));
    AMBIT_TRY_ASSIGN(entity.area, text_at(object, "area", false));
    AMBIT_TRY_ASSIGN(entity.domain, text_at(object, "domain", true));
    AMBIT_TRY_ASSIGN(entity.aliases, texts_at(object, "aliases"));
    AMBIT_TRY_ASSIGN(entity.capabilities, texts_at(object, "capabilities"));
    AMBIT_TRY_ASSIGN(entity.device_class, text_at(object, "device_class", false));
    AMBIT_TRY_ASSIGN(entity.floor, text_at(object, "floor", false));
    AMBIT_TRY_ASSIGN(entity.twin, text_at(object, "twin", false));
    if (!entity.id.starts_with(entity.source + "/")) {
        return bad("id: expected <source>/<unique id>");
    }
    return entity;
}

std::string encode_rung(const Rung& rung) {
    return dump({{"capability", rung.capability},
                 {"name", rung.name},
                 {"quality", rung.quality},
                 {"cost_ms", rung.cost_ms}});
}

Result<Rung> decode_rung(std::string_view text) {
    AMBIT_TRY_ASSIGN(const json object, parse_object(text));
    Rung rung;
    AMBIT_TRY_ASSIGN(rung.capability, text_at(object, "capability", true));
    AMBIT_TRY_ASSIGN(rung.name, text_at(object, "name", true));
    AMBIT_TRY_ASSIGN(rung.quality, number_at(object, "quality", 1.0));
    AMBIT_TRY_ASSIGN(rung.cost_ms, number_at(object, "cost_ms", 0.0));
    if (rung.quality > 1) {
        return bad("quality: expected 0 to 1");
    }
    return rung;
}

}  // namespace ambit::capability

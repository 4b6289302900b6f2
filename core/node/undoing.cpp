#include "node/undoing.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "capability/descriptor.h"
#include "node/conversation.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

using nlohmann::json;

constexpr privacy::Here kHere{"undo"};

// A `last_action` that may be taken back.
struct Action {
    facts::Hlc order;
    json value;
    std::string entity;
    RequestId request;
};

Error cannot(std::string why) {
    return {ErrorCode::CannotUndo, std::move(why)};
}

// What this device knows of how `request` was asked for.
json asked_for(const Parts& parts, const privacy::NamedAudience& of, const RequestId& request) {
    for (const privacy::NamedAudience& audience : {of, privacy::NamedAudience(privacy::Household{})}) {
        const auto fact = parts.facts.get({audience, request_subject(request), std::string(kAskedAttribute)});
        const auto* text = fact ? std::get_if<facts::Json>(&fact->read(kHere).value) : nullptr;
        if (text != nullptr) {
            return json::parse(text->text, nullptr, false);
        }
    }
    return json::object();
}

std::vector<Action> actions_known(const Parts& parts) {
    std::vector<Action> out;
    for (const auto& labelled : parts.facts.query({.audience = std::nullopt,
                                .subject_prefix = "entity:",
                                .attribute = std::string(kLastActionAttribute),
                                .limit = capability::Directory::kEntitiesMax})) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto* text = std::get_if<facts::Json>(&fact.value);
        json value = json::parse(text == nullptr ? "" : text->text, nullptr, false);
        const auto request = RequestId::from_hex(text_at(value, "request"));
        if (request) {
            out.push_back({fact.order, std::move(value),
                           fact.key.subject.substr(std::string_view("entity:").size()), *request});
        }
    }
    return out;
}

Undoing step_for(const Action& action) {
    const auto before = action.value.find("before");
    const auto input = action.value.find("input");
    const std::string capability = text_at(action.value, "capability");
    return {action.request, capability, action.entity,
            undo_input(capability, input == action.value.end() ? "{}" : input->dump(),
                       before == action.value.end() ? "" : before->dump())};
}

bool was_asked_here(const Parts& parts, const json& action) {
    const auto person = parts.person();
    return text_at(action, "asked_by") == parts.self.hex() ||
           (person && text_at(action, "person") == person->hex());
}

}  // namespace

Result<std::string> undo_input(const std::string& capability,
                               const std::string& input_json,
                               const std::string& before_json) {
    AMBIT_TRY_ASSIGN(const capability::Descriptor* descriptor, capability::find_capability(capability));
    if (descriptor->effect != capability::Effect::Absolute) {
        return cannot("it happens once each time: " + capability);
    }
    const json input = json::parse(input_json, nullptr, false);
    const json before = json::parse(before_json, nullptr, false);
    if (!input.is_object() || !before.is_object()) {
        return cannot("how it was before is not known");
    }
    const json properties =
        json::parse(descriptor->input.text(), nullptr, false).value("properties", json::object());
    const bool comes_on = input.contains("on") && before.value("on", json()) == true;
    json back = json::object();
    for (const auto& [name, schema] : properties.items()) {
        // What is switched on again gets all it had; else only what was changed comes back.
        if (before.contains(name) && (input.contains(name) || comes_on)) {
            back[name] = before[name];
        }
    }
    if (input.contains("on") && before.value("on", json()) == false) {
        back = {{"on", false}};
    }
    if (back.contains("color_rgb")) {
        back.erase("color_temp_k");
    }
    if ((input.contains("open") || input.contains("position_pct")) && before.contains("position_pct")) {
        back = {{"position_pct", before["position_pct"]}};
    }
    std::string text = back.dump();
    if (back.empty() || !descriptor->input.check(view_of(text))) {
        return cannot("how it was before is not known");
    }
    return text;
}

Result<std::vector<Undoing>> undoing(const Parts& parts,
                                     const privacy::NamedAudience& of,
                                     const std::string& id) {
    std::vector<Action> actions = actions_known(parts);
    if (of != parts.home_audience()) {
        std::erase_if(actions,
                      [&](const Action& action) { return asked_for(parts, of, action.request).empty(); });
    }
    std::vector<Undoing> steps;
    if (!id.empty()) {
        for (const Action& action : actions) {
            if (action.request.hex().starts_with(id)) {
                steps.push_back(step_for(action));
            }
        }
        return steps.size() == 1 ? Result<std::vector<Undoing>>(std::move(steps))
                                 : cannot("no one thing was last changed by \"" + id + "\"");
    }
    std::stable_sort(actions.begin(), actions.end(),
                     [](const Action& a, const Action& b) { return b.order < a.order; });
    std::string turn;
    for (const Action& action : actions) {
        const json asked = asked_for(parts, of, action.request);
        if (!was_asked_here(parts, action.value) || !text_at(asked, "undoes").empty()) {
            continue;
        }
        const std::string its_turn = text_at(asked, "turn");
        if (steps.empty() || (!turn.empty() && its_turn == turn)) {
            turn = its_turn;
            steps.push_back(step_for(action));
        }
    }
    return steps.empty() ? Result<std::vector<Undoing>>(cannot("nothing was done from here that is known"))
                         : std::move(steps);
}

}  // namespace ambit::node

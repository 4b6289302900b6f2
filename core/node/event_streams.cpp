#include "node/event_streams.h"

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"local API: the person at this device"};

Json gone_json(const facts::Key& key, const Parts& parts) {
    return {{"subject", key.subject},
            {"attribute", key.attribute},
            {"audience", audience_text(key.audience, *parts.roster)}};
}

}  // namespace

bool FactMatch::fits(const facts::Key& key) const {
    const bool subject =
        whole_subject ? key.subject == subject_prefix : key.subject.starts_with(subject_prefix);
    return subject && (attribute.empty() || key.attribute == attribute) &&
           (!audience || key.audience == *audience);
}

EventStreams::EventStreams(Node& node) : node_(node) {
    node_.add_watcher(*this);
}

EventStreams::~EventStreams() {
    node_.remove_watcher(*this);
}

void EventStreams::watch(const Reply& reply, const Viewer& viewer, std::optional<FactMatch> match) {
    auto stream = std::make_shared<Stream>(Stream{reply, viewer, std::move(match), false});
    // Weak: the stream holds the reply, and the reply holds this callback.
    reply->on_closed([weak = std::weak_ptr(stream)] {
        if (const auto closed = weak.lock()) {
            closed->gone = true;
        }
    });
    streams_.push_back(stream);
}

void EventStreams::watch_events(const Reply& reply, const Viewer& viewer) {
    watch(reply, viewer, std::nullopt);
    // The first event starts the stream, so that the reader knows it misses nothing from here on.
    (void)reply->event("roster", dump({{"roster_version", node_.parts().roster->version.hex()}}));
}

void EventStreams::watch_facts(const Reply& reply, const Viewer& viewer, FactMatch match) {
    watch(reply, viewer, std::move(match));
}

void EventStreams::tell(std::string_view name, const Json& data, const privacy::NamedAudience& audience) {
    const std::string text = dump(data);
    const privacy::Label label{privacy::Audience(audience), privacy::Trust::Trusted};
    for (const auto& stream : streams_) {
        if (!stream->facts && !stream->gone && stream->viewer.may_see(label, node_.parts())) {
            stream->gone = !stream->reply->event(name, text);
        }
    }
    sweep();
}

void EventStreams::sweep() {
    std::erase_if(streams_, [](const auto& stream) { return stream->gone; });
}

void EventStreams::tell_request(const Json& data, const privacy::NamedAudience& audience) {
    tell("request", data, audience);
}

void EventStreams::stop() {
    for (const auto& stream : streams_) {
        if (!stream->gone) {
            stream->reply->end();
        }
    }
    streams_.clear();
}

std::optional<WallTime> EventStreams::last_seen(const DeviceId& peer) const {
    const auto at = last_seen_.find(peer);
    return at == last_seen_.end() ? std::nullopt : std::optional(at->second);
}

void EventStreams::on_fact(const facts::LabelledFact& labelled, bool gone) {
    const facts::Fact& fact = labelled.read(kHere);
    const std::string text = dump(gone ? gone_json(fact.key, node_.parts()) : fact_json(fact, node_.parts()));
    for (const auto& stream : streams_) {
        if (!stream->gone && (!stream->facts || stream->facts->fits(fact.key)) &&
            stream->viewer.may_see(labelled.label(), node_.parts())) {
            stream->gone = !stream->reply->event(gone ? "gone" : "fact", text);
        }
    }
    sweep();
    if (gone || fact.key.attribute != kLastActionAttribute || fact.source == node_.parts().self) {
        return;
    }
    const Json value = value_json(fact.value);
    if (value.is_object()) {
        tell("request",
             {{"request_id", text_or(value, "request", "")},
              {"outcome", text_or(value, "outcome", "unknown")},
              {"capability", text_or(value, "capability", "")},
              {"entity", fact.key.subject.substr(fact.key.subject.find(':') + 1)}},
             fact.key.audience);
    }
}

void EventStreams::on_peer(const DeviceId& peer, bool up) {
    last_seen_[peer] = node_.now().wall;
    tell("peer", {{"device", device_name(peer, *node_.parts().roster)}, {"up", up}}, privacy::Household{});
}

void EventStreams::on_health(const capability::HealthItem& item) {
    // What is wrong here may name what is somebody's own.
    tell("health", health_json(item), node_.parts().home_audience());
}

void EventStreams::on_pending_changed() {
    for (const request::Pending& pending : node_.parts().confirmations.pending()) {
        tell("pending", pending_json(pending, node_), node_.parts().home_audience());
    }
}

void EventStreams::on_roster_changed() {
    std::erase_if(last_seen_,
                  [&](const auto& seen) { return node_.parts().roster->device(seen.first) == nullptr; });
    tell("roster", {{"roster_version", node_.parts().roster->version.hex()}}, privacy::Household{});
}

Json health_json(const capability::HealthItem& item) {
    Json json = {{"key", item.key}, {"ok", item.ok}};
    if (item.ok) {
        json["text"] = item.error.detail;
        return json;
    }
    const ErrorEntry& row = describe(item.error.code);
    json["text"] =
        item.error.detail.empty() ? std::string(row.text) : std::string(row.text) + ": " + item.error.detail;
    json["next_step"] = row.next_step;
    json["error"] = error_member(item.error);
    return json;
}

Json pending_json(const request::Pending& pending, Node& node) {
    const Parts& parts = node.parts();
    const Now now = node.now();
    const std::string& entity_name = pending.ask.entity_name;
    Json json = {{"id", pending.ask.request.short_hex()},
                 {"text", say_done(entity_name.empty() ? pending.ask.entity : entity_name,
                                   pending.ask.capability, to_text(pending.ask.input))},
                 {"capability", pending.ask.capability}};
    if (!entity_name.empty()) {
        json["entity_name"] = entity_name;
    }
    json["risk"] = "risky";
    json["asked_by"] = device_name(pending.asked_by, *parts.roster);
    const identity::Person* person = pending.ask.person ? parts.roster->person(*pending.ask.person) : nullptr;
    if (person != nullptr) {
        json["for"] = person->name;
    }
    const auto left = pending.expires - now.mono;
    const auto life = std::min<milliseconds>(request::Confirmations::kLife, pending.ask.expires_in);
    json["time"] = time_text(now.wall + left - life);
    json["expires"] = time_text(now.wall + left);
    json["here"] = request::may_confirm(parts.self, pending.ask.person, *parts.roster);
    return json;
}

}  // namespace ambit::node

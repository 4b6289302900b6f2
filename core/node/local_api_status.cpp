#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "node/local_api.h"

namespace ambit::node {
namespace {

constexpr seconds kPingEvery{1};

double ms(microseconds duration) {
    return static_cast<double>(duration.count()) / 1000.0;
}

// "mqtt" is every source of that kind, "mqtt:home" one.
bool is_of(const std::string& key, const std::string& source) {
    return key.starts_with(source) &&
           (key.size() == source.size() || key[source.size()] == ':' || key[source.size()] == ' ');
}

Json survey_json(const std::string& source, const capability::Survey& survey) {
    Json ignored = Json::array();
    for (const auto& [what, why] : survey.ignored) {
        ignored.push_back({{"what", what}, {"why", why}});
    }
    return {
        {"source", source}, {"from", survey.from}, {"used", survey.used}, {"ignored", std::move(ignored)}};
}

}  // namespace

void LocalApi::get_status(const api::Request& /*request*/, const Reply& reply, const Viewer& viewer) {
    Json json = {{"version", info_.version},
                 {"instance", info_.instance},
                 {"pid", info_.pid},
                 {"started", time_text(info_.started)}};
    const identity::Roster& roster = *parts_.roster;
    const identity::Device* me = parts_.me();
    if (me != nullptr) {
        json["household"] = household_json(roster);
        json["household"]["roster_version"] = roster.version.hex();
        json["household"]["people"] = roster.people.size();
        json["household"]["devices"] = roster.devices.size();
        json["household"]["admins"] = roster.admin_count();
        json["device"] = device_json(*me, roster);
    }
    if (!info_.listen.empty()) {
        json["listen"] = info_.listen;
    }
    if (!page_here_.empty()) {
        json["page"] = page_elsewhere_.empty() ? page_here_ : page_elsewhere_;
    }
    const auto up = parts_.links.peers_up().size();
    json["links"] = {{"up", up}, {"known", roster.devices.size() - (me != nullptr ? 1 : 0)}};
    json["entities"] = parts_.directory.size();
    json["pending"] = parts_.confirmations.pending().size();
    json["pairing"] = pairings_.under_way();
    if (viewer.client) {
        json["client"] = {{"name", viewer.client->name.substr(kClientPrefix.size())},
                          {"audience", audience_text(viewer.audience, roster)},
                          {"may_confirm", viewer.person.has_value()}};
    }
    const auto items = checks();
    const auto bad = std::count_if(items.begin(), items.end(), [](const auto& item) { return !item.ok; });
    json["health"] = {{"ok", static_cast<std::int64_t>(items.size()) - bad}, {"bad", bad}};
    reply->reply(dump(json));
}

// Health items, and what can be read off the household as it is.
std::vector<capability::HealthItem> LocalApi::checks() const {
    std::vector<capability::HealthItem> items;
    for (const auto& [key, item] : parts_.health.items()) {
        items.push_back(item);
    }
    const auto check = [&](const char* key, bool ok, ErrorCode code, const std::string& detail) {
        items.push_back({key, ok, {code, detail}});
    };
    const identity::Roster& roster = *parts_.roster;
    check("membership", parts_.me() != nullptr, ErrorCode::NotAMember,
          parts_.me() != nullptr ? "in " + roster.name : "this device was removed");
    const bool admins = roster.admin_count() > 1;
    check("admins", admins, ErrorCode::OneAdmin,
          admins ? std::to_string(roster.admin_count()) + " admins" : "");
    if (!parts_.health.items().contains("store")) {
        check("store", true, ErrorCode::StorageFailed, "writes are durable");
    }
    const std::size_t others = roster.devices.size() - (parts_.me() != nullptr ? 1 : 0);
    const std::size_t up = parts_.links.peers_up().size();
    check("links", up > 0 || others == 0, ErrorCode::PeerUnreachable,
          std::to_string(up) + " of " + std::to_string(others) + " devices reachable");
    check("roster", roster.unknown_critical == 0, ErrorCode::RosterTooNew, "household log");
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return !a.ok && b.ok; });
    return items;
}

void LocalApi::get_doctor(const api::Request& request, const Reply& reply) {
    const std::string source = query_text(request, "source");
    Json items = Json::array();
    for (const auto& item : checks()) {
        if (source.empty() || is_of(item.key, source)) {
            items.push_back(health_json(item));
        }
    }
    Json answer = {{"items", std::move(items)}};
    if (!source.empty()) {
        Json devices = Json::array();
        std::string others;
        bool known = false;
        for (const auto& [name, provider] : node_.actions().providers()) {
            others += (others.empty() ? "" : ", ") + name;
            if (is_of(name, source)) {
                known = true;
                for (const capability::Survey& survey : provider->survey()) {
                    devices.push_back(survey_json(name, survey));
                }
            }
        }
        if (!known) {
            return reply->fail(
                {ErrorCode::NoSuchThing, "\"" + printable(source, 64) + "\"; here are " + others});
        }
        answer["devices"] = std::move(devices);
    }
    reply->reply(dump(answer));
}

void LocalApi::get_events(const api::Request& /*request*/, const Reply& reply, const Viewer& viewer) {
    streams_.watch_events(reply, viewer);
}

void LocalApi::post_ping(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto device = device_in(body, *parts_.roster);
    if (!device) {
        return reply->fail(device.error());
    }
    auto run = std::make_shared<PingRun>();
    run->count = number_or(*body, "count", 4);
    const std::int64_t bytes = number_or(*body, "bytes", 256);
    if (run->count < 1 || run->count > kPingsMax || bytes < 0 || bytes > kPingBytesMax) {
        return reply->fail({ErrorCode::BadRequest, "\"count\": 1 to 1000; \"bytes\": 0 to 65536"});
    }
    if ((*device)->id == parts_.self) {
        return reply->fail({ErrorCode::BadRequest, "that is this device"});
    }
    if (pings_.size() >= kPingRunsMax) {
        return reply->fail({ErrorCode::LimitExceeded, "too many pings at once"});
    }
    run->reply = reply;
    run->peer = (*device)->id;
    run->bytes = static_cast<std::size_t>(bytes);
    reply->on_closed([run] { run->gone = true; });
    pings_.push_back(std::move(run));
}

void LocalApi::run_pings(Now now) {
    std::erase_if(pings_, [](const auto& run) { return run->gone; });
    const auto due = pings_;  // a pong may come at once
    for (const auto& run : due) {
        if (!run->waiting && now.mono >= run->next) {
            run->waiting = true;
            run->next = now.mono + kPingEvery;
            ++run->sent;
            node_.ping(run->peer, run->bytes,
                       [this, run](const Result<microseconds>& pong) { on_pong(run, pong); });
        }
    }
}

void LocalApi::on_pong(const std::shared_ptr<PingRun>& run, const Result<microseconds>& pong) {
    run->waiting = false;
    if (run->gone) {
        return;
    }
    Json said = {{"seq", run->sent}};
    if (pong) {
        ++run->received;
        run->least = run->received == 1 ? *pong : std::min(run->least, *pong);
        run->most = std::max(run->most, *pong);
        run->sum += *pong;
        said["rtt_ms"] = ms(*pong);
        said["via"] = "direct";
        for (const wire::PeerStatus& link : parts_.links.status()) {
            if (link.peer == run->peer && link.up) {
                said["address"] = link.remote.to_string();
            }
        }
    } else {
        said["error"] = error_member(pong.error());
    }
    run->gone = !run->reply->event(pong ? "pong" : "lost", dump(said));
    if (run->gone || run->sent < run->count) {
        return;
    }
    Json summary = {{"sent", run->sent}, {"received", run->received}};
    if (run->received > 0) {
        summary["min_ms"] = ms(run->least);
        summary["avg_ms"] = ms(run->sum) / static_cast<double>(run->received);
        summary["max_ms"] = ms(run->most);
    }
    (void)run->reply->event("summary", dump(summary));
    run->reply->end();
    run->gone = true;
}

}  // namespace ambit::node

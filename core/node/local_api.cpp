#include "node/local_api.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/recovery_wish.h"

namespace ambit::node {

LocalApi::LocalApi(Node& node,
                   DaemonInfo info,
                   PairingListenerPort& listener,
                   const identity::DeviceDescription& self)
    : node_(node),
      parts_(node.parts()),
      info_(std::move(info)),
      self_(self),
      pairings_(node, listener, self),
      streams_(node),
      tokens_(parts_) {}

void LocalApi::set_addresses(const std::string& listen, const std::vector<wire::Address>& addresses) {
    info_.listen = listen;
    pairings_.set_addresses(addresses);
    std::vector<std::string> texts;
    for (const wire::Address& address : addresses) {
        texts.push_back(address.to_string());
    }
    node_.recoveries().set_addresses(std::move(texts));
}

const std::vector<LocalApi::Route>& LocalApi::routes() {
    static const std::vector<Route> table = {
        {"GET", "status", &LocalApi::get_status},
        {"GET", "doctor", &LocalApi::get_doctor},
        {"GET", "events", &LocalApi::get_events},
        {"POST", "ping", &LocalApi::post_ping},
        {"POST", "pair", &LocalApi::post_pair},
        {"POST", "pair/answer", &LocalApi::post_pair_answer},
        {"DELETE", "pair", &LocalApi::delete_pair},
        {"POST", "recover", &LocalApi::post_recover},
        {"GET", "devices", &LocalApi::get_devices},
        {"POST", "devices/remove", &LocalApi::post_devices_remove},
        {"POST", "devices/rename", &LocalApi::post_devices_rename},
        {"POST", "devices/bind", &LocalApi::post_devices_bind},
        {"POST", "devices/bridge", &LocalApi::post_devices_bridge},
        {"POST", "devices/area", &LocalApi::post_devices_area},
        {"GET", "things", &LocalApi::get_things},
        {"POST", "things/area", &LocalApi::post_things_area},
        {"POST", "things/name", &LocalApi::post_things_name},
        {"GET", "areas", &LocalApi::get_areas},
        {"POST", "areas/floor", &LocalApi::post_areas_floor},
        {"GET", "bridges", &LocalApi::get_bridges},
        {"GET", "people", &LocalApi::get_people},
        {"POST", "people/remove", &LocalApi::post_people_remove},
        {"POST", "people/role", &LocalApi::post_people_role},
        {"GET", "facts", &LocalApi::get_facts},
        {"POST", "facts", &LocalApi::post_facts},
        {"GET", "facts/watch", &LocalApi::get_facts_watch},
        {"POST", "ask", &LocalApi::post_ask},
        {"POST", "undo", &LocalApi::post_undo},
        {"GET", "language/lessons", &LocalApi::get_lessons},
        {"POST", "language/lessons", &LocalApi::post_lessons},
        {"DELETE", "language/lessons/", &LocalApi::delete_lesson},
        {"POST", "language/test", &LocalApi::post_language_test},
        {"GET", "plan", &LocalApi::get_plan},
        {"GET", "why", &LocalApi::get_why},
        {"GET", "pending", &LocalApi::get_pending},
        {"POST", "confirm", &LocalApi::post_confirm},
        {"GET", "language", &LocalApi::get_language},
        {"POST", "language/import", &LocalApi::post_language_import},
        {"POST", "language/remove", &LocalApi::post_language_remove},
        {"GET", "ledger", &LocalApi::get_ledger},
        {"GET", "ledger/verify", &LocalApi::get_ledger_verify},
        {"GET", "release", &LocalApi::get_release},
        {"GET", "release/", &LocalApi::get_one_release},
        {"POST", "release", &LocalApi::post_release},
        {"POST", "release/simulate", &LocalApi::post_release_simulate},
        {"DELETE", "release/", &LocalApi::delete_release},
        {"GET", "token", &LocalApi::get_token},
        {"POST", "token", &LocalApi::post_token},
        {"DELETE", "token/", &LocalApi::delete_token},
    };
    return table;
}

const LocalApi::Route* LocalApi::route_of(const api::Request& request) {
    const auto route = std::find_if(routes().begin(), routes().end(), [&](const Route& candidate) {
        const bool path = candidate.path.ends_with('/') ? request.path.starts_with(candidate.path)
                                                        : request.path == candidate.path;
        return path && candidate.method == request.method;
    });
    return route == routes().end() ? nullptr : &*route;
}

Result<std::string> LocalApi::client_route(const api::Request& request) {
    const Route* route = route_of(request);
    if (route == nullptr || !std::holds_alternative<Viewed>(route->handler)) {
        return Error{ErrorCode::NoSuchPath, request.method + " " + request.path};
    }
    return std::string(route->path);
}

void LocalApi::handle(const api::Request& request, const Reply& reply) {
    handle_for(viewer_here(parts_), request, reply);
}

void LocalApi::handle_for(const Viewer& viewer, const api::Request& request, const Reply& reply) {
    const Route* route = route_of(request);
    if (route == nullptr) {
        reply->fail({ErrorCode::NoSuchPath, request.method + " " + request.path});
    } else if (parts_.me() == nullptr && route->path != "status" && route->path != "doctor") {
        reply->fail({ErrorCode::NoHousehold, "this device was removed from " + parts_.roster->name});
    } else if (parts_.storage_failure && request.method != "GET") {
        // Nothing new is begun: what leaves must be in the ledger first, and what is done in the journal.
        reply->fail(*parts_.storage_failure);
    } else if (const auto* viewed = std::get_if<Viewed>(&route->handler)) {
        (this->**viewed)(request, reply, viewer);
    } else if (viewer.client) {
        reply->fail({ErrorCode::NoSuchPath, request.method + " " + request.path});
    } else {
        (this->*std::get<Handler>(route->handler))(request, reply);
    }
    settle();
}

void LocalApi::settle() {
    node_.settle();
    const Now now = node_.now();
    while (!when_written_.empty() && when_written_.begin()->first <= parts_.facts.durable_write()) {
        const auto waiting = std::move(when_written_.begin()->second);
        when_written_.erase(when_written_.begin());
        waiting.callback();
    }
    if (parts_.storage_failure) {
        for (const auto& [write, waiting] : std::exchange(when_written_, {})) {
            waiting.reply->fail(*parts_.storage_failure);
        }
    }
    run_pings(now);
    pairings_.tick(now);
}

std::optional<MonoTime> LocalApi::next_deadline() const {
    std::optional<MonoTime> earliest = pairings_.next_deadline();
    for (const auto& run : pings_) {
        if (!run->waiting && (!earliest || run->next < *earliest)) {
            earliest = run->next;
        }
    }
    return earliest;
}

void LocalApi::stop() {
    pairings_.stop();
    streams_.stop();
    for (const auto& run : pings_) {
        run->reply->fail({ErrorCode::Stopping, ""});
        run->gone = true;
    }
}

void LocalApi::post_pair(const api::Request& request, const Reply& reply) {
    pairings_.start(request, reply);
}

void LocalApi::post_pair_answer(const api::Request& request, const Reply& reply) {
    pairings_.answer(request, reply);
}

void LocalApi::delete_pair(const api::Request& /*request*/, const Reply& reply) {
    pairings_.end(reply);
}

void LocalApi::post_recover(const api::Request& request, const Reply& reply) {
    const auto wish = recovery_wish(request);
    if (!wish) {
        return reply->fail(wish.error());
    }
    const Now now = node_.now();
    auto made = identity::make_recovery(parts_.log, wish->secret, parts_.key, self_, wish->owner,
                                        parts_.random, now.wall);
    if (!made) {
        return reply->fail(made.error());
    }
    (void)reply->event("words", dump(new_words_json(made->next_words)));
    const auto ticket = node_.membership().adopt(Result<Bytes>(std::move(made->operation)), now);
    if (!ticket) {
        return reply->fail(ticket.error());
    }
    (void)reply->event("waiting", dump({{"for", "store"}}));
    node_.when_durable(*ticket, [this, reply](const Result<void>& durable) {
        if (!durable) {
            return reply->fail(durable.error());
        }
        const identity::Device* me = parts_.me();
        (void)reply->event(
            "recovered",
            dump({{"household", household_json(*parts_.roster)},
                  {"device", me == nullptr ? Json::object() : device_json(*me, *parts_.roster)}}));
        reply->end();
    });
}

}  // namespace ambit::node

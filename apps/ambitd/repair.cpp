#include "ambitd/repair.h"

#include <nlohmann/json.hpp>

#include "ambitd/founding.h"
#include "store/store.h"

namespace ambit::daemon {
namespace {

// A store that this version can't read, or may not open, is not broken: moving it would lose it for nothing.
bool is_damage(const Error& reason) {
    return reason.code != ErrorCode::StoreNewer && reason.code != ErrorCode::StoreUnusable;
}

node::Json item_for(const Error& reason) {
    node::Json item = node::health_json({"store", false, reason});
    if (is_damage(reason)) {
        item["next_step"] =
            "Set it aside: `ambit repair`; then `ambit pair` on another device and `ambit join CODE` here "
            "bring back "
            "what the household shares.";
    }
    return item;
}

}  // namespace

Repair::Repair(const Paths& paths, node::DaemonInfo info, Error reason, std::function<void()> on_set_aside)
    : paths_(paths),
      info_(std::move(info)),
      reason_(std::move(reason)),
      on_set_aside_(std::move(on_set_aside)) {}

void Repair::handle(const api::Request& request, const Reply& reply) {
    const std::string what = request.method + " " + request.path;
    if (what == "GET status") {
        reply->reply(node::dump(idle_status(info_, false)));
    } else if (what == "GET doctor") {
        reply->reply(node::dump({{"items", node::Json::array({item_for(reason_)})}}));
    } else if (what == "POST repair" && is_damage(reason_)) {
        set_aside(reply);
    } else {
        reply->fail(reason_);
    }
}

void Repair::set_aside(const Reply& reply) {
    const auto moved = store::SqliteStore::set_aside(paths_.state_dir);
    if (!moved) {
        return reply->fail(moved.error());
    }
    reply->reply(node::dump({{"set_aside", *moved}}));
    on_set_aside_();
}

}  // namespace ambit::daemon

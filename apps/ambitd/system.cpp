#include "ambitd/system.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "ambitd/config_api.h"
#include "ambitd/notify.h"
#include "facts/settings.h"

namespace ambit::daemon {

System::System(Paths paths, settings::Loaded loaded, Log log)
    : paths_(std::move(paths)), loaded_(std::move(loaded)), log_(log) {
    info_.version = AMBIT_VERSION;
    info_.instance = paths_.instance;
    info_.pid = getpid();
    info_.started = Loop::now().wall;
}

System::~System() {
    // In reverse: nobody asks any more, then nobody is told any more, then what they borrowed goes.
    server_.reset();
    repair_.reset();
    founding_.reset();
    member_.reset();
    transport_.reset();
    store_.reset();
}

Result<void> System::start() {
    AMBIT_TRY(make_folders(paths_));
    AMBIT_TRY_ASSIGN(keys_, load_device_keys(paths_.state_dir, Loop::system_random()));
    AMBIT_TRY_ASSIGN(transport_, mesh::MeshTransport::create(loop_, keys_->signing));
    transport_->set_events(this);
    AMBIT_TRY(begin());
    server_ = std::make_unique<http::UnixServer>(
        loop_, paths_.socket,
        [this](const api::Request& request, const Reply& reply) { handle(request, reply); });
    return server_->start();
}

Result<void> System::begin() {
    const auto opened = open_store();
    if (opened) {
        return {};
    }
    if (opened.error().code == ErrorCode::StoreLocked) {
        return opened.error();  // the other daemon answers
    }
    // A daemon that isn't there can't say what is wrong.
    log_.error("store_unusable", {{"error", opened.error().message()}});
    member_.reset();
    store_.reset();
    repair_ = std::make_unique<Repair>(paths_, info_, opened.error(), [this] {
        // It is on the stack right now.
        loop_.post([repair = std::shared_ptr<Repair>(std::move(repair_))] {});
        log_.warn("store_set_aside", {});
        if (const auto begun = begin(); !begun) {
            log_.error("cannot_start", {{"error", begun.error().message()}});
            stop();
        }
    });
    return {};
}

Result<bool> System::open_file() {
    store_.reset();  // it has a lock
    AMBIT_TRY_ASSIGN(store_, store::SqliteStore::open({.folder = paths_.state_dir, .vfs = {}}, loop_));
    store_->set_events(this);
    bool in_household = false;
    AMBIT_TRY(store_->load_streams(node::kRosterStream,
                                   [&](const std::string& stream, std::uint64_t /*seq*/, ByteView /*item*/) {
                                       in_household = in_household || stream == node::kRosterStream;
                                   }));
    return in_household;
}

Result<void> System::open_store() {
    AMBIT_TRY_ASSIGN(const bool in_household, open_file());
    if (in_household) {
        AMBIT_TRY(become_member({}));
    } else {
        founding_ = std::make_unique<Founding>(
            loop_, *keys_, paths_, loaded_.settings, info_,
            [this](const Founding::Founded& founded, auto told) { found(founded, std::move(told)); },
            [this] { after_event(); });
    }
    return {};
}

void System::run() {
    loop_.post([this] {
        after_event();
        log_.info("ready", {{"instance", paths_.instance}, {"socket", paths_.socket}});
        notify("READY=1");
    });
    loop_.run([this] { stop(); });
    log_.info("stopped", {});
}

void System::handle(const api::Request& request, const Reply& reply) {
    const std::string what = request.method + " " + request.path;
    if (stopping_) {
        reply->fail({ErrorCode::Stopping, ""});
    } else if (what == "POST down") {
        reply->reply(R"({"stopping":true})");
        loop_.post([this] { stop(); });
    } else if (what == "GET config") {
        get_config(paths_.settings_file, *reply);
    } else if (what == "POST config") {
        post_config(paths_.settings_file, request, *reply);
    } else if (repair_) {
        repair_->handle(request, reply);
    } else if (what == "POST repair") {
        reply->fail({ErrorCode::InvalidArgument, "the store is in order: nothing to repair"});
    } else if (member_ && request.path.starts_with("household/")) {
        reply->fail({ErrorCode::HasHousehold, member_->node().parts().roster->name});
    } else if (member_) {
        member_->handle(request, reply);
    } else {
        founding_->handle(request, reply);
    }
    after_event();
}

void System::found(const Founding::Founded& founded, std::function<void(const Result<node::Json>&)> told) {
    if (store_failed_) {
        // Whoever tries again has made room, perhaps.
        const auto opened = open_file();
        if (!opened) {
            return told(opened.error());
        }
        if (*opened) {
            return told(
                Error{ErrorCode::HasHousehold, "the first try was stored after all; `ambit down` first"});
        }
        store_failed_ = false;
    }
    storage::Batch batch{storage::Append{std::string(node::kRosterStream), 1, founded.operations}};
    if (founded.keep_admin) {
        batch.emplace_back(storage::Put{kDaemonTable, "keep_admin", to_bytes("yes")});
    }
    founded_at_ = store_->commit(std::move(batch));
    on_founded_ = [this, founded, told = std::move(told)](const Result<void>& stored) {
        told(stored ? become_member(founded) : Result<node::Json>(stored.error()));
    };
}

identity::DeviceDescription System::describe_self() const {
    identity::DeviceDescription self;
    self.verify_key = keys_->signing.verify_key();
    self.seal_key = keys_->sealing.public_key();
    self.name = loaded_.settings.device_name;
    self.kind = loaded_.settings.device_kind;
    self.mains_powered = loaded_.settings.device_mains_powered;
    return self;
}

Result<node::Json> System::become_member(const Founding::Founded& founded) {
    // A founding has just written this device's name there.
    AMBIT_TRY_ASSIGN(loaded_, settings::load(paths_.settings_file));
    const Ground ground{loop_,   log_,        loaded_.settings, *keys_,
                        *store_, *transport_, paths_.state_dir, [this] { after_event(); }};
    auto member = std::make_unique<Member>(ground, info_, describe_self());
    AMBIT_TRY(member->start());
    node::Parts& parts = member->node().parts();
    const Now now = member->node().now();
    for (const Error& problem : loaded_.problems) {
        parts.health.bad("settings", problem);
    }
    if (founded.host) {
        for (const std::string& text : founded.host_addresses) {
            if (const auto address = wire::Address::parse(text)) {
                parts.links.add_hint(*founded.host, *address, now);
            }
        }
    }
    if (!founded.languages.empty()) {
        std::string list;
        for (const std::string& language : founded.languages) {
            list += (list.empty() ? "" : ",") + language;
        }
        AMBIT_TRY_ASSIGN(const facts::Draft draft, facts::household_setting("languages", list, now.wall));
        AMBIT_TRY(parts.facts.put(draft, now));
    }
    member_ = std::move(member);
    const identity::Device* me = parts.me();
    if (me == nullptr) {
        log_.warn("not_a_member", {{"household", parts.roster->name}});
    } else {
        log_.info("member", {{"device", me->name}, {"household", parts.roster->name}});
    }
    return node::Json{
        {"household", node::household_json(*parts.roster)},
        {"device", me == nullptr ? node::Json::object() : node::device_json(*me, *parts.roster)}};
}

void System::after_event() {
    if (settling_) {
        return;
    }
    settling_ = true;
    std::optional<MonoTime> wake;
    if (member_) {
        member_->settle();
        wake = member_->next_deadline();
    }
    if (founding_) {
        founding_->settle();
        if (const auto deadline = founding_->next_deadline()) {
            wake = wake ? std::min(*wake, *deadline) : *deadline;
        }
    }
    settling_ = false;
    if (founding_ && founding_->done()) {
        // It may be on the stack right now.
        loop_.post([founding = std::shared_ptr<Founding>(std::move(founding_))] {});
    }
    if (wake && !stopping_) {
        loop_.wake_at(*wake, [this] { after_event(); });
    }
}

void System::stop() {
    if (stopping_) {
        return;
    }
    stopping_ = true;
    log_.info("stopping", {});
    notify("STOPPING=1");
    loop_.wake_at(Loop::now().mono + kStopMax, [this] { loop_.stop(); });
    if (founding_) {
        founding_->stop();
    }
    if (member_) {
        member_->stop();
    }
    // Answers under way, then the links' goodbyes, then the end; the store writes what it has as it closes.
    server_->stop(std::chrono::duration_cast<milliseconds>(kStopMax) / 2,
                  [this] { transport_->stop([this] { loop_.stop(); }); });
}

void System::on_durable(storage::Ticket up_to) {
    if (on_founded_ && up_to >= founded_at_) {
        std::exchange(on_founded_, nullptr)({});
    } else if (member_) {
        member_->node().on_durable(up_to);
    }
    after_event();
}

void System::on_read(storage::ReadId id, Result<storage::Items> items) {
    if (member_) {
        member_->node().on_read(id, std::move(items));
    }
    after_event();
}

void System::on_storage_failed(const Error& error) {
    log_.error("store_failed", {{"error", error.message()}});
    if (member_) {
        member_->node().on_storage_failed(error);
    } else if (founding_) {
        store_failed_ = true;
        founding_->on_storage_failed(error);
        if (on_founded_) {
            std::exchange(on_founded_, nullptr)(error);
        }
    }
    after_event();
}

void System::on_link_up(const wire::LinkUp& up, Now now) {
    if (member_) {
        member_->node().on_link_up(up, now);
    }
    after_event();
}

void System::on_link_down(wire::LinkId link, const Error& reason, Now now) {
    if (member_) {
        member_->node().on_link_down(link, reason, now);
    }
    after_event();
}

void System::on_frame(wire::LinkId link, ByteView frame, Now now) {
    if (member_) {
        member_->node().on_frame(link, frame, now);
    }
    after_event();
}

void System::on_writable(wire::LinkId link, Now now) {
    if (member_) {
        member_->node().on_writable(link, now);
    }
    after_event();
}

void System::on_dial_failed(wire::DialId id, const Error& reason, Now now) {
    if (member_) {
        member_->node().on_dial_failed(id, reason, now);
    }
    after_event();
}

}  // namespace ambit::daemon

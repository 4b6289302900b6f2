#include "ambitd/schedule.h"

#include <nlohmann/json.hpp>

#include "ambitd/small_file.h"
#include "facts/settings.h"
#include "node/heard.h"
#include "node/json_members.h"

namespace ambit::daemon {
namespace {

constexpr milliseconds kLife = std::chrono::hours(24);

constexpr const char* kTold = "departure_told";

calendar::Settings calendar_settings(const settings::Settings& settings,
                                     const std::string& zone,
                                     const Result<std::string>& password) {
    calendar::Settings out;
    out.path = settings.calendar_path;
    out.zone = zone;
    out.own_addresses = settings.calendar_own_addresses;
    // Without its password it is not asked: whoever is refused too often is shut out.
    if (!settings.calendar_url.empty() && password) {
        out.server = calendar::ServerSettings{settings.calendar_url,
                                              {settings.calendar_user, *password, settings.calendar_ca_file},
                                              seconds(settings.calendar_every_s)};
    }
    return out;
}

}  // namespace

Schedule::Schedule(Loop& loop,
                   node::Node& node,
                   const PersonId& person,
                   const settings::Settings& settings,
                   std::function<void()> after_event)
    : node_(node),
      subject_("person:" + person.hex()),
      person_(person),
      after_event_(std::move(after_event)),
      told_(read_told(node.parts(), subject_)),
      alarm_(loop,
             [this] {
                 say(node_.now());
                 after_event_();
             }),
      password_(settings.calendar_password_file.empty() ? std::string()
                                                        : read_secret(settings.calendar_password_file)),
      calendar_(
          calendar_settings(settings, facts::household_settings(node.parts().facts).time_zone, password_),
          loop,
          [this](const std::shared_ptr<const calendar::Snapshot>& snapshot) {
              take(*snapshot);
              say(node_.now());
              after_event_();
          }) {
    wishes_.travel = agents::minutes(settings.departure_travel_min);
    wishes_.margin = agents::minutes(settings.departure_margin_min);
    wishes_.comfort_c = static_cast<double>(settings.departure_comfort_c);
}

std::optional<Schedule::Told> Schedule::read_told(const node::Parts& parts, const std::string& subject) {
    constexpr privacy::Here here{"schedule"};
    const auto kept = parts.facts.get({privacy::ThisDevice{parts.self}, subject, kTold});
    if (!kept) {
        return std::nullopt;
    }
    const nlohmann::json json = node::json_of(kept->read(here));
    const auto since = node::time_at(json, "since_ms");
    const auto value = json.is_object() && json.contains("value") ? json["value"] : nlohmann::json();
    const auto leaves = node::time_at(value, "leaves_ms");
    const auto appointment = node::time_at(value, "appointment_ms");
    if (!since || !leaves || !appointment) {
        return std::nullopt;  // none, or that there is none
    }
    return Told{value.dump(), *since, *leaves, *appointment};
}

void Schedule::keep_told(Now now) {
    node::keep_here(
        node_.parts(), subject_, kTold,
        nlohmann::json({{"value", nlohmann::json::parse(said_)}, {"since_ms", node::ms_of(since_)}}).dump(),
        now);
}

bool Schedule::stands(const std::optional<agents::Departure>& departure, WallTime now) const {
    return !known_ && told_ && told_->appointment > now && (!departure || departure->leaves > told_->leaves);
}

void Schedule::take(const calendar::Snapshot& snapshot) {
    known_ = known_ || (snapshot.unreadable.empty() && snapshot.asked && !snapshot.server && password_);
    if (snapshot.unreadable.empty() || !snapshot.occurrences.empty()) {
        appointments_.clear();
        for (const calendar::Occurrence& one : snapshot.occurrences) {
            agents::Appointment appointment;
            appointment.start = one.start;
            appointment.end = one.end;
            appointment.all_day = one.all_day;
            appointment.counts = !one.cancelled && !one.declined && !one.free;
            appointment.elsewhere = calendar::is_elsewhere(one.place);
            appointment.travel = one.travel;
            appointments_.push_back(appointment);
        }
    }
    // Where in a file a problem is may be said; what the entry is about may not.
    const auto item = [this](const char* key, const std::vector<calendar::Problem>& problems) {
        Error error;
        if (!problems.empty()) {
            error = problems.front().error;
            error.detail = problems.front().where + ": " + error.detail;
            if (problems.size() > 1) {
                error.detail += ", and " + std::to_string(problems.size() - 1) + " more";
            }
        }
        node_.on_health({key, problems.empty(), error});
    };
    item("calendar", snapshot.unreadable);
    item("calendar.entries", snapshot.problems);
    const std::optional<Error> server = password_ ? snapshot.server : password_.error();
    if (server || snapshot.asked) {
        node_.on_health({"calendar.server", !server, server.value_or(Error())});
    }
}

void Schedule::say(Now now) {
    alarm_.set(now.mono + kEvery);
    const auto departure = agents::next_departure(appointments_, wishes_, now.wall);
    const bool as_before = stands(departure, now.wall);
    if (!known_ && !departure && !as_before && said_.empty()) {
        return;  // there may be one in what was not read yet
    }
    nlohmann::json value = {{"leaves_ms", 0}, {"comfort_c", wishes_.comfort_c}};
    if (departure) {
        value["leaves_ms"] = node::ms_of(departure->leaves);
        value["comfort_c"] = departure->comfort_c;
        value["appointment_ms"] = node::ms_of(departure->appointment);
        value["travel_min"] = departure->travel.count();
    }
    std::string text = as_before ? told_->text : value.dump();
    if (text != said_) {
        // What stands since before the start became so then.
        since_ = as_before && said_.empty() ? told_->since : now.wall;
        said_ = std::move(text);
        // Something earlier takes no other's place before all was read.
        if (known_ || !told_ || told_->appointment <= now.wall) {
            keep_told(now);
        }
    } else if (now.mono < say_again_) {
        return;
    }
    say_again_ = now.mono + kSayAgain;
    const auto put = node_.put_fleeting({privacy::OnePerson{person_}, subject_, "departure"},
                                        facts::Json{said_}, since_, kLife);
    if (!put) {
        node_.on_health({"departure", false, put.error()});
    }
}

}  // namespace ambit::daemon

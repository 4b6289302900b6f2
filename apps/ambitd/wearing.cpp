#include "ambitd/wearing.h"

#include <nlohmann/json.hpp>

#include "node/heard.h"
#include "node/json_members.h"
#include "wearable/posted.h"

namespace ambit::daemon {
namespace {

constexpr privacy::Here kHere{"wearing"};
constexpr const char* kLearned = "body_learned";
constexpr const char* kSaid = "body_said";
constexpr const char* kHeart = "heart";
constexpr const char* kBody = "body_state";
constexpr const char* kHeartRate = "heart_rate";

}  // namespace

Wearing::Wearing(Loop& loop,
                 node::Node& node,
                 const PersonId& person,
                 const settings::Settings& settings,
                 std::function<void()> after_event)
    : node_(node),
      person_(person),
      subject_("person:" + person.hex()),
      since_(node.now().wall),
      alarm_(loop, [this, after = std::move(after_event)] {
          wake();
          after();
      }) {
    load();
    if (!settings.wearable_replay.empty()) {
        replay_.emplace(settings.wearable_replay, static_cast<double>(settings.wearable_replay_speed));
    } else {
        load_said(node_.now());
        if (settings.wearable_posted) {
            node_.posted().set(kHeartRate, [this](const std::string& value_json, Now now) {
                return take_posted(value_json, now);
            });
        }
        if (!settings.wearable_sensor.empty()) {
            start_sensor(loop, settings.wearable_sensor);
        }
    }
    alarm_.set(node_.now().mono);
}

Wearing::~Wearing() {
    node_.posted().set(kHeartRate, {});
}

void Wearing::load() {
    const node::Parts& parts = node_.parts();
    const auto kept = parts.facts.get({privacy::ThisDevice{parts.self}, subject_, kLearned});
    const auto* json = kept ? std::get_if<facts::Json>(&kept->read(kHere).value) : nullptr;
    if (json == nullptr) {
        return;
    }
    if (auto body = wearable::BodyState::decode(json->text)) {
        body_ = std::move(body).value();
    }
}

void Wearing::load_said(Now now) {
    const node::Parts& parts = node_.parts();
    const auto kept = parts.facts.get({privacy::ThisDevice{parts.self}, subject_, kSaid});
    const auto json = kept ? node::json_of(kept->read(kHere)) : nlohmann::json();
    const auto state = wearable::state_of(node::text_at(json, "state"));
    const auto since = node::time_at(json, "since_ms");
    const auto last = node::time_at(json, "last_ms");
    if (state && since && last && now.wall - *last <= kStandsAfterRestart) {
        said_ = *state;
        since_ = *since;
        stands_until_ = now.mono + kStandsAfterStart;
    }
}

void Wearing::wake() {
    const Now now = node_.now();
    if (replay_) {
        play(now);
    } else if (const auto minute = readings_.on_time(now.wall)) {
        take({{*minute}}, now);
    }
    body_.on_silence(replay_ ? replay_->at(now) : now.wall);
    say(now);
    keep_what_was_learned(now);
    alarm_.set(replay_ ? replay_->next_deadline() : now.mono + kEvery);
}

void Wearing::play(Now now) {
    for (const wearable::Beat& beat : replay_->take(now)) {
        if (const auto minute = played_.on_beat(beat.at, beat.interval_ms)) {
            take(*minute);
            show(*minute);
            say(now);
        }
    }
    const std::optional<Error>& problem = replay_->problem();
    node_.on_health({"wearable", !problem, problem.value_or(Error{})});
}

void Wearing::start_sensor(Loop& loop, const std::string& address) {
    wearable::Sensor::Events events;
    events.on_measurement = [this](const wearable::HeartMeasurement& measurement) {
        on_measurement(measurement);
    };
    events.on_state = [this](const Result<void>& state) {
        node_.on_health({"wearable.sensor", state.has_value(), state ? Error{} : state.error()});
    };
    sensor_ = wearable::Sensor::start(loop, address, std::move(events));
}

void Wearing::on_measurement(const wearable::HeartMeasurement& measurement) {
    if (!measurement.contact.value_or(true)) {
        return;  // what it then says is no heart's
    }
    const Now now = node_.now();
    const auto taken =
        readings_.take({{now.wall, measurement.beats_per_min, measurement.intervals_ms}}, now.wall);
    if (!taken.minutes.empty()) {
        take(taken, now);
        alarm_.set(now.mono);
    }
}

Result<std::string> Wearing::take_posted(const std::string& value_json, Now now) {
    AMBIT_TRY_ASSIGN(auto readings, wearable::read_posted(value_json, now.wall));
    const auto taken = readings_.take(std::move(readings), now.wall);
    take(taken, now);
    alarm_.set(now.mono);
    return nlohmann::json({{"taken", taken.taken}, {"left_out", taken.left_out}}).dump();
}

void Wearing::take(const wearable::Readings::Taken& taken, Now now) {
    // However much comes at once, and however long it was not there: what is so now is said, and only that.
    for (const wearable::Minute& minute : taken.minutes) {
        take(minute);
    }
    if (!taken.minutes.empty() && now.wall - taken.minutes.back().at <= wearable::BodyState::kGapMax) {
        show(taken.minutes.back());
    }
}

void Wearing::take(const wearable::Minute& minute) {
    body_.on_minute(minute);
    learned_ = true;
}

void Wearing::show(const wearable::Minute& minute) {
    nlohmann::json heart = {{"beats_per_min", minute.beats_per_min},
                            {"artefacts", minute.artefacts},
                            {"resting_beats_per_min", body_.now().resting_beats_per_min}};
    if (minute.rmssd_ms) {
        heart["rmssd_ms"] = *minute.rmssd_ms;
    }
    const auto put = node_.put_fleeting({privacy::ThisDevice{node_.parts().self}, subject_, kHeart},
                                        facts::Json{heart.dump()}, node_.now().wall, kLife);
    if (!put) {
        node_.on_health({"wearable.heart", false, put.error()});
    }
}

void Wearing::say(Now now) {
    const wearable::Reading& is = body_.now();
    const bool unknown = is.state == wearable::State::Unknown;
    const bool sure = unknown ? now.mono >= stands_until_ : is.confidence >= kSureMin;
    const bool differs = sure && is.state != said_;
    if (!differs && now.mono < say_again_) {
        return;
    }
    if (differs) {
        said_ = is.state;
        since_ = now.wall;
        keep_said(now);
    }
    say_again_ = now.mono + kSayAgain;
    const nlohmann::json value = {{"state", wearable::name_of(said_)}, {"confidence", is.confidence}};
    const auto put = node_.put_fleeting({privacy::OnePerson{person_}, subject_, kBody},
                                        facts::Json{value.dump()}, since_, kLife);
    if (!put) {
        node_.on_health({"wearable.state", false, put.error()});
    }
}

void Wearing::keep_what_was_learned(Now now) {
    if (!learned_ || now.mono < keep_again_) {
        return;
    }
    learned_ = false;
    keep_again_ = now.mono + kKeepEvery;
    keep_said(now);
    facts::Draft draft;
    draft.key = {privacy::ThisDevice{node_.parts().self}, subject_, kLearned};
    draft.value = facts::Json{body_.encode()};
    draft.time = now.wall;
    if (const auto written = node_.parts().facts.put(draft, now); !written) {
        node_.on_health({"wearable.learned", false, written.error()});
    }
}

void Wearing::keep_said(Now now) {
    node::keep_here(node_.parts(), subject_, kSaid,
                    nlohmann::json({{"state", wearable::name_of(said_)},
                                    {"since_ms", node::ms_of(since_)},
                                    {"last_ms", node::ms_of(now.wall)}})
                        .dump(),
                    now);
}

}  // namespace ambit::daemon

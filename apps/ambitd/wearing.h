// Wearing: on a person's watch or telephone, from their heartbeats to the one word that others may get to
// know.
//
// They come from a recording, which is then the only source, from a sensor, or as their apps post them.
// Every beat, what a minute of them comes to and what is usual for the person stay on this device.  What is
// written for the person's own devices is the fleeting fact `body_state`: a word, and how sure it is
// (docs/spec/agents.md section "Body state"); a rule of theirs may let the word out.
// Ownership: Ambient owns it; borrows the loop and the node.  Threads: the loop's.  Wakes itself.
// Failure: health items `wearable` and `wearable.sensor`.
#pragma once

#include "loop/alarm.h"
#include "node/node.h"
#include "settings/settings.h"
#include "wearable/minutes.h"
#include "wearable/readings.h"
#include "wearable/replay.h"
#include "wearable/sensor.h"

namespace ambit::daemon {

class Wearing {
  public:
    // A state less sure than this is not told; the one before stands.
    static constexpr double kSureMin = 0.25;
    // So often the same is said again, for devices that were away.
    static constexpr std::chrono::minutes kSayAgain{5};
    static constexpr milliseconds kLife = std::chrono::minutes(15);
    // So often time passes when nothing is heard.
    static constexpr seconds kEvery{15};
    // So long after a start what was said before it stands: it takes minutes of heartbeats to know better.
    static constexpr std::chrono::minutes kStandsAfterStart = wearable::BodyState::kGapMax;
    // A start so long after what was said last was kept goes on from there.
    static constexpr std::chrono::minutes kStandsAfterRestart{20};
    // So often what was learned of the person, and what was said of them, is kept.
    static constexpr std::chrono::minutes kKeepEvery{10};

    Wearing(Loop& loop,
            node::Node& node,
            const PersonId& person,
            const settings::Settings& settings,
            std::function<void()> after_event);
    ~Wearing();
    Wearing(const Wearing&) = delete;
    Wearing& operator=(const Wearing&) = delete;

  private:
    void load();
    void load_said(Now now);
    void wake();
    void play(Now now);
    void start_sensor(Loop& loop, const std::string& address);
    void on_measurement(const wearable::HeartMeasurement& measurement);
    // What an app posted; returns what to answer.
    Result<std::string> take_posted(const std::string& value_json, Now now);
    void take(const wearable::Readings::Taken& taken, Now now);
    void take(const wearable::Minute& minute);
    // The numbers of the last minute, for this device's person.
    void show(const wearable::Minute& minute);
    // Says how the person is, if that differs or was said long ago.
    void say(Now now);
    void keep_what_was_learned(Now now);
    // Over a restart, so that the same word since the same time remains one cause for those who act on it.
    void keep_said(Now now);

    node::Node& node_;
    PersonId person_;
    std::string subject_;
    std::optional<wearable::Replay> replay_;
    wearable::Minutes played_;
    wearable::Readings readings_;
    wearable::BodyState body_;
    wearable::State said_ = wearable::State::Unknown;
    WallTime since_;  // it is so
    MonoTime stands_until_{};
    MonoTime say_again_{};
    MonoTime keep_again_{};
    bool learned_ = false;  // something that is not kept yet
    std::unique_ptr<wearable::Sensor> sensor_;
    Alarm alarm_;  // last: nothing is due once the rest goes
};

}  // namespace ambit::daemon

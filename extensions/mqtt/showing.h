// Showing: the household's own states and buttons as Home Assistant discovery, and what is asked for there.
//
// A state machine beside Bridge, on the same connection: what is shown and messages in, messages and screen
// events out.  Everything is retained; a second device that shows the same says the same, and the broker
// hands each request to one of them.  Ownership: borrows its BridgeIo and ScreenEvents.  Threads: one, the
// loop's. Failure: a request that can't be read is a HealthItem. Spec: docs/spec/mqtt.md, "What Ambit
// announces itself".
#pragma once

#include <map>

#include "capability/screen.h"
#include "mqtt/bridge.h"

namespace ambit::mqtt {

inline constexpr std::size_t kShownMax = 512;

struct ShowingNames {
    std::string source;     // "mqtt:home", for health items
    std::string prefix;     // of discovery
    std::string household;  // a-z, 0-9; tells this household from others on the broker
    std::string device;     // the same of this device
};

class Showing {
  public:
    // `screen`: null: nothing is shown, and what this device showed before is taken back.
    Showing(ShowingNames names,
            BridgeIo& io,
            capability::ProviderEvents& events,
            capability::ScreenEvents* screen);

    // Where it says whether anybody shows anything: "online", and as the connection's last will "offline".
    static std::string status_topic(const std::string& household);
    // Announced by this or another Ambit: nothing for Bridge, or a household would hear itself.
    static bool is_own_discovery(std::string_view prefix, std::string_view topic);

    void on_connected(MonoTime now);

    void on_disconnected() { connected_ = false; }

    // Before the connection is given up on purpose.
    void leave();
    // True if the message was for this, and not for Bridge.
    bool on_message(const std::string& topic, std::string_view payload, bool retained);
    void show(const capability::Shown& shown);
    void hide(const std::string& id);

    std::optional<MonoTime> next_time() const { return tidy_at_; }

    void on_time(MonoTime now);

  private:
    std::string base() const;
    std::string discovery_topic(const capability::Shown& shown) const;

    // One that this device announced before, and what it kept for it.
    struct Left {
        std::string unique_id;
        std::vector<std::string> topics;
    };

    void on_discovery(const std::string& topic, std::string_view payload);
    // Empties all that is kept of it, the announcement last: what is interrupted is done next time.
    void take_back(const std::string& discovery, const std::vector<std::string>& topics);
    void on_asked(std::string_view rest, std::string_view payload);
    void publish_discovery(const capability::Shown& shown);
    void publish_state(const capability::Shown& shown);
    void say(const std::string& topic, std::string payload);

    ShowingNames names_;
    BridgeIo& io_;
    capability::ProviderEvents& events_;
    capability::ScreenEvents* screen_;
    bool connected_ = false;
    std::map<std::string, capability::Shown> shown_;  // by id
    std::map<std::string, Left> left_;                // by discovery topic; not shown now
    std::optional<MonoTime> tidy_at_;
    bool unhealthy_ = false;
};

}  // namespace ambit::mqtt

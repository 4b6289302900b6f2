// MQTT: entities announced by Home Assistant discovery on a broker, and commands to them; and, if wanted, the
// household's own states and buttons announced there.
//
// Ownership: the daemon owns one MqttProvider per broker and destroys it before the node and the loop.
// Threads: construct, call and destroy on the loop (not inside one of its events); libmosquitto has a thread
// of its own that only posts to the loop. Failure: a lost broker is one HealthItem down and one up; an
// announcement that can't be used is a HealthItem that names its topic; every invoke() ends in one
// on_result().  Errors 5000-5099.  Spec: docs/spec/mqtt.md.
#pragma once

#include "capability/provider.h"
#include "capability/screen.h"
#include "loop/loop.h"

namespace ambit::mqtt {

struct Settings {
    std::string source = "mqtt:home";  // the same on every daemon that reaches this broker
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883;
    std::string username;
    std::string password;  // already read from its file
    std::string discovery_prefix = "homeassistant";
    std::string zigbee2mqtt = "zigbee2mqtt";  // its base topic; empty: its list of devices isn't read
    std::string household = "0";              // a-z, 0-9: part of the topics of what the household announces
    std::string device = "0";                 // the same of this device
    privacy::Audience audience =
        privacy::NamedAudience(privacy::Household{});  // who else listens on this broker
};

class MqttProvider final : public capability::Provider, public capability::Screen {
  public:
    // Connects in the background and keeps trying.  `loop` and `events` outlive the provider; no event is
    // sent before create() returned.  InvalidArgument for a source, host or prefix that can't be used.
    // `screen`: what show() is told is announced, and it hears what is asked for by those who see that; null:
    // what this device announced before is taken back.
    static Result<std::unique_ptr<MqttProvider>> create(Settings settings,
                                                        Loop& loop,
                                                        capability::ProviderEvents& events,
                                                        capability::ScreenEvents* screen = nullptr);
    ~MqttProvider() override;

    std::string source() const override;
    privacy::Service service() const override;
    bool available() const override;
    std::vector<capability::Survey> survey() const override;
    // The caller has seen the ticket of `invocation.input` become durable.  Done: the source reported the
    // wanted state back.  NotDone: nothing was published.  Unknown: it was published and no such report came
    // in time.
    void invoke(capability::Invocation invocation) override;
    void cancel(const RequestId& request) override;
    void show(const std::string& shown_json) override;
    void hide(const std::string& id) override;

  private:
    struct Impl;
    explicit MqttProvider(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::mqtt

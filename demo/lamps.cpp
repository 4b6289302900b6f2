// ambit-demo-lamps: two lights, a switch, a lock and a doorbell on an MQTT broker, announced by Home
// Assistant discovery.
//
// Stands for devices somebody else made: it knows nothing of Ambit.  It announces itself (retained), says
// `offline` by its last will, obeys commands, publishes its state, and writes every command it receives as
// one JSON line to the log: the truth from outside, which the demo's check reads. Usage: ambit-demo-lamps
// [--host H] [--port N] [--prefix homeassistant] [--base demo-lamps] [--buttons 0] [--dimmers 0]
// [--heating 0] [--log FILE]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <mosquitto.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

constexpr int kSubscribeQos = 1;
// As most devices do.  With QoS 1 a broker that keeps Nagle's algorithm on, as mosquitto does, would hold the
// next command back until its acknowledgement of the last state is acknowledged: 40 ms.
constexpr int kPublishQos = 0;
constexpr int kKeepaliveSeconds = 5;
constexpr int kBrightest = 255;
constexpr int kButtonsMax = 100;
constexpr const char* kDimmers[][2] = {
    {"bedside", "Bedside Lamp"}, {"window", "Window Lamp"}, {"desk", "Desk Lamp"},
    {"wall", "Wall Lamp"},       {"corner", "Corner Lamp"}, {"shelf", "Shelf Lamp"},
    {"mirror", "Mirror Lamp"},   {"floor", "Floor Lamp"},   {"reading", "Reading Lamp"}};
constexpr int kDimmersMax = 9;
constexpr double kWarm = 20;
constexpr double kHeatingStep = 0.5;
constexpr double kHeatingMin = 7;  // as Home Assistant takes it, unless told
constexpr double kHeatingMax = 35;

struct Options {
    std::string host = "127.0.0.1";
    int port = 1883;
    std::string prefix = "homeassistant";
    std::string base = "demo-lamps";  // of all topics but the announcements
    std::string log;                  // empty: stdout
    int buttons = 0;                  // "Button 1" and so on, besides the doorbell
    int dimmers = 0;                  // of kDimmers, in the bedroom
    bool heating = false;             // in the bedroom
};

struct Thing {
    std::string id;         // "kitchen"
    std::string component;  // "light", "switch", "lock", "button" or "climate"
    std::string name;
    std::string area;
    std::string base;  // of its topics
    bool json_schema = false;
    bool on = false;  // a lock: locked
    int brightness = kBrightest;
    int presses = 0;          // of a button
    double target_c = kWarm;  // of the heating, which is on

    bool is_button() const { return component == "button"; }

    bool is_heating() const { return component == "climate"; }

    std::string state() const {
        if (is_button()) {
            return std::to_string(presses);
        }
        if (is_heating()) {
            return json({{"mode", "heat"}, {"target", target_c}, {"current", kWarm}}).dump();
        }
        if (component == "lock") {
            return on ? "LOCKED" : "UNLOCKED";
        }
        if (!json_schema) {
            return on ? "ON" : "OFF";
        }
        json out = {{"state", on ? "ON" : "OFF"}};
        if (on) {
            out["brightness"] = brightness;
            out["color_mode"] = "brightness";
        }
        return out.dump();
    }

    json announcement(const std::string& availability) const {
        json out = {{"unique_id", "demo_" + id},
                    {"name", nullptr},
                    {"~", base},
                    {"availability", {{{"topic", availability}}}},
                    {"device", {{"identifiers", {"demo_" + id}}, {"name", name}, {"suggested_area", area}}},
                    {"origin", {{"name", "demo-lamps"}}}};
        if (is_heating()) {
            out["modes"] = {"heat"};
            out["temp_step"] = kHeatingStep;
            out["temperature_command_topic"] = "~/set";
            for (const auto& [what, member] : {std::pair("mode_state", "mode"),
                                               {"temperature_state", "target"},
                                               {"current_temperature", "current"}}) {
                out[std::string(what) + "_topic"] = "~/state";
                out[std::string(what) + "_template"] = "{{ value_json." + std::string(member) + " }}";
            }
            return out;
        }
        out["command_topic"] = "~/set";
        if (!is_button()) {
            out["state_topic"] = "~/state";
        }
        if (json_schema) {
            out["schema"] = "json";
            out["brightness"] = true;
            out["supported_color_modes"] = {"brightness"};
        }
        return out;
    }

    // False for a command that makes no sense, which changes nothing.
    bool obey(const std::string& payload) {
        if (is_button()) {
            presses += payload == "PRESS" ? 1 : 0;
            return payload == "PRESS";
        }
        if (is_heating()) {
            const double wanted = std::atof(payload.c_str());
            const bool makes_sense = wanted >= kHeatingMin && wanted <= kHeatingMax;
            target_c = makes_sense ? wanted : target_c;
            return makes_sense;
        }
        if (!json_schema) {
            const bool lock = component == "lock";
            const bool to_on = payload == (lock ? "LOCK" : "ON");
            const bool to_off = payload == (lock ? "UNLOCK" : "OFF");
            on = to_on || (on && !to_off);
            return to_on || to_off;
        }
        const json command = json::parse(payload, nullptr, false);
        if (!command.is_object()) {
            return false;
        }
        if (command.contains("state")) {
            on = command["state"] == "ON";
        }
        if (const auto level = command.find("brightness");
            level != command.end() && level->is_number_integer()) {
            brightness = std::clamp(level->get<int>(), 1, kBrightest);
        }
        return true;
    }
};

class Lamps {
  public:
    Lamps(Options options, std::FILE* log)
        : options_(std::move(options)), availability_(options_.base + "/availability"), log_(log) {
        const std::string& base = options_.base;
        std::vector<Thing> things = {
            Thing{"kitchen", "light", "Kitchen Light", "Kitchen", base + "/kitchen", true},
            Thing{"bedroom", "light", "Bedroom Light", "Bedroom", base + "/bedroom", false},
            Thing{"fan", "switch", "Fan", "Living Room", base + "/fan", false},
            Thing{"door", "lock", "Front Door", "Hall", base + "/door", false, true},
            Thing{"bell", "button", "Doorbell", "Hall", base + "/bell"}};
        for (int i = 1; i <= options_.buttons; ++i) {
            const std::string number = std::to_string(i);
            things.push_back(
                {"button" + number, "button", "Button " + number, "Hall", base + "/button" + number});
        }
        for (int i = 0; i < options_.dimmers; ++i) {
            const auto& [id, name] = kDimmers[i];
            things.push_back({id, "light", name, "Bedroom", base + "/" + id, true});
        }
        if (options_.heating) {
            things.push_back({"heating", "climate", "Bedroom Heating", "Bedroom", base + "/heating"});
        }
        for (const Thing& thing : things) {
            things_.emplace(thing.base + "/set", thing);
        }
    }

    int run() {
        const std::string id = "demo-lamps-" + std::to_string(getpid());
        const std::unique_ptr<mosquitto, void (*)(mosquitto*)> client(mosquitto_new(id.c_str(), true, this),
                                                                      mosquitto_destroy);
        if (!client) {
            return 1;
        }
        mosquitto_will_set(client.get(), availability_.c_str(), 7, "offline", kPublishQos, true);
        mosquitto_reconnect_delay_set(client.get(), 1, 5, false);
        // This lamp is used to measure others: it adds no waiting of its own.
        mosquitto_int_option(client.get(), MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_connect_callback_set(client.get(), [](mosquitto* connection, void* self, int refused) {
            if (refused == 0) {
                static_cast<Lamps*>(self)->announce(connection);
            }
        });
        mosquitto_message_callback_set(
            client.get(), [](mosquitto* connection, void* self, const mosquitto_message* message) {
                static_cast<Lamps*>(self)->on_command(connection, *message);
            });
        if (mosquitto_connect(client.get(), options_.host.c_str(), options_.port, kKeepaliveSeconds) !=
            MOSQ_ERR_SUCCESS) {
            std::fprintf(stderr, "cannot reach a broker at %s:%d\n", options_.host.c_str(), options_.port);
            return 1;
        }
        return mosquitto_loop_forever(client.get(), -1, 1) == MOSQ_ERR_SUCCESS ? 0 : 1;
    }

  private:
    static void publish(mosquitto* client, const std::string& topic, const std::string& payload) {
        mosquitto_publish(client, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(),
                          kPublishQos, true);
    }

    void announce(mosquitto* client) {
        for (const auto& [command_topic, thing] : things_) {
            mosquitto_subscribe(client, nullptr, command_topic.c_str(), kSubscribeQos);
            publish(client, options_.prefix + "/" + thing.component + "/demo_" + thing.id + "/config",
                    thing.announcement(availability_).dump());
            publish_state(client, thing);
        }
        publish(client, availability_, "online");
    }

    void on_command(mosquitto* client, const mosquitto_message& message) {
        const auto found = things_.find(message.topic);
        if (found == things_.end()) {
            return;
        }
        const std::string payload(static_cast<const char*>(message.payload),
                                  static_cast<std::size_t>(message.payloadlen));
        const bool obeyed = found->second.obey(payload);
        log(found->second, payload, obeyed);
        publish_state(client, found->second);
    }

    static void publish_state(mosquitto* client, const Thing& thing) {
        if (!thing.is_button()) {
            publish(client, thing.base + "/state", thing.state());
        }
    }

    void log(const Thing& thing, const std::string& payload, bool obeyed) {
        // Of the clock that nobody sets, to be compared on this machine.
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        const json line = {
            {"monotonic_us", std::chrono::duration_cast<std::chrono::microseconds>(now).count()},
            {"thing", thing.id},
            {"command", payload},
            {"obeyed", obeyed},
            {"state", thing.state()}};
        std::fprintf(log_, "%s\n", line.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
        std::fflush(log_);
    }

    Options options_;
    std::string availability_;
    std::FILE* log_;
    std::map<std::string, Thing> things_;  // by command topic
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        if (name == "--host") {
            options.host = argv[i + 1];
        } else if (name == "--port") {
            options.port = std::atoi(argv[i + 1]);
        } else if (name == "--prefix") {
            options.prefix = argv[i + 1];
        } else if (name == "--base") {
            options.base = argv[i + 1];
        } else if (name == "--dimmers") {
            options.dimmers = std::clamp(std::atoi(argv[i + 1]), 0, kDimmersMax);
        } else if (name == "--heating") {
            options.heating = std::atoi(argv[i + 1]) != 0;
        } else if (name == "--buttons") {
            options.buttons = std::clamp(std::atoi(argv[i + 1]), 0, kButtonsMax);
        } else if (name == "--log") {
            options.log = argv[i + 1];
        } else {
            return false;
        }
    }
    return argc % 2 == 1 && options.port > 0 && options.port < 65536;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr,
                     "usage: %s [--host H] [--port N] [--prefix homeassistant] [--base demo-lamps] "
                     "[--buttons 0] [--dimmers 0] [--heating 0] "
                     "[--log FILE]\n",
                     argv[0]);
        return 2;
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        options.log.empty() ? nullptr : std::fopen(options.log.c_str(), "a"),
        [](std::FILE* open) { return open == nullptr ? 0 : std::fclose(open); });
    if (!options.log.empty() && !file) {
        std::fprintf(stderr, "cannot write %s\n", options.log.c_str());
        return 1;
    }
    mosquitto_lib_init();
    const int status = Lamps(options, file ? file.get() : stdout).run();
    mosquitto_lib_cleanup();
    return status;
}

// Provider: the port through which an extension offers entities and carries out capabilities.
//
// A provider speaks for one source (one broker, one Home Assistant, one cabin).  It is handed only Cleared
// bytes: the gate let exactly these values go to this provider's service. Ownership: the daemon owns
// providers and destroys them before the node.  Threads: every call and every event is on the loop; a
// provider with threads of its own posts to the loop (edge/loop). Failure: outcomes, never exceptions; what a
// user must act on is a HealthItem.
#pragma once

#include <string>
#include <vector>

#include "privacy/gate.h"

namespace ambit::capability {

// A thing in the home as its source knows it.
struct Entity {
    std::string id;      // "<source>/<unique id>", the same on every device that reaches the source
    std::string source;  // "mqtt:home"
    std::string name;    // "Kitchen Light"
    std::string area;    // "Kitchen"; empty if unknown
    std::string domain;  // "light", "switch", "sensor", ...
    std::vector<std::string> aliases;
    std::vector<std::string> capabilities;  // "light.set", "switch.set"
    std::string floor = {};                 // "Upstairs"; empty if unknown
    // "mqtt/0x00158d": the kind of source, and its unique id there, under which another source may know the
    // same thing more directly; empty: none.  The directory then shows that one, with the area from here if
    // it has none.
    std::string twin = {};
    std::string device_class = {};  // what kind of cover or sensor: "window"; empty if unknown
    friend bool operator==(const Entity&, const Entity&) = default;
};

// One carrying-out of a capability, already journalled by the request module.
struct Invocation {
    RequestId request;  // idempotency key: a provider may see the same one again after a restart
    std::string capability;
    std::string entity;
    privacy::Cleared<Bytes> input;  // JSON object, checked against the capability's schema
    MonoTime deadline;
};

enum class Outcome : std::uint8_t { Done, NotDone, Unknown };

struct InvocationResult {
    RequestId request;
    Outcome outcome = Outcome::Unknown;
    std::string output_json = "{}";  // the state that came back
    Error error;                     // why not, when outcome != Done
};

// Something a user must act on, shown by `ambit doctor`; `key` names it so that it can be withdrawn.
struct HealthItem {
    std::string key;
    bool ok = false;
    Error error;
};

// What one device of a source offers, and what of it is of no use here and why: for people who miss something.
struct Survey {
    struct Ignored {
        std::string what;
        std::string why;
    };

    std::string from;               // "Desk lamp (IKEA LED1545G12)"
    std::vector<std::string> used;  // "light Desk lamp"
    std::vector<Ignored> ignored;
};

class Provider {
  public:
    virtual ~Provider() = default;

    virtual std::string source() const = 0;
    virtual privacy::Service service() const = 0;
    // Connected and able to act now?
    virtual bool available() const = 0;

    // What it answers holds nothing but what it was told, and is as private as that; else as its source.
    virtual bool only_repeats() const { return false; }

    // By device, for sources that have such.
    virtual std::vector<Survey> survey() const { return {}; }

    // on_result(request) follows once, at the latest at the deadline.
    virtual void invoke(Invocation invocation) = 0;
    virtual void cancel(const RequestId& request) = 0;
};

class ProviderEvents {
  public:
    virtual ~ProviderEvents() = default;

    virtual void on_entity(const Entity& entity) = 0;
    virtual void on_entity_gone(const std::string& entity_id) = 0;
    // `state_json`: JSON object such as {"on":true,"brightness_pct":40}; `available`: the source says it can
    // act.
    virtual void on_state(const std::string& entity_id, const std::string& state_json, bool available) = 0;
    virtual void on_result(const InvocationResult& result) = 0;
    virtual void on_available(const std::string& source, bool available) = 0;
    virtual void on_health(const HealthItem& item) = 0;
};

}  // namespace ambit::capability

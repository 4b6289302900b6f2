// HomeView: the entities of the home, as this node knows them from its own providers and from its peers'
// facts.
//
// What a provider of this device announces becomes a kept fact for the household (written only when it
// differs), and its state a fleeting one; what peers announce comes back as their facts.  Keeps the Directory
// and the Home that language reads.  Ownership: Node owns it; borrows Parts.  Threads: the loop's. Failure: a
// fact that can't be decoded is a health item that names its source.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "language/understand.h"
#include "node/parts.h"

namespace ambit::node {

// Subjects and attributes of the facts a node itself writes and reads (docs/spec/facts.md section
// "Vocabulary").
std::string entity_subject(const std::string& entity_id);
std::string device_subject(const DeviceId& device);
inline constexpr std::string_view kAnnouncedPrefix = "announced:";
inline constexpr std::string_view kRungPrefix = "rung:";
inline constexpr std::string_view kStateAttribute = "state";
inline constexpr std::string_view kVersionAttribute = "version";
inline constexpr std::string_view kBatteryAttribute = "battery_pct";
inline constexpr std::string_view kAreaAttribute = "area";    // of a device or entity: where it stands
inline constexpr std::string_view kNameAttribute = "name";    // of an entity: what people call it
inline constexpr std::string_view kFloorAttribute = "floor";  // of an area
std::string area_subject(const std::string& area);

struct EntityState {
    std::string state_json = "{}";
    bool available = false;
    WallTime time;
};

// What a device says about itself, as far as it is known.
struct DeviceReport {
    std::string version;  // of its daemon; empty: unknown
    std::optional<int> battery_pct;
};

class HomeView {
  public:
    static constexpr seconds kForgottenAfter{60};

    explicit HomeView(Parts& parts) : parts_(parts) {}

    // Start-up only, after facts are loaded.
    void load();
    void on_entity(const capability::Entity& entity, Now now);
    void on_entity_gone(const std::string& entity_id, Now now);
    void on_state(const std::string& entity_id, const std::string& state_json, bool available, Now now);
    void on_available(const std::string& source, bool available);
    // What came so fast that it could not be written yet.
    void write_rest(Now now);
    // Now and then: the states of this device's things, which last as long as it repeats them.
    void repeat_states(Now now);
    // What this device announced in an earlier life, and whose source, there again for kForgottenAfter, does
    // not know it any more; or has no provider here any more.
    void withdraw_forgotten(const std::function<bool(const std::string& source)>& has_provider, Now now);
    // A kept fact changed; false if it is none of this room's.
    bool on_change(const facts::Change& change);

    // Members came or went.
    void on_roster() { home_.reset(); }

    void announce_rung(const capability::Rung& rung, Now now);
    // One that an earlier start announced.
    void withdraw_rung(const capability::Rung& rung, Now now);
    void announce_version(const std::string& version, Now now);
    DeviceReport report(const DeviceId& device, Now now) const;

    // The newest state anybody reported, if there is one.
    std::optional<EntityState> state(const std::string& entity_id, Now now) const;
    const language::Home& home() const;
    // Where a device stands; empty if nobody said.
    std::string area_of(const DeviceId& device) const;
    // Temperatures are said in Fahrenheit: the household's setting `units`.
    bool fahrenheit() const;

  private:
    void apply(const facts::Fact& fact, bool gone);
    void apply_given(const std::string& entity_id);
    std::string household_text(const std::string& subject, std::string_view attribute) const;
    language::Places places() const;
    // What `key` will hold once all that was written is durable: the JSON text, empty if nothing.
    std::string text_written(const facts::Key& key) const;
    // False if it has to be tried again.
    bool put_if_new(const facts::Key& key, const std::string& json, Now now);
    bool erase(const facts::Key& key, Now now);
    bool write(const facts::Draft& draft, Now now);
    bool write_entity(const capability::Entity& entity, Now now);
    bool write_gone(const std::string& entity_id, Now now);

    Parts& parts_;
    bool is_forgotten(const std::string& source, bool has_provider, Now now) const;

    std::map<std::string, std::string>
        from_before_;  // source by entity: of an earlier life, and not seen in this
    std::map<std::string, std::optional<MonoTime>> available_since_;  // by source; nothing: since just now
    std::optional<MonoTime> began_;
    std::optional<MonoTime> repeats_at_;

    struct Written {
        facts::WriteId id = 0;
        std::string json;  // empty: deleted
    };

    std::map<facts::Key, Written> written_;                               // and not durable yet
    std::map<std::string, std::optional<capability::Entity>> unwritten_;  // by id; nothing: it is gone
    mutable std::unique_ptr<language::Home> home_;  // null when it has to be built again
};

}  // namespace ambit::node

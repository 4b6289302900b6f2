// Config: the discovery config of one component, and the members that its keys make.
//
// Borrows its JSON.  Threads: any.  Failure: MqttAnnouncementInvalid or MqttTemplateUnsupported, with the key
// that can't be used.
#pragma once

#include <functional>

#include <nlohmann/json_fwd.hpp>

#include "mqtt/thing.h"

namespace ambit::mqtt {

// How the keys of one member are called.
struct Keys {
    const char* state = "state_topic";
    const char* value = "value_template";
    const char* command = "command_topic";
    const char* command_template = "command_template";
    const char* variable = "value";  // in the command template
};

class Config {
  public:
    explicit Config(const nlohmann::json& config) : config_(config) {}

    bool has(std::string_view key) const;
    bool is_true(std::string_view key) const;
    bool is_null(std::string_view key) const;
    // "" has no value.
    std::string text(std::string_view key, const std::string& fallback = "") const;
    Result<double> number_at(std::string_view key, double fallback) const;
    Result<std::string> topic(std::string_view key) const;
    Result<std::vector<std::string>> words(std::string_view key) const;
    // Whether any of "supported_color_modes" is as `wanted` says.
    bool has_mode(const std::function<bool(const std::string&)>& wanted) const;

    // A member with its topics and templates.
    Result<Member> member(const char* name, Member::Kind kind, const Keys& keys) const;
    // Said as a number from `low` to `high`.
    Result<Member> percent(const char* name, const Keys& keys, double low, double high) const;
    Result<Member> degrees(const char* name, const Keys& keys) const;
    Result<Member> on(const Keys& keys) const;

  private:
    const nlohmann::json& config_;
};

inline void add(Announced& out, Member made) {
    out.members.push_back(std::move(made));
}

// If it is heard of or can be asked for.
void add_if_used(Announced& out, Member made);

// One for each component; a few more components share these.
Result<void> read_light(const Config& config, Announced& out);
Result<void> read_on_off(const Config& config, Announced& out);
Result<void> read_siren(const Config& config, Announced& out);
Result<void> read_lock(const Config& config, Announced& out);
Result<void> read_cover(const Config& config, Announced& out);
Result<void> read_valve(const Config& config, Announced& out);
Result<void> read_fan(const Config& config, Announced& out);
Result<void> read_humidifier(const Config& config, Announced& out);
Result<void> read_climate(const Config& config, Announced& out);
Result<void> read_vacuum(const Config& config, Announced& out);
Result<void> read_mower(const Config& config, Announced& out);

}  // namespace ambit::mqtt

// ValueTemplate: the small part of Jinja that discovery payloads really use.
//
// {{ value }}, {{ value_json.a['b'] }}, | float int round lower upper default, `a if b else c`, == != < <= >
// >=, and, or, not, numbers, strings, true, false, none; text around {{ }} is kept.  Anything else is refused
// when parsed. Ownership: value, shares its parsed form.  Threads: any. Failure: MqttTemplateUnsupported from
// parse(); MqttAnnouncementInvalid from render() when the payload doesn't fit.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace ambit::mqtt {

inline constexpr std::size_t kTemplateBytesMax = 4096;
inline constexpr std::size_t kTemplateDepthMax = 32;
inline constexpr std::size_t kRenderedBytesMax = 64 * 1024;  // of what is made, and of each text on the way

// A message's bytes, and what they are as JSON: read once, for all who listen.
class Payload {
  public:
    explicit Payload(std::string_view text) : text_(text) {}

    std::string_view text() const { return text_; }

    // A discarded value when it is none.
    const nlohmann::json& json() const;

  private:
    std::string_view text_;
    mutable std::shared_ptr<const nlohmann::json> json_;
};

class ValueTemplate {
  public:
    // The empty template renders the payload as it is.  `name`: another word for `value` ("position").
    static Result<ValueTemplate> parse(std::string_view text, std::string_view name = "value");

    bool empty() const { return parts_ == nullptr; }

    Result<std::string> render(const Payload& payload) const;

    struct Parts;

  private:
    std::shared_ptr<const Parts> parts_;
};

}  // namespace ambit::mqtt

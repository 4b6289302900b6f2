// The built-in extractors: small pure functions from a JSON object to typed fields.
//
// Each runs on the table that its definition is made of, so that a changed threshold is a changed code hash,
// which every rule that names the old one then refuses until its owner signs again.
#include <array>

#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "privacy/release.h"

namespace ambit::privacy {

namespace {

// Sleep state from one heart-rate reading: the ratio of beats per minute to the person's own resting rate.  A
// rough everyday guess for lights and heating; heart rate alone can't tell sleep from rest, and this is no
// medical statement.
struct Band {
    double ratio_max;
    const char* state;
};

constexpr std::array<Band, 4> kSleepBands{{
    {0.95, "asleep"},   // below one's waking resting rate
    {1.25, "resting"},  // sitting
    {1.70, "active"},   // walking about
    {99.0, "exertion"},
}};
// Readings outside these are sensor errors: "unknown".
constexpr double kBeatsMin = 25;
constexpr double kBeatsMax = 240;
constexpr double kRestingMin = 30;
constexpr double kRestingMax = 120;

std::string sleep_definition() {
    nlohmann::json table{{"in", {"beats_per_min", "resting_beats_per_min"}},
                         {"beats", {kBeatsMin, kBeatsMax}},
                         {"resting", {kRestingMin, kRestingMax}},
                         {"bands", nlohmann::json::array()}};
    for (const Band& band : kSleepBands) {
        table["bands"].push_back({band.ratio_max, band.state});
    }
    return table.dump();
}

Result<Output> sleep_state(ByteView input_json) {
    const auto input = nlohmann::json::parse(input_json.begin(), input_json.end(), nullptr, false);
    const auto number = [&](const char* name) -> std::optional<double> {
        if (!input.is_object() || !input.contains(name) || !input[name].is_number()) {
            return std::nullopt;
        }
        return input[name].get<double>();
    };
    const auto beats = number("beats_per_min");
    const auto resting = number("resting_beats_per_min");
    if (!beats || !resting) {
        return Error{ErrorCode::InvalidArgument, "expected numbers beats_per_min and resting_beats_per_min"};
    }
    if (*beats < kBeatsMin || *beats > kBeatsMax || *resting < kRestingMin || *resting > kRestingMax) {
        return Output{{"state", "unknown"}};
    }
    for (const Band& band : kSleepBands) {
        if (*beats / *resting <= band.ratio_max) {
            return Output{{"state", band.state}};
        }
    }
    return Output{{"state", "unknown"}};
}

Extractor sleep_extractor() {
    OutputField state;
    state.name = "state";
    state.kind = OutputField::Kind::Enum;
    for (const Band& band : kSleepBands) {
        state.values.emplace_back(band.state);
    }
    state.values.emplace_back("unknown");
    return {"sleep-state", 1, {state}, sleep_definition(), sleep_state};
}

// Departure: when somebody leaves and how warm the car should be; no word of what for, or where to.
constexpr double kComfortMin = 16;
constexpr double kComfortMax = 26;

Result<Output> departure(ByteView input_json) {
    const auto input = nlohmann::json::parse(input_json.begin(), input_json.end(), nullptr, false);
    const bool fits = input.is_object() && input.contains("leaves_ms") &&
                      input["leaves_ms"].is_number_integer() && input.contains("comfort_c") &&
                      input["comfort_c"].is_number();
    if (!fits) {
        return Error{ErrorCode::InvalidArgument, "expected numbers leaves_ms and comfort_c"};
    }
    return Output{{"leaves", input["leaves_ms"].get<std::int64_t>()},
                  {"comfort_c", input["comfort_c"].get<double>()}};
}

Extractor departure_extractor() {
    OutputField leaves;
    leaves.name = "leaves";
    leaves.kind = OutputField::Kind::Time;
    OutputField comfort;
    comfort.name = "comfort_c";
    comfort.kind = OutputField::Kind::Number;
    comfort.minimum = kComfortMin;
    comfort.maximum = kComfortMax;
    return {
        "departure", 1, {leaves, comfort}, R"({"leaves":"leaves_ms","comfort_c":"comfort_c"})", departure};
}

// Body state: the coarse state that a wearable's own device found, and none of what it was found from.
constexpr std::array<const char*, 5> kBodyStates{"asleep", "resting", "active", "exertion", "unknown"};

Result<Output> body_state(ByteView input_json) {
    const auto input = nlohmann::json::parse(input_json.begin(), input_json.end(), nullptr, false);
    if (!input.is_object() || !input.contains("state") || !input["state"].is_string()) {
        return Error{ErrorCode::InvalidArgument, "expected a text state"};
    }
    return Output{{"state", input["state"].get<std::string>()}};
}

Extractor body_extractor() {
    OutputField state;
    state.name = "state";
    state.kind = OutputField::Kind::Enum;
    state.values.assign(kBodyStates.begin(), kBodyStates.end());
    return {"body-state", 1, {state}, R"({"state":"state"})", body_state};
}

}  // namespace

Digest Extractor::code_hash() const {
    nlohmann::json schema = nlohmann::json::array();
    for (const auto& field : fields) {
        schema.push_back(
            {field.name, static_cast<int>(field.kind), field.values, field.minimum, field.maximum});
    }
    const std::string schema_text = schema.dump();
    const std::string version_text = std::to_string(version);
    return crypto::hash_parts("ambit/v1/extractor", {view_of(name), view_of(version_text),
                                                     view_of(schema_text), view_of(definition)});
}

const std::vector<Extractor>& builtin_extractors() {
    static const std::vector<Extractor> extractors{sleep_extractor(), departure_extractor(),
                                                   body_extractor()};
    return extractors;
}

const Extractor* find_extractor(std::string_view name, std::uint32_t version) {
    for (const auto& extractor : builtin_extractors()) {
        if (extractor.name == name && extractor.version == version) {
            return &extractor;
        }
    }
    return nullptr;
}

}  // namespace ambit::privacy

#include "intent_model/examples.h"

#include <nlohmann/json.hpp>

#include "intent_model/tokens.h"

namespace ambit::intent_model {
namespace {

using Json = nlohmann::json;

// The byte offset of each code point, and the size at the end.
std::vector<std::size_t> offsets_of(const std::string& text) {
    std::vector<std::size_t> offsets;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<std::uint8_t>(text[at]) & 0xC0U) != 0x80U) {
            offsets.push_back(at);
        }
    }
    offsets.push_back(text.size());
    return offsets;
}

Result<Example> parse_example(std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("text") || !json["text"].is_string() ||
        !json.contains("intent") || !json["intent"].is_string()) {
        return Error{ErrorCode::BadExamples, "not an object with the texts \"text\" and \"intent\""};
    }
    Example example{
        .text = json["text"].get<std::string>(), .intent = json["intent"].get<std::string>(), .slots = {}};
    const std::vector<std::size_t> offsets = offsets_of(example.text);
    const Json slots = json.value("slots", Json::array());
    if (!slots.is_array()) {
        return Error{ErrorCode::BadExamples, "\"slots\" is not a list"};
    }
    for (const Json& slot : slots) {
        const bool whole = slot.is_object() && slot.contains("name") && slot["name"].is_string() &&
                           slot.contains("start") && slot["start"].is_number_unsigned() &&
                           slot.contains("end") && slot["end"].is_number_unsigned();
        if (!whole) {
            return Error{ErrorCode::BadExamples, "a slot needs \"name\", \"start\" and \"end\""};
        }
        const auto start = slot["start"].get<std::size_t>();
        const auto end = slot["end"].get<std::size_t>();
        if (start >= end || end >= offsets.size()) {
            return Error{ErrorCode::BadExamples, "a slot lies outside its text"};
        }
        example.slots.push_back({slot["name"].get<std::string>(), offsets[start], offsets[end]});
    }
    return example;
}

}  // namespace

Result<std::vector<Example>> parse_examples(std::string_view jsonl) {
    std::vector<Example> examples;
    std::size_t number = 0;
    while (!jsonl.empty()) {
        const std::size_t end = std::min(jsonl.find('\n'), jsonl.size());
        const std::string_view line = jsonl.substr(0, end);
        jsonl.remove_prefix(std::min(end + 1, jsonl.size()));
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        auto example = parse_example(line);
        if (!example) {
            return Error{ErrorCode::BadExamples,
                         "line " + std::to_string(number) + ": " + example.error().detail};
        }
        examples.push_back(std::move(*example));
    }
    return examples;
}

bool is_tuning(const Example& example) {
    return hash_of(example.text, 7) % 10 < (example.intent == kOutOfScope ? 5U : 1U);
}

}  // namespace ambit::intent_model

#include "node/explaining.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

constexpr std::size_t kNearShown = 3;

std::string_view meaning_text(language::Meaning meaning) {
    constexpr std::string_view kTexts[] = {"commands", "question",  "undo",        "nothing",
                                           "clarify",  "not_found", "nothing_can", "not_understood"};
    return kTexts[static_cast<std::size_t>(meaning)];
}

Json slot_json(const language::Slot& slot) {
    Json json = {{"name", slot.name}, {"value", slot.value}};
    if (!slot.text.empty()) {
        json["said"] = slot.text;
        json["begin"] = slot.span.begin;
        json["end"] = slot.span.end;
    }
    if (slot.wildcard) {
        json["any_words"] = true;
    }
    return json;
}

Json recognition_json(const language::Recognition& recognition) {
    Json json = {{"intent", recognition.intent},
                 {"rung", recognition.rung},
                 {"confidence", recognition.confidence},
                 {"template", recognition.template_text},
                 {"file", recognition.file},
                 {"line", recognition.line},
                 {"custom", recognition.custom}};
    json["slots"] = Json::array();
    for (const language::Slot& slot : recognition.slots) {
        json["slots"].push_back(slot_json(slot));
    }
    if (!recognition.context.empty()) {
        json["context"] = recognition.context;
    }
    return json;
}

Json guess_json(const language::Guess& guess) {
    Json json = {{"rung", guess.rung}, {"label", guess.label}, {"confidence", guess.confidence},
                 {"sure", guess.sure}, {"as", guess.reworded}, {"doubt", guess.doubt}};
    if (!guess.lesson.empty()) {
        json["lesson"] = guess.lesson;
    }
    json["next_best"] = Json::array();
    for (const auto& [label, confidence] : guess.next_best) {
        json["next_best"].push_back({{"label", label}, {"confidence", confidence}});
    }
    return json;
}

}  // namespace

Json explanation_json(const std::string& text,
                      const language::Understanding& understanding,
                      const Conversation& conversation,
                      const capability::Directory& directory) {
    Json json = {{"meaning", meaning_text(understanding.meaning)}, {"language", understanding.language}};
    std::string words = text;
    if (!understanding.lesson.empty()) {
        for (const LessonBook::Kept& kept : conversation.lessons().all()) {
            if (kept.lesson.id == understanding.lesson) {
                json["lesson"] = {
                    {"id", kept.lesson.id}, {"say", kept.lesson.say}, {"as", kept.lesson.means}};
                words = kept.lesson.means;
            }
        }
    }
    json["readings"] = Json::array();
    for (const language::Recognition& recognition : understanding.recognitions) {
        json["readings"].push_back(recognition_json(recognition));
    }
    json["found"] = Json::array();
    for (const language::Found& found : understanding.found) {
        const capability::Entity* entity = directory.entity(found.entity);
        json["found"].push_back({{"entity", found.entity},
                                 {"name", entity == nullptr ? found.entity : entity->name},
                                 {"how", found.how},
                                 {"said", found.said}});
    }
    if (understanding.guess) {
        json["guess"] = guess_json(*understanding.guess);
    }
    json["near"] = Json::array();
    for (const language::NearMiss& near : conversation.near_misses(words, understanding.language)) {
        const bool matched = std::any_of(
            understanding.recognitions.begin(), understanding.recognitions.end(),
            [&](const auto& reading) { return reading.file == near.file && reading.line == near.line; });
        const bool told = std::any_of(json["near"].begin(), json["near"].end(),
                                      [&](const Json& one) { return one["template"] == near.template_text; });
        if (!matched && !told && json["near"].size() < kNearShown) {
            json["near"].push_back({{"intent", near.intent},
                                    {"template", near.template_text},
                                    {"file", near.file},
                                    {"line", near.line},
                                    {"matched", words.substr(0, near.matched_bytes)}});
        }
    }
    return json;
}

}  // namespace ambit::node

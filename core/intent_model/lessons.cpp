// Lessons as JSON: {"v":1,"lessons":[{"id","text","intent","slots":[{"name","begin","end"}]}]}, offsets in
// bytes.
#include <nlohmann/json.hpp>

#include "intent_model/adaptation.h"

namespace ambit::intent_model {
namespace {

using Json = nlohmann::json;

Error broken(std::string_view what) {
    return {ErrorCode::BadExamples, "stored lessons: " + std::string(what)};
}

bool has_text(const Json& json, const char* key, std::size_t most) {
    return json.contains(key) && json[key].is_string() &&
           json[key].get_ref<const std::string&>().size() <= most;
}

Result<Lesson> parse_lesson(const Json& json) {
    constexpr std::size_t kNameMax = 128;
    if (!json.is_object() || !has_text(json, "id", kNameMax) || !has_text(json, "text", kTextMax) ||
        !has_text(json, "intent", kNameMax)) {
        return broken("a lesson needs the texts \"id\", \"text\" and \"intent\"");
    }
    Lesson lesson{json["id"].get<std::string>(),
                  json["text"].get<std::string>(),
                  json["intent"].get<std::string>(),
                  {}};
    const Json slots = json.value("slots", Json::array());
    if (!slots.is_array() || slots.size() > kTokensMax) {
        return broken("\"slots\" is not a list that a lesson can have");
    }
    for (const Json& slot : slots) {
        const bool whole = slot.is_object() && has_text(slot, "name", kNameMax) && slot.contains("begin") &&
                           slot["begin"].is_number_unsigned() && slot.contains("end") &&
                           slot["end"].is_number_unsigned();
        if (!whole || slot["begin"] >= slot["end"] || slot["end"].get<std::size_t>() > lesson.text.size()) {
            return broken("a slot needs \"name\", and \"begin\" and \"end\" inside the text");
        }
        lesson.slots.push_back({slot["name"].get<std::string>(), slot["begin"].get<std::size_t>(),
                                slot["end"].get<std::size_t>()});
    }
    return lesson;
}

}  // namespace

std::string lessons_json(const std::vector<Lesson>& lessons) {
    Json list = Json::array();
    for (const Lesson& lesson : lessons) {
        Json slots = Json::array();
        for (const SlotSpan& slot : lesson.slots) {
            slots.push_back({{"name", slot.name}, {"begin", slot.begin}, {"end", slot.end}});
        }
        list.push_back(
            {{"id", lesson.id}, {"text", lesson.text}, {"intent", lesson.intent}, {"slots", slots}});
    }
    return Json{{"v", 1}, {"lessons", list}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::vector<Lesson>> parse_lessons(std::string_view json) {
    const Json document = Json::parse(json, nullptr, false);
    if (!document.is_object() || document.value("v", Json()) != 1 || !document.contains("lessons") ||
        !document["lessons"].is_array()) {
        return broken("not {\"v\":1,\"lessons\":[...]}");
    }
    if (document["lessons"].size() > kLessonsMax) {
        return broken("more than " + std::to_string(kLessonsMax));
    }
    std::vector<Lesson> lessons;
    for (const Json& entry : document["lessons"]) {
        AMBIT_TRY_ASSIGN(Lesson lesson, parse_lesson(entry));
        lessons.push_back(std::move(lesson));
    }
    return lessons;
}

}  // namespace ambit::intent_model

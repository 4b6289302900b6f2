#include "node/lesson_book.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"lesson book"};

std::string member(const nlohmann::json& json, const char* name) {
    const auto at = json.is_object() ? json.find(name) : json.end();
    return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<LessonBook::Kept> read_row(const facts::Fact& fact) {
    const auto* json = std::get_if<facts::Json>(&fact.value);
    const auto value = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
    LessonBook::Kept kept{fact.key, fact.time, fact.source, "taught", {}};
    kept.lesson = {fact.key.subject.substr(kLessonPrefix.size()), member(value, "say"), member(value, "as")};
    if (fact.key.attribute == kExampleAttribute) {
        kept.kind = member(value, "kind");
        kept.lesson.means = member(value, "intent");
        const auto slots = value.is_object() ? value.find("slots") : value.end();
        if (slots != value.end() && slots->is_object()) {
            for (const auto& [name, text] : slots->items()) {
                kept.lesson.means += " " + name + "=" + (text.is_string() ? text.get<std::string>() : "");
            }
        }
        return kept.kind.empty() || kept.lesson.say.empty() ? std::nullopt : std::optional(std::move(kept));
    }
    return language::check_lesson(kept.lesson) ? std::optional(std::move(kept)) : std::nullopt;
}

std::string text_of(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::vector<LessonBook::Kept> LessonBook::all() const {
    std::vector<Kept> rows;
    for (const auto& labelled : parts_.facts.query({.audience = std::nullopt,
                                .subject_prefix = std::string(kLessonPrefix),
                                .attribute = std::nullopt,
                                .limit = 2 * (language::kLessonsMax + kExamplesMax)})) {
        const facts::Fact& fact = labelled.read(kHere);
        if (fact.key.attribute == kLessonAttribute || fact.key.attribute == kExampleAttribute) {
            if (auto row = read_row(fact)) {
                rows.push_back(std::move(*row));
            }
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Kept& a, const Kept& b) {
        const bool a_is_own = !std::holds_alternative<privacy::Household>(a.key.audience);
        const bool b_is_own = !std::holds_alternative<privacy::Household>(b.key.audience);
        return a_is_own != b_is_own ? a_is_own : a.time > b.time;
    });
    return rows;
}

const language::Lessons& LessonBook::lessons(const std::vector<std::string>& skip_words,
                                             const privacy::NamedAudience& of) const {
    const auto known = lessons_.find(of);
    if (known != lessons_.end()) {
        return known->second;
    }
    std::vector<language::Lesson> taught;
    for (Kept& kept : all()) {
        const bool may_use =
            kept.key.audience == of || std::holds_alternative<privacy::Household>(kept.key.audience);
        if (kept.key.attribute == kLessonAttribute && may_use) {
            taught.push_back(std::move(kept.lesson));
        }
    }
    return lessons_.emplace(of, language::Lessons(std::move(taught), skip_words)).first->second;
}

Result<facts::WriteId> LessonBook::keep(const language::Lesson& lesson,
                                        const privacy::NamedAudience& audience,
                                        Now now) {
    facts::Draft draft;
    draft.key = {audience, std::string(kLessonPrefix) + lesson.id, std::string(kLessonAttribute)};
    draft.value = facts::Json{text_of({{"say", lesson.say}, {"as", lesson.means}})};
    draft.time = now.wall;
    return parts_.facts.put(draft, now);
}

Result<facts::WriteId> LessonBook::forget(const facts::Key& key, Now now) {
    facts::Draft draft;
    draft.kind = facts::Draft::Kind::Delete;
    draft.key = key;
    draft.time = now.wall;
    return parts_.facts.put(draft, now);
}

void LessonBook::keep_example(const std::string& kind,
                              const std::string& said,
                              const language::Understanding& meant,
                              const privacy::NamedAudience& of,
                              Now now) {
    const auto kept = parts_.facts.query({.audience = of,
                                          .subject_prefix = std::string(kLessonPrefix),
                                          .attribute = std::string(kExampleAttribute),
                                          .limit = kExamplesMax});
    if (said.empty() || meant.recognitions.size() != 1 || kept.size() >= kExamplesMax) {
        return;
    }
    nlohmann::json slots = nlohmann::json::object();
    for (const language::Slot& slot : meant.recognitions.front().slots) {
        slots[slot.name] = slot.value;
    }
    nlohmann::json value = {
        {"kind", kind}, {"say", said}, {"intent", meant.recognitions.front().intent}, {"slots", slots}};
    if (meant.commands.size() == 1) {
        value["entity"] = meant.commands.front().entity;
    }
    facts::Draft draft;
    draft.key = {of, std::string(kLessonPrefix) + parts_.random.id<RequestId>().hex().substr(0, 16),
                 std::string(kExampleAttribute)};
    draft.value = facts::Json{text_of(value)};
    draft.time = now.wall;
    if (const auto written = parts_.facts.put(draft, now); !written) {
        parts_.health.bad("facts.write", written.error());
    }
}

void LessonBook::on_change(const facts::Change& change) {
    if (change.fact.read(kHere).key.subject.starts_with(kLessonPrefix)) {
        lessons_.clear();
    }
}

}  // namespace ambit::node

#include "node/lesson_book.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "language/text.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"lesson book"};

constexpr std::string_view kPlaces[] = {"name", "area", "floor"};

// "HassTurnOn area=Bedroom"
std::string in_short(const nlohmann::json& value) {
    std::string out = text_at(value, "intent");
    const auto slots = value.is_object() ? value.find("slots") : value.end();
    if (slots != value.end() && slots->is_object()) {
        for (const auto& [name, text] : slots->items()) {
            out += " " + name + "=" + (text.is_string() ? text.get<std::string>() : "");
        }
    }
    return out;
}

std::optional<LessonBook::Kept> read_row(const facts::Fact& fact) {
    const auto* json = std::get_if<facts::Json>(&fact.value);
    const auto value = nlohmann::json::parse(json == nullptr ? "" : json->text, nullptr, false);
    LessonBook::Kept kept{fact.key, fact.time, fact.source, "taught", {}, true, text_at(value, "intent"), {}};
    kept.lesson = {fact.key.subject.substr(kLessonPrefix.size()), text_at(value, "say"),
                   text_at(value, "as")};
    const auto places = value.is_object() ? value.find("places") : value.end();
    for (const std::string_view place : kPlaces) {
        const std::string words =
            places == value.end() ? std::string() : text_at(*places, std::string(place).c_str());
        if (!words.empty()) {
            kept.places.emplace_back(place, words);
        }
    }
    if (fact.key.attribute == kExampleAttribute) {
        kept.kind = text_at(value, "kind");
        kept.in_words = !kept.lesson.means.empty() && language::check_lesson(kept.lesson);
        if (!kept.in_words) {
            kept.lesson.means = in_short(value);
        }
        return kept.kind.empty() || kept.lesson.say.empty() ? std::nullopt : std::optional(std::move(kept));
    }
    return language::check_lesson(kept.lesson) ? std::optional(std::move(kept)) : std::nullopt;
}

// What a rung learns of a meaning besides its words.
void add_meaning(nlohmann::json& value, const language::Understanding& meant) {
    if (meant.recognitions.size() != 1) {
        return;
    }
    const language::Recognition& one = meant.recognitions.front();
    value["intent"] = one.intent;
    for (const std::string_view place : kPlaces) {
        const language::Slot* slot = one.slot(place);
        if (slot != nullptr && !slot->wildcard && !(slot->text.empty() && slot->value.empty())) {
            value["places"][std::string(place)] = slot->text.empty() ? slot->value : slot->text;
        }
    }
}

// Is it one for words said by `of`?
bool may_use(const LessonBook::Kept& kept, const privacy::NamedAudience& of) {
    return kept.key.audience == of || std::holds_alternative<privacy::Household>(kept.key.audience);
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
        if (kept.key.attribute == kLessonAttribute && may_use(kept, of)) {
            taught.push_back(std::move(kept.lesson));
        }
    }
    return lessons_.emplace(of, language::Lessons(std::move(taught), skip_words)).first->second;
}

std::vector<language::Shown> LessonBook::shown(const privacy::NamedAudience& of) const {
    std::vector<language::Shown> out;
    std::vector<Kept> rows = all();
    std::stable_sort(rows.begin(), rows.end(), [](const Kept& a, const Kept& b) { return a.time > b.time; });
    for (Kept& row : rows) {
        const bool shows = row.in_words || row.kind == kWrong;
        if (may_use(row, of) && shows && out.size() < language::kLessonsMax) {
            out.push_back({row.lesson.id, row.lesson.say, row.in_words ? row.lesson.means : "",
                           row.in_words ? row.intent : "", std::move(row.places)});
        }
    }
    std::reverse(out.begin(), out.end());
    return out;
}

Result<facts::WriteId> LessonBook::keep(const language::Lesson& lesson,
                                        const language::Understanding& meant,
                                        const privacy::NamedAudience& audience,
                                        Now now) {
    facts::Draft draft;
    draft.key = {audience, std::string(kLessonPrefix) + lesson.id, std::string(kLessonAttribute)};
    nlohmann::json value = {{"say", lesson.say}, {"as", lesson.means}};
    add_meaning(value, meant);
    draft.value = facts::Json{text_of(value)};
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

std::optional<facts::Key> LessonBook::keep_example(const Example& example,
                                                   const language::Understanding& meant,
                                                   const privacy::NamedAudience& of,
                                                   Now now) {
    const auto kept = parts_.facts.query({.audience = of,
                                          .subject_prefix = std::string(kLessonPrefix),
                                          .attribute = std::string(kExampleAttribute),
                                          .limit = kExamplesMax});
    if (example.said.empty() || meant.recognitions.empty()) {
        return std::nullopt;
    }
    std::size_t count = kept.size();
    for (const auto& labelled : kept) {
        const facts::Fact& fact = labelled.read(kHere);
        const auto row = read_row(fact);
        // A correction that says something else is asked about instead.
        const bool same = example.kind != "corrected" || (row && row->lesson.means == example.means);
        if (row && row->kind == example.kind && same &&
            language::spoken_form(row->lesson.say) == language::spoken_form(example.said)) {
            count -= forget(fact.key, now) ? 1U : 0U;
        }
    }
    if (count >= kExamplesMax) {
        return std::nullopt;
    }
    nlohmann::json slots = nlohmann::json::object();
    for (const language::Slot& slot : meant.recognitions.front().slots) {
        slots[slot.name] = slot.value;
    }
    nlohmann::json value = {{"kind", example.kind},
                            {"say", example.said},
                            {"intent", meant.recognitions.front().intent},
                            {"slots", slots}};
    if (!example.means.empty()) {
        value["as"] = example.means;
        add_meaning(value, meant);
    }
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
        return std::nullopt;
    }
    return draft.key;
}

void LessonBook::on_change(const facts::Change& change) {
    if (change.fact.read(kHere).key.subject.starts_with(kLessonPrefix)) {
        lessons_.clear();
    }
}

}  // namespace ambit::node

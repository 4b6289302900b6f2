// Conversation::teach(): a lesson is taken only if its meaning is understood, and changes no other's unasked.
#include <algorithm>

#include "node/conversation.h"

namespace ambit::node {
namespace {

// Which lesson each lesson's own words lead to.
std::vector<std::string> leads_of(const language::Lessons& book,
                                  const std::vector<LessonBook::Kept>& lessons,
                                  const language::Home& home) {
    std::vector<std::string> leads;
    for (const LessonBook::Kept& kept : lessons) {
        const auto applied = book.apply(language::example_of(kept.lesson.say, home), home);
        leads.push_back(applied ? applied->id : "");
    }
    return leads;
}

// '"movie time" was taught to mean "..."; ...'
std::string said_of(const std::vector<LessonBook::Kept>& lessons) {
    std::string out;
    for (const LessonBook::Kept& kept : lessons) {
        out += (out.empty() ? "" : "; ") + std::string("\"") + kept.lesson.say + "\" was taught to mean \"" +
               kept.lesson.means + "\"";
    }
    return out;
}

}  // namespace

Result<Conversation::Taught> Conversation::teach(const Teaching& teaching, Now now) {
    const language::Lesson fresh{parts_.random.id<RequestId>().hex().substr(0, 16), teaching.say,
                                 teaching.means};
    AMBIT_TRY(language::check_lesson(fresh));
    std::vector<LessonBook::Kept> earlier = lessons_.all();
    std::erase_if(earlier, [](const auto& kept) { return kept.key.attribute != kLessonAttribute; });
    if (earlier.size() >= language::kLessonsMax) {
        return Error{ErrorCode::LimitExceeded, "500 lessons are known already"};
    }
    const language::Home& home = home_.home();
    AMBIT_TRY_ASSIGN(const auto meant, understand(language::example_of(fresh.means, home), {}, nullptr,
                                                  learning_.rung(parts_.home_audience())));
    if (meant.meaning >= language::Meaning::NotFound) {
        return Error{meant.meaning == language::Meaning::NotUnderstood ? ErrorCode::NotUnderstood
                                                                       : ErrorCode::NothingFound,
                     "\"" + teaching.means + "\": " + meant.text};
    }

    const privacy::NamedAudience audience =
        teaching.for_household ? privacy::NamedAudience(privacy::Household{}) : parts_.home_audience();
    std::vector<language::Lesson> after = {fresh};
    for (const LessonBook::Kept& kept : earlier) {
        after.push_back(kept.lesson);
    }
    const auto before = leads_of(lessons_.lessons(skip_words(), parts_.home_audience()), earlier, home);
    const auto now_leads = leads_of(language::Lessons(std::move(after), skip_words()), earlier, home);
    Taught taught;
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        if (before[i] != now_leads[i]) {
            taught.replaced.push_back(earlier[i]);
        }
    }
    std::string conflicts = said_of(taught.replaced);
    AMBIT_TRY_ASSIGN(const auto plain, understand(language::example_of(fresh.say, home), {}, nullptr,
                                                  learning_.rung(parts_.home_audience())));
    // What a model takes words for is no reason against teaching what they mean.
    if (plain.meaning < language::Meaning::NotFound && !is_paraphrase(plain)) {
        const std::string intent =
            plain.recognitions.empty() ? "something" : plain.recognitions.front().intent;
        conflicts += (conflicts.empty() ? "" : "; ") + std::string("\"") + teaching.say + "\" means " +
                     intent + " by itself";
    }
    if (!conflicts.empty() && !teaching.replace) {
        return Error{ErrorCode::LessonConflict, conflicts};
    }
    // Another audience's lessons stay: this one only comes before them here.
    std::erase_if(taught.replaced, [&](const auto& kept) { return kept.key.audience != audience; });
    for (const LessonBook::Kept& kept : taught.replaced) {
        AMBIT_TRY(lessons_.forget(kept.key, now));
    }
    AMBIT_TRY_ASSIGN(taught.write, lessons_.keep(fresh, meant, audience, now));
    taught.kept = {{audience, std::string(kLessonPrefix) + fresh.id, std::string(kLessonAttribute)},
                   now.wall,
                   parts_.self,
                   "taught",
                   fresh,
                   true,
                   "",
                   {}};
    return taught;
}

}  // namespace ambit::node

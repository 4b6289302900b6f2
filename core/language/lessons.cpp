#include "language/lessons.h"

#include <algorithm>
#include <array>

#include "language/text.h"

namespace ambit::language {
namespace {

constexpr std::array<std::string_view, 3> kPlaceHolders = {"{name}", "{area}", "{floor}"};

// In single quotes for YAML.
std::string yaml_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? "''" : std::string(1, c);
    }
    return out + "'";
}

// What was taught is text, but for its place-holders; marks at the edges of words go, as they do when it is said.
std::string as_template(std::string_view taught) {
    const std::string cased = prepare(normalise(decode_folded(taught)), false).cased;
    const std::string_view say = strip(cased);
    std::string out;
    for (std::size_t at = 0; at < say.size();) {
        const auto holder =
            std::find_if(kPlaceHolders.begin(), kPlaceHolders.end(),
                         [&](std::string_view one) { return say.substr(at).starts_with(one); });
        if (holder != kPlaceHolders.end()) {
            out += *holder;
            at += holder->size();
            continue;
        }
        if (std::string_view("()[]{}<>|;\\").find(say[at]) != std::string_view::npos) {
            out += '\\';
        }
        out += say[at++];
    }
    return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
        text.replace(at, what.size(), with);
    }
    return text;
}

// Not UTF-8, or characters that no YAML file may have.
bool has_broken_text(std::string_view text) {
    const TextChars characters = decode_folded(text);
    return std::any_of(characters.begin(), characters.end(), [](const TextChar& one) {
        return one.cased == 0xFFFD || one.cased == 0xFEFF || (one.cased >= 0x80 && one.cased < 0xA0) ||
               (one.cased & 0xFFFE) == 0xFFFE;
    });
}

Error lesson_invalid(const char* why) {
    return {ErrorCode::LessonInvalid, why};
}

}  // namespace

Result<void> check_lesson(const Lesson& lesson) {
    const auto has_control = [](const std::string& text) {
        return std::any_of(text.begin(), text.end(),
                           [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    };
    if (spoken_form(lesson.say).empty() || is_only_marks(lesson.say) ||
        lesson.say.size() > kLessonSayBytesMax) {
        return lesson_invalid("what is said: 1 to 500 bytes of words");
    }
    if (spoken_form(lesson.means).empty() || lesson.means.size() > kLessonMeansBytesMax) {
        return lesson_invalid("what it means: 1 to 1000 bytes of words");
    }
    if (has_control(lesson.say) || has_control(lesson.means)) {
        return lesson_invalid("a control character");
    }
    if (has_broken_text(lesson.say) || has_broken_text(lesson.means)) {
        return lesson_invalid("not UTF-8 text");
    }
    std::string bare = lesson.say;
    for (const std::string_view holder : kPlaceHolders) {
        const bool said = lesson.say.find(holder) != std::string::npos;
        if (!said && lesson.means.find(holder) != std::string::npos) {
            return lesson_invalid("what it means names a place-holder that what is said does not have");
        }
        if (said && lesson.say.find(holder) != lesson.say.rfind(holder)) {
            return lesson_invalid("a place-holder that stands twice");
        }
        bare = replaced(bare, holder, "");
    }
    if (spoken_form(bare).empty()) {
        return lesson_invalid("a place-holder and no words of its own");
    }
    return {};
}

std::string example_of(std::string_view text, const Home& home) {
    std::string out(text);
    const auto fill = [&out](std::string_view holder, const std::vector<std::string>& values) {
        out = replaced(out, holder, values.empty() ? "" : values.front());
    };
    fill("{name}", home.entities().empty() ? std::vector<std::string>()
                                           : std::vector<std::string>{home.entities().front().name});
    fill("{area}", home.areas());
    fill("{floor}", home.floors());
    return out;
}

Lessons::Lessons(std::vector<Lesson> lessons, const std::vector<std::string>& skip_words) {
    for (Lesson& lesson : lessons) {
        if (lessons_.size() < kLessonsMax && check_lesson(lesson)) {
            lessons_.push_back(std::move(lesson));
        }
    }
    if (lessons_.empty()) {
        return;
    }
    std::string yaml = "skip_words: [";
    for (const std::string& word : skip_words) {
        yaml += yaml_quoted(word) + ",";
    }
    yaml += "]\nintents:\n  AmbitLesson:\n    data:\n";
    for (std::size_t i = 0; i < lessons_.size(); ++i) {
        yaml += "      - sentences: [" + yaml_quoted(as_template(lessons_[i].say)) +
                "]\n        slots: {lesson: \"" + std::to_string(i) + "\"}\n";
    }
    grammar_ = std::make_shared<const Grammar>(Grammar::compile("en", {{"lessons", std::move(yaml), true}}));
}

std::optional<Lessons::Applied> Lessons::apply(std::string_view utterance, const Home& home) const {
    if (grammar_ == nullptr) {
        return std::nullopt;
    }
    const auto found = grammar_->recognise(utterance, home.lists());
    if (!found || !*found) {
        return std::nullopt;
    }
    const Recognition& recognition = **found;
    const Lesson& lesson = lessons_[std::stoul(recognition.slot("lesson")->value)];
    std::string means = lesson.means;
    for (const std::string_view holder : kPlaceHolders) {
        const Slot* slot = recognition.slot(holder.substr(1, holder.size() - 2));
        if (slot != nullptr) {
            means = replaced(std::move(means), holder, slot->text.empty() ? slot->value : slot->text);
        }
    }
    return Applied{lesson.id, std::move(means)};
}

}  // namespace ambit::language

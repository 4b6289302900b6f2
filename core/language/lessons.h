// Lessons: sentences that somebody taught ("movie time"), each with the words it stands for.
//
// A lesson is matched like any template, but {name}, {area} and {floor} are all it may vary; it is tried
// before the built-in sentences.  Pure.  Ownership: values.  Threads: const calls from any thread.  Failure:
// LessonInvalid (3131) from check_lesson(); apply() never fails.  Spec: docs/spec/sentences.md, "Lessons".
#pragma once

#include "language/understand.h"

namespace ambit::language {

inline constexpr std::size_t kLessonsMax = 500;
inline constexpr std::size_t kLessonSayBytesMax = 500;
inline constexpr std::size_t kLessonMeansBytesMax = 1000;

struct Lesson {
    std::string id;
    std::string say;    // "movie time in {area}"
    std::string means;  // "dim {area} to 20 percent"
    friend bool operator==(const Lesson&, const Lesson&) = default;
};

// Not empty, not too long, no control characters, and what `means` varies `say` has.
Result<void> check_lesson(const Lesson& lesson);
// With the place-holders filled in from this home, as an example of what may be said.
std::string example_of(std::string_view text, const Home& home);

class Lessons {
  public:
    Lessons() = default;
    // Of lessons that match the same words the first counts; those beyond kLessonsMax, and bad ones, are left
    // out.
    Lessons(std::vector<Lesson> lessons, const std::vector<std::string>& skip_words);

    struct Applied {
        std::string id;
        std::string means;  // what to understand instead
    };

    std::optional<Applied> apply(std::string_view utterance, const Home& home) const;

    const std::vector<Lesson>& all() const { return lessons_; }

  private:
    std::vector<Lesson> lessons_;
    std::shared_ptr<const Grammar> grammar_;  // null if there are none
};

}  // namespace ambit::language

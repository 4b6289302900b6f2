// Lesson book: what people taught and corrected, as kept facts of their audience.
//
// A lesson is a fact `lesson:<id>`: the person's own, or the household's when they said so; so it works on
// every device of that audience, survives a restart, and is forgotten one by one.  Corrections, choices and
// undos are kept beside them as examples that a model can learn from; they leave their audience as little as
// lessons do. Ownership: Conversation owns it; borrows Parts.  Threads: the loop's.  Failure: as
// Facts::put(); what is no lesson in a fact is passed over.  Spec: docs/spec/facts.md section "Lessons".
#pragma once

#include "language/lessons.h"
#include "language/rung.h"
#include "node/parts.h"

namespace ambit::node {

inline constexpr std::string_view kLessonPrefix = "lesson:";
inline constexpr std::string_view kLessonAttribute = "lesson";
inline constexpr std::string_view kExampleAttribute = "example";
// The kind of an example of what words don't mean: the next rung was wrong about them.
inline constexpr std::string_view kWrong = "wrong";

class LessonBook {
  public:
    static constexpr std::size_t kExamplesMax = 1000;

    // One row of the book.
    struct Kept {
        facts::Key key;
        WallTime time;
        DeviceId source;
        std::string kind;         // "taught", "chosen", "corrected", "undone", "wrong"
        language::Lesson lesson;  // `means` of an example: words if it has them, else its intent and things
        bool in_words = true;     // `means` is words that stand for what was said
        std::string intent;       // of what it means, if it is one
        std::vector<std::pair<std::string, std::string>> places;  // as in language::Shown
    };

    // What a correction showed.
    struct Example {
        std::string kind;   // as in Kept
        std::string said;   // what turned out to mean, or not to mean, ...
        std::string means;  // ... these words; empty: none were found for it, or it was wrong
    };

    explicit LessonBook(Parts& parts) : parts_(parts) {}

    // The person's own before the household's, then the newest first.
    std::vector<Kept> all() const;
    // Those that stand for other words, as far as words of audience `of` may use them: its own and the
    // household's.  Built when first asked for after a change; valid until the next one.
    const language::Lessons& lessons(const std::vector<std::string>& skip_words,
                                     const privacy::NamedAudience& of) const;

    // What a rung can learn from, the earliest first: lessons, and examples that have words or were wrong.
    std::vector<language::Shown> shown(const privacy::NamedAudience& of) const;

    // `meant`: what it means now.
    Result<facts::WriteId> keep(const language::Lesson& lesson,
                                const language::Understanding& meant,
                                const privacy::NamedAudience& audience,
                                Now now);
    Result<facts::WriteId> forget(const facts::Key& key, Now now);
    // `meant`: what was, or was wrongly, carried out.  An earlier example of that kind with the same words
    // goes. Its key, if it is kept.
    std::optional<facts::Key> keep_example(const Example& example,
                                           const language::Understanding& meant,
                                           const privacy::NamedAudience& of,
                                           Now now);

    // A kept fact changed.
    void on_change(const facts::Change& change);

  private:
    Parts& parts_;
    mutable std::map<privacy::NamedAudience, language::Lessons> lessons_;
};

}  // namespace ambit::node

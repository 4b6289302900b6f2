// Talk: what was said before in one conversation, and what a follow-up means by it.
//
// "And the bedroom", "a bit brighter", "no, the other one", "back to 40 percent", and the answer to "which
// one?".  Pure: the clock is an argument.  Ownership: a value, one per speaker; it holds words' meaning, so
// it is as private as they are.  Threads: any, not at once.  Failure: none. Spec: docs/spec/sentences.md,
// "Follow-ups".
#pragma once

#include "base/time.h"
#include "language/understand.h"

namespace ambit::language {

// A conversation that was silent for so long is over: "the bedroom too" means nothing any more.
inline constexpr milliseconds kTalkLife{120'000};
// More words than that are no answer to "which one?".
inline constexpr std::size_t kChoiceWordsMax = 6;

class Talk {
  public:
    // What was carried out, answered or asked back; other meanings change nothing.
    void remember(const Understanding& understanding, MonoTime now);
    // Forgets what is too long ago.
    void expire(MonoTime now);

    bool is_open() const { return last_ || waiting_; }

    // What was done or answered last.
    const std::optional<Understanding>& last() const { return last_; }

    // What was asked back and not answered yet.
    const std::optional<Understanding>& waiting() const { return waiting_; }

    // The things that were talked about last.
    std::vector<std::string> entities() const;

    // What was offered when `last` was chosen from several.
    const std::vector<Choice>& offered() const { return offered_; }

    const std::vector<std::string>& picked() const { return picked_; }

  private:
    void keep_offered(const Understanding& understanding);

    std::optional<Understanding> last_;
    std::optional<Understanding> waiting_;
    std::vector<Choice> offered_;
    std::vector<std::string> picked_;
    MonoTime until_{};
};

// What a recognised follow-up means; nullopt if it is none.  `speaker.talk` is what was said before.
std::optional<Understanding> follow_up(const Recognition& recognition,
                                       const Home& home,
                                       const Speaker& speaker,
                                       std::string_view language);
// An answer to "which one?" that is no sentence: "the left one", "office", "2".
std::optional<Understanding> answer_choice(std::string_view utterance,
                                           const Home& home,
                                           const Speaker& speaker,
                                           std::string_view language);

}  // namespace ambit::language

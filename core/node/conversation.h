// Conversation: what is said at this device, understood here and carried out wherever the things are.
//
// The words stay with their audience: on a personal device its person's, on a shared one the household's.  So
// does what was said before: a conversation is one speaker's own, and is over after language::kTalkLife.
// Ownership: Node owns it; borrows Parts, HomeView and Actions.  Threads: the loop's.
// Failure: every ask() ends in one AskResult.  Spec: docs/spec/local-api.md section "POST ask".
#pragma once

#include "language/talk.h"
#include "node/actions.h"
#include "node/home_view.h"
#include "node/learning.h"
#include "node/parsing.h"
#include "node/undoing.h"

namespace ambit::node {

inline constexpr std::string_view kAskedAttribute = "asked";
inline constexpr std::string_view kLastActionAttribute = "last_action";
std::string request_subject(const RequestId& request);

// One thing that was asked for, and what became of it.
struct Answer {
    enum class State : std::uint8_t { Done, NotDone, Unknown, Pending };

    std::string text;
    State state = State::NotDone;
    std::string capability;
    std::string entity;
    std::string entity_name;
    std::string done_by;  // device name
    microseconds took{0};
    std::optional<RequestId> request;
    std::optional<Error> error;
    std::vector<std::string> confirm_on;  // device names, when Pending
    milliseconds expires_in{0};           // when Pending
    // Of what was read for it; none: it says nothing but what the household knows and the asker said.
    std::optional<privacy::Label> label;
};

struct AskResult {
    bool understood = false;
    microseconds understood_in{0};
    language::Understanding understanding;
    std::string note;  // worth saying besides the answers: "I took ... for ..."
    std::vector<Answer> answers;
    std::vector<language::Choice> choices;
    std::optional<Error> error;
};

// Whose words they are, and the label they have.
struct Asker {
    privacy::NamedAudience audience;
    std::optional<PersonId> person;
};

class Conversation {
  public:
    using OnAnswered = std::function<void(const AskResult&)>;
    // One answer of several, as soon as it is there.
    using OnAnswer = std::function<void(const Answer&)>;
    // Measures how long understanding took; the core reads no clock.
    using Clock = std::function<MonoTime()>;

    static constexpr milliseconds kTimeoutMax{60'000};
    static constexpr std::size_t kBeforeBytesMax = 4096;  // of a state that is kept to be brought back
    static constexpr std::size_t kSpeakingMax =
        4;  // this device's person, the household, a client's audience

    Conversation(Parts& parts, HomeView& home, Actions& actions, const Clock& clock)
        : parts_(parts),
          home_(home),
          actions_(actions),
          clock_(clock),
          lessons_(parts),
          learning_(parts, lessons_, clock) {}

    void set_grammars(std::vector<language::Grammar> grammars) { grammars_ = std::move(grammars); }

    // Asked when the sentences don't say what was meant; null: nobody is.  It learns from lessons.
    void set_next_rung(std::unique_ptr<const language::Rung> rung) { learning_.set_base(std::move(rung)); }

    // Answers once all commands of the sentence have ended or wait for a yes.  `asker`: none: whoever is at
    // this device.
    void ask(const std::string& text,
             milliseconds timeout,
             const OnAnswered& on_answered,
             Now now,
             const std::optional<Asker>& asker = std::nullopt,
             const OnAnswer& on_answer = {});
    // Takes back what request `id` did, or, if that is empty, what was last asked for from here.  `asker`: as
    // for ask().
    void undo(const std::string& id,
              milliseconds timeout,
              const OnAnswered& on_answered,
              Now now,
              const std::optional<Asker>& asker = std::nullopt);
    // A command that needs no understanding; `text` says for `ambit why` how it came.
    void command(const language::Command& command,
                 const std::string& text,
                 const Asker& asker,
                 milliseconds timeout,
                 const OnAnswered& on_answered,
                 Now now);
    // What the words mean here at the start of a conversation; does nothing and remembers nothing.
    Result<language::Understanding> understand(const std::string& text);
    // The templates that came near, for explaining what was understood, or not.
    std::vector<language::NearMiss> near_misses(const std::string& text, const std::string& language) const;

    // Teaches that `say` stands for `means`.  LessonConflict when other words would change their meaning and
    // `replace` is not set; with it the lessons that break go.
    struct Teaching {
        std::string say;
        std::string means;
        bool for_household = false;
        bool replace = false;
    };

    struct Taught {
        facts::WriteId write = 0;
        LessonBook::Kept kept;
        std::vector<LessonBook::Kept> replaced;
    };

    Result<Taught> teach(const Teaching& teaching, Now now);

    LessonBook& lessons() { return lessons_; }

    const LessonBook& lessons() const { return lessons_; }

    Learning& learning() { return learning_; }

    // Words that nobody understands here are asked of a device with a better model that may read them.
    void set_passes_on(bool passes_on) { passes_on_ = passes_on; }

    // parsing.cpp.  What this device's own model makes of another's words.
    Parsed parse(const std::string& text) const;

    // A kept fact changed.
    void on_change(const facts::Change& change) {
        lessons_.on_change(change);
        learning_.on_change(change);
    }

    // What would be done, and by whom; does nothing.
    Result<std::pair<language::Understanding, std::vector<request::Plan>>> plan(const std::string& text,
                                                                                Now now);
    // What this device did for somebody becomes a fact for the household, so that anybody can ask why.
    void on_acted(const Acted& acted, Now now);

  private:
    struct Running {
        AskResult result;
        std::size_t open = 0;
        Asker asker;
        std::string learned;  // worth saying besides: what was learned from it
        OnAnswered on_answered;
        OnAnswer on_answer;
    };

    // One command, or why it is not even tried.
    struct Step {
        language::Command command;
        std::optional<Error> refusal;
        std::string undoes;  // id of the request that it takes back; else empty
    };

    // What was said before, by those whose words have this label; nobody else's words are read beside it.
    struct Speaking {
        privacy::NamedAudience of;
        language::Talk talk;
        std::string last_words;     // that were carried out or answered
        std::string waiting_words;  // that a question back waits for
        std::string missed_words;   // that were not understood, and nothing was said since
        MonoTime missed_at{};

        // What was taken back, and waits to be said in other words.
        struct Undone {
            std::string words;
            std::optional<facts::Key> example;
            language::Understanding meant;
            MonoTime at{};
        };

        std::optional<Undone> undone;
    };

    // "No, I meant ...": what was misunderstood, and what it should have meant.
    struct Correction {
        std::string words;
        language::Understanding meant;
    };

    std::vector<std::string> skip_words() const;
    // `talk`: what was said before; nullptr at the start of a conversation.
    Result<language::Understanding> understand(const std::string& text,
                                               const language::Lessons& lessons,
                                               const language::Talk* talk,
                                               const language::Rung* next) const;
    Speaking& speaking(const privacy::NamedAudience& of, Now now);
    // parsing.cpp.  True: another device was asked; conclude() follows.
    bool pass_on(const std::shared_ptr<Running>& running,
                 const std::string& text,
                 milliseconds timeout,
                 Now now);
    void hear_parsed(
        Running& running, const std::string& text, const Parsed& parsed, const identity::Device* by, Now now);
    // Learns from it, remembers it and responds.
    void conclude(const std::shared_ptr<Running>& running,
                  const std::string& text,
                  milliseconds timeout,
                  Now now);
    // Carries out, or says, what was understood.
    void respond(const std::shared_ptr<Running>& running,
                 const std::string& text,
                 milliseconds timeout,
                 Now now);
    // correcting.cpp.  What was said, as examples to learn from.
    void learn_from(const std::string& text,
                    const language::Understanding& understanding,
                    Speaking& speaking,
                    Now now);
    std::optional<Correction> correction(const std::string& text, Speaking& speaking, Now now);
    // Returns what is worth saying about it.
    std::string learn_correction(const Correction& correction, Speaking& speaking, Now now);
    void learn_choice(const language::Understanding& meant, const Speaking& speaking, Now now);
    void learn_undo(const language::Understanding& meant, Speaking& speaking, Now now);
    void learn_rephrasing(const std::string& text,
                          const language::Understanding& meant,
                          Speaking& speaking,
                          Now now);
    // `words` if they mean what `meant` does, by the sentences alone; else empty.
    std::string checked(const std::string& words, const language::Understanding& meant) const;
    std::vector<Step> undo_steps(const std::string& id, const privacy::NamedAudience& of) const;
    void carry_out(const std::shared_ptr<Running>& running,
                   std::vector<Step> steps,
                   const std::string& text,
                   milliseconds timeout,
                   Now now);
    // From where the thing is now to where it should go.
    void settle_turn(Step& step, const std::string& language, Now now) const;

    // What all steps of one utterance share.
    struct Saying {
        std::string text;
        std::string turn;  // its id
    };

    Asker here() const { return {parts_.home_audience(), parts_.person()}; }

    request::Intent intent_for(const language::Command& command,
                               const Asker& asker,
                               milliseconds timeout,
                               Now now);
    void start(const std::shared_ptr<Running>& running,
               std::size_t index,
               const Step& step,
               const Saying& saying,
               milliseconds timeout,
               Now now);
    void remember_asked(
        const RequestId& request, const Asker& asker, const Step& step, const Saying& saying, Now now);
    Answer answer_question(const language::Question& question,
                           const std::map<std::string, std::string>& states) const;
    std::map<std::string, std::string> known_states(const language::Question& question, Now now) const;
    // How to find out what is not known here: a capability that reads the one thing the question is about.
    std::optional<language::Command> reading_for(const language::Question& question) const;
    void read(const std::shared_ptr<Running>& running,
              const language::Question& question,
              const language::Command& reading,
              milliseconds timeout,
              Now now);
    static void settle(const std::shared_ptr<Running>& running, std::size_t index);

    Parts& parts_;
    HomeView& home_;
    Actions& actions_;
    Clock clock_;
    std::vector<language::Grammar> grammars_;
    LessonBook lessons_;
    Learning learning_;
    bool passes_on_ = false;
    std::vector<Speaking> speaking_;  // who spoke last is last
};

// "Kitchen Light on", "Kitchen Light at 40 %".
std::string say_done(const std::string& entity_name,
                     const std::string& capability,
                     const std::string& input_json);

}  // namespace ambit::node

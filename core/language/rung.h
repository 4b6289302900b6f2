// Rung: another reader of words, asked when the templates understand nothing, or too little to act on it.
//
// What it makes of them comes back in the templates' own words, so that names, rooms, amounts and colours are
// resolved by the same code whoever understood them.
// Ownership: the caller's; it outlives every understand() it is given to.  Threads: const calls from any
// thread.  Failure: none; nothing read is an answer.  Spec: docs/spec/sentences.md, "The next rung".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ambit::language {

// A stretch of a rewording that stood in the utterance, in bytes.
struct Taken {
    std::size_t begin = 0;  // in the rewording
    std::size_t size = 0;
    std::size_t said_at = 0;  // in the utterance
    friend bool operator==(const Taken&, const Taken&) = default;
};

struct Rewording {
    std::string words;  // "turn off the lights in the kitchen"
    std::vector<Taken> taken;
    friend bool operator==(const Rewording&, const Rewording&) = default;
};

struct Guess {
    std::string rung;   // "T1"
    std::string label;  // in its own terms: "iot_hue_lightoff"
    double confidence = 0;
    bool sure = false;    // enough to be acted on
    bool likely = false;  // rather this than all others together
    std::string doubt;    // why it is not to be acted on all the same: "it says when"; else empty
    std::vector<std::string> intents;                       // ours that `label` may mean
    std::vector<Rewording> rewordings;                      // the first that a template reads counts
    std::vector<std::pair<std::string, double>> next_best;  // labels behind it
    std::string reworded;                                   // the rewording that was read, once one was
    std::string lesson;  // the id of the lesson that decided it; else empty
    // What that lesson stands for, in words that templates read; {name}, {area} and {floor} are what was
    // said.
    std::string means;
};

// What somebody showed: that words mean others, or that they don't mean what was made of them.
struct Shown {
    std::string id;
    std::string said;    // {name}, {area} and {floor} may vary
    std::string means;   // in words that templates read; empty: not what the rung takes `said` for
    std::string intent;  // ours, of `means`; empty if it is several
    // What `means` names: ("name", "area" or "floor", in its words).
    std::vector<std::pair<std::string, std::string>> places;
    friend bool operator==(const Shown&, const Shown&) = default;
};

// A lesson that is not learned, because an earlier one would no longer be read as it was shown.
struct Clash {
    std::string lesson;
    std::string earlier;
    friend bool operator==(const Clash&, const Clash&) = default;
};

class Rung {
  public:
    virtual ~Rung() = default;
    Rung() = default;
    Rung(const Rung&) = delete;
    Rung& operator=(const Rung&) = delete;

    // Of whose sentences it understands paraphrases: "en".
    virtual std::string_view language() const = 0;
    // True if a label of its may mean this intent of ours; about others it cannot agree or disagree.
    virtual bool knows(std::string_view intent) const = 0;
    // nullopt: it has nothing to say about these words.
    virtual std::optional<Guess> read(std::string_view utterance) const = 0;

    // This rung after the lessons, the earliest first; this one stays as it is.  nullptr: it cannot learn.
    virtual std::unique_ptr<const Rung> taught(const std::vector<Shown>& /*lessons*/) const {
        return nullptr;
    }

    // Of the lessons that it was taught, those that speak against an earlier one.
    virtual std::vector<Clash> clashes() const { return {}; }
};

}  // namespace ambit::language

// Understanding: from words to commands for this home, or to a question back.
//
// Pure.  Ownership: values; a Home is built once per change of the home and read by every call.  Threads:
// const calls from any thread.  Failure: as Grammar::recognise(); "not understood" and "not found" are
// answers, not errors. Spec: docs/spec/sentences.md.
#pragma once

#include "language/language.h"

namespace ambit::language {

inline constexpr std::size_t kHomeEntitiesMax = 4096;
inline constexpr std::size_t kCommandsMax = 64;  // of one utterance: "turn off all lights"
inline constexpr std::size_t kPartsMax = 4;      // "... and ... and ..."
inline constexpr std::size_t kChoicesMax = 8;
inline constexpr std::size_t kNearestNamesMax = 3;

// A thing in the home, as far as words need to know it.
struct HomeEntity {
    std::string id;
    std::string name;
    std::string area;    // empty if unknown
    std::string domain;  // "light", "switch", "sensor", ...
    std::vector<std::string> aliases;
    std::vector<std::string> capabilities;  // "light.set"
};

class Home {
  public:
    // Entities beyond kHomeEntitiesMax are dropped.
    explicit Home(std::vector<HomeEntity> entities);

    const std::vector<HomeEntity>& entities() const { return entities_; }

    const HomeEntity* find(std::string_view id) const;

    const Lists& lists() const { return lists_; }

    // How entity number `entity` may be called, folded: name, aliases, and each with its area in front.
    const std::vector<std::string>& spoken_forms(std::size_t entity) const { return spoken_[entity]; }

    std::vector<std::string> areas() const;

  private:
    std::vector<HomeEntity> entities_;
    std::vector<std::vector<std::string>> spoken_;  // per entity
    Lists lists_;
};

// One thing to do: exactly what leaves for the acting device under the rule `command`.
struct Command {
    std::string capability;  // "light.set", "switch.set"
    std::string entity;
    std::string input_json;  // {"on":true,"brightness_pct":40}
    friend bool operator==(const Command&, const Command&) = default;
};

// A question about states; say_state() answers it once the states were read.
struct Question {
    std::string aspect;      // "on", "brightness_pct" or "value"
    std::string expected;    // "on" or "off" for a question about one of the two, else empty
    std::string quantifier;  // "all", "any" or "which" about several entities, else empty
    std::vector<std::string> entities;
    friend bool operator==(const Question&, const Question&) = default;
};

struct Choice {
    std::string entity;
    std::string label;  // "Lamp (Kitchen)"
};

enum class Meaning : std::uint8_t {
    Commands,       // do `commands`, in their order
    Question,       // answer `question`
    Clarify,        // several things fit: say `text`, offer `choices`
    NotFound,       // understood, but nothing in the home fits: say `text`
    NotUnderstood,  // no sentence matched: say `text`, or try the next rung
};

// The same type comes from every rung.
struct Understanding {
    Meaning meaning = Meaning::NotUnderstood;
    std::vector<Recognition> recognitions;  // one per part ("... and ...")
    std::vector<Command> commands;
    std::optional<Question> question;
    std::string text;
    std::vector<Choice> choices;
    std::vector<NearMiss> near_misses;  // only with NotUnderstood
};

struct Speaker {
    std::string area;  // where the device that heard it stands ("here"); empty if unknown
};

// Tries the whole utterance, then its parts around "and".  There are commands only if every part was
// understood.
Result<Understanding> understand(const Grammar& grammar,
                                 const Home& home,
                                 std::string_view utterance,
                                 const Speaker& speaker);

// Which entities one recognition means, and what to do with them: the step after any rung.
Understanding resolve(const Recognition& recognition,
                      const Home& home,
                      const Speaker& speaker,
                      std::string_view language);

// The spoken answer.  `states`: entity id to state JSON ({"on":true}); a missing one is said to be unknown.
std::string say_state(const Question& question,
                      const Home& home,
                      const std::map<std::string, std::string>& states,
                      std::string_view language);

}  // namespace ambit::language

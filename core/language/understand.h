// Understanding: from words to commands for this home, or to a question back.
//
// Pure.  Ownership: values; a Home is built once per change of the home and read by every call.  Threads:
// const calls from any thread.  Failure: as Grammar::recognise(); "not understood" and "not found" are
// answers, not errors. Spec: docs/spec/sentences.md.
#pragma once

#include "language/language.h"
#include "language/rung.h"

namespace ambit::language {

inline constexpr std::size_t kHomeEntitiesMax = 20'000;
inline constexpr std::size_t kAreasMax = 1024;
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
    std::string device_class = {};          // "window", "garage"; empty if unknown
};

// What else words need to know of a home.
struct Places {
    std::map<std::string, std::string> floor_of_area;
    std::vector<std::string> offered;  // capabilities without an entity: "timer.start"
};

class Home {
  public:
    // Entities beyond kHomeEntitiesMax are dropped.
    explicit Home(std::vector<HomeEntity> entities, Places places = {});

    const std::vector<HomeEntity>& entities() const { return entities_; }

    const HomeEntity* find(std::string_view id) const;

    const Lists& lists() const { return lists_; }

    // How entity number `entity` may be called, folded: name, aliases, and each with its area in front.
    const std::vector<std::string>& spoken_forms(std::size_t entity) const { return spoken_[entity]; }

    std::vector<std::string> areas() const;
    std::vector<std::string> floors() const;
    // Empty if it is on none.
    std::string floor_of(std::string_view area) const;
    // A device of the household offers this capability, which needs no entity.
    bool offers(std::string_view capability) const;

    const std::vector<std::string>& offered() const { return places_.offered; }

  private:
    std::vector<HomeEntity> entities_;
    Places places_;
    std::map<std::string, std::string> floors_;     // by the spoken form of the area
    std::vector<std::vector<std::string>> spoken_;  // per entity
    Lists lists_;
};

// One thing to do: exactly what leaves for the acting device under the rule `command`.
struct Command {
    // How far to turn something, from where it is: "a bit brighter".
    struct Turn {
        std::string member;  // "brightness_pct"
        double by = 0;
        friend bool operator==(const Turn&, const Turn&) = default;
    };

    std::string capability;  // "light.set", "switch.set"
    std::string entity;      // empty for a capability that needs none
    std::string input_json;  // {"on":true,"brightness_pct":40}; empty while `turn` waits for a state
    std::optional<Turn> turn = std::nullopt;
    friend bool operator==(const Command&, const Command&) = default;
};

// A relative command as an absolute one, now that the thing's state is known, so that doing it twice is as
// doing it once; nullopt when the state doesn't say where it stands.
std::optional<Command> made_absolute(const Command& command, std::string_view state_json);

// A question about states; say_state() answers it once the states were read.
struct Question {
    std::string aspect;      // "on", "brightness_pct" or "value"
    std::string expected;    // "on", "off", "open", "closed", "locked" or "unlocked", if it asks whether
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
    Undo,           // take back what was done last; then do `commands`, if there are any
    Nothing,        // "never mind": do nothing, say `text`
    Clarify,        // several things fit: say `text`, offer `choices`
    NotFound,       // understood, but nothing in the home fits: say `text`
    NothingCan,     // understood, but nothing in the home can do that: say `text`
    NotUnderstood,  // no sentence matched: say `text`, or try the next rung
};

// How one thing was found, for `--explain`.
struct Found {
    std::string said;    // "kichen light"
    std::string how;     // "name", "alias or area", "plural", "typo", "kind", "here", "choice", "before"
    std::string entity;  // its id
    friend bool operator==(const Found&, const Found&) = default;
};

// The same type comes from every rung.
struct Understanding {
    Meaning meaning = Meaning::NotUnderstood;
    std::vector<Recognition> recognitions;  // one per part ("... and ...")
    std::vector<Command> commands;
    std::optional<Question> question;
    std::string text;  // what to say; with Commands only what is worth saying ("I took ... for ...")
    std::vector<Choice> choices;
    std::vector<Found> found;
    std::vector<NearMiss> near_misses;  // only with NotUnderstood
    std::string language;               // of the grammar
    std::string lesson;                 // id of the lesson that stood in for what was said; else empty
    std::optional<Guess> guess;         // what the next rung made of it, if it was asked
};

// True if no template had it: another rung than T0 said what was meant.
bool is_paraphrase(const Understanding& understanding);

class Talk;  // talk.h

struct Speaker {
    std::string area;                      // where the device that heard it stands ("here"); empty if unknown
    bool fahrenheit = false;               // numbers said for temperatures
    const Talk* talk = nullptr;            // what was said before, if anything
    std::vector<std::string> picked = {};  // entities that were chosen when it was asked which one is meant
};

// Tries the whole utterance, then an answer to what was asked back, then its parts around "and", then names
// that were misspelt, then what the next rung makes of it.  There are commands only if every part was
// understood.  `next` may be null: then the templates are alone, and what they guess counts.
Result<Understanding> understand(const Grammar& grammar,
                                 const Home& home,
                                 std::string_view utterance,
                                 const Speaker& speaker,
                                 const Rung* next = nullptr);

// Which entities one recognition means, and what to do with them: the step after any rung.
Understanding resolve(const Recognition& recognition,
                      const Home& home,
                      const Speaker& speaker,
                      std::string_view language);
// The same for things that are known already, whatever the recognition names.
Understanding resolve_for(const Recognition& recognition,
                          const std::vector<std::string>& entities,
                          const Home& home,
                          const Speaker& speaker,
                          std::string_view language);

// The spoken answer.  `states`: entity id to state JSON ({"on":true}); a missing one is said to be unknown.
std::string say_state(const Question& question,
                      const Home& home,
                      const std::map<std::string, std::string>& states,
                      std::string_view language);

}  // namespace ambit::language

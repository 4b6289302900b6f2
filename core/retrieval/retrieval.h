// Retrieval: of a whole home, the few things and capabilities that matter for an utterance.
//
// What a language model sees (rung T2) is this and never the whole house.  An index over names, aliases,
// areas, floors, kinds and what people call them; whole words count by how rare they are, misspelt and
// compound words by the letters they share.  Pure: the same home and words give the same answer.  Ownership:
// an Index is a value, built once per change of the home.  Threads: const calls from any thread.  Failure:
// none; words about nothing here give nothing.  Cost: see `./dev bench language-retrieval`.  Spec:
// docs/spec/sentences.md, "Retrieval".
#pragma once

#include <memory>

#include "language/understand.h"

namespace ambit::retrieval {

inline constexpr std::size_t kEntitiesMax = 8;
inline constexpr std::size_t kWordsMax = 64;  // of an utterance; the rest is not looked at

struct Hit {
    std::size_t entity = 0;  // number in Home::entities()
    double score = 0;
};

struct Found {
    std::vector<Hit> entities;              // best first, at most kEntitiesMax
    std::vector<std::string> capabilities;  // of those, and those without an entity that were named; by name
};

class Index {
  public:
    explicit Index(const language::Home& home);

    // `here`: the area of the device that heard it; things there count a little more.
    Found find(std::string_view utterance, std::string_view here = {}) const;

    struct Impl;

  private:
    std::shared_ptr<const Impl> impl_;
};

// What people say for a kind of thing, in all languages we know: "lamp", "Licht", "lumière" -> "light".
std::vector<std::string> kinds_called(std::string_view word);

}  // namespace ambit::retrieval

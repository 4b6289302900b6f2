// Catalogue: the intents.yaml of the layout with one sentence file per combination of slots.
//
// Says which combinations there are, in which order, and what their files leave unsaid.  Ownership: value.
// Threads: one.  Failure: none; what is not understood is not there.  Spec: docs/spec/sentences.md, "Files".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/yaml.h"

namespace ambit::language {

struct Combination {
    std::size_t rank = 0;
    bool context_area = false;
    std::map<std::string, std::vector<std::string>> domain_groups;
};

class Catalogue {
  public:
    static bool is_one(const Yaml& file);

    void add(const Yaml& file);

    // nullptr if it has no such combination.
    const Combination* find(std::string_view intent, std::string_view combination) const;

  private:
    std::map<std::string, Combination> combinations_;  // by "intent/combination"
};

// "HassTurnOn" and "area" of ".../HassTurnOn/area.yaml"; nullopt for a name without a folder.
std::optional<std::pair<std::string, std::string>> combination_of(std::string_view file_name);

}  // namespace ambit::language

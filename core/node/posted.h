// Posted: who on this device takes what its person's programs post of them as a reading of the moment.
//
// A reading that somebody takes becomes no fact: it stays with whoever takes it.
// Ownership: Node owns it; whoever takes something gives it up before they go.  Threads: the loop's.
// Failure: what the taker says.  Spec: docs/http-api.md section "Health export apps".
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace ambit::node {

class Posted {
  public:
    // Takes the posted value; returns the answer, a JSON object.
    using Take = std::function<Result<std::string>(const std::string& value_json, Now now)>;

    // An empty one: nobody takes it any more.
    void set(const std::string& attribute, Take take) {
        if (take) {
            takes_.insert_or_assign(attribute, std::move(take));
        } else {
            takes_.erase(attribute);
        }
    }

    // Null if nobody does.
    const Take* find(const std::string& attribute) const {
        const auto at = takes_.find(attribute);
        return at == takes_.end() ? nullptr : &at->second;
    }

  private:
    std::map<std::string, Take> takes_;
};

}  // namespace ambit::node

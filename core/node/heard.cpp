#include "node/heard.h"

#include <nlohmann/json.hpp>

#include "node/json_members.h"

namespace ambit::node {

void keep_here(Parts& parts,
               const std::string& subject,
               const std::string& attribute,
               const std::string& json,
               Now now) {
    facts::Draft draft;
    draft.key = {privacy::ThisDevice{parts.self}, subject, attribute};
    draft.value = facts::Json{json};
    draft.time = now.wall;
    if (const auto written = parts.facts.put(draft, now); !written) {
        parts.health.bad("facts.write", written.error());
    }
}

void keep_heard(Parts& parts, const facts::Fact& told, WallTime time, Now now) {
    keep_here(parts, told.key.subject, told.key.attribute + std::string(kHeardSuffix),
              nlohmann::json({{"value", json_of(told)},
                              {"told_by", told.source.hex()},
                              {"time_ms", ms_of(time)},
                              {"audience", privacy::to_string(told.key.audience)}})
                  .dump(),
              now);
}

}  // namespace ambit::node

// Records: what a run asked of the household and was told, by what was set up and not by what any device
// believes.
//
// The invariants compare it with what the devices hold and with what was seen outside.
// Ownership: the Stage owns it; invariants read it.  Threads: one.  Failure: none.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "request/requests.h"

namespace ambit::sim {

// Who may read something, as a person would say it.
struct Audience {
    enum class Kind : std::uint8_t { Device, Person, Household };

    Kind kind = Kind::Household;
    DeviceId device;     // Device
    std::string person;  // Person
};

// One write of a kept fact.
struct Write {
    std::string machine;
    DeviceId device;
    std::uint64_t life = 0;   // of the machine: what is not acknowledged in it never is
    std::uint64_t epoch = 0;  // of the disk: a restored one forgets what came after its image
    Audience audience;
    facts::Key key;
    std::string value;  // unique in the run
    facts::WriteId id = 0;
    // Where it lies in its writer's log, once acknowledged.
    std::optional<facts::Channel> channel = {};
    std::uint64_t seq = 0;
    bool acknowledged = false;
    bool lost_with_disk = false;  // nobody else had it when its disk went back in time
    bool seen_by_remover = false;
};

// What whoever commanded was told.
struct Told {
    request::Outcome outcome = request::Outcome::Unknown;
    Error error;
    std::optional<DeviceId> acted_by;
};

// One command to a thing.
struct Command {
    RequestId request;
    std::string machine;
    std::string thing;
    bool once = false;
    std::optional<Told> told;
};

struct Records {
    std::vector<Write> writes;
    std::vector<Command> commands;
    std::set<DeviceId> removed;  // at least one removal was signed
    std::set<DeviceId> copied;   // its disk was cloned: it contradicts itself, by no fault of ours
    std::map<std::string, std::uint64_t> epochs;  // by machine
    std::map<std::string, Audience> phrases;      // what was said, word for word
    std::set<std::string> damaged;                // machines whose disk was made to lie or to fail
};

}  // namespace ambit::sim

// Openings: what tells of a window, a door or the like whether it is open.
//
// Pure.  Threads: any.  Failure: none.
#pragma once

#include "language/understand.h"

namespace ambit::language {

// Classes of covers and of sensors differ: "garage" and "garage_door".
bool is_opening_of(const HomeEntity& entity, std::string_view device_class);
// A binary sensor that is on while something is open.
bool tells_of_an_opening(const HomeEntity& entity);

}  // namespace ambit::language

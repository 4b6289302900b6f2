// Phrases: what Ambit says about a home, per language; English where a language has none.
//
// Pure.  Threads: any.  Failure: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ambit::language {

enum class Phrase : std::uint8_t {
    NotUnderstood,  // -
    CannotDo,       // {0} intent
    NothingCalled,  // {0} what was said
    NothingIn,      // {0} kind of thing, {1} area
    NothingOfKind,  // {0} kind of thing
    DidYouMean,     // {0} names
    WhichOne,       // {0} names
    TooMany,        // {0} number
    And,            // between the last two of several
    Or,
    Yes,
    No,
    IsOn,  // {0} name
    IsOff,
    IsLocked,
    IsUnlocked,
    IsOpen,
    IsClosed,
    IsAt,        // {0} name, {1} value
    Unknown,     // {0} name
    None,        // no entity is as asked
    Nevermind,   // -
    NothingCan,  // {0} kind of thing that would be needed
    TookFor,     // {0} what was said, {1} name
    SayANumber,  // {0} name
    NotLater,    // -
    IsMeant,     // {0} name
    Remembered,  // {0} what was said, {1} what it means
    SaidBefore,  // {0} what was said, {1} what it was shown to mean
};

// The phrase with {0} and {1} filled in.
std::string phrase(Phrase which,
                   std::string_view language,
                   std::string_view first = {},
                   std::string_view second = {});
// "a, b and c"
std::string enumerate(const std::vector<std::string>& names, Phrase last_word, std::string_view language);
// "light" -> "Licht"
std::string kind_of_thing(std::string_view domain, std::string_view language);
// The words that join two commands: " and ".
std::string conjunction(std::string_view language);

}  // namespace ambit::language

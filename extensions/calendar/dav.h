// Dav: one request to a calendar server and what came of it, as values; who sends them is another's business.
//
// Ownership: values.  Threads: any.  Failure: Reply::lost, and statuses: 5105 to 5107.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calendar/url.h"

namespace ambit::calendar {

struct Ask {
    const char* method = "PROPFIND";  // or REPORT
    Url url;
    int depth = 0;
    std::string body;
};

struct Reply {
    std::optional<Error> lost;  // nothing of the rest came
    bool too_long = false;      // more than kAnswerBytesMax: the body is not here
    int status = 0;
    std::string location;
    std::string body;
};

// A resource on the server that is new or differs; without text: it is gone.
struct Change {
    std::string name;  // its path
    std::optional<std::string> ics;
};

// What a status says that is not the one that was hoped for: refused (401, 403), away (429, 5xx), or
// nonsense.
Error status_error(int status, const char* asked_for);

// Asks for what is told of a calendar, or of what leads to one.
Ask ask_properties(const Url& url, int depth);
// Asks for all changes since `token`; "" for everything there is.
Ask ask_changes(const Url& calendar, const std::string& token);
// Asks for everything with its ETag.
Ask ask_list(const Url& calendar);
// Asks for the contents of `hrefs`.
Ask ask_contents(const Url& calendar, const std::vector<std::string>& hrefs);

}  // namespace ambit::calendar

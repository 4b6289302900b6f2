#include "calendar/dav.h"

namespace ambit::calendar {
namespace {

constexpr const char* kProlog = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
constexpr const char* kSpaces =
    " xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:S=\"http://calendarserver.org/ns/\"";

std::string escaped_xml(const std::string& text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string whole(const std::string& element, const std::string& inner) {
    return kProlog + ("<" + element + kSpaces + ">" + inner + "</" + element + ">\n");
}

}  // namespace

Error status_error(int status, const char* asked_for) {
    const ErrorCode code = status == 401 || status == 403   ? ErrorCode::CalendarServerRefused
                           : status == 429 || status >= 500 ? ErrorCode::CalendarServerLost
                                                            : ErrorCode::CalendarServerBroken;
    return {code, "it answers " + std::to_string(status) + " when asked for " + asked_for};
}

Ask ask_properties(const Url& url, int depth) {
    return {"PROPFIND", url, depth,
            whole("D:propfind",
                  "<D:prop><D:resourcetype/><D:current-user-principal/><D:sync-token/><S:getctag/>"
                  "<C:calendar-home-set/><C:supported-calendar-component-set/></D:prop>")};
}

Ask ask_changes(const Url& calendar, const std::string& token) {
    return {"REPORT", calendar, 0,
            whole("D:sync-collection", "<D:sync-token>" + escaped_xml(token) +
                                           "</D:sync-token><D:sync-level>1</D:sync-level>"
                                           "<D:prop><D:getetag/></D:prop>")};
}

Ask ask_list(const Url& calendar) {
    return {"REPORT", calendar, 1,
            whole("C:calendar-query",
                  "<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">"
                  "<C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter>")};
}

Ask ask_contents(const Url& calendar, const std::vector<std::string>& hrefs) {
    std::string inner = "<D:prop><D:getetag/><C:calendar-data/></D:prop>";
    for (const std::string& href : hrefs) {
        inner += "<D:href>" + escaped_xml(href) + "</D:href>";
    }
    return {"REPORT", calendar, 1, whole("C:calendar-multiget", inner)};
}

}  // namespace ambit::calendar

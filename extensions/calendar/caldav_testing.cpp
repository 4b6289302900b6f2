#include "calendar/caldav_testing.h"

namespace ambit::calendar {
namespace {

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const std::size_t from = text.find(before);
    if (from == std::string::npos) {
        return {};
    }
    const std::size_t begin = from + before.size();
    return text.substr(begin, text.find(after, begin) - begin);
}

std::string without(const std::string& href) {
    return "<D:response><D:href>" + href +
           "</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>";
}

}  // namespace

std::string multistatus(const std::string& inner) {
    return "<?xml version='1.0'?><D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' "
           "xmlns:S='http://calendarserver.org/ns/'>" +
           inner + "</D:multistatus>";
}

std::string response(const std::string& href, const std::string& properties) {
    return "<D:response><D:href>" + href + "</D:href><D:propstat><D:prop>" + properties +
           "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
}

Reply replied(int status, std::string body, std::string location) {
    Reply reply;
    reply.status = status;
    reply.body = std::move(body);
    reply.location = std::move(location);
    return reply;
}

void FakeDav::put(const std::string& shelf, const std::string& name, const std::string& ics) {
    shelves[shelf].resources[shelf + name] = {"\"" + std::to_string(++count_) + "\"", ics};
    shelves[shelf].history.emplace_back(shelf + name, true);
}

void FakeDav::remove(const std::string& shelf, const std::string& name) {
    shelves[shelf].resources.erase(shelf + name);
    shelves[shelf].history.emplace_back(shelf + name, false);
}

std::string FakeDav::properties(const std::string& path) const {
    const Shelf& shelf = shelves.at(path);
    const std::string version = std::to_string(shelf.history.size());
    return "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>" +
           (shelf.components.empty() ? std::string()
                                     : "<C:supported-calendar-component-set>" + shelf.components +
                                           "</C:supported-calendar-component-set>") +
           (keeps_changes ? "<D:sync-token>t" + version + "</D:sync-token>" : std::string()) +
           (tells_ctag ? "<S:getctag>c" + version + "</S:getctag>" : std::string());
}

Reply FakeDav::changes(const std::string& path, const Shelf& shelf, const std::string& body) const {
    const std::string token = between(body, "<D:sync-token>", "</D:sync-token>");
    const std::size_t since = token.empty() ? 0 : std::stoul(token.substr(1));
    if (!token.empty() && since < forgets) {
        return replied(403, "<D:error xmlns:D='DAV:'><D:valid-sync-token/></D:error>");
    }
    const std::size_t upto = page == 0 ? shelf.history.size() : std::min(since + page, shelf.history.size());
    std::map<std::string, bool> last;
    for (std::size_t i = since; i < upto; ++i) {
        last[shelf.history[i].first] = shelf.resources.contains(shelf.history[i].first);
    }
    std::string inner;
    for (const auto& [name, there] : last) {
        if (there) {
            inner += response(name, "<D:getetag>" + shelf.resources.at(name).etag + "</D:getetag>");
        } else if (!token.empty()) {
            inner += without(name);
        }
    }
    if (upto < shelf.history.size()) {
        inner += "<D:response><D:href>" + path +
                 "</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>";
    }
    return replied(207, multistatus(inner + "<D:sync-token>t" + std::to_string(upto) + "</D:sync-token>"));
}

Reply FakeDav::contents(const Shelf& shelf, const std::string& body) const {
    std::string inner;
    for (std::size_t at = body.find("<D:href>"); at != std::string::npos;
         at = body.find("<D:href>", at + 1)) {
        const std::string href = between(body.substr(at), "<D:href>", "</D:href>");
        const auto resource = shelf.resources.find(href);
        inner +=
            resource == shelf.resources.end()
                ? without(href)
                : response(href, "<D:getetag>" + resource->second.etag + "</D:getetag><C:calendar-data>" +
                                     resource->second.ics + "</C:calendar-data>");
    }
    return replied(207, multistatus(inner));
}

Reply FakeDav::answer(const Ask& ask) {
    asked.push_back(ask);
    if (instead) {
        if (auto reply = instead(ask)) {
            return *reply;
        }
    }
    const std::string& path = ask.url.path;
    const bool is_report = std::string_view(ask.method) == "REPORT";
    if (!is_report && path == "/.well-known/caldav") {
        return replied(301, {}, "/dav/");
    }
    if (!is_report && path == "/dav/") {
        return replied(207, multistatus(response(path,
                                                 "<D:current-user-principal><D:href>/dav/anna/</D:href>"
                                                 "</D:current-user-principal>")));
    }
    if (!is_report && path == "/dav/anna/") {
        return replied(207, multistatus(response(path,
                                                 "<C:calendar-home-set><D:href>/dav/cal/</D:href>"
                                                 "</C:calendar-home-set>")));
    }
    if (!is_report && path == "/dav/cal/") {
        std::string inner = response(path, "<D:resourcetype><D:collection/></D:resourcetype>");
        for (const auto& [name, shelf] : shelves) {
            inner += response(name, properties(name));
        }
        return replied(207, multistatus(inner));
    }
    const auto shelf = shelves.find(path);
    if (shelf == shelves.end()) {
        return replied(404);
    }
    if (!is_report) {
        return replied(207, multistatus(response(path, properties(path))));
    }
    if (ask.body.find("sync-collection") != std::string::npos) {
        return keeps_changes ? changes(path, shelf->second, ask.body) : replied(403);
    }
    if (ask.body.find("calendar-query") != std::string::npos) {
        std::string inner;
        for (const auto& [name, resource] : shelf->second.resources) {
            inner += response(name, "<D:getetag>" + resource.etag + "</D:getetag>");
        }
        return replied(207, multistatus(inner));
    }
    return contents(shelf->second, ask.body);
}

std::size_t FakeDav::round(Client& client) {
    const std::size_t before = asked.size();
    client.begin();
    while (const auto ask = client.next()) {
        client.take(answer(*ask));
        for (const Change& change : client.changes()) {
            if (change.ics) {
                held[change.name] = *change.ics;
            } else {
                held.erase(change.name);
            }
        }
    }
    for (const Change& change : client.changes()) {
        held.erase(change.name);
    }
    return asked.size() - before;
}

}  // namespace ambit::calendar

// FakeDav: a calendar server of a few lines, for tests of the client: without sockets, as well behaved or as
// odd as a test wants it.
//
// Ownership: one test's.  Threads: its.  Failure: as told to.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "calendar/client.h"

namespace ambit::calendar {

class FakeDav {
  public:
    struct Resource {
        std::string etag;
        std::string ics;
    };

    struct Shelf {
        std::map<std::string, Resource> resources;          // by path
        std::vector<std::pair<std::string, bool>> history;  // (path, still there) of each change
        std::string components = "<C:comp name=\"VEVENT\"/>";
    };

    void put(const std::string& shelf, const std::string& name, const std::string& ics);
    void remove(const std::string& shelf, const std::string& name);
    Reply answer(const Ask& ask);
    // A whole round of the client; the number of asks it took.
    std::size_t round(Client& client);

    bool keeps_changes = true;
    bool tells_ctag = true;
    std::size_t page = 0;                                     // of changes; 0: all at once
    std::size_t forgets = 0;                                  // tokens below that mean nothing any more
    std::function<std::optional<Reply>(const Ask&)> instead;  // for what is not as usual
    std::map<std::string, Shelf> shelves;                     // by path
    std::vector<Ask> asked;
    std::map<std::string, std::string> held;  // what the client was told and has not heard is gone

  private:
    std::string properties(const std::string& path) const;
    Reply changes(const std::string& path, const Shelf& shelf, const std::string& body) const;
    Reply contents(const Shelf& shelf, const std::string& body) const;
    std::size_t count_ = 0;
};

std::string multistatus(const std::string& inner);
// <D:response> with one good propstat.
std::string response(const std::string& href, const std::string& properties);
Reply replied(int status, std::string body = {}, std::string location = {});

}  // namespace ambit::calendar

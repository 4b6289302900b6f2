// Server: asks a calendar server what is new, again and again, on a thread of its own.
//
// What comes waits here until the book's thread fetches it; until then nothing more is asked for, so that a
// fast server fills no memory.
// Ownership: one owner.  Threads: any one calls; `on_news` is called on the server's thread and only passes
// the word on.  Failure: News::error, 5105 to 5108; after a refusal it pauses for kPauseRefused at least,
// because servers shut out who insists.
// Spec: docs/spec/calendar.md.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "calendar/dav.h"
#include "calendar/http.h"

namespace ambit::calendar {

struct ServerSettings {
    std::string url;
    Credentials credentials;  // the password is already read from its file
    std::chrono::milliseconds every{120'000};
    std::chrono::milliseconds round_max{600'000};  // then it breaks off; the next goes on from there
};

class Server {
  public:
    static constexpr std::chrono::minutes kPauseRefused{5};

    struct News {
        std::vector<Change> changes;
        std::optional<Error> error;  // of the last round
        std::size_t rounds = 0;      // that are over
        std::optional<MonoTime> asking_since;
    };

    Server(const ServerSettings& settings, std::function<void()> on_news);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // What came since it was fetched last.
    News fetch();

  private:
    class Worker;
    std::unique_ptr<Worker> worker_;
};

// The address in the settings; InvalidArgument, or CalendarPasswordInTheOpen (5108).
Result<Url> address_of(const ServerSettings& settings);

}  // namespace ambit::calendar

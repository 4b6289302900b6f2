// Http: sends what is asked to one server and waits for what it answers.
//
// libcurl does it, which is loaded when the first Http is created: it brings two dozen libraries along, 5 MB
// that a device without a calendar server need not carry.
// Ownership: one owner.  Threads: send() on one thread at a time, which it keeps waiting; stop() from any.
// Failure: Reply::lost, CalendarServerLost (5105).  No redirect is followed, no proxy used, no cookie kept;
// TLS 1.2 or newer with the system's certificate authorities. Limits: Patience; kAnswerBytesMax of an answer,
// kHeaderBytesMax of its headers.
#pragma once

#include <chrono>
#include <memory>

#include "calendar/dav.h"

namespace ambit::calendar {

inline constexpr std::size_t kHeaderBytesMax = 64UL * 1024;

struct Patience {
    std::chrono::milliseconds connect{10'000};
    std::chrono::seconds silence{30};  // less than a hundred bytes a second
    std::chrono::milliseconds whole{120'000};
};

// Who asks, and how the server proves who it is.
struct Credentials {
    std::string user;
    std::string password;
    std::string ca_file;  // empty: those that the system trusts
};

class Http {
  public:
    // Asks of other origins than `origin` are refused: user and password are for nobody else.
    static Result<std::unique_ptr<Http>> create(Url origin,
                                                Credentials credentials,
                                                const Patience& patience = {});
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    Reply send(const Ask& ask);
    // What is under way ends at once, and everything after it.
    void stop();

  private:
    struct Impl;
    explicit Http(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::calendar

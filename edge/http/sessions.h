// Sessions: the connections of one server, and how they end together.
//
// Ownership: shared by its server and the sessions' ends.  Threads: the loop's.  Failure: none.
#pragma once

#include <map>

#include "http/session.h"
#include "loop/loop.h"

namespace ambit::http {

class Sessions final : public std::enable_shared_from_this<Sessions> {
  public:
    Sessions(boost::asio::io_context& io, api::Handler handler);
    ~Sessions();

    std::size_t size() const;
    // How many of them are with `address`.
    std::size_t with(const std::string& address) const;
    // Takes over the socket `fd`.
    void add(int fd, std::optional<Visitor> visitor);
    // Ends streams, lets answers under way finish until `deadline`, then cuts them; calls `on_stopped` on the
    // loop.
    void stop(milliseconds deadline, std::function<void()> on_stopped);
    void cut();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Says 503 on `fd`, as far as that goes without waiting.
void refuse_busy(int fd);

}  // namespace ambit::http

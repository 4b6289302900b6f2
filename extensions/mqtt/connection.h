// Connection: libmosquitto on a thread of its own, its events on the loop.
//
// Keeps connecting with growing pauses (kReconnectMin to kReconnectMax).  When the loop falls behind by
// kInboxMax messages the thread waits, so that the broker is slowed down instead of memory filled. Ownership:
// destroyed on the loop; afterwards no handler is called.  The destructor waits for the thread, which a name
// look-up may hold up for as long as the resolver takes.
// Threads: construct, call and destroy on the loop; handlers run on the loop.
// Failure: disconnected(reason) once per lost or refused connection.
#pragma once

#include <functional>
#include <memory>

#include "loop/loop.h"
#include "mqtt/state.h"

namespace ambit::mqtt {

inline constexpr std::size_t kInboxMax = 4096;
inline constexpr std::size_t kInboxBytesMax = 16 * 1024 * 1024;
inline constexpr milliseconds kReconnectMin{250};
inline constexpr milliseconds kReconnectMax{15'000};
inline constexpr seconds kConnectTimeout{10};

struct Broker {
    std::string host;
    std::uint16_t port = 1883;
    std::string username;
    std::string password;
    std::string status_topic = {};  // "offline" is kept there once the connection is lost; empty: nowhere
    milliseconds answers_within = kConnectTimeout;  // or it is given up
};

struct ConnectionHandlers {
    std::function<void()> connected;
    std::function<void(const std::string& reason)> disconnected;
    std::function<void(const std::string& topic, std::string_view payload, bool retained)> message;
};

class Connection {
  public:
    static Result<std::unique_ptr<Connection>> open(Broker broker, Loop& loop, ConnectionHandlers handlers);
    ~Connection();

    void subscribe(const std::string& topic);
    void unsubscribe(const std::string& topic);
    bool publish(const Publish& message, bool retain);

  private:
    struct Shared;
    explicit Connection(std::shared_ptr<Shared> shared);

    std::shared_ptr<Shared> shared_;
};

}  // namespace ambit::mqtt

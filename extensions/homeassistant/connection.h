// Connection: the WebSocket to Home Assistant, on the loop; made again for as long as it lives.
//
// Pauses between tries grow from kPauseMin to kPauseMax, with some chance in them, and start at kPauseRefused
// after a refused token, because Home Assistant may ban who tries too often. Ownership: destroyed on the
// loop; afterwards no handler is called.  Threads: the loop's. Failure: closed(reason) for each connection
// that was opened, and for each try that failed. Limits: messages of kMessageBytesMax, kOutBytesMax
// waiting to be sent.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "loop/loop.h"

namespace ambit::homeassistant {

inline constexpr milliseconds kPauseMin{1'000};
inline constexpr milliseconds kPauseMax{60'000};
inline constexpr milliseconds kPauseRefused{300'000};
inline constexpr seconds kConnectMax{10};
inline constexpr std::size_t kMessageBytesMax = 32U << 20U;
inline constexpr std::size_t kOutBytesMax = 4U << 20U;

struct Place {
    std::string host;
    std::uint16_t port = 8123;
};

// "http://HOST[:PORT]"; InvalidArgument for anything else.
Result<Place> parse_url(const std::string& url);

struct ConnectionHandlers {
    std::function<void()> opened;
    std::function<void(std::string_view text)> text;
    std::function<void(const std::string& reason)> closed;
};

class Connection {
  public:
    Connection(Place place, Loop& loop, ConnectionHandlers handlers);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(std::string text);
    void close(const std::string& reason, bool refused);
    // It is of use: the next pause is a short one again.
    void good();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit::homeassistant

// Databroker: gRPC to a vehicle's databroker, as bytes.
//
// gRPC connects once it is called, and again when it must.  One call is one stream of bytes in and an end.
// gRPC's threads copy what came and post it; the next part is read once more() asks for it, so that a
// databroker that floods waits.  Ownership: destroyed on the loop, before it; afterwards no handler is
// called, and gRPC holds nothing of ours.  Threads: the loop's; handlers run there. Failure: end(status) of
// each call. Limits: kMessageBytesMax a part.
#pragma once

#include <memory>

#include "loop/loop.h"
#include "vehicle/bridge.h"

namespace ambit::vehicle {

struct Place {
    std::string address;    // "127.0.0.1:55555"
    std::string authority;  // PEM; empty: not encrypted
};

struct DatabrokerHandlers {
    std::function<void(std::uint64_t number, Bytes part)> part;
    std::function<void(std::uint64_t number, Status status, std::string text)> end;
};

class Databroker {
  public:
    Databroker(const Place& place, Loop& loop, DatabrokerHandlers handlers);
    ~Databroker();
    Databroker(const Databroker&) = delete;
    Databroker& operator=(const Databroker&) = delete;

    // Ends what is under way; the calls that follow carry `token`, which is empty for none.
    void open(const std::string& token);
    // Ends what is under way; its handlers are not called any more.
    void close();
    void call(std::uint64_t number, Method method, const Bytes& request);
    void more(std::uint64_t number);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::vehicle

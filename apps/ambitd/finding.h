// Finding: looks on the local network for the one device that shows a pairing code now.
//
// A wrong guess would cost the other device one of its code's three tries, so nothing is tried unless exactly
// one is found.
// Ownership: Founding owns one per attempt; borrows the loop.  Threads: the loop's.  Failure:
// DiscoveryUnavailable (1505): no Avahi, nobody there, or several.
#pragma once

#include <map>

#include "mdns/mdns.h"
#include "wire/transport.h"

namespace ambit::daemon {

class Finding {
  public:
    // How long to look when nobody is found, and how long to wait for a second one when somebody is.
    static constexpr seconds kLookMax{8};
    static constexpr milliseconds kSecondMax{1500};

    using OnEnd = std::function<void(const Result<wire::Address>&)>;

    // `on_end` is called once, from tick().  `after_event` after everything that was found.
    Finding(Loop& loop, OnEnd on_end, std::function<void()> after_event);

    void tick(Now now);

    MonoTime deadline() const { return deadline_; }

  private:
    void on_found(const mdns::Found& found, Now now);
    Result<wire::Address> result() const;

    OnEnd on_end_;
    MonoTime deadline_;
    std::map<std::string, wire::Address> found_;  // by instance
    std::optional<Error> failure_;
    std::unique_ptr<mdns::Mdns> mdns_;
};

}  // namespace ambit::daemon

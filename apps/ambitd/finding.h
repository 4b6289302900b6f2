// Finding: looks on the local network for devices that show a pairing code now, or for members of households.
//
// Ownership: Founding owns one per attempt; borrows the loop.  Threads: the loop's.  Failure:
// DiscoveryUnavailable (1505): no Avahi.  Who is found is a hint: nobody vouches for it.
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

    // Everybody who was found; maybe nobody.
    using OnEnd = std::function<void(const Result<std::vector<wire::Address>>&)>;

    // `on_end` is called once, from tick().  `after_event` after everything that was found.
    Finding(Loop& loop, mdns::Service service, OnEnd on_end, std::function<void()> after_event);

    void tick(Now now);

    MonoTime deadline() const { return deadline_; }

  private:
    void on_found(const mdns::Found& found, Now now);
    Result<std::vector<wire::Address>> result() const;

    OnEnd on_end_;
    MonoTime deadline_;
    std::map<std::string, wire::Address> found_;  // by instance
    std::optional<Error> failure_;
    std::unique_ptr<mdns::Mdns> mdns_;
};

}  // namespace ambit::daemon

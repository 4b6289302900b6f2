// Doors: how programs that are no devices of the household come in - the page and its port, and Wyoming.
//
// Ownership: Member owns it; borrows what it stands on.  Threads: the loop's.
// Failure: health items; a door that can't be opened stays shut, the rest goes on.  Spec: docs/http-api.md.
#pragma once

#include "http/port_server.h"
#include "loop/loop.h"
#include "node/clients.h"
#include "settings/settings.h"

namespace ambit::wyoming {
class WyomingServer;
}

namespace ambit::daemon {

class Doors {
  public:
    Doors(Loop& loop,
          const settings::Settings& settings,
          node::Node& node,
          node::LocalApi& api,
          std::function<void()> after_event);
    ~Doors();
    Doors(const Doors&) = delete;
    Doors& operator=(const Doors&) = delete;

    void open();
    // Ends streams; answers under way have a moment.
    void close();

  private:
    void open_page();
    void open_wyoming();

    Loop& loop_;
    const settings::Settings& settings_;
    node::Node& node_;
    node::LocalApi& api_;
    std::function<void()> after_event_;
    node::Clients clients_;
    std::unique_ptr<http::PortServer> page_;
    std::unique_ptr<wyoming::WyomingServer> wyoming_;
};

}  // namespace ambit::daemon

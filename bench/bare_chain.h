// The bare chain: what a command costs where nobody asks who may know it, and nothing is written down.
//
// Process A sends one WebSocket message over TLS 1.3 to process B, B publishes it on MQTT, a lamp answers
// with its state, B sends that back to A.  No rules, no ledger, no journal, no disk. Ownership: B is a child
// of A, and ends when A closes the link.  Threads: A: one; B: one more, libmosquitto's. Failure: exceptions,
// which end the benchmark.
#pragma once

#include <string>

#include <sys/types.h>

#include "bare_link.h"

namespace ambit::bench {

struct BareLamp {
    std::string broker_host;
    int broker_port = 0;
    std::string command_topic;
    std::string state_topic;
};

class BareChain {
  public:
    // Forks: call it before the process has threads.
    explicit BareChain(const BareLamp& lamp);
    ~BareChain();
    BareChain(const BareChain&) = delete;
    BareChain& operator=(const BareChain&) = delete;

    // Waits until the lamp's state came back; true if it is what was asked for.
    bool command(bool on);

  private:
    pid_t child_ = -1;
    boost::asio::io_context io_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
    std::optional<WebSocket> stream_;
};

}  // namespace ambit::bench

// Vehicle: the cabin of the car that this daemon runs on, through the car's Eclipse Kuksa databroker.
//
// Ownership: the daemon owns one VehicleProvider and destroys it before the node and the loop.  Threads: the
// loop's; gRPC's own threads only post to it.  Destroy it not inside one of its events. Failure: a lost,
// refused or senseless databroker is one HealthItem; every invoke() ends in one on_result().  Errors
// 5511-5516.  Spec: docs/spec/vehicle.md.
#pragma once

#include <functional>

#include "capability/provider.h"
#include "loop/loop.h"

namespace ambit::vehicle {

struct Settings {
    std::string source;  // "vehicle:" and something that is this car's alone
    std::string address = "127.0.0.1:55555";
    // Called for each connection, because tokens expire; empty text: none is given.
    std::function<Result<std::string>()> token;
    std::string authority;         // PEM; empty: the connection is not encrypted
    std::string own_precondition;  // path of the car's own signal; empty: none
};

class VehicleProvider final : public capability::Provider {
  public:
    // Connects in the background and keeps trying.  `loop` and `events` outlive the provider; no event is
    // sent before create() returned.  InvalidArgument for an address that can't be used, or that a token
    // would have to travel to unencrypted.
    static Result<std::unique_ptr<VehicleProvider>> create(Settings settings,
                                                           Loop& loop,
                                                           capability::ProviderEvents& events);
    ~VehicleProvider() override;

    std::string source() const override;
    privacy::Service service() const override;
    bool available() const override;
    // Done: the databroker took it and the current values show it.  NotDone: nothing was sent, or it said no.
    // Unknown: it was sent, and no such values came in time.
    void invoke(capability::Invocation invocation) override;
    void cancel(const RequestId& request) override;

  private:
    struct Impl;
    explicit VehicleProvider(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::vehicle

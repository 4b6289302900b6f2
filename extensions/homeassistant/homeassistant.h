// HomeAssistant: what a Home Assistant has - its entities with their names and areas - and commands to them.
//
// Ownership: the daemon owns one HomeAssistantProvider per Home Assistant and destroys it before the node and
// the loop. Threads: the loop's; destroy it not inside one of its events. Failure: a lost or refused
// connection is one HealthItem down and one up; every invoke() ends in one on_result(). Errors 5300-5399.
// Spec: docs/spec/homeassistant.md.
#pragma once

#include "capability/provider.h"
#include "loop/loop.h"

namespace ambit::homeassistant {

struct Settings {
    std::string source = "homeassistant:home";  // the same on every daemon that reaches this one
    std::string url = "http://127.0.0.1:8123";
    std::string token;  // already read from its file
    privacy::Audience audience =
        privacy::NamedAudience(privacy::Household{});  // who else reads what is there
};

class HomeAssistantProvider final : public capability::Provider {
  public:
    // Connects in the background and keeps trying.  `loop` and `events` outlive the provider; no event is
    // sent before create() returned.  InvalidArgument for a source, address or token that can't be used.
    static Result<std::unique_ptr<HomeAssistantProvider>> create(const Settings& settings,
                                                                 Loop& loop,
                                                                 capability::ProviderEvents& events);
    ~HomeAssistantProvider() override;

    std::string source() const override;
    privacy::Service service() const override;
    bool available() const override;
    std::vector<capability::Survey> survey() const override;
    // Done: Home Assistant ran the service and the wanted state came back.  NotDone: nothing was sent, or it
    // said no. Unknown: it was sent, and no such state came in time.
    void invoke(capability::Invocation invocation) override;
    void cancel(const RequestId& request) override;

  private:
    struct Impl;
    explicit HomeAssistantProvider(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

}  // namespace ambit::homeassistant

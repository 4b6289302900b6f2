#include "ambitd/finding.h"

#include <algorithm>

namespace ambit::daemon {

Finding::Finding(Loop& loop, mdns::Service service, OnEnd on_end, std::function<void()> after_event)
    : on_end_(std::move(on_end)), deadline_(Loop::now().mono + kLookMax) {
    const auto fail = [this](const Error& error) {
        failure_ = error;
        deadline_ = Loop::now().mono;
    };
    mdns::Events events;
    events.on_found = [this, after_event](const mdns::Found& found) {
        on_found(found, Loop::now());
        after_event();
    };
    events.on_gone = [this](const std::string& instance) { found_.erase(instance); };
    events.on_state = [fail, after_event](const Result<void>& state) {
        if (!state) {
            fail(state.error());
            after_event();
        }
    };
    auto mdns = mdns::Mdns::start(loop, service, std::move(events));
    if (mdns) {
        mdns_ = std::move(mdns).value();
    } else {
        fail(mdns.error());
    }
}

void Finding::on_found(const mdns::Found& found, Now now) {
    if (found_.empty()) {
        deadline_ = std::min(deadline_, now.mono + kSecondMax);
    }
    const wire::Address address{found.host, found.port};
    const auto [at, added] = found_.try_emplace(found.instance, address);
    const bool four = found.host.find(':') == std::string::npos;
    if (!added && four) {
        at->second = address;  // listening on IPv4 alone is the usual setting
    }
}

Result<std::vector<wire::Address>> Finding::result() const {
    if (failure_) {
        return *failure_;
    }
    std::vector<wire::Address> addresses;
    for (const auto& [instance, address] : found_) {
        addresses.push_back(address);
    }
    return addresses;
}

void Finding::tick(Now now) {
    if (on_end_ && now.mono >= deadline_) {
        const OnEnd on_end = std::exchange(on_end_, nullptr);
        on_end(result());
    }
}

}  // namespace ambit::daemon

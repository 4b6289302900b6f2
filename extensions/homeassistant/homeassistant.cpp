#include "homeassistant/homeassistant.h"

#include "homeassistant/bridge.h"
#include "homeassistant/connection.h"
#include "loop/alarm.h"

namespace ambit::homeassistant {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;

Result<void> check(const Settings& settings) {
    const auto bad = [](const char* what) { return Error{ErrorCode::InvalidArgument, what}; };
    if (!settings.source.starts_with("homeassistant:") || settings.source.size() > kNameBytesMax ||
        settings.source.find('/') != std::string::npos) {
        return bad("a Home Assistant is named `homeassistant:` and a word without '/'");
    }
    if (settings.token.empty() || settings.token.size() > kTokenBytesMax) {
        return bad("the first line of homeassistant.token_file must be a long-lived access token");
    }
    return {};
}

}  // namespace

struct HomeAssistantProvider::Impl final : BridgeIo {
    Impl(Settings all, Loop& on, capability::ProviderEvents& events)
        : settings(std::move(all)),
          loop(on),
          bridge(settings.source, settings.token, *this, events),
          alarm(on, [this] {
              bridge.on_time(Loop::now().mono);
              arm();
          }) {}

    void send(std::string text) override { connection->send(std::move(text)); }

    void close(const std::string& reason, bool refused) override { connection->close(reason, refused); }

    ConnectionHandlers handlers() {
        return {[this] {
                    bridge.on_opened(Loop::now().mono);
                    arm();
                },
                [this](std::string_view text) {
                    bridge.on_text(text, Loop::now().mono);
                    if (bridge.ready()) {
                        connection->good();
                    }
                    arm();
                },
                [this](const std::string& reason) {
                    bridge.on_closed(reason);
                    arm();
                }};
    }

    // Whatever the bridge was told may change when it wants to be called next.
    void arm() { alarm.set(bridge.next_time()); }

    Settings settings;
    Loop& loop;
    Bridge bridge;
    Alarm alarm;
    std::unique_ptr<Connection> connection;
    std::shared_ptr<int> life = std::make_shared<int>();
};

HomeAssistantProvider::HomeAssistantProvider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HomeAssistantProvider::~HomeAssistantProvider() = default;

Result<std::unique_ptr<HomeAssistantProvider>> HomeAssistantProvider::create(
    const Settings& settings, Loop& loop, capability::ProviderEvents& events) {
    AMBIT_TRY(check(settings));
    AMBIT_TRY_ASSIGN(Place place, parse_url(settings.url));
    auto impl = std::make_unique<Impl>(settings, loop, events);
    impl->connection = std::make_unique<Connection>(std::move(place), loop, impl->handlers());
    return std::unique_ptr<HomeAssistantProvider>(new HomeAssistantProvider(std::move(impl)));
}

std::string HomeAssistantProvider::source() const {
    return impl_->settings.source;
}

privacy::Service HomeAssistantProvider::service() const {
    return {impl_->settings.source, impl_->settings.audience};
}

bool HomeAssistantProvider::available() const {
    return impl_->bridge.ready();
}

std::vector<capability::Survey> HomeAssistantProvider::survey() const {
    return impl_->bridge.survey();
}

void HomeAssistantProvider::invoke(capability::Invocation invocation) {
    // Posted, so that the result never arrives inside this call.
    impl_->loop.post([impl = impl_.get(), alive = std::weak_ptr<int>(impl_->life),
                      action = capability::action_of(invocation)] {
        if (!alive.expired()) {
            impl->bridge.act(action);
            impl->arm();
        }
    });
}

void HomeAssistantProvider::cancel(const RequestId& request) {
    impl_->loop.post([impl = impl_.get(), alive = std::weak_ptr<int>(impl_->life), request] {
        if (!alive.expired()) {
            impl->bridge.cancel(request);
            impl->arm();
        }
    });
}

}  // namespace ambit::homeassistant

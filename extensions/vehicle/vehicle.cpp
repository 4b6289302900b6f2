#include "vehicle/vehicle.h"

#include <algorithm>
#include <charconv>

#include "loop/alarm.h"
#include "vehicle/databroker.h"

namespace ambit::vehicle {
namespace {

constexpr std::size_t kSourceBytesMax = 64;

bool is_this_machine(const std::string& host) {
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

// The host of "HOST:PORT", with brackets around an IPv6 address.
Result<std::string> host_of(const std::string& address) {
    const Error bad{ErrorCode::InvalidArgument, "vehicle.address is HOST:PORT"};
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return bad;
    }
    unsigned port = 0;
    const char* end = address.data() + address.size();
    const auto [at, problem] = std::from_chars(address.data() + colon + 1, end, port);
    if (problem != std::errc{} || at != end || port == 0 || port > 65535) {
        return bad;
    }
    std::string host = address.substr(0, colon);
    const bool plain =
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
        std::string::npos;
    const bool v6 = host.starts_with('[') && host.ends_with(']') &&
                    host.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string::npos;
    if (!plain && !v6) {
        return bad;
    }
    return host;
}

}  // namespace

struct VehicleProvider::Impl final : Line {
    Impl(Settings all, std::string host_, Loop& on, capability::ProviderEvents& to)
        : settings(std::move(all)),
          host(std::move(host_)),
          loop(on),
          bridge(settings.source, settings.own_precondition, *this, to),
          databroker({settings.address, settings.authority}, on, handlers()),
          alarm(on, [this] { run([this] { bridge.on_time(Loop::now()); }); }) {}

    DatabrokerHandlers handlers() {
        return {[this](std::uint64_t number, const Bytes& part) {
                    run([&] { bridge.on_part(number, part, Loop::now()); });
                },
                [this](std::uint64_t number, Status status, const std::string& text) {
                    run([&] { bridge.on_end(number, status, text, Loop::now()); });
                }};
    }

    // Whatever the bridge was told may change when it wants to be called next.
    template <typename Task>
    void run(Task task) {
        task();
        alarm.set(bridge.next_time());
    }

    // Posted, so that nothing happens inside a call from outside.
    template <typename Task>
    void later(Task task) {
        loop.post([this, alive = std::weak_ptr<int>(life), task = std::move(task)] {
            if (!alive.expired()) {
                run(task);
            }
        });
    }

    Result<void> open() override {
        AMBIT_TRY_ASSIGN(const std::string token,
                         settings.token ? settings.token() : Result<std::string>(std::string()));
        // gRPC ends the program for a header it can't send.
        if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; })) {
            return Error{ErrorCode::VehicleRefused, "it holds what no token does: a space, or no ASCII"};
        }
        if (!token.empty() && settings.authority.empty() && !is_this_machine(host)) {
            return Error{ErrorCode::InvalidArgument,
                         "a token is not sent unencrypted to another machine; set vehicle.authority_file"};
        }
        databroker.open(token);
        return {};
    }

    void close() override { databroker.close(); }

    void call(std::uint64_t number, Method method, Bytes request) override {
        databroker.call(number, method, request);
    }

    void more(std::uint64_t number) override { databroker.more(number); }

    Settings settings;
    std::string host;
    Loop& loop;
    Bridge bridge;
    Databroker databroker;
    Alarm alarm;
    std::shared_ptr<int> life = std::make_shared<int>();
};

VehicleProvider::VehicleProvider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

VehicleProvider::~VehicleProvider() = default;

Result<std::unique_ptr<VehicleProvider>> VehicleProvider::create(Settings settings,
                                                                 Loop& loop,
                                                                 capability::ProviderEvents& events) {
    if (!settings.source.starts_with("vehicle:") || settings.source.size() > kSourceBytesMax ||
        settings.source.find('/') != std::string::npos) {
        return Error{ErrorCode::InvalidArgument, "a vehicle is named `vehicle:` and a word without '/'"};
    }
    AMBIT_TRY_ASSIGN(std::string host, host_of(settings.address));
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(host), loop, events);
    impl->later([&bridge = impl->bridge] { bridge.start(Loop::now()); });
    return std::unique_ptr<VehicleProvider>(new VehicleProvider(std::move(impl)));
}

std::string VehicleProvider::source() const {
    return impl_->settings.source;
}

privacy::Service VehicleProvider::service() const {
    return {impl_->settings.source, privacy::Audience(privacy::Household{})};
}

bool VehicleProvider::available() const {
    return impl_->bridge.ready();
}

void VehicleProvider::invoke(capability::Invocation invocation) {
    impl_->later([&bridge = impl_->bridge, action = capability::action_of(invocation)] {
        bridge.act(action, Loop::now());
    });
}

void VehicleProvider::cancel(const RequestId& request) {
    impl_->later([&bridge = impl_->bridge, request] { bridge.cancel(request); });
}

}  // namespace ambit::vehicle

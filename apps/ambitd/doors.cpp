#include "ambitd/doors.h"

#include "ambitd/interfaces.h"
#include "base/text.h"
#include "facts/settings.h"
#if AMBIT_HAS_WYOMING
#include "wyoming/wyoming.h"
#else
namespace ambit::wyoming {
class WyomingServer {};
}  // namespace ambit::wyoming
#endif

namespace ambit::daemon {
namespace {

constexpr milliseconds kCloseMax{1000};

std::string page_at(const wire::Address& address) {
    return "http://" + address.to_string() + "/";
}

}  // namespace

Doors::Doors(Loop& loop,
             const settings::Settings& settings,
             node::Node& node,
             node::LocalApi& api,
             std::function<void()> after_event)
    : loop_(loop),
      settings_(settings),
      node_(node),
      api_(api),
      after_event_(std::move(after_event)),
      clients_(node, api) {}

Doors::~Doors() = default;

void Doors::open() {
    open_page();
    open_wyoming();
}

void Doors::open_page() {
    if (!settings_.http_enabled) {
        return;
    }
    http::PortSettings port{static_cast<std::uint16_t>(settings_.http_port), settings_.http_lan, {}};
    for (const std::string& name : settings_.http_names) {
        port.names.push_back(lower(name));
    }
    page_ = std::make_unique<http::PortServer>(loop_, std::move(port),
                                               [this](const api::Request& request, const node::Reply& reply) {
                                                   clients_.handle(request, reply);
                                                   after_event_();
                                               });
    const auto at = page_->start();
    if (!at) {
        page_.reset();
        return node_.on_health({"page", false, at.error()});
    }
    const std::string here = page_at({"127.0.0.1", *at});
    const auto addresses = addresses_for({"0.0.0.0", *at});
    const bool reached = settings_.http_lan && !addresses.empty();
    const std::string elsewhere = reached ? page_at(addresses.front()) : "";
    api_.set_page(here, elsewhere);
    node_.on_health({"page", true, {ErrorCode::PageUnavailable, reached ? elsewhere : here}});
}

#if AMBIT_HAS_WYOMING
void Doors::open_wyoming() {
    constexpr const char* kService = "wyoming";
    if (!settings_.wyoming_enabled) {
        return;
    }
    clients_.add_service(kService);
    const wyoming::Settings port{static_cast<std::uint16_t>(settings_.wyoming_port), settings_.wyoming_allow,
                                 AMBIT_VERSION};
    const auto languages = [this] { return facts::household_settings(node_.parts().facts).languages; };
    const auto on_text = [this](const std::string& text, milliseconds timeout, wyoming::OnAnswer on_answer) {
        clients_.ask_household(kService, text, timeout, std::move(on_answer));
        after_event_();
    };
    auto server = wyoming::WyomingServer::create(port, languages, on_text, loop_);
    if (!server) {
        return node_.on_health({"wyoming", false, server.error()});
    }
    wyoming_ = std::move(server).value();
    node_.on_health(
        {"wyoming", true, {ErrorCode::WyomingUnavailable, "port " + std::to_string(wyoming_->port())}});
}
#else
void Doors::open_wyoming() {}
#endif

void Doors::close() {
    wyoming_.reset();
    if (page_) {
        page_->stop(kCloseMax, [] {});
    }
}

}  // namespace ambit::daemon

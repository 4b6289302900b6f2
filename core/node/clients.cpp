#include "node/clients.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ambit::node {
namespace {

// What is heard of a wrong token: enough of them are worth a person's look.
constexpr std::string_view kHealthKey = "http.tokens";

}  // namespace

// What a handler holds in place of the reader: all it says goes through the outlet first.
class Clients::Guarded final : public api::Responder, public std::enable_shared_from_this<Guarded> {
  public:
    Guarded(std::shared_ptr<Outlet> outlet, Reply inner, std::string what, privacy::Label label)
        : outlet_(std::move(outlet)),
          inner_(std::move(inner)),
          what_(std::move(what)),
          label_(std::move(label)) {}

    ~Guarded() override {
        if (!complete_ && inner_) {
            inner_->fail({ErrorCode::Internal, "the daemon gave no answer"});
        }
    }

    using Responder::reply;

    void reply(int status, std::string json) override {
        if (std::exchange(complete_, true)) {
            return;
        }
        send(json,
             [status](api::Responder& inner, std::string text) { inner.reply(status, std::move(text)); });
    }

    bool event(std::string_view name, std::string json) override {
        if (complete_ || gone_) {
            return false;
        }
        streaming_ = true;
        send(json, [name = std::string(name)](api::Responder& inner, std::string text) {
            (void)inner.event(name, std::move(text));
        });
        return !gone_;
    }

    void end() override {
        if (!std::exchange(complete_, true)) {
            // Behind the events that still wait.
            send("{}", [](api::Responder& inner, const std::string&) { inner.end(); });
        }
    }

    void on_closed(std::function<void()> callback) override {
        on_closed_ = std::move(callback);
        inner_->on_closed([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->closed();
            }
        });
    }

    // The token is gone: nothing more is said, and whoever produces hears that the reader left.
    void revoke() {
        if (!std::exchange(complete_, true)) {
            inner_->fail({ErrorCode::TokenWrong, "it was revoked"});
        }
        closed();
    }

    bool live() const { return !complete_ && !gone_; }

  protected:
    bool streaming() const override { return streaming_; }

  private:
    using Say = std::function<void(api::Responder&, std::string)>;

    void send(const std::string& json, Say say) {
        outlet_->send(
            what_, json, label_,
            [inner = inner_, say = std::move(say), weak = weak_from_this()](const Result<std::string>& text) {
                if (text) {
                    return say(*inner, *text);
                }
                inner->fail(text.error());
                if (const auto self = weak.lock()) {
                    self->complete_ = true;  // nothing can follow
                    self->closed();
                }
            });
    }

    void closed() {
        gone_ = true;
        if (const auto callback = std::exchange(on_closed_, nullptr)) {
            callback();
        }
    }

    std::shared_ptr<Outlet> outlet_;
    Reply inner_;
    std::string what_;
    privacy::Label label_;
    std::function<void()> on_closed_;
    bool streaming_ = false;
    bool complete_ = false;
    bool gone_ = false;
};

Clients::Clients(Node& node, LocalApi& api) : node_(node), api_(api) {
    api_.tokens().set_on_revoked([this](const std::string& name) { on_revoked(name); });
}

Clients::~Clients() {
    api_.tokens().set_on_revoked({});
}

bool Clients::may_try(const std::string& address, Now now) {
    const auto at = tries_.find(address);
    if (at == tries_.end()) {
        return true;
    }
    const double back = std::chrono::duration<double>(now.mono - at->second.at) / kWrongEvery;
    at->second.left = std::min<double>(kWrongMax, at->second.left + back);
    at->second.at = now.mono;
    if (at->second.left >= kWrongMax) {
        tries_.erase(at);
        return true;
    }
    return at->second.left >= 1;
}

void Clients::count_wrong(const std::string& address, Now now) {
    if (!tries_.contains(address) && tries_.size() >= kAddressesMax) {
        // The one that has waited longest makes room.
        tries_.erase(std::min_element(tries_.begin(), tries_.end(), [](const auto& a, const auto& b) {
            return a.second.at < b.second.at;
        }));
    }
    Tries& tries = tries_.try_emplace(address, Tries{kWrongMax, now.mono}).first->second;
    tries.left -= 1;
    if (tries.left < 1) {
        blamed_ = address;
        node_.parts().health.bad(std::string(kHealthKey), {ErrorCode::TooManyTries, address});
    }
}

Result<const Token*> Clients::let_in(const api::Caller& caller, Now now) {
    if (!may_try(caller.address, now)) {
        return Error{ErrorCode::TooManyTries, caller.address};
    }
    const Token* token = caller.bearer.empty() ? nullptr : api_.tokens().find(caller.bearer);
    if (token == nullptr) {
        if (!caller.bearer.empty()) {
            count_wrong(caller.address, now);
        }
        return Error{ErrorCode::TokenWrong, caller.bearer.empty() ? "none came" : "nobody has this one"};
    }
    const bool household = std::holds_alternative<privacy::Household>(token->audience);
    if (!household && !caller.loopback) {
        return Error{ErrorCode::TokenNotInTheOpen, token->name};
    }
    if (!household && token->audience != node_.parts().home_audience()) {
        return Error{ErrorCode::TokenWrong, "this device belongs to somebody else now"};
    }
    if (!blamed_.empty() && may_try(blamed_, now)) {
        blamed_.clear();
        node_.parts().health.ok(std::string(kHealthKey));
    }
    return token;
}

std::shared_ptr<Outlet> Clients::outlet(const privacy::Service& service) {
    auto& outlet = outlets_[service.name];
    if (!outlet) {
        outlet = std::make_shared<Outlet>(node_, service);
    }
    return outlet;
}

void Clients::handle(const api::Request& request, const Reply& reply) {
    const Now now = node_.now();
    const auto token = let_in(request.caller, now);
    if (!token) {
        return reply->fail(token.error());
    }
    const auto route = LocalApi::client_route(request);
    if (!route) {
        return reply->fail(route.error());
    }
    const privacy::Service service = (*token)->service();
    Viewer viewer{(*token)->audience, std::nullopt, service};
    if (const auto* one = std::get_if<privacy::OnePerson>(&viewer.audience)) {
        viewer.person = one->person;
    }
    auto& open = open_[service.name];
    std::erase_if(open, [](const auto& weak) {
        const auto guarded = weak.lock();
        return !guarded || !guarded->live();
    });
    if (open.size() >= kStreamsMax) {
        return reply->fail({ErrorCode::LimitExceeded, "more than 8 answers at once for one token"});
    }
    api_.tokens().mark_used((*token)->name, request.caller.address, now);
    const privacy::Label label{privacy::Audience(viewer.audience), privacy::Trust::Trusted};
    const auto guarded = std::make_shared<Guarded>(outlet(service), reply, *route, label);
    open.push_back(guarded);
    api_.handle_for(viewer, request, guarded);
}

void Clients::on_revoked(const std::string& name) {
    const std::string service = std::string(kClientPrefix) + name;
    outlets_.erase(service);
    for (const auto& weak : std::exchange(open_[service], {})) {
        if (const auto guarded = weak.lock()) {
            guarded->revoke();
        }
    }
    open_.erase(service);
}

void Clients::add_service(const std::string& name) {
    node_.parts().gate.add_service({name, privacy::Audience(privacy::Household{})});
}

void Clients::ask_household(const std::string& service,
                            const std::string& text,
                            milliseconds timeout,
                            OnText on_text) {
    const Parts& parts = node_.parts();
    if (parts.me() == nullptr || parts.storage_failure) {
        return on_text(parts.storage_failure.value_or(Error{ErrorCode::NoHousehold, ""}));
    }
    const privacy::Service client{service, privacy::Audience(privacy::Household{})};
    const Viewer viewer{privacy::Household{}, std::nullopt, client};
    const auto answered = [this, viewer, client, on_text = std::move(on_text)](const AskResult& result) {
        if (!result.understood || result.error) {
            return on_text(result.error.value_or(Error{ErrorCode::NotUnderstood, ""}));
        }
        std::string said;
        for (const Answer& answer : result.answers) {
            const Answer shown = api_.shown_to(viewer, answer);
            said += (said.empty() ? "" : "\n") + shown.text;
        }
        outlet(client)->send("answer", said, household_label(), on_text);
    };
    node_.conversation().ask(text, timeout, answered, node_.now(), viewer.asker());
}

}  // namespace ambit::node

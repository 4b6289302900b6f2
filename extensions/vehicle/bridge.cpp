#include "vehicle/bridge.h"

#include <algorithm>

#include "base/text.h"

namespace ambit::vehicle {
namespace {

using capability::Outcome;

constexpr std::size_t kTextBytesMax = 200;  // of what a databroker says went wrong
constexpr seconds kOneSecond{1};

Error error_of(Status status, const std::string& source, const std::string& text) {
    const std::string detail = source + ": " + printable(text, kTextBytesMax);
    switch (status) {
        case Status::PermissionDenied:
        case Status::Unauthenticated:
            return {ErrorCode::VehicleRefused, detail};
        case Status::InvalidArgument:
        case Status::NotFound:
            return {ErrorCode::VehicleNonsense, detail};
        default:
            return {ErrorCode::VehicleLost, detail};
    }
}

bool is_refusal(Status status) {
    return status == Status::PermissionDenied || status == Status::Unauthenticated;
}

}  // namespace

Bridge::Bridge(std::string source,
               std::string own_precondition,
               Line& line,
               capability::ProviderEvents& events)
    : source_(std::move(source)),
      entity_(source_ + "/cabin"),
      own_precondition_(std::move(own_precondition)),
      line_(line),
      events_(events) {}

std::uint64_t Bridge::ask(Method method, Bytes request) {
    line_.call(++last_call_, method, std::move(request));
    return last_call_;
}

void Bridge::start(Now now) {
    retry_at_.reset();
    phase_ = Phase::Listing;
    give_up_at_ = now.mono + kAnswerMax;
    if (const auto opened = line_.open(); !opened) {
        return lose(opened.error(), true, now);
    }
    list_call_ = ask(Method::List, list_request(kRoot));
}

void Bridge::on_part(std::uint64_t number, ByteView bytes, Now now) {
    if (number == list_call_ && phase_ == Phase::Listing) {
        return on_listed(bytes, now);
    }
    if (reads_.contains(number) && ready()) {
        return on_read(number, bytes, now);
    }
    if (number != follow_call_ || phase_ == Phase::Closed) {
        return line_.more(number);
    }
    auto fresh = parse_follow(bytes);
    if (!fresh) {
        return lose(fresh.error(), false, now);
    }
    if (now.mono >= second_began_ + kOneSecond) {
        second_began_ = now.mono;
        parts_ = 0;
    }
    held_ = ++parts_ >= kPartsPerSecond;
    if (!held_) {
        line_.more(number);
    }
    on_values(std::move(*fresh), now);
}

void Bridge::on_listed(ByteView bytes, Now now) {
    const auto signals = parse_list(bytes);
    if (!signals) {
        return lose(signals.error(), false, now);
    }
    mapping_ = Mapping(*signals, own_precondition_);
    if (std::string missing = mapping_.missing(); !missing.empty()) {
        withdraw();
        // It won't have one soon.
        return lose({ErrorCode::VehicleSignalMissing, missing}, true, now);
    }
    readings_.clear();
    phase_ = Phase::Following;
    give_up_at_ = now.mono + kAnswerMax;
    line_.more(list_call_);
    list_call_ = 0;
    follow_call_ = ask(Method::Follow, follow_request(mapping_.paths()));
}

void Bridge::on_values(Readings fresh, Now now) {
    for (const std::string& path : mapping_.paths()) {
        if (const auto at = fresh.find(path); at != fresh.end()) {
            readings_[path] = std::move(at->second);
        }
    }
    const bool first = phase_ == Phase::Following;
    if (first) {
        phase_ = Phase::Ready;
        read_at_ = now.mono + kReadEvery;
        if (!announced_) {
            announced_ = true;
            events_.on_entity({.id = entity_,
                               .source = source_,
                               .name = "Cabin",
                               .area = "",
                               .domain = "climate",
                               .aliases = {"car", "cabin"},
                               .capabilities = {"cabin.precondition"}});
        }
        events_.on_available(source_, true);
    }
    tell(now, first);
    confirm(now);
}

void Bridge::on_read(std::uint64_t number, ByteView bytes, Now now) {
    auto values = parse_values(bytes);
    const std::vector<std::string> paths = mapping_.paths();
    if (!values || values->size() != paths.size()) {
        return lose(values ? Error{ErrorCode::VehicleNonsense, "not as many values as were asked for"}
                           : values.error(),
                    false, now);
    }
    line_.more(number);
    Readings fresh;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        fresh[paths[i]] = std::move((*values)[i]);
    }
    on_values(std::move(fresh), now);
}

void Bridge::on_end(std::uint64_t number, Status status, const std::string& text, Now now) {
    if (phase_ == Phase::Closed) {
        return;
    }
    for (const auto& [request, pending] : pending_) {
        if (pending.call == number) {
            return on_acted(RequestId(request), status, text, now);
        }
    }
    if (reads_.contains(number) && status == Status::Ok) {
        return on_read_end(number);
    }
    if (number != list_call_ && number != follow_call_ && !reads_.contains(number)) {
        return;
    }
    if (status == Status::Ok) {
        return lose({ErrorCode::VehicleLost, source_ + ": it ended the call"}, false, now);
    }
    lose(error_of(status, source_, text), is_refusal(status), now);
}

// The connection holds: what was said to be unavailable before is so.
void Bridge::on_read_end(std::uint64_t number) {
    reads_.erase(number);
    std::vector<RequestId> not_provided;
    for (const auto& [request, pending] : pending_) {
        if (pending.asked_after == number) {
            not_provided.push_back(request);
        }
    }
    for (const RequestId& request : not_provided) {
        finish(request, Outcome::NotDone, ErrorCode::VehicleCannot, "nothing in the car carries it out now");
    }
}

void Bridge::act(const capability::Action& action, Now now) {
    if (pending_.contains(action.request)) {
        return;  // already under way
    }
    const auto refuse = [&](ErrorCode code, std::string detail) {
        events_.on_result({action.request, Outcome::NotDone, "{}", {code, std::move(detail)}});
    };
    if (!ready()) {
        return refuse(ErrorCode::VehicleLost, source_);
    }
    if (action.entity != entity_) {
        return refuse(ErrorCode::VehicleCannot, "there is only the cabin");
    }
    if (pending_.size() >= kPendingMax) {
        return refuse(ErrorCode::LimitExceeded, std::to_string(kPendingMax) + " commands under way");
    }
    auto wanted = wanted_of(mapping_, action.capability, action.input_json);
    if (!wanted) {
        return refuse(wanted.error().code, wanted.error().detail);
    }
    const Cabin cabin = cabin_of(mapping_, readings_, now.wall);
    if (std::string why = unsafe(cabin, wanted->on); !why.empty()) {
        return refuse(ErrorCode::VehicleCannot, std::move(why));
    }
    Bytes request = actuate_request(wanted->orders);
    Pending pending{std::move(*wanted), action.deadline, 0, false, 0};
    pending.call = ask(Method::Actuate, std::move(request));
    pending_[action.request] = std::move(pending);
}

void Bridge::on_acted(const RequestId& request, Status status, const std::string& text, Now now) {
    Pending& pending = pending_.at(request);
    pending.call = 0;
    switch (status) {
        case Status::Ok:
            refused_.reset();
            pending.accepted = true;
            return confirm(now);
        case Status::Unavailable:
            read_all();
            pending.asked_after = last_call_;
            return;
        case Status::PermissionDenied:
        case Status::Unauthenticated:
            refused_ = error_of(status, source_, text);
            say(false, *refused_);
            return finish(request, Outcome::NotDone, ErrorCode::VehicleRefused,
                          printable(text, kTextBytesMax));
        case Status::InvalidArgument:
        case Status::NotFound:
            return finish(request, Outcome::NotDone, ErrorCode::VehicleCannot,
                          printable(text, kTextBytesMax));
        case Status::Other:
            // It may have come through: the values will show, or the deadline comes.
            pending.accepted = true;
            return confirm(now);
    }
}

void Bridge::read_all() {
    reads_.insert(ask(Method::Values, values_request(mapping_.paths())));
}

// Done is what the current values say, after the databroker took it.
void Bridge::confirm(Now now) {
    std::vector<RequestId> done;
    for (const auto& [request, pending] : pending_) {
        if (pending.accepted && met(pending.wanted, mapping_, readings_, now.wall)) {
            done.push_back(request);
        }
    }
    if (done.empty()) {
        return;
    }
    tell(now, true);
    for (const RequestId& request : done) {
        pending_.erase(request);
        events_.on_result({request, Outcome::Done, told_, {}});
    }
}

void Bridge::tell(Now now, bool at_once) {
    const Cabin cabin = cabin_of(mapping_, readings_, now.wall);
    look_at_values(cabin);
    std::string state = state_json(cabin);
    const bool available = ready() && unknown(cabin).empty();
    if (state == told_ && available == told_available_) {
        untold_ = false;
        return;
    }
    // What is safe or not is told at once.
    at_once = at_once || available != told_available_ || cabin.moving != told_moving_;
    if (!at_once && now.mono < tell_at_) {
        untold_ = true;
        return;
    }
    untold_ = false;
    tell_at_ = now.mono + kTellEvery;
    told_ = std::move(state);
    told_available_ = available;
    told_moving_ = cabin.moving;
    events_.on_state(entity_, told_, available);
}

void Bridge::look_at_values(const Cabin& cabin) {
    if (!ready()) {
        return;
    }
    if (refused_) {
        return say(false, *refused_);
    }
    if (cabin.senseless.empty()) {
        return say(true, {ErrorCode::VehicleLost, "its cabin is offered"});
    }
    std::string all;
    for (const std::string& one : cabin.senseless) {
        all += (all.empty() ? "" : "; ") + one;
    }
    say(false, {ErrorCode::VehicleNonsense, all});
}

void Bridge::lose(Error error, bool refused, Now now) {
    const bool was_ready = ready();
    phase_ = Phase::Closed;
    line_.close();
    list_call_ = follow_call_ = 0;
    reads_.clear();
    refused_.reset();
    held_ = false;
    retry_at_ = now.mono + (refused ? kPauseRefused : pause_);
    pause_ = std::min(2 * pause_, kPauseMax);
    say(false, std::move(error));
    finish_all("the connection broke after it was sent");
    if (was_ready) {
        events_.on_available(source_, false);
        tell(now, true);
    }
}

void Bridge::withdraw() {
    if (announced_) {
        announced_ = false;
        told_.clear();
        events_.on_entity_gone(entity_);
    }
}

void Bridge::cancel(const RequestId& request) {
    if (pending_.contains(request)) {
        finish(request, Outcome::Unknown, ErrorCode::VehicleUnconfirmed, "cancelled after it was sent");
    }
}

void Bridge::finish(const RequestId& request, Outcome outcome, ErrorCode code, std::string detail) {
    const RequestId id = request;  // may live in what is erased
    pending_.erase(id);
    events_.on_result({id, outcome, "{}", {code, std::move(detail)}});
}

void Bridge::finish_all(const std::string& why) {
    while (!pending_.empty()) {
        finish(pending_.begin()->first, Outcome::Unknown, ErrorCode::VehicleUnconfirmed, why);
    }
}

std::optional<MonoTime> Bridge::next_time() const {
    if (phase_ == Phase::Closed) {
        return retry_at_;
    }
    MonoTime next = ready() ? read_at_ : give_up_at_;
    if (held_) {
        next = std::min(next, second_began_ + kOneSecond);
    }
    if (untold_) {
        next = std::min(next, tell_at_);
    }
    for (const auto& [request, pending] : pending_) {
        next = std::min(next, pending.deadline);
    }
    return next;
}

void Bridge::on_time(Now now) {
    if (phase_ == Phase::Closed) {
        if (retry_at_ && *retry_at_ <= now.mono) {
            start(now);
        }
        return;
    }
    std::vector<RequestId> late;
    for (const auto& [request, pending] : pending_) {
        if (pending.deadline <= now.mono) {
            late.push_back(request);
        }
    }
    for (const RequestId& request : late) {
        finish(request, Outcome::Unknown, ErrorCode::VehicleUnconfirmed, "its signals do not show it");
    }
    if (!ready() && give_up_at_ <= now.mono) {
        return lose({ErrorCode::VehicleLost, source_ + ": it does not answer"}, false, now);
    }
    if (held_ && now.mono >= second_began_ + kOneSecond) {
        held_ = false;
        line_.more(follow_call_);
    }
    if (untold_ && now.mono >= tell_at_) {
        tell(now, true);
    }
    if (ready() && read_at_ <= now.mono) {
        read_at_ = now.mono + kReadEvery;
        pause_ = kPauseMin;  // it held for a while
        read_all();
    }
}

void Bridge::say(bool well, Error error) {
    if (said_ && said_->ok == well && said_->error.code == error.code &&
        said_->error.detail == error.detail) {
        return;
    }
    said_ = capability::HealthItem{source_, well, std::move(error)};
    events_.on_health(*said_);
}

}  // namespace ambit::vehicle

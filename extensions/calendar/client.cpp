#include "calendar/client.h"

namespace ambit::calendar {
namespace {

constexpr const char* kWellKnown = "/.well-known/caldav";

Error server_broken(std::string why) {
    return {ErrorCode::CalendarServerBroken, std::move(why)};
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

void Client::begin() {
    error_.reset();
    asks_ = 0;
    hops_ = 0;
    nobody_ = false;
    told_.clear();
    place_ = 0;
    if (places_.empty()) {
        stage_ = Stage::Address;
        ask_ = ask_properties(url_, 0);
    } else {
        stage_ = Stage::Homes;
        next_home();
    }
}

std::optional<Ask> Client::next() {
    if (stage_ == Stage::Idle) {
        return std::nullopt;
    }
    if (++asks_ > kAsksMax) {
        fail(server_broken("there is no end to it"));
        return std::nullopt;
    }
    return ask_;
}

void Client::take(const Reply& reply) {
    if (stage_ == Stage::Idle) {
        return;
    }
    if (reply.lost) {
        return fail(*reply.lost);
    }
    if (redirected(reply)) {
        return;
    }
    hops_ = 0;
    if (reply.status == 401 || reply.status == 429 || (reply.status > 501 && reply.status < 600)) {
        return fail(status_error(reply.status, "calendars"));
    }
    if (stage_ == Stage::Calendars) {
        const auto done = calendars_.at(at_->first).take(reply, ask_.url, changes_);
        if (!done) {
            error_ = done.error();
        }
        return next_calendar();
    }
    const bool seeking = stage_ == Stage::Address || stage_ == Stage::WellKnown;
    if (seeking && !reply.too_long && reply.status >= 400 && reply.status < 500) {
        return not_here();
    }
    if (reply.too_long || reply.status != 207) {
        if (reply.status < 500) {
            places_.clear();  // it may have moved
        }
        return fail(reply.too_long ? server_broken("an answer of more than 32 MiB")
                                   : status_error(reply.status, "calendars"));
    }
    const auto answer = read_answer(reply.body);
    if (!answer) {
        return fail(answer.error());
    }
    switch (stage_) {
        case Stage::Address:
        case Stage::WellKnown:
            return take_address(*answer);
        case Stage::Person:
            return take_person(*answer);
        default:
            return take_home(*answer);
    }
}

void Client::fail(Error error) {
    error_ = std::move(error);
    stage_ = Stage::Idle;
}

bool Client::redirected(const Reply& reply) {
    if (!is_redirect(reply.status)) {
        return false;
    }
    if (++hops_ > kHopsMax) {
        fail(server_broken("it sends in circles"));
    } else if (const auto there = here(resolve(ask_.url, reply.location))) {
        ask_.url = *there;
    }
    return true;
}

std::optional<Url> Client::here(const Result<Url>& there) {
    if (!there) {
        fail(server_broken("it names an address that is none"));
        return std::nullopt;
    }
    if (!same_origin(*there, url_)) {
        fail(server_broken("it points to " + origin_of(*there) +
                           "; if you trust that with your password, make it `calendar.url`"));
        return std::nullopt;
    }
    return *there;
}

void Client::not_here() {
    if (stage_ == Stage::Address) {
        stage_ = Stage::WellKnown;
        Url url = url_;
        url.path = kWellKnown;
        ask_ = ask_properties(url, 0);
    } else if (nobody_) {
        fail({ErrorCode::CalendarServerRefused, "it shows nothing without a user"});
    } else {
        fail(server_broken("it names no calendars"));
    }
}

bool Client::add_homes(const Found& found) {
    for (const std::string& home : found.homes) {
        const auto url = here(resolve(ask_.url, home));
        if (!url) {
            places_.clear();
            return true;
        }
        places_.push_back({*url, 1});
    }
    if (places_.empty()) {
        return false;
    }
    stage_ = Stage::Homes;
    next_home();
    return true;
}

void Client::take_address(const Answer& answer) {
    if (answer.found.empty()) {
        return not_here();
    }
    const Found& found = answer.found.front();
    if (found.is_calendar) {
        places_.push_back({ask_.url, 0});
        return take_home(answer);
    }
    if (add_homes(found)) {
        return;
    }
    nobody_ = nobody_ || found.nobody;
    if (found.principal.empty()) {
        return not_here();
    }
    if (const auto person = here(resolve(ask_.url, found.principal))) {
        stage_ = Stage::Person;
        ask_ = ask_properties(*person, 0);
    }
}

void Client::take_person(const Answer& answer) {
    if (answer.found.empty() || !add_homes(answer.found.front())) {
        fail(server_broken("it names no calendars"));
    }
}

void Client::take_home(const Answer& answer) {
    for (const Found& found : answer.found) {
        if (!found.is_calendar || (found.names_components && !found.has_events)) {
            continue;
        }
        const auto url = here(resolve(ask_.url, found.href));
        if (!url) {
            return;
        }
        if (told_.size() >= kCalendarsMax) {
            error_ = server_broken("more than 32 calendars: the others are left out");
            break;
        }
        told_.emplace(to_text(*url), Told{*url, found});
    }
    ++place_;
    next_home();
}

void Client::next_home() {
    if (place_ < places_.size()) {
        ask_ = ask_properties(places_[place_].url, places_[place_].depth);
        return;
    }
    drop_unnamed();
    stage_ = Stage::Calendars;
    for (const auto& [address, told] : told_) {
        calendars_.try_emplace(address, told.url);
    }
    at_ = told_.begin();
    begin_calendar();
    next_calendar();
}

void Client::next_calendar() {
    while (at_ != told_.end()) {
        Collection& calendar = calendars_.at(at_->first);
        if (auto ask = calendar.next()) {
            ask_ = std::move(*ask);
            return;
        }
        if (calendar.complaint() && !error_) {
            error_ = calendar.complaint();
        }
        ++at_;
        begin_calendar();
    }
    stage_ = Stage::Idle;
}

void Client::begin_calendar() {
    if (at_ != told_.end()) {
        Collection& calendar = calendars_.at(at_->first);
        calendar.begin(at_->second.found, room_for(calendar));
    }
}

void Client::drop_unnamed() {
    for (auto at = calendars_.begin(); at != calendars_.end();) {
        if (told_.contains(at->first)) {
            ++at;
            continue;
        }
        at->second.forget(changes_);
        at = calendars_.erase(at);
    }
}

Collection::Room Client::room_for(const Collection& collection) const {
    Collection::Room room{kServerEntriesMax, kServerBytesMax};
    for (const auto& [address, other] : calendars_) {
        if (&other != &collection) {
            room.entries -= std::min(room.entries, other.takes().entries);
            room.bytes -= std::min(room.bytes, other.takes().bytes);
        }
    }
    return room;
}

}  // namespace ambit::calendar

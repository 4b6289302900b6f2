#include "calendar/collection.h"

namespace ambit::calendar {
namespace {

Error broken_because(std::string why) {
    return {ErrorCode::CalendarServerBroken, std::move(why)};
}

// The server won't do this, and may do something else.
bool is_unwilling(int status) {
    return status == 500 || status == 501 ||
           (status >= 400 && status < 500 && status != 401 && status != 404 && status != 429);
}

Result<Answer> answer_of(const Reply& reply, const char* what) {
    if (reply.too_long) {
        return broken_because("an answer of more than 32 MiB");
    }
    if (reply.status != 207) {
        return status_error(reply.status, what);
    }
    return read_answer(reply.body);
}

}  // namespace

void Collection::begin(const Found& told, Room room) {
    doing_ = told.sync_token + "\n" + told.ctag;
    room_ = room;
    too_long_ = 0;
    batch_ = kBatchMax;
    for (auto& [name, wanted] : later_) {
        wanted_.insert_or_assign(name, std::move(wanted));
    }
    later_.clear();
    const bool says_nothing = told.sync_token.empty() && told.ctag.empty();
    if (!says_nothing && doing_ == done_) {
        return to_contents();
    }
    complaint_.reset();
    if (all_) {
        token_.clear();  // that listing broke off
    }
    stage_ = keeps_changes_ && !told.sync_token.empty() ? Stage::Changes : Stage::List;
    all_ = stage_ == Stage::List || token_.empty();
    listed_.clear();
}

std::optional<Ask> Collection::next() {
    switch (stage_) {
        case Stage::Changes:
            return ask_changes(url_, token_);
        case Stage::List:
            return ask_list(url_);
        case Stage::Contents: {
            asked_.clear();
            std::vector<std::string> hrefs;
            for (auto at = wanted_.begin(); at != wanted_.end() && hrefs.size() < batch_; ++at) {
                asked_.push_back(at->first);
                hrefs.push_back(at->second.href.empty() ? at->first : at->second.href);
            }
            return ask_contents(url_, hrefs);
        }
        case Stage::Idle:
            break;
    }
    return std::nullopt;
}

Result<void> Collection::take(const Reply& reply, const Url& from, std::vector<Change>& into) {
    Result<void> done;
    switch (stage_) {
        case Stage::Changes:
            done = take_changes(reply, from, into);
            break;
        case Stage::List:
            done = take_list(reply, from, into);
            break;
        case Stage::Contents:
            done = take_contents(reply, from, into);
            break;
        case Stage::Idle:
            break;
    }
    if (!done) {
        stage_ = Stage::Idle;
    }
    return done;
}

Result<void> Collection::take_changes(const Reply& reply, const Url& from, std::vector<Change>& into) {
    if (is_unwilling(reply.status)) {
        listed_.clear();
        all_ = true;
        if (token_.empty()) {
            keeps_changes_ = false;
            stage_ = Stage::List;
        }
        // It may only have forgotten that token.
        token_.clear();
        return {};
    }
    AMBIT_TRY_ASSIGN(const Answer answer, answer_of(reply, "what changed"));
    for (const Found& found : answer.found) {
        AMBIT_TRY(note(found, from, into));
    }
    const bool stuck = answer.more && answer.sync_token == token_;
    token_ = answer.sync_token;
    if (token_.empty() || stuck) {
        // There is no telling what will change.
        keeps_changes_ = false;
        token_.clear();
        all_ = true;
        listed_.clear();
        stage_ = Stage::List;
        return {};
    }
    if (!answer.more) {
        drop_unlisted(into);
        to_contents();
    }
    return {};
}

Result<void> Collection::take_list(const Reply& reply, const Url& from, std::vector<Change>& into) {
    AMBIT_TRY_ASSIGN(const Answer answer, answer_of(reply, "its list"));
    for (const Found& found : answer.found) {
        AMBIT_TRY(note(found, from, into));
    }
    drop_unlisted(into);
    to_contents();
    return {};
}

Result<void> Collection::take_contents(const Reply& reply, const Url& from, std::vector<Change>& into) {
    if (reply.too_long) {
        return split_or_skip();
    }
    AMBIT_TRY_ASSIGN(Answer answer, answer_of(reply, "entries"));
    for (Found& found : answer.found) {
        const std::string name = name_of(found, from);
        if (!name.empty() && wanted_.contains(name)) {
            AMBIT_TRY(take_content(name, found, into));
        }
    }
    for (const std::string& name : asked_) {
        if (auto left = wanted_.extract(name); !left.empty()) {
            later_.insert(std::move(left));
        }
    }
    to_contents();
    return {};
}

Result<void> Collection::take_content(const std::string& name, Found& found, std::vector<Change>& into) {
    std::string etag =
        found.etag.empty() || found.etag.size() > kEtagBytesMax ? wanted_[name].etag : found.etag;
    if (found.status == 404 || found.status == 410) {
        gone(name, into);
    } else if (found.too_long || found.status == 403) {
        complain(found.too_long ? "an entry of more than 4 MiB is left out" : "an entry may not be read");
        const auto held = known_.find(name);
        hold(name, std::move(etag), held == known_.end() ? 0 : held->second.bytes);
    } else if (found.data) {
        const auto held = known_.find(name);
        const std::size_t others = bytes_ - (held == known_.end() ? 0 : held->second.bytes);
        if (others + found.data->size() > room_.bytes) {
            return broken_because("calendars of more than 128 MiB");
        }
        hold(name, std::move(etag), found.data->size());
        into.push_back({name, std::move(found.data)});
    }
    return {};
}

// Too much at once: one by one.  And one that is too much by itself is left out.
Result<void> Collection::split_or_skip() {
    if (asked_.size() > 1) {
        batch_ = 1;
        return {};
    }
    if (++too_long_ > kTooLongMax) {
        return broken_because("answers of more than 32 MiB");
    }
    complain("an entry of more than 32 MiB is left out");
    for (const std::string& name : asked_) {
        const auto held = known_.find(name);
        hold(name, wanted_[name].etag, held == known_.end() ? 0 : held->second.bytes);
    }
    to_contents();
    return {};
}

std::string Collection::name_of(const Found& found, const Url& from) {
    const auto there = resolve(from, found.href);
    if (!there || !same_origin(*there, url_)) {
        complain("it tells of entries that are not its own");
        return {};
    }
    std::string name = plain_path(there->path);
    const std::string mine = plain_path(folder_of(url_.path.ends_with('/') ? url_.path : url_.path + "/"));
    if (name == mine || name + "/" == mine || name.ends_with('/')) {
        return {};  // the calendar itself, or a folder
    }
    if (!name.starts_with(mine) || name.size() > kNameBytesMax) {
        complain("it tells of entries that are not its own");
        return {};
    }
    return name;
}

Result<void> Collection::note(const Found& found, const Url& from, std::vector<Change>& into) {
    if (found.status == 507) {
        return {};
    }
    const std::string name = name_of(found, from);
    if (name.empty()) {
        return {};
    }
    if (found.status == 404 || found.status == 410) {
        gone(name, into);
        return {};
    }
    if (all_) {
        listed_.insert(name);
    }
    const std::string etag = found.etag.size() <= kEtagBytesMax ? found.etag : std::string();
    const auto held = known_.find(name);
    // An entry without an ETag may always have changed.
    if (held != known_.end() && !etag.empty() && held->second.etag == etag) {
        wanted_.erase(name);
        return {};
    }
    if (held == known_.end() && !wanted_.contains(name) && takes().entries >= room_.entries) {
        return broken_because("more than 100,000 entries");
    }
    wanted_.insert_or_assign(name, Wanted{found.href == name ? std::string() : found.href, etag});
    return {};
}

void Collection::gone(const std::string& name, std::vector<Change>& into) {
    wanted_.erase(name);
    later_.erase(name);
    if (const auto held = known_.find(name); held != known_.end()) {
        bytes_ -= held->second.bytes;
        known_.erase(held);
        into.push_back({name, std::nullopt});
    }
}

void Collection::drop_unlisted(std::vector<Change>& into) {
    if (!all_) {
        return;
    }
    std::vector<std::string> names;
    for (const auto& [name, held] : known_) {
        if (!listed_.contains(name)) {
            names.push_back(name);
        }
    }
    for (const std::string& name : names) {
        gone(name, into);
    }
    std::erase_if(wanted_, [&](const auto& one) { return !listed_.contains(one.first); });
    listed_.clear();
    all_ = false;
}

void Collection::hold(const std::string& name, std::string etag, std::size_t bytes) {
    Held& held = known_[name];
    bytes_ += bytes - held.bytes;
    held = {std::move(etag), bytes};
    wanted_.erase(name);
}

void Collection::complain(std::string why) {
    complaint_ = broken_because(std::move(why));
}

void Collection::to_contents() {
    stage_ = wanted_.empty() ? Stage::Idle : Stage::Contents;
    if (stage_ == Stage::Idle) {
        done_ = doing_;
    }
}

void Collection::forget(std::vector<Change>& into) const {
    for (const auto& [name, held] : known_) {
        into.push_back({name, std::nullopt});
    }
}

}  // namespace ambit::calendar

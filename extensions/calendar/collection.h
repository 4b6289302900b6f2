// Collection: one calendar on a server, and what of it was read already.
//
// What did not change is not read again: the server's own list of changes (sync-collection, RFC 6578) where
// it keeps one, else its list of ETags is compared.  A round of asking may break off anywhere; the next goes
// on. Ownership: one owner.  Threads: any, one at a time; reads no clock and does no IO.  Failure:
// CalendarServerBroken (5107) for an answer that can't be used; what was read stays read.
// Limits: `room`; kBatchMax entries are asked for at once; names of kNameBytesMax.
#pragma once

#include <map>
#include <set>

#include "calendar/answer.h"
#include "calendar/dav.h"

namespace ambit::calendar {

class Collection {
  public:
    static constexpr std::size_t kBatchMax = 50;
    static constexpr std::size_t kTooLongMax = 16;  // entries, in one round
    static constexpr std::size_t kNameBytesMax = 512;
    static constexpr std::size_t kEtagBytesMax = 256;

    // How much it may hold.
    struct Room {
        std::size_t entries = 0;
        std::size_t bytes = 0;  // of text
    };

    explicit Collection(Url url) : url_(std::move(url)) {}

    // Begins a round.  `told`: what the server says of this calendar; it tells whether anything is new.
    void begin(const Found& told, Room room);
    // Nothing: the round is over.
    std::optional<Ask> next();
    // The answer to what next() said, with where it came from.  An error ends this round of this calendar.
    Result<void> take(const Reply& reply, const Url& from, std::vector<Change>& into);

    // Everything that was read of it is gone.
    void forget(std::vector<Change>& into) const;

    // What it takes of the room there is.
    Room takes() const { return {known_.size() + wanted_.size(), bytes_}; }

    // What of it can't be used, for as long as it is so.
    const std::optional<Error>& complaint() const { return complaint_; }

  private:
    enum class Stage : std::uint8_t { Idle, Changes, List, Contents };

    struct Held {
        std::string etag;
        std::size_t bytes = 0;
    };

    struct Wanted {
        std::string href;  // if it is not just the name
        std::string etag;
    };

    Result<void> take_changes(const Reply& reply, const Url& from, std::vector<Change>& into);
    Result<void> take_list(const Reply& reply, const Url& from, std::vector<Change>& into);
    Result<void> take_contents(const Reply& reply, const Url& from, std::vector<Change>& into);
    Result<void> take_content(const std::string& name, Found& found, std::vector<Change>& into);
    Result<void> split_or_skip();
    // The name of what an answer tells of; empty: it is none of this calendar's entries.
    std::string name_of(const Found& found, const Url& from);
    Result<void> note(const Found& found, const Url& from, std::vector<Change>& into);
    void gone(const std::string& name, std::vector<Change>& into);
    void drop_unlisted(std::vector<Change>& into);
    void hold(const std::string& name, std::string etag, std::size_t bytes);
    void complain(std::string why);
    void to_contents();

    const Url url_;
    Stage stage_ = Stage::Idle;
    bool keeps_changes_ = true;  // until the server can't
    std::string token_;          // all up to it is in known_ or wanted_
    std::string done_;           // what the server said of itself when all was read
    std::string doing_;
    Room room_;
    bool all_ = false;              // everything there is, is being listed
    std::set<std::string> listed_;  // so far
    std::map<std::string, Held> known_;
    std::map<std::string, Wanted> wanted_;
    std::map<std::string, Wanted> later_;  // the server said nothing about them
    std::vector<std::string> asked_;
    std::size_t batch_ = kBatchMax;
    std::size_t too_long_ = 0;
    std::size_t bytes_ = 0;
    std::optional<Error> complaint_;
};

}  // namespace ambit::calendar

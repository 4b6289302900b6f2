#include "calendar/book.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include <libical/ical.h>

#include "base/text.h"
#include "calendar/blocks.h"
#include "calendar/entry.h"
#include "crypto/hash.h"

namespace ambit::calendar {
namespace {

// Of the rules of time zones that are kept: each takes many times its text.
constexpr std::size_t kZoneBytesMax = 1024UL * 1024;
// Of the processor, for rules that may have no time at all: of one until it is given up, and of all.
constexpr std::chrono::milliseconds kSearchMax{10};
constexpr std::chrono::seconds kAllSearchesMax{2};

Digest digest_of(std::string_view text) {
    return crypto::hash("ambit/v1/calendar-block", view_of(text));
}

}  // namespace

bool is_elsewhere(const std::string& place) {
    // What people and programs write where a meeting is held over a wire.
    constexpr std::array<std::string_view, 16> kNowhere{
        "http://", "https://", "tel:",  "sip:",   "zoom",  "microsoft teams", "teams meeting", "google meet",
        "meet.",   "webex",    "skype", "online", "phone", "telephone",       "video call",    "jitsi"};
    const std::string text = lower(place);
    const bool blank = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isspace(c) != 0 || std::ispunct(c) != 0;
    });
    return !blank && std::none_of(kNowhere.begin(), kNowhere.end(), [&](std::string_view sign) {
        const std::size_t at = text.find(sign);
        // "Online" may be a word of the place, "Telephone Road" is a place: only in front does it say where.
        return at == 0 || (at != std::string::npos && sign.find(':') != std::string_view::npos && at < 32);
    });
}

struct Book::Impl {
    // One entry, and its occurrences within the window.
    struct Kept {
        Entry entry;
        std::size_t line = 0;
        std::vector<Error> warnings;
        std::vector<WallTime> starts;
        bool cut_short = false;
        bool too_rare = false;
        bool given_up = false;
    };

    struct FileZones {
        Zones zones;
        std::vector<std::size_t> unread;  // which of the file's
        std::size_t bytes = 0;
    };

    struct File {
        Digest zones_digest;
        std::shared_ptr<FileZones> zones;
        std::map<Digest, Kept> entries;  // by their text
        std::vector<Problem> problems;
        bool full = false;
    };

    bool stopping() const { return stop != nullptr && *stop; }

    void expand_one(Kept& kept) {
        const bool may_search = !kept.given_up && search_left > std::chrono::nanoseconds(0);
        Expanded expanded =
            expand(kept.entry, window, zone, {std::min(kRecurrencesMax, steps_left), may_search});
        steps_left -= expanded.steps;
        search_left -= expanded.searched;
        kept.given_up = kept.given_up || expanded.searched > kSearchMax;
        kept.too_rare = expanded.too_rare || kept.given_up;
        kept.cut_short = expanded.cut_short;
        if (expanded.starts.size() > starts_left) {
            expanded.starts.resize(starts_left);
            kept.cut_short = true;
        }
        starts_left -= expanded.starts.size();
        expanded.starts.shrink_to_fit();
        kept.starts = std::move(expanded.starts);
    }

    void expand_all() {
        steps_left = kAllRecurrencesMax;
        starts_left = kAllStartsMax;
        search_left = kAllSearchesMax;
        for (auto& [name, file] : files) {
            for (auto& [digest, kept] : file->entries) {
                if (stopping()) {
                    return;
                }
                expand_one(kept);
            }
        }
    }

    Occurrence occurrence(const Kept& kept, WallTime start) const {
        const Entry& entry = kept.entry;
        Occurrence out;
        out.uid = entry.uid;
        out.start = start;
        out.end = entry.start.is_day ? end_of_days(start, entry.lasts, zone) : start + entry.lasts;
        out.all_day = entry.start.is_day;
        out.cancelled = entry.cancelled;
        out.free = entry.free;
        out.declined = std::any_of(own.begin(), own.end(), [&](const std::string& address) {
            return std::find(entry.declined.begin(), entry.declined.end(), address) != entry.declined.end();
        });
        out.title = entry.title;
        out.place = entry.place;
        out.travel = entry.travel;
        return out;
    }

    // On a server each entry comes with its zones, and mostly with the same ones.
    std::shared_ptr<FileZones> zones_of(const Digest& digest, const Blocks& blocks) {
        std::shared_ptr<FileZones>& out = zones[digest];
        if (out) {
            return out;
        }
        out = std::make_shared<FileZones>();
        for (std::size_t i = 0; i < blocks.zones.size(); ++i) {
            const std::string_view text = blocks.zones[i].text;
            const bool fits = zone_bytes + text.size() <= kZoneBytesMax && out->zones.add(text);
            if (fits) {
                out->bytes += text.size();
                zone_bytes += text.size();
            } else {
                out->unread.push_back(i);
            }
        }
        return out;
    }

    void forget_zones(File& file) {
        if (file.zones.use_count() == 2) {  // this file's and the table's
            zone_bytes -= file.zones->bytes;
            zones.erase(file.zones_digest);
        }
        file.zones.reset();
    }

    // Before its entries are read anew; they are counted again as they come.
    void uncount(const File& file) {
        count -= file.entries.size();
        for (const auto& [digest, kept] : file.entries) {
            starts_left += kept.starts.size();
        }
    }

    // Those that are known already are not read again.
    void read_entries(File& file, const std::vector<Block>& events) {
        file.full = false;
        std::map<Digest, Kept> now;
        for (const Block& block : events) {
            if (stopping()) {
                break;
            }
            if (count >= kEntriesMax) {
                file.full = true;
                break;
            }
            const Digest digest = digest_of(block.text);
            if (now.contains(digest)) {
                continue;  // the same once more
            }
            if (auto known = file.entries.extract(digest); !known.empty()) {
                known.mapped().line = block.line;
                starts_left -= std::min(starts_left, known.mapped().starts.size());
                now.insert(std::move(known));
                ++count;
                continue;
            }
            auto read = read_entry(block.text, file.zones->zones);
            if (!read) {
                if (file.problems.size() < kProblemsMax) {
                    file.problems.push_back({std::to_string(block.line), read.error()});
                }
                continue;
            }
            Kept kept{std::move(read->entry), block.line, std::move(read->warnings), {}};
            expand_one(kept);
            now.emplace(digest, std::move(kept));
            ++count;
        }
        file.entries = std::move(now);
    }

    std::map<std::string, std::unique_ptr<File>> files;
    std::map<Digest, std::shared_ptr<FileZones>> zones;
    std::size_t zone_bytes = 0;  // of their text
    std::size_t count = 0;       // of entries
    std::size_t steps_left = kAllRecurrencesMax;
    std::size_t starts_left = kAllStartsMax;
    std::chrono::nanoseconds search_left = kAllSearchesMax;
    const std::atomic<bool>* stop = nullptr;
    const Zone* zone = icaltimezone_get_utc_timezone();
    std::vector<std::string> own;
    Window window{};
};

Book::Book(const std::atomic<bool>* stop) : impl_(std::make_unique<Impl>()) {
    impl_->stop = stop;
    icalerror_set_errors_are_fatal(0);
}

Book::~Book() = default;

void Book::set_zone(const std::string& iana) {
    const Zone* zone = Zones::named(iana);
    impl_->zone = zone == nullptr ? icaltimezone_get_utc_timezone() : zone;
    impl_->expand_all();
}

void Book::set_own_addresses(std::vector<std::string> addresses) {
    for (std::string& address : addresses) {
        address = lower(address);
    }
    impl_->own = std::move(addresses);
}

void Book::set_window(WallTime from, WallTime to) {
    impl_->window = {from, to};
    impl_->expand_all();
}

void Book::put(const std::string& name, std::string_view ics) {
    const Blocks blocks = cut(ics);
    std::string zone_text;
    for (const Block& block : blocks.zones) {
        zone_text += block.text;
    }
    const Digest zones_digest = digest_of(zone_text);
    std::unique_ptr<Impl::File>& file = impl_->files[name];
    if (file) {
        impl_->uncount(*file);
        if (file->zones_digest != zones_digest) {
            impl_->forget_zones(*file);
            file.reset();
        }
    }
    if (!file) {
        file = std::make_unique<Impl::File>();
        file->zones_digest = zones_digest;
        file->zones = impl_->zones_of(zones_digest, blocks);
    }
    file->problems = blocks.problems;
    for (const std::size_t index : file->zones->unread) {
        if (file->problems.size() < kProblemsMax) {
            file->problems.push_back({std::to_string(blocks.zones[index].line),
                                      {ErrorCode::CalendarEntryInvalid, "a time zone that can't be read"}});
        }
    }
    impl_->read_entries(*file, blocks.events);
}

void Book::remove(const std::string& name) {
    const auto file = impl_->files.find(name);
    if (file != impl_->files.end()) {
        impl_->uncount(*file->second);
        impl_->forget_zones(*file->second);
        impl_->files.erase(file);
    }
}

bool Book::is_stopping() const {
    return impl_->stopping();
}

std::size_t Book::entries() const {
    return impl_->count;
}

std::vector<Occurrence> Book::occurrences() const {
    std::vector<Occurrence> out;
    for (const auto& [name, file] : impl_->files) {
        // What the overrides of each entry take the place of.
        std::unordered_map<std::string, std::vector<WallTime>> replaced;
        for (const auto& [digest, kept] : file->entries) {
            if (kept.entry.replaces) {
                replaced[kept.entry.uid].push_back(instant_of(*kept.entry.replaces, impl_->zone));
            }
        }
        for (auto& [uid, starts] : replaced) {
            std::sort(starts.begin(), starts.end());
        }
        for (const auto& [digest, kept] : file->entries) {
            if (kept.starts.empty()) {
                continue;
            }
            const auto overrides = replaced.find(kept.entry.uid);
            for (const WallTime start : kept.starts) {
                const bool gone =
                    !kept.entry.replaces && overrides != replaced.end() &&
                    std::binary_search(overrides->second.begin(), overrides->second.end(), start);
                if (!gone && out.size() < kOccurrencesMax) {
                    out.push_back(impl_->occurrence(kept, start));
                }
            }
        }
    }
    std::sort(out.begin(), out.end(), [](const Occurrence& a, const Occurrence& b) {
        return std::tie(a.start, a.end, a.uid) < std::tie(b.start, b.end, b.uid);
    });
    return out;
}

std::vector<Problem> Book::problems() const {
    std::vector<Problem> out;
    const auto add = [&](const std::string& name, const std::string& line, Error error) {
        if (out.size() < kProblemsMax) {
            out.push_back({name + ":" + line, std::move(error)});
        }
    };
    for (const auto& [name, file] : impl_->files) {
        for (const Problem& problem : file->problems) {
            add(name, problem.where, problem.error);
        }
        if (file->full) {
            add(name, "1", {ErrorCode::LimitExceeded, "more than 200,000 entries: the others are left out"});
        }
        for (const auto& [digest, kept] : file->entries) {
            for (const Error& warning : kept.warnings) {
                add(name, std::to_string(kept.line), warning);
            }
            if (kept.cut_short) {
                add(name, std::to_string(kept.line),
                    {ErrorCode::LimitExceeded, "it repeats more often than is followed"});
            }
            if (kept.too_rare) {
                add(name, std::to_string(kept.line),
                    {ErrorCode::LimitExceeded, "it repeats too rarely to be searched for, if ever"});
            }
        }
    }
    return out;
}

}  // namespace ambit::calendar

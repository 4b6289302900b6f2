#include <deque>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "calendar/calendar.h"

namespace ambit::calendar {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

constexpr seconds kPatience{60};

class CalendarFilesTest : public testing::Test {
  protected:
    CalendarFilesTest() {
        folder = fs::temp_directory_path() / ("ambit-calendar-" + std::to_string(getpid()));
        fs::remove_all(folder);
        fs::create_directory(folder);
    }

    ~CalendarFilesTest() override {
        calendar.reset();
        fs::remove_all(folder);
    }

    // What a snapshot must be like, one after the other, and what is done once it is.
    using Expected = std::function<bool(const Snapshot&)>;

    CalendarFilesTest& until(
        Expected expected, std::function<void()> then = [] {}) {
        steps.emplace_back(std::move(expected), std::move(then));
        return *this;
    }

    // Reads what is at `path` until all of it came; false if it did not.
    bool follows(const fs::path& path) {
        Settings settings;
        settings.path = path.string();
        settings.look_every = std::chrono::milliseconds(5);
        calendar = std::make_unique<Calendar>(settings, loop, [this](const auto& snapshot) {
            last = snapshot;
            if (!steps.empty() && steps.front().first(*last)) {
                const auto then = std::move(steps.front().second);
                steps.pop_front();
                then();
            }
            if (steps.empty()) {
                loop.stop();
            }
        });
        loop.wake_at(Loop::now().mono + kPatience, [&] { loop.stop(); });
        loop.run([] {});
        return steps.empty();
    }

    static Expected titles(const std::vector<std::string>& titles) {
        return [titles](const Snapshot& snapshot) {
            std::vector<std::string> found;
            for (const Occurrence& one : snapshot.occurrences) {
                found.push_back(one.title);
            }
            return found == titles;
        };
    }

    // As programs do that write calendars: beside the file, then in its place.
    void write(const std::string& name, const std::string& title, int hours_from_now) {
        const auto start =
            std::chrono::floor<std::chrono::hours>(Loop::now().wall) + std::chrono::hours(hours_from_now);
        const std::time_t time = std::chrono::system_clock::to_time_t(start);
        char stamp[32];
        std::tm parts{};
        std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&time, &parts));
        const fs::path fresh = folder / "fresh";
        std::ofstream(fresh) << "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:" << title << "\r\nSUMMARY:" << title
                             << "\r\nDTSTART:" << stamp
                             << "\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        fs::rename(fresh, folder / name);
    }

    fs::path folder;
    Loop loop;
    std::shared_ptr<const Snapshot> last;
    std::deque<std::pair<Expected, std::function<void()>>> steps;
    std::unique_ptr<Calendar> calendar;
};

TEST_F(CalendarFilesTest, FollowsAFolder) {
    const auto empty = [](const Snapshot& snapshot) {
        return snapshot.entries == 0 && snapshot.unreadable.empty();
    };
    until(empty, [&] { write("a.ics", "Dentist", 5); });
    until(titles({"Dentist"}), [&] { write("b.ics", "Work", 3); });
    until(titles({"Work", "Dentist"}), [&] { write("a.ics", "Barber", 2); });
    until(titles({"Barber", "Work"}), [&] {
        write("notes.txt", "Nothing", 1);
        fs::remove(folder / "b.ics");
    });
    until(titles({"Barber"}), [&] {
        write("c.ics", "In a month", 24 * 31);
        write("d.ics", "Soon", 1);
    });
    const auto around_now = titles({"Soon", "Barber"});
    until([&](const Snapshot& snapshot) { return around_now(snapshot) && snapshot.entries == 3; });
    EXPECT_TRUE(follows(folder)) << steps.size() << " steps to go";
}

TEST_F(CalendarFilesTest, WhatIsAwayForAMomentStillCounts) {
    write("a.ics", "Dentist", 5);
    const fs::path away = folder.string() + "-away";
    until(titles({"Dentist"}), [&] { fs::rename(folder, away); });
    until([](const Snapshot& snapshot) { return !snapshot.unreadable.empty(); },
          [&] {
              EXPECT_THAT(last->occurrences, SizeIs(1));
              EXPECT_EQ(last->unreadable[0].error.code, ErrorCode::CalendarUnreadable);
              fs::rename(away, folder);
          });
    until([](const Snapshot& snapshot) { return snapshot.unreadable.empty(); });
    EXPECT_TRUE(follows(folder)) << steps.size() << " steps to go";
    EXPECT_THAT(last->occurrences, SizeIs(1));
}

TEST_F(CalendarFilesTest, ReadsOneFileAndNamesWhatIsWrongInIt) {
    std::ofstream(folder / "one.ics") << "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nDTSTART:never\nEND:VEVENT\n";
    until([](const Snapshot& snapshot) { return !snapshot.problems.empty(); });
    ASSERT_TRUE(follows(folder / "one.ics"));
    EXPECT_EQ(last->problems[0].where.substr(0, 7), "one.ics");
}

TEST_F(CalendarFilesTest, ADirectoryInPlaceOfAFileIsSaid) {
    fs::create_directory(folder / "odd.ics");
    write("a.ics", "Dentist", 5);
    until([](const Snapshot& snapshot) { return !snapshot.unreadable.empty(); });
    ASSERT_TRUE(follows(folder));
    EXPECT_EQ(last->unreadable[0].where, "odd.ics");
    EXPECT_THAT(last->occurrences, SizeIs(1));
}

}  // namespace
}  // namespace ambit::calendar

#include <deque>
#include <filesystem>
#include <fstream>
#include <future>

#include <gmock/gmock.h>

#include "calendar/calendar.h"
#include "calendar/folder.h"
#include "loop/silent_port_testing.h"

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
    Settings settings;
    Loop loop;
    std::shared_ptr<const Snapshot> last;
    std::deque<std::pair<Expected, std::function<void()>>> steps;
    std::unique_ptr<Calendar> calendar;
};

TEST_F(CalendarFilesTest, FollowsAFolder) {
    const auto empty = [](const Snapshot& snapshot) {
        return snapshot.entries == 0 &&
               snapshot.unreadable.size() == 1;  // nothing yet, or a disk that is away
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
    until([&](const Snapshot& snapshot) { return around_now(snapshot) && snapshot.entries == 3; },
          [&] {
              for (const char* name : {"a.ics", "c.ics", "d.ics"}) {
                  fs::remove(folder / name);
              }
          });
    until([](const Snapshot& snapshot) { return snapshot.entries == 0 && snapshot.unreadable.empty(); });
    EXPECT_TRUE(follows(folder)) << steps.size() << " steps to go";
}

// The destructor waits for the thread, which must not be searching for the 30th of February.
TEST_F(CalendarFilesTest, WhatNeverComesHoldsNobodyUp) {
    int n = 0;
    for (const char* often : {"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "MONTHLY", "YEARLY"}) {
        std::ofstream(folder / ("b" + std::to_string(n++) + ".ics"))
            << "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:" << n
            << "\r\nDTSTART:20200101T080000Z\r\nRRULE:FREQ=" << often
            << ";BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    }
    write("a.ics", "Dentist", 5);
    until(titles({"Dentist"}), [&] { write("a.ics", "Barber", 2); });
    until(titles({"Barber"}));
    EXPECT_TRUE(follows(folder)) << steps.size() << " steps to go";
}

// Another disk in its place, as under a folder from which one was unmounted.
TEST_F(CalendarFilesTest, ADiskThatIsAwayCancelsNothing) {
    const fs::path other = fs::path("/dev/shm") / folder.filename();
    std::error_code error;
    if (!fs::create_directory(other, error)) {
        GTEST_SKIP() << "no other disk: " << error.message();
    }
    const fs::path here = folder.string() + "-link";
    const auto lead_to = [&](const fs::path& place) {
        const fs::path fresh = folder.string() + "-fresh";
        fs::create_directory_symlink(place, fresh);
        fs::rename(fresh, here);
    };
    write("a.ics", "Dentist", 5);
    lead_to(folder);
    until(titles({"Dentist"}), [&] { lead_to(other); });
    until([](const Snapshot& snapshot) { return !snapshot.unreadable.empty(); },
          [&] {
              EXPECT_THAT(last->occurrences, SizeIs(1)) << "it still counts";
              fs::remove(folder / "a.ics");
              lead_to(folder);
          });
    until([](const Snapshot& snapshot) { return snapshot.entries == 0 && snapshot.unreadable.empty(); });
    EXPECT_TRUE(follows(here)) << steps.size() << " steps to go";
    fs::remove(here);
    fs::remove(other);
}

TEST_F(CalendarFilesTest, TooManyFilesAreSaidAndTheFirstCount) {
    for (const char* name : {"d.ics", "b.ics", "e.ics", "a.ics", "c.ics"}) {
        write(name, name, 5);
    }
    Book book;
    Folder files(folder.string(), 3);
    files.look(book);
    ASSERT_THAT(files.unreadable(), SizeIs(1));
    EXPECT_THAT(files.unreadable()[0].error.detail, testing::HasSubstr("more than 3"));
    EXPECT_EQ(book.entries(), 3U);
    book.set_window(Loop::now().wall, Loop::now().wall + std::chrono::hours(24));
    std::vector<std::string> found;
    for (const Occurrence& one : book.occurrences()) {
        found.push_back(one.title);
    }
    EXPECT_THAT(found, testing::UnorderedElementsAre("a.ics", "b.ics", "c.ics"));
}

// Whoever takes its time to answer, or hangs, keeps nobody from the files.
TEST_F(CalendarFilesTest, FilesCountBeforeAServerThatSaysNothing) {
    const SilentPort silent;
    settings.server.emplace();
    settings.server->url = "http://" + silent.address() + "/";
    settings.slow_after = std::chrono::milliseconds(1);
    const auto dentist = titles({"Dentist"});
    write("a.ics", "Dentist", 5);
    until([&](const Snapshot& snapshot) {
        return dentist(snapshot) && !snapshot.asked && snapshot.server &&
               snapshot.server->code == ErrorCode::CalendarServerLost;
    });
    EXPECT_TRUE(follows(folder)) << steps.size() << " steps to go";
    EXPECT_THAT(last->server->detail, testing::HasSubstr("slow"));
    calendar.reset();
}

TEST(ServerTest, ARoundHasAnEnd) {
    ServerSettings settings;
    settings.url = "http://127.0.0.1:1/";
    settings.round_max = std::chrono::milliseconds(0);
    std::promise<void> told;
    Server server(settings, [&, once = false]() mutable {
        if (!std::exchange(once, true)) {
            told.set_value();
        }
    });
    told.get_future().wait();
    const Server::News news = server.fetch();
    EXPECT_EQ(news.rounds, 1U);
    EXPECT_EQ(news.asking_since, std::nullopt);
    ASSERT_TRUE(news.error.has_value());
    EXPECT_EQ(news.error->code, ErrorCode::CalendarServerLost);
    EXPECT_THAT(news.error->detail, testing::HasSubstr("in time"));
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

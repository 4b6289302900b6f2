#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "calendar/blocks.h"
#include "calendar/book.h"
#include "calendar/zones.h"

namespace ambit::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

WallTime utc(int year, unsigned month, unsigned day, int hour, int minute = 0) {
    return WallTime(std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                                          std::chrono::day(day))) +
           hours(hour) + minutes(minute);
}

std::string event(const std::string& lines) {
    return "BEGIN:VEVENT\r\nUID:one\r\nSUMMARY:Dentist\r\n" + lines + "END:VEVENT\r\n";
}

std::string calendar(const std::string& components) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n" + components + "END:VCALENDAR\r\n";
}

class BookTest : public testing::Test {
  protected:
    BookTest() {
        book.set_zone("Europe/Berlin");
        book.set_window(utc(2026, 10, 1, 0), utc(2026, 11, 30, 0));
    }

    std::vector<WallTime> starts() {
        std::vector<WallTime> out;
        for (const Occurrence& one : book.occurrences()) {
            out.push_back(one.start);
        }
        return out;
    }

    std::vector<ErrorCode> codes() {
        std::vector<ErrorCode> out;
        for (const Problem& problem : book.problems()) {
            out.push_back(problem.error.code);
        }
        return out;
    }

    Book book;
};

TEST_F(BookTest, APlainEntry) {
    book.put("a",
             calendar(event("DTSTART:20261101T080000Z\r\nDTEND:20261101T093000Z\r\n"
                            "LOCATION:High Street 1\r\nX-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT40M\r\n")));
    const auto all = book.occurrences();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].start, utc(2026, 11, 1, 8));
    EXPECT_EQ(all[0].end, utc(2026, 11, 1, 9, 30));
    EXPECT_EQ(all[0].title, "Dentist");
    EXPECT_EQ(all[0].place, "High Street 1");
    EXPECT_EQ(all[0].travel, minutes(40));
    EXPECT_FALSE(all[0].cancelled || all[0].declined || all[0].free || all[0].all_day);
    EXPECT_THAT(book.problems(), testing::IsEmpty());
}

TEST_F(BookTest, TheHourStaysWhenTheClocksChange) {
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:20261023T083000\r\nDURATION:PT1H\r\n"
                                 "RRULE:FREQ=DAILY;COUNT=4\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 10, 23, 6, 30), utc(2026, 10, 24, 6, 30),
                                               utc(2026, 10, 25, 7, 30), utc(2026, 10, 26, 7, 30)));
}

TEST_F(BookTest, TheHourStaysWhenTheClocksChangeInSpring) {
    book.set_window(utc(2027, 3, 1, 0), utc(2027, 4, 30, 0));
    // Since long before the window, and with one of the days after the change moved.
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:20260105T083000\r\nDURATION:PT1H\r\n"
                                 "RRULE:FREQ=DAILY;UNTIL=20270330T220000Z\r\n") +
                           event("RECURRENCE-ID;TZID=Europe/Berlin:20270329T083000\r\n"
                                 "DTSTART;TZID=Europe/Berlin:20270329T110000\r\nDURATION:PT1H\r\n")));
    const auto all = starts();
    ASSERT_EQ(all.size(), 30U);
    EXPECT_EQ(all[26], utc(2027, 3, 27, 7, 30));
    EXPECT_EQ(all[27], utc(2027, 3, 28, 6, 30));
    EXPECT_EQ(all[28], utc(2027, 3, 29, 9));
    EXPECT_EQ(all[29], utc(2027, 3, 30, 6, 30));
}

TEST_F(BookTest, DaysAndFloatingTimesOnDaysOfTwentyThreeAndTwentyFiveHours) {
    book.set_window(utc(2026, 3, 1, 0), utc(2026, 11, 30, 0));
    book.put("a", calendar(event("DTSTART;VALUE=DATE:20260328\r\nRRULE:FREQ=DAILY;COUNT=3\r\n") +
                           event("DTSTART:20261024T083000\r\nRRULE:FREQ=DAILY;COUNT=3\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 3, 27, 23), utc(2026, 3, 28, 23),
                                               utc(2026, 3, 29, 22), utc(2026, 10, 24, 6, 30),
                                               utc(2026, 10, 25, 7, 30), utc(2026, 10, 26, 7, 30)));
    // An hour that is there twice, and one that is not there at all: each is some time of that night.
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:20261025T023000\r\n") +
                           event("DTSTART;TZID=Europe/Berlin:20260329T023000\r\n")));
    ASSERT_EQ(starts().size(), 2U);
    EXPECT_THAT(starts()[0], testing::AnyOf(utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)));
    EXPECT_THAT(starts()[1], testing::AnyOf(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)));
}

TEST_F(BookTest, AWholeDayEndsAtMidnightAlsoWhenItHasTwentyFiveHours) {
    book.put("a", calendar(event("DTSTART;VALUE=DATE:20261025\r\n")));
    const auto all = book.occurrences();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].start, utc(2026, 10, 24, 22));
    EXPECT_EQ(all[0].end, utc(2026, 10, 25, 23));
}

TEST_F(BookTest, ExceptionsAdditionsAndOverrides) {
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:20261102T090000\r\nDURATION:PT1H\r\n"
                                 "RRULE:FREQ=WEEKLY;UNTIL=20261130T000000Z\r\n"
                                 "EXDATE;TZID=Europe/Berlin:20261109T090000\r\n"
                                 "RDATE;TZID=Europe/Berlin:20261111T100000\r\n") +
                           event("RECURRENCE-ID;TZID=Europe/Berlin:20261116T090000\r\n"
                                 "DTSTART;TZID=Europe/Berlin:20261116T140000\r\nDURATION:PT1H\r\n") +
                           event("RECURRENCE-ID:20261123T080000Z\r\nDTSTART:20261123T080000Z\r\n"
                                 "DURATION:PT1H\r\nSTATUS:CANCELLED\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 2, 8), utc(2026, 11, 11, 9),
                                               utc(2026, 11, 16, 13), utc(2026, 11, 23, 8)));
    EXPECT_TRUE(book.occurrences().back().cancelled);
}

TEST_F(BookTest, ARuleThatBeganLongAgo) {
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:19960101T070000\r\nDURATION:PT15M\r\n"
                                 "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH\r\n")));
    // Every second week counted from the first of January 1996, a Monday.
    const auto all = starts();
    ASSERT_FALSE(all.empty());
    const auto first = utc(1996, 1, 1, 6);
    for (const WallTime at : all) {
        const auto days = std::chrono::duration_cast<std::chrono::days>(at + hours(2) - first).count();
        EXPECT_TRUE(days % 14 == 0 || days % 14 == 3) << days;
    }
    EXPECT_EQ(all.size(), 9U);
}

TEST_F(BookTest, DaysAndFloatingTimesAreWhereThePersonIs) {
    book.put("a", calendar(event("DTSTART;VALUE=DATE:20261103\r\n") +
                           "BEGIN:VEVENT\r\nUID:two\r\nDTSTART:20261104T100000\r\nEND:VEVENT\r\n"));
    const auto all = book.occurrences();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].all_day);
    EXPECT_EQ(all[0].start, utc(2026, 11, 2, 23));
    EXPECT_EQ(all[0].end - all[0].start, hours(24));
    EXPECT_EQ(all[1].start, utc(2026, 11, 4, 9));
    EXPECT_EQ(all[1].end, all[1].start);
}

TEST_F(BookTest, ZonesAsOutlookNamesThem) {
    book.put("a", calendar(event("DTSTART;TZID=W. Europe Standard Time:20261104T100000\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 9)));
    EXPECT_EQ(iana_of_windows("Tokyo Standard Time"), "Asia/Tokyo");
    EXPECT_EQ(iana_of_windows("Nowhere Standard Time"), "");
    EXPECT_NE(Zones::named("/freeassociation.sourceforge.net/Europe/Berlin"), nullptr);
    EXPECT_EQ(Zones::named("../../etc/passwd"), nullptr);
    EXPECT_EQ(Zones::named("Europe/../../etc"), nullptr);
}

TEST_F(BookTest, TheFilesOwnZoneGoesFirst) {
    const std::string zone =
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    book.put("a", calendar(event("DTSTART;TZID=Europe/Berlin:20261104T100000\r\n") + zone));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 5)));
}

TEST_F(BookTest, AnUnknownZoneIsSaidAndTakenAsLocal) {
    book.put("a", calendar(event("DTSTART;TZID=Mars/Olympus:20261104T100000\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 9)));
    EXPECT_THAT(codes(), testing::ElementsAre(ErrorCode::CalendarZoneUnknown));
    EXPECT_EQ(book.problems()[0].where, "a:4");
}

TEST_F(BookTest, WhatWasDeclinedOrTakesNoTime) {
    book.set_own_addresses({"Anna@Example.org"});
    book.put("a", calendar(event("DTSTART:20261104T100000Z\r\nTRANSP:TRANSPARENT\r\n"
                                 "ATTENDEE;PARTSTAT=DECLINED:MAILTO:anna@example.org\r\n")));
    ASSERT_EQ(book.occurrences().size(), 1U);
    EXPECT_TRUE(book.occurrences()[0].declined);
    EXPECT_TRUE(book.occurrences()[0].free);
    book.set_own_addresses({"ben@example.org"});
    EXPECT_FALSE(book.occurrences()[0].declined);
}

TEST_F(BookTest, AFilePutAgainReplacesItself) {
    book.put("a", calendar(event("DTSTART:20261104T100000Z\r\n")));
    book.put("b", calendar(event("DTSTART:20261105T100000Z\r\n")));
    book.put("a", calendar(event("DTSTART:20261104T110000Z\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 11), utc(2026, 11, 5, 10)));
    book.remove("a");
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 5, 10)));
}

TEST_F(BookTest, FilesWithTheSameZonesComeAndGo) {
    const std::string zone =
        "BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    for (int i = 0; i < 20; ++i) {
        book.put(std::to_string(i), calendar(zone + event("DTSTART;TZID=Here:20261104T100000\r\n")));
    }
    EXPECT_EQ(book.entries(), 20U);
    for (int i = 0; i < 19; ++i) {
        book.remove(std::to_string(i));
    }
    book.remove("never there");
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 5)));
    book.put("19", calendar(event("DTSTART;TZID=Here:20261104T100000\r\n")));
    EXPECT_THAT(codes(), testing::ElementsAre(ErrorCode::CalendarZoneUnknown));
    EXPECT_EQ(book.entries(), 1U);
    const std::string broken = "BEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\n";
    book.put("19", calendar(broken + event("DTSTART:20261104T100000Z\r\n")));
    book.put("19", calendar(broken + event("DTSTART:20261104T110000Z\r\n")));
    EXPECT_THAT(codes(), testing::ElementsAre(ErrorCode::CalendarEntryInvalid))
        << "also when it is put again";
}

TEST_F(BookTest, ManyRulesWithoutEndAreBoundedTogether) {
    std::string each = "0";
    for (int i = 1; i < 60; ++i) {
        each += "," + std::to_string(i);
    }
    for (int i = 0; i < 30; ++i) {
        book.put(std::to_string(i),
                 calendar(event("DTSTART:20260901T000000Z\r\nRRULE:FREQ=HOURLY;BYMINUTE=" + each + "\r\n")));
    }
    EXPECT_LE(book.occurrences().size(), kOccurrencesMax);
    EXPECT_THAT(codes(), testing::Contains(ErrorCode::LimitExceeded));
    for (int i = 1; i < 30; ++i) {
        book.remove(std::to_string(i));
    }
    book.put("0", calendar(event("DTSTART:20261104T100000Z\r\nRRULE:FREQ=WEEKLY\r\n")));
    EXPECT_EQ(book.occurrences().size(), 4U) << "there is room again";
}

TEST_F(BookTest, ABrokenEntrySpoilsItselfOnly) {
    book.put("a", calendar(event("DTSTART:yesterday\r\n") + event("DTSTART:20261104T100000Z\r\n") +
                           "BEGIN:VEVENT\r\nUID:open\r\nDTSTART:20261105T100000Z\r\n" +
                           event("DTSTART:20261106T100000Z\r\nDTEND:20200101T000000Z\r\n")));
    EXPECT_THAT(starts(), testing::ElementsAre(utc(2026, 11, 4, 10), utc(2026, 11, 6, 10)));
    EXPECT_THAT(codes(), testing::Contains(ErrorCode::CalendarEntryInvalid));
    EXPECT_THAT(codes(), testing::Contains(ErrorCode::CalendarFileInvalid));
}

TEST_F(BookTest, RulesWithoutEndOrMeasure) {
    book.put("a", calendar(event("DTSTART:19700101T000000Z\r\nRRULE:FREQ=SECONDLY\r\n") +
                           event("DTSTART:19700101T000000Z\r\nRRULE:FREQ=SECONDLY;COUNT=2000000000\r\n") +
                           event("DTSTART:20261104T100000Z\r\nRRULE:FREQ=NEVER;BYDAY=XX\r\n")));
    EXPECT_LE(book.occurrences().size(), 3U);
    EXPECT_THAT(codes(),
                testing::ElementsAre(ErrorCode::CalendarEntryInvalid, ErrorCode::CalendarEntryInvalid,
                                     ErrorCode::CalendarEntryInvalid));
}

TEST(BlocksTest, LineEndsOfAllKindsAndAByteOrderMark) {
    const std::string text =
        "\xEF\xBB\xBF"
        "BEGIN:VCALENDAR\rBEGIN:VEVENT\nEND:VEVENT\r\nEND:VCALENDAR";
    const Blocks blocks = cut(text);
    ASSERT_EQ(blocks.events.size(), 1U);
    EXPECT_EQ(blocks.events[0].line, 2U);
    EXPECT_THAT(blocks.problems, testing::IsEmpty());
    EXPECT_FALSE(cut("hello").problems.empty());
    EXPECT_FALSE(cut("").problems.empty());
}

TEST(PlaceTest, SomewhereToGo) {
    EXPECT_TRUE(is_elsewhere("High Street 1"));
    EXPECT_TRUE(is_elsewhere("12 Telephone Road"));
    EXPECT_TRUE(is_elsewhere("Room 4, Zoom Building"));
    for (const char* place : {"", "  ", "https://example.org/x", "Zoom", "Join: https://meet.example/abc",
                              "tel:+491234", "Microsoft Teams Meeting", "Online", "-"}) {
        EXPECT_FALSE(is_elsewhere(place)) << place;
    }
}

// Real files, many of them broken on purpose: each is read or complained about, and none does harm.
TEST(FilesInTheWildTest, EachIsReadOrNamed) {
    const std::filesystem::path folder = std::filesystem::path(AMBIT_SHARED_DATA) / "calendar";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "MISSING: the shared calendar files";
    }
    std::size_t files = 0;
    std::size_t silent = 0;
    std::size_t entries = 0;
    for (const auto& path : std::filesystem::directory_iterator(folder)) {
        if (path.path().extension() != ".ics") {
            continue;
        }
        ++files;
        std::ifstream in(path.path(), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        Book book;
        book.set_zone("Europe/Berlin");
        book.set_window(utc(1970, 1, 2, 0), utc(2040, 1, 1, 0));
        book.put(path.path().filename().string(), text.str());
        entries += book.entries();
        const bool has_event = text.str().find("BEGIN:VEVENT") != std::string::npos;
        if (has_event && book.entries() == 0 && book.problems().empty()) {
            ++silent;
            ADD_FAILURE() << path.path().filename() << ": nothing was read and nothing was said";
        }
        for (const Problem& problem : book.problems()) {
            EXPECT_NE(problem.error.code, ErrorCode::Internal);
        }
    }
    EXPECT_GT(files, 90U);
    EXPECT_GT(entries, 90U);
    EXPECT_EQ(silent, 0U);
}

}  // namespace
}  // namespace ambit::calendar

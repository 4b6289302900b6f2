#include <gmock/gmock.h>

#include "calendar/book.h"

namespace ambit::calendar {
namespace {

using std::chrono::hours;

const WallTime kNow = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 1));

std::string entry_with(const std::string& uid, const std::string& start, const std::string& rule) {
    return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTART:" + start +
           "\r\nDURATION:PT1H\r\nRRULE:" + rule + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

class RulesTest : public testing::Test {
  protected:
    RulesTest() { book.set_window(kNow - hours(24), kNow + hours(24 * 14)); }

    // Of one entry with that rule alone.
    std::size_t times(const std::string& start, const std::string& rule) {
        book.put("a", entry_with("one", start, rule));
        return book.occurrences().size();
    }

    std::vector<ErrorCode> codes() const {
        std::vector<ErrorCode> out;
        for (const Problem& problem : book.problems()) {
            out.push_back(problem.error.code);
        }
        return out;
    }

    Book book;
};

// The test's own limit of time is what fails where the library searches on.
TEST_F(RulesTest, WhatNeverComesIsNotSearchedForWithoutEnd) {
    const std::vector<std::string> never{
        ";BYMONTH=2;BYMONTHDAY=30",
        ";BYMONTH=4,6,9,11;BYMONTHDAY=31",
        ";BYYEARDAY=366;BYMONTH=1",
        ";BYYEARDAY=366;INTERVAL=2",
        ";BYMONTH=2;BYMONTHDAY=29;INTERVAL=2",
        ";BYWEEKNO=53;BYMONTH=6",
        ";BYMONTH=6;BYDAY=6MO",
        ";BYDAY=MO;BYMONTH=1;BYSETPOS=300",
        ";BYDAY=MO,TU,WE,TH,FR;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10,11,12,13;BYSETPOS=300,301",
        ";BYMONTH=3,3;BYMONTHDAY=4,5,14;BYSETPOS=-1",
        ";BYMONTHDAY=31;INTERVAL=12",
        ";INTERVAL=12;BYMONTH=2;BYMONTHDAY=1",
        ";INTERVAL=7;BYDAY=MO;BYMONTHDAY=1;BYMONTH=2;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"
        ";BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15;BYSECOND=0,1,2,3,4,5,6,7,8,9,10,11,12",
    };
    std::size_t n = 0;
    for (const char* often : {"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}) {
        for (const std::string& parts : never) {
            for (const char* count : {"", ";COUNT=4"}) {
                const std::string uid = std::to_string(n++);
                const char* start = n % 4 == 0 ? "19010101T080000Z" : "20251130T080000Z";
                book.put(uid, entry_with(uid, start, "FREQ=" + std::string(often) + parts + count));
            }
        }
    }
    book.put("good", entry_with("good", "20251104T100000Z", "FREQ=WEEKLY"));
    book.set_window(kNow - hours(24), kNow + hours(24 * 14));
    const auto all = book.occurrences();
    EXPECT_THAT(all, testing::Contains(testing::Field(&Occurrence::uid, "good")))
        << "the others are followed";
    EXPECT_THAT(codes(), testing::Contains(ErrorCode::LimitExceeded)) << "and what was not is said";
    EXPECT_THAT(codes(), testing::Contains(ErrorCode::CalendarEntryInvalid));
}

TEST_F(RulesTest, RareDaysAreFound) {
    EXPECT_EQ(times("20240531T100000Z", "FREQ=MONTHLY;BYMONTHDAY=31"), 1U);
    EXPECT_EQ(times("20241112T100000Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2"), 1U);
    EXPECT_EQ(times("20241112T100000Z", "FREQ=MONTHLY;BYDAY=-1SA"), 1U);
    EXPECT_EQ(times("20001110T100000Z", "FREQ=YEARLY"), 1U);
    EXPECT_EQ(times("20001110T100000Z", "FREQ=YEARLY;COUNT=40"), 1U);
    EXPECT_EQ(times("20001110T100000Z", "FREQ=YEARLY;COUNT=20"), 0U);
    EXPECT_EQ(times("20211108T100000Z", "FREQ=YEARLY;BYWEEKNO=45;BYDAY=MO"), 1U);
    EXPECT_EQ(times("20200101T100000Z", "FREQ=YEARLY;BYYEARDAY=310"), 1U);
    EXPECT_EQ(times("20260101T100000Z", "FREQ=DAILY;BYMONTH=11;BYDAY=TU;UNTIL=20261108T000000Z"), 1U);
    EXPECT_EQ(times("20261031T100000Z", "FREQ=HOURLY;INTERVAL=6;COUNT=3"), 3U);
    EXPECT_THAT(codes(), testing::IsEmpty());
    book.set_window(kNow + hours(24 * 475), kNow + hours(24 * 490));
    EXPECT_EQ(times("20000229T100000Z", "FREQ=YEARLY"), 1U) << "29 February 2028";
    EXPECT_THAT(codes(), testing::IsEmpty());
}

TEST_F(RulesTest, ARuleOfAZoneIsNotSearchedEither) {
    const auto in_zone = [](const std::string& rule) {
        return "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:"
               "19700101T000000\r\n"
               "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nRRULE:" +
               rule +
               "\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Here:"
               "20261104T100000\r\n"
               "END:VEVENT\r\nEND:VCALENDAR\r\n";
    };
    for (const char* rule :
         {"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY", "FREQ=HOURLY",
          "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=1,2,3,4",
          "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR"}) {
        book.put("a", in_zone(rule));
        ASSERT_EQ(book.occurrences().size(), 1U);
        EXPECT_EQ(book.occurrences()[0].start, kNow + hours(24 * 3 + 10))
            << rule << ": as in an unknown zone";
        EXPECT_THAT(codes(),
                    testing::ElementsAre(ErrorCode::CalendarEntryInvalid, ErrorCode::CalendarZoneUnknown));
    }
    book.put("a", in_zone("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"));
    EXPECT_EQ(book.occurrences()[0].start, kNow + hours(24 * 3 + 5));
    EXPECT_THAT(codes(), testing::IsEmpty());
}

TEST(StoppedBookTest, ReadsNoMore) {
    std::atomic<bool> stop = false;
    Book book(&stop);
    book.set_window(kNow, kNow + hours(24));
    book.put("a", entry_with("one", "20261101T100000Z", "FREQ=DAILY"));
    stop = true;
    book.put("b", entry_with("two", "20261101T100000Z", "FREQ=DAILY"));
    EXPECT_EQ(book.entries(), 1U);
}

}  // namespace
}  // namespace ambit::calendar

// What sensors and apps say of a heart: well, badly, twice, late, and from the future.
#include "wearable/readings.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "wearable/posted.h"

namespace ambit::wearable {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kNow{seconds(1'800'000'000)};

HeartReading rate(WallTime at, double beats_per_min) {
    return {at, beats_per_min, {}};
}

// So many minutes of one reading each, from `from` on.
std::vector<HeartReading> rates(WallTime from, int count, double beats_per_min) {
    std::vector<HeartReading> out;
    for (int i = 0; i < count; ++i) {
        // No heart beats the same all the time.
        out.push_back(rate(from + minutes(i), beats_per_min + 0.3 * (i % 3)));
    }
    return out;
}

class ReadingsTest : public testing::Test {
  protected:
    State say(const std::vector<HeartReading>& readings, WallTime at) {
        const auto taken = readings_.take(readings, at);
        for (const Minute& minute : taken.minutes) {
            body.on_minute(minute);
        }
        left_out = taken.left_out;
        if (const auto minute = readings_.on_time(at)) {
            body.on_minute(*minute);
        }
        return body.on_silence(at).state;
    }

    // One a minute, as a sensor does that is connected.
    State live(int count, double beats_per_min) {
        for (int i = 0; i < count; ++i) {
            now += minutes(1);
            say({rate(now - seconds(61), beats_per_min + 0.3 * (i % 3))}, now);
        }
        return body.now().state;
    }

    void SetUp() override {
        live(200, 55);
        live(200, 68);
    }

    Readings readings_;
    BodyState body;
    std::size_t left_out = 0;
    WallTime now = kNow;
};

TEST_F(ReadingsTest, RatesAloneAreEnough) {
    EXPECT_EQ(live(10, 64), State::Resting);
    EXPECT_EQ(live(10, 55), State::Asleep);
    EXPECT_EQ(live(3, 90), State::Active);
}

TEST_F(ReadingsTest, IntervalsAreCleanedAndTellTheirVariation) {
    HeartReading reading{now, {}, {}};
    for (int i = 0; i < 80; ++i) {
        reading.intervals_ms.push_back(i == 40 ? 1650 : 800 + (i % 2) * 20);
    }
    const auto taken = readings_.take({reading}, now);
    ASSERT_EQ(taken.minutes.size(), 1U);
    EXPECT_NEAR(taken.minutes[0].beats_per_min, 74, 1);
    EXPECT_NEAR(*taken.minutes[0].rmssd_ms, 20, 1);
    EXPECT_GT(taken.minutes[0].artefacts, 0);
}

TEST_F(ReadingsTest, WhatIsSaidTwiceCountsOnce) {
    const auto some = rates(now + minutes(1), 10, 64);
    say(some, now + minutes(11));
    EXPECT_EQ(left_out, 0U);
    const std::string before = body.encode();
    EXPECT_TRUE(readings_.take(some, now + minutes(11)).minutes.empty());
    EXPECT_EQ(readings_.take(some, now + minutes(11)).left_out, 10U);
    EXPECT_EQ(body.encode(), before);
    HeartReading intervals{now + minutes(12), {}, std::vector<double>(70, 800.0)};
    EXPECT_EQ(readings_.take({intervals}, now + minutes(12)).taken, 1U);
    intervals.at += seconds(1);
    const auto again = readings_.take({intervals}, now + minutes(13));
    EXPECT_TRUE(again.minutes.empty()) << "but for the last second they are the same ones";
}

TEST_F(ReadingsTest, TheFutureIsLeftOut) {
    const State before = live(10, 64);
    EXPECT_EQ(say(rates(now + hours(24 * 365), 30, 170), now), before);
    EXPECT_EQ(left_out, 30U);
    EXPECT_EQ(live(3, 90), State::Active) << "and what comes after it counts";
    say({rate(now + seconds(90), 90)}, now);
    EXPECT_EQ(left_out, 0U) << "a clock may be a little ahead";
    now += seconds(10);
    EXPECT_EQ(readings_.take({rate(now, 90)}, now).taken, 1U);
}

TEST_F(ReadingsTest, AClockThatIsSetBackIsFollowed) {
    live(10, 64);
    now -= hours(5);
    live(1, 64);
    EXPECT_EQ(left_out, 0U);
    EXPECT_EQ(live(4, 64), State::Resting);
}

TEST_F(ReadingsTest, OrderDoesNotMatterWithinOneDelivery) {
    auto some = rates(now + minutes(1), 10, 55);
    Readings other = readings_;
    const auto straight = other.take(some, now + minutes(11));
    std::reverse(some.begin(), some.end());
    const auto turned = readings_.take(some, now + minutes(11));
    ASSERT_EQ(turned.minutes.size(), straight.minutes.size());
    EXPECT_EQ(turned.minutes.back().at, straight.minutes.back().at);
    EXPECT_EQ(turned.left_out, 0U);
}

TEST_F(ReadingsTest, AWeekAtOnceTeachesAndSaysNothingOfNow) {
    live(10, 64);
    now += hours(24 * 7);
    auto week = rates(now - hours(24 * 7) + minutes(1), 10'000, 50);
    EXPECT_EQ(say(week, now), State::Unknown) << "the last of it is an hour old";
    EXPECT_EQ(left_out, 0U);
    EXPECT_NEAR(body.resting_beats(), 50, 1);
    EXPECT_LT(body.encode().size(), 10'000U);
    EXPECT_EQ(live(6, 50), State::Asleep);
}

TEST_F(ReadingsTest, ASensorThatIsStuckSaysNothing) {
    live(10, 64);
    State last = body.now().state;
    int changes = 0;
    for (int i = 0; i < 24 * 60; ++i) {
        now += minutes(1);
        say({rate(now - seconds(61), 53)}, now);
        changes += body.now().state != last ? 1 : 0;
        last = body.now().state;
    }
    EXPECT_EQ(last, State::Unknown);
    EXPECT_LE(changes, 2) << "asleep perhaps, then nothing, and not again";
    EXPECT_EQ(live(4, 64), State::Resting) << "it works again";
}

TEST_F(ReadingsTest, ASensorThatJumpsSaysNothing) {
    EXPECT_EQ(live(10, 64), State::Resting);
    State last = body.now().state;
    int changes = 0;
    for (int i = 0; i < 24 * 60; ++i) {
        now += minutes(1);
        say({rate(now - seconds(61), i % 2 == 0 ? 40 : 180)}, now);
        changes += body.now().state != last ? 1 : 0;
        last = body.now().state;
    }
    EXPECT_EQ(last, State::Unknown);
    EXPECT_LE(changes, 1);
    live(10, 64);
    live(10, 55);
    EXPECT_EQ(live(1, 180), State::Asleep) << "one odd minute wakes nobody";
    EXPECT_EQ(live(1, 176), State::Exertion) << "two that agree do";
}

TEST_F(ReadingsTest, WithinAMinuteWhatIsFarFromTheRestIsLeftOut) {
    std::vector<HeartReading> minute;
    for (int i = 0; i < 60; ++i) {
        minute.push_back(rate(now + seconds(i), i == 7 ? 230 : 64));
    }
    minute.push_back(rate(now + seconds(61), 64));
    const auto taken = readings_.take(minute, now + seconds(61));
    ASSERT_EQ(taken.minutes.size(), 1U);
    EXPECT_EQ(taken.minutes[0].beats_per_min, 64);
    EXPECT_NEAR(taken.minutes[0].artefacts, 1.0 / 60, 1e-9);
}

TEST_F(ReadingsTest, WhatIsNoRateOfAHeartIsLeftOut) {
    const std::string before = body.encode();
    std::vector<HeartReading> bad;
    for (const double beats : {0.0, -60.0, 24.9, 239.1, 1e300, std::nan(""), HUGE_VAL,
                               std::numeric_limits<double>::denorm_min()}) {
        bad.push_back(rate(now + seconds(static_cast<int>(bad.size()) + 1), beats));
    }
    bad.push_back({now, {}, {}});
    bad.push_back({now, {}, std::vector<double>(Readings::kIntervalsMax + 1, 800)});
    const std::size_t all = bad.size();
    say(bad, now + minutes(2));
    EXPECT_EQ(left_out, all);
    EXPECT_EQ(body.encode(), before);
}

TEST(PostedTest, ReadsWhatAppsPost) {
    const auto one = read_posted("62", kNow).value();
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].beats_per_min, 62);
    EXPECT_EQ(one[0].at, kNow);
    const auto some = read_posted(
        R"([{"beats_per_min":62,"time":"2026-11-29T07:30:00+01:00"},{"rr_ms":[800,812.5],"beats_per_min":1}])",
        kNow);
    ASSERT_TRUE(some) << some.error().message();
    EXPECT_EQ((*some)[0].at, WallTime(seconds(1'795'933'800)));
    EXPECT_THAT((*some)[1].intervals_ms, testing::ElementsAre(800, 812.5));
}

TEST(PostedTest, RefusesWhatIsNone) {
    for (const char* text :
         {"", "null", "\"62\"", "{}", "[]", "[[62]]", R"({"beats_per_min":"62"})", R"({"beats_per_min":-1})",
          R"({"beats_per_min":1e999})", R"({"rr_ms":[]})", R"({"rr_ms":[0]})", R"({"rr_ms":["800"]})",
          R"({"rr_ms":800})", R"({"beats_per_min":62,"time":"yesterday"})",
          R"({"beats_per_min":62,"time":1800000000})", R"([62,{"time":"2026-11-29T07:30:00Z"}])"}) {
        const auto read = read_posted(text, kNow);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, ErrorCode::BadRequest) << text;
    }
    EXPECT_THAT(read_posted("[62,{}]", kNow).error().detail, testing::HasSubstr("reading 2"));
    std::string many = "[62";
    for (std::size_t i = 0; i < kPostedMax; ++i) {
        many += ",62";
    }
    EXPECT_FALSE(read_posted(many + "]", kNow));
}

TEST(PostedTest, Moments) {
    const WallTime at(seconds(1'795'933'800));
    for (const char* text :
         {"2026-11-29T06:30:00Z", "2026-11-29 06:30:00 +0000", "2026-11-29t07:30:00.000+01:00",
          "2026-11-28T16:30:00-14:00", "2026-11-29T12:00:00+05:30"}) {
        EXPECT_EQ(moment(text), at) << text;
    }
    EXPECT_EQ(moment("2026-11-29T06:30:00.25Z"), at + milliseconds(250));
    for (const char* text : {"", "2026-11-29", "2026-11-29T06:30:00", "2026-13-29T06:30:00Z",
                             "2026-02-30T06:30:00Z", "2026-11-29T24:30:00Z", "2026-11-29T06:60:00Z",
                             "2026-11-29T06:30:00+15:00", "2026-11-29T06:30:00.Z", "2026-11-29T06:30:00Zz",
                             "+026-11-29T06:30:00Z", "2026-11-29T06:30:00+0", "1969-11-29T06:30:00Z"}) {
        EXPECT_FALSE(moment(text)) << text;
    }
}

}  // namespace
}  // namespace ambit::wearable

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wearable/body_state.h"
#include "wearable/heartbeats.h"

namespace ambit::wearable {
namespace {

std::optional<std::vector<double>> recording(const char* name) {
    const auto path = std::filesystem::path(AMBIT_SHARED_DATA) / "wearable" / name;
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << in.rdbuf();
    return read_recording(text.str()).value();
}

struct Golden {
    const char* file;
    std::size_t count;
    double mean;
    double rmssd;
};

TEST(HeartbeatsTest, TheGoldenValuesOfTwoRealRecordings) {
    for (const Golden& golden :
         {Golden{"nni_short.csv", 337, 888.955, 101.301}, Golden{"nni_long.csv", 4684, 768.438, 60.523}}) {
        const auto beats = recording(golden.file);
        if (!beats) {
            GTEST_SKIP() << "MISSING: the shared recordings";
        }
        ASSERT_EQ(beats->size(), golden.count);
        const double mean =
            std::accumulate(beats->begin(), beats->end(), 0.0) / static_cast<double>(beats->size());
        EXPECT_NEAR(mean, golden.mean, 0.0005);
        EXPECT_NEAR(*rmssd(std::span<const double>(*beats)), golden.rmssd, 0.0005);
        EXPECT_LT(clean(*beats).artefacts(), 0.2) << golden.file;
    }
}

TEST(HeartbeatsTest, AMissedBeatIsDroppedAndNotBridged) {
    std::vector<double> beats(40, 800);
    for (std::size_t i = 0; i < beats.size(); ++i) {
        beats[i] += i % 2 == 0 ? 10 : -10;
    }
    const double before = *rmssd(std::span<const double>(beats));
    beats[20] = 1600;  // a beat was missed
    beats[30] = 120;   // noise
    const Cleaned cleaned = clean(beats);
    EXPECT_EQ(cleaned.dropped, 2U);
    EXPECT_EQ(cleaned.runs.size(), 3U);
    EXPECT_NEAR(*rmssd(cleaned), before, 1e-9);
    EXPECT_NEAR(*beats_per_min(cleaned), 75, 0.1);
}

TEST(HeartbeatsTest, NothingSaysNothing) {
    EXPECT_FALSE(rmssd(clean({})));
    EXPECT_FALSE(beats_per_min(clean({})));
    EXPECT_EQ(clean({}).artefacts(), 1);
    const std::vector<double> noise{1, 9000, 2, 70'000};
    EXPECT_FALSE(beats_per_min(clean(noise)));
}

TEST(RecordingTest, ReadsAndRefuses) {
    EXPECT_THAT(read_recording("rr_ms\n800\r\n810.5,\n\n790").value(), testing::ElementsAre(800, 810.5, 790));
    for (const char* text : {"", "a\nb\n", "800\nnan\n", "800\n-1\n", "800\ninf", "800\n1e99\n"}) {
        EXPECT_EQ(read_recording(text).error().code, ErrorCode::WearableRecordingInvalid) << text;
    }
}

class BodyStateTest : public testing::Test {
  protected:
    State minutes(int count, double beats, double rmssd_ms = 40, int steps = 0) {
        for (int i = 0; i < count; ++i) {
            at += std::chrono::minutes(1);
            body.on_minute({at, beats, rmssd_ms, steps, 0.01});
        }
        return body.now().state;
    }

    void SetUp() override {
        // A day as it may be, so that the resting rate is known.
        minutes(420, 54, 60);
        minutes(600, 68);
        minutes(60, 90, 25, 60);
    }

    BodyState body;
    WallTime at{std::chrono::hours(24 * 20'000)};
};

TEST_F(BodyStateTest, FollowsADay) {
    EXPECT_NEAR(body.resting_beats(), 54, 1);
    EXPECT_EQ(minutes(10, 64), State::Resting);
    EXPECT_EQ(minutes(10, 80, 30, 40), State::Active);
    EXPECT_EQ(minutes(5, 130, 12, 150), State::Exertion);
    EXPECT_EQ(minutes(10, 62), State::Resting);
    EXPECT_EQ(minutes(10, 54, 70), State::Asleep);
    EXPECT_GT(body.now().confidence, 0.3);
}

TEST_F(BodyStateTest, NobodyFallsAsleepInAMinuteAndEverybodyWakesAtOnce) {
    minutes(10, 62);
    EXPECT_EQ(minutes(4, 53, 70), State::Resting);
    EXPECT_EQ(minutes(1, 53, 70), State::Asleep);
    EXPECT_EQ(minutes(3, 59, 45), State::Asleep) << "turning over";
    EXPECT_EQ(minutes(1, 80, 30, 30), State::Active);
}

TEST_F(BodyStateTest, AtTheBorderItDoesNotFlutter) {
    minutes(10, 62);
    int changes = 0;
    State last = body.now().state;
    for (int i = 0; i < 60; ++i) {
        minutes(1, 70 + (i % 2 == 0 ? 1.5 : -1.5));
        changes += body.now().state != last ? 1 : 0;
        last = body.now().state;
    }
    EXPECT_LE(changes, 1);
}

TEST_F(BodyStateTest, ASensorThatSlippedSaysNothing) {
    minutes(10, 62);
    const Reading before = body.now();
    for (const double beats : {0.0, -5.0, 999.0, std::nan("")}) {
        at += std::chrono::minutes(1);
        EXPECT_EQ(body.on_minute({at, beats, 40, 0, 0}), before);
    }
    at += std::chrono::minutes(1);
    EXPECT_EQ(body.on_minute({at, 150, 40, 0, 0.4}), before) << "too many artefacts";
}

TEST_F(BodyStateTest, AfterAGapNothingIsKnown) {
    minutes(10, 62);
    at += std::chrono::hours(2);
    EXPECT_EQ(body.on_minute({at, 62, 40, 0, 0}).state, State::Unknown);
    EXPECT_EQ(minutes(3, 62), State::Resting);
    at -= std::chrono::hours(5);
    EXPECT_EQ(body.on_minute({at, 62, 40, 0, 0}).state, State::Unknown) << "a clock that jumped";
}

}  // namespace
}  // namespace ambit::wearable

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "wearable/body_state.h"
#include "wearable/heartbeats.h"
#include "wearable/minutes.h"
#include "wearable/replay.h"

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

// The states that a recording comes to, minute by minute, each once as long as it lasts.
std::vector<std::string> states_of(const std::vector<double>& beats) {
    Minutes minutes;
    BodyState body;
    WallTime at{std::chrono::hours(24 * 20'000)};
    std::vector<std::string> states;
    for (const double interval : beats) {
        at += microseconds(static_cast<std::int64_t>(interval * 1000));
        if (const auto minute = minutes.on_beat(at, interval)) {
            const std::string state(name_of(body.on_minute(*minute).state));
            if (states.empty() || states.back() != state) {
                states.push_back(state);
            }
        }
    }
    return states;
}

// Thirteen made-up minutes that are in the repository: at rest, then asleep.
TEST(HeartbeatsTest, AnEveningOfOurOwn) {
    std::ifstream in(std::filesystem::path(AMBIT_TESTDATA) / "evening.csv", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const auto beats = read_recording(text.str());
    ASSERT_TRUE(beats) << beats.error().message();
    ASSERT_EQ(beats->size(), 773U);
    EXPECT_NEAR(*rmssd(std::span<const double>(*beats)), 94.568, 0.0005) << "as another program finds it";
    const Cleaned cleaned = clean(*beats);
    EXPECT_EQ(cleaned.dropped, 3U) << "two missed beats and one that was none";
    EXPECT_LT(*rmssd(cleaned), 60);
    EXPECT_THAT(states_of(*beats), testing::ElementsAre("unknown", "resting", "asleep"));
}

TEST(HeartbeatsTest, WhatTheRealRecordingsComeTo) {
    const auto brief = recording("nni_short.csv");
    const auto hour = recording("nni_long.csv");
    if (!brief || !hour) {
        GTEST_SKIP() << "MISSING: the shared recordings";
    }
    EXPECT_THAT(states_of(*brief), testing::ElementsAre("unknown")) << "too short to tell";
    EXPECT_THAT(states_of(*hour), testing::ElementsAre("unknown", "resting"));
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

TEST(RecordingTest, ReadsWhatGrows) {
    RecordingReader reader;
    std::vector<double> beats;
    ASSERT_TRUE(reader.add("rr_ms\n800\n81", beats));
    EXPECT_THAT(beats, testing::ElementsAre(800)) << "a line that has not ended is none yet";
    ASSERT_TRUE(reader.add("0.5\n", beats));
    EXPECT_THAT(beats, testing::ElementsAre(800, 810.5));
    EXPECT_EQ(reader.add("79x\n", beats).error().detail, "line 4");
    EXPECT_FALSE(RecordingReader().add(std::string(RecordingReader::kLineMax + 1, '8'), beats));
}

class MinutesTest : public testing::Test {
  protected:
    // The minutes that `seconds` of beats make.
    std::vector<Minute> beats(double interval_ms, int seconds) {
        std::vector<Minute> out;
        for (double passed = 0; passed < seconds * 1000; passed += interval_ms) {
            at += microseconds(static_cast<std::int64_t>(interval_ms * 1000));
            if (const auto minute = minutes.on_beat(at, interval_ms)) {
                out.push_back(*minute);
            }
        }
        return out;
    }

    Minutes minutes;
    WallTime at{std::chrono::hours(24 * 20'000)};
};

TEST_F(MinutesTest, OneAMinute) {
    const auto made = beats(800, 5 * 60);
    ASSERT_EQ(made.size(), 4U);
    EXPECT_NEAR(made[0].beats_per_min, 75, 0.01);
    EXPECT_EQ(made[0].rmssd_ms, 0);
    EXPECT_EQ(made[0].artefacts, 0);
}

TEST_F(MinutesTest, NoiseEndsInMinutesThatSayNothing) {
    const auto made = beats(1, 3);
    ASSERT_EQ(made.size(), 5U);
    EXPECT_EQ(made[0].artefacts, 1);
    EXPECT_EQ(BodyState().on_minute(made[0]).state, State::Unknown);
}

TEST_F(MinutesTest, NothingIsBridged) {
    beats(800, 30);
    at += std::chrono::minutes(30);
    EXPECT_TRUE(beats(600, 50).empty()) << "what was before the pause is forgotten";
    EXPECT_NEAR(beats(600, 20).at(0).beats_per_min, 100, 0.01);
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

TEST_F(BodyStateTest, SilenceIsAGap) {
    minutes(10, 62);
    EXPECT_EQ(body.on_silence(at + BodyState::kGapMax).state, State::Resting);
    const Reading silent = body.on_silence(at + BodyState::kGapMax + seconds(1));
    EXPECT_EQ(silent.state, State::Unknown);
    EXPECT_EQ(silent.confidence, 0);
}

TEST_F(BodyStateTest, RemembersItsPersonOverARestart) {
    const BodyState again = BodyState::decode(body.encode()).value();
    EXPECT_EQ(again.resting_beats(), body.resting_beats());
    EXPECT_EQ(again.now().state, State::Unknown) << "but not how they were";
    EXPECT_EQ(again.encode(), body.encode());
    for (const char* text :
         {"", "[]", "{}", R"({"v":2,"minutes":[],"rmssd_ms":1})",
          R"({"v":1,"minutes":[[240,1]],"rmssd_ms":1})", R"({"v":1,"minutes":[[54,-1]],"rmssd_ms":1})",
          R"({"v":1,"minutes":[[54,1e9]],"rmssd_ms":1})", R"({"v":1,"minutes":[],"rmssd_ms":null})"}) {
        EXPECT_EQ(BodyState::decode(text).error().code, ErrorCode::BadEncoding) << text;
    }
}

TEST_F(BodyStateTest, AfterAGapNothingIsKnown) {
    minutes(10, 62);
    at += std::chrono::hours(2);
    EXPECT_EQ(body.on_minute({at, 62, 40, 0, 0}).state, State::Unknown);
    EXPECT_EQ(minutes(3, 62), State::Resting);
    at -= std::chrono::hours(5);
    EXPECT_EQ(body.on_minute({at, 62, 40, 0, 0}).state, State::Unknown) << "a clock that jumped";
}

class ReplayTest : public testing::Test {
  protected:
    void SetUp() override { write("rr_ms\n1000\n500\n1000\n"); }

    void TearDown() override { std::filesystem::remove(path); }

    void write(const std::string& text, std::ios::openmode mode = std::ios::trunc) {
        std::ofstream(path, std::ios::binary | mode) << text;
    }

    // What is played within the next `time`, and when it came in the recording's time.
    std::vector<double> play(milliseconds time) {
        std::vector<double> intervals;
        for (milliseconds passed{0}; passed < time; passed += milliseconds(100)) {
            now.mono += milliseconds(100);
            now.wall += milliseconds(100);
            for (const Beat& beat : replay.take(now)) {
                intervals.push_back(beat.interval_ms);
                times.push_back(beat.at);
            }
        }
        return intervals;
    }

    std::string path = testing::TempDir() + "/ambit-replay-test-" + std::to_string(::getpid());
    Now now{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    Replay replay{path, 1};
    std::vector<WallTime> times;
};

TEST_F(ReplayTest, PlaysAtTheSpeedOfLife) {
    EXPECT_THAT(play(milliseconds(900)), testing::IsEmpty());
    EXPECT_THAT(play(milliseconds(400)), testing::ElementsAre(1000));
    EXPECT_THAT(play(milliseconds(300)), testing::ElementsAre(500));
    EXPECT_EQ(times[1] - times[0], milliseconds(500));
    EXPECT_LE(replay.next_deadline(), now.mono + Replay::kLookEvery);
    EXPECT_THAT(play(seconds(10)), testing::ElementsAre(1000)) << "once";
    EXPECT_FALSE(replay.problem());
}

TEST_F(ReplayTest, FasterTimePassesFaster) {
    replay = Replay(path, 10);
    EXPECT_THAT(play(milliseconds(600)), testing::ElementsAre(1000, 500, 1000));
    EXPECT_EQ(times[2] - times[0], milliseconds(1500));
    const WallTime before = replay.at(now);
    play(seconds(1));
    EXPECT_EQ(replay.at(now) - before, seconds(10));
}

TEST_F(ReplayTest, GoesByCivilTimeAndIsNotHeldUpByAClockThatIsSetBack) {
    play(milliseconds(100));
    now.wall += seconds(2);
    EXPECT_THAT(play(milliseconds(100)), testing::ElementsAre(1000, 500));
    now.wall -= std::chrono::hours(5);
    EXPECT_THAT(play(milliseconds(900)), testing::ElementsAre(1000));
    EXPECT_EQ(times[2] - times[1], seconds(1));
}

TEST_F(ReplayTest, FollowsWhatIsAdded) {
    play(seconds(10));
    write("70", std::ios::app);
    EXPECT_THAT(play(seconds(3)), testing::IsEmpty()) << "half a line";
    write("0\n", std::ios::app);
    EXPECT_THAT(play(seconds(3)), testing::ElementsAre(700));
    EXPECT_GT(times[3] - times[2], seconds(10)) << "time passed between";
}

TEST_F(ReplayTest, AnotherRecordingTakesThePlaceOfALongOne) {
    std::string hours;
    for (std::size_t i = 0; i < 2 * Replay::kAheadMax; ++i) {
        hours += "1000\n";
    }
    write(hours);
    play(seconds(3));
    write("700\n");
    const auto played = play(seconds(3));
    ASSERT_FALSE(played.empty());
    EXPECT_EQ(played.back(), 700) << "and nothing after it of what was before";
}

TEST_F(ReplayTest, ALongOneIsNotStretchedHoweverFastTimePasses) {
    constexpr int kBeats = 100'000;
    std::string hours;
    for (int i = 0; i < kBeats; ++i) {
        hours += "600.00000\n";
    }
    write(hours);
    play(milliseconds(100));
    const WallTime begins = now.wall;
    while (times.size() < kBeats && now.mono < MonoTime(seconds(1100))) {
        now.wall += std::chrono::hours(1);
        play(milliseconds(100));
    }
    ASSERT_EQ(times.size(), kBeats);
    EXPECT_EQ(times.back() - begins, kBeats * milliseconds(600));
}

TEST_F(ReplayTest, SaysWhatIsWrongAndBeginsAnewWithAnother) {
    write("soon\n", std::ios::app);
    play(seconds(5));
    ASSERT_TRUE(replay.problem());
    EXPECT_EQ(replay.problem()->detail, "line 5");
    write("900\n");
    EXPECT_THAT(play(seconds(3)), testing::ElementsAre(900));
    EXPECT_FALSE(replay.problem());
    std::filesystem::remove(path);
    play(seconds(1));
    EXPECT_EQ(replay.problem()->code, ErrorCode::WearableRecordingInvalid);
    std::filesystem::create_directory(path);
    play(seconds(1));
    EXPECT_EQ(replay.problem()->detail, "not a file");
}

}  // namespace
}  // namespace ambit::wearable

#include "calendar/watch.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace ambit::calendar {
namespace {

namespace fs = std::filesystem;

// Longer than any test may take: what ends a wait is what the test does.
constexpr std::chrono::minutes kLong{5};

class WatchTest : public testing::Test {
  protected:
    WatchTest() {
        folder = fs::temp_directory_path() / ("ambit-watch-" + std::to_string(getpid()));
        fs::remove_all(folder);
        fs::create_directory(folder);
        watch.follow(folder.string(), ".ics");
    }

    ~WatchTest() override { fs::remove_all(folder); }

    void write(const std::string& name) const { std::ofstream(folder / name) << "text"; }

    fs::path folder;
    Watch watch;
};

TEST_F(WatchTest, TellsOfFilesThatAreWrittenMovedAndRemoved) {
    write("a.ics");
    EXPECT_TRUE(watch.wait(kLong));
    fs::rename(folder / "a.ics", folder / "b.ics");
    EXPECT_TRUE(watch.wait(kLong));
    fs::remove(folder / "b.ics");
    EXPECT_TRUE(watch.wait(kLong));
    write("notes.txt");
    EXPECT_FALSE(watch.wait(std::chrono::milliseconds(0)));
    EXPECT_FALSE(watch.wait(std::chrono::milliseconds(30))) << "what doesn't count ends no wait";
}

TEST_F(WatchTest, ABurstIsToldOnce) {
    for (int i = 0; i < 500; ++i) {
        write(std::to_string(i) + ".ics");
    }
    EXPECT_TRUE(watch.wait(kLong));
    EXPECT_FALSE(watch.wait(std::chrono::milliseconds(30)));
}

TEST_F(WatchTest, TheFolderItself) {
    fs::rename(folder, folder.string() + "-away");
    EXPECT_TRUE(watch.wait(kLong));
    fs::create_directory(folder);
    watch.follow(folder.string(), ".ics");
    write("a.ics");
    EXPECT_TRUE(watch.wait(kLong));
    fs::remove_all(folder.string() + "-away");
    watch.follow((folder / "nowhere").string(), ".ics");
    EXPECT_FALSE(watch.wait(std::chrono::milliseconds(30)));
}

TEST_F(WatchTest, AnotherThreadCalls) {
    std::thread other([this] { watch.call(); });
    EXPECT_FALSE(watch.wait(kLong));
    other.join();
    watch.call();
    watch.call();
    EXPECT_FALSE(watch.wait(kLong));
}

}  // namespace
}  // namespace ambit::calendar

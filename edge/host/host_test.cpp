#include "host/host.h"

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <unistd.h>

namespace ambit::host {
namespace {

namespace fs = std::filesystem;

class HostTest : public testing::Test {
  protected:
    void TearDown() override { fs::remove_all(folder_); }

    void supply(const std::string& name, const std::map<std::string, std::string>& files) {
        fs::create_directories(folder_ / name);
        for (const auto& [file, text] : files) {
            std::ofstream(folder_ / name / file) << text << "\n";
        }
    }

    fs::path folder_ = fs::path(testing::TempDir()) / ("host-" + std::to_string(getpid()));
};

TEST_F(HostTest, ReadsTheMachinesOwnBattery) {
    EXPECT_EQ(battery_pct(folder_), std::nullopt) << "no such folder";
    supply("AC", {{"type", "Mains"}, {"online", "1"}});
    supply("BAT-mouse", {{"type", "Battery"}, {"scope", "Device"}, {"capacity", "11"}});
    EXPECT_EQ(battery_pct(folder_), std::nullopt);
    supply("BAT0", {{"type", "Battery"}, {"capacity", "72"}});
    EXPECT_EQ(battery_pct(folder_), 72);
}

TEST_F(HostTest, IgnoresABatteryThatMakesNoSense) {
    supply("BAT0", {{"type", "Battery"}});
    supply("BAT1", {{"type", "Battery"}, {"capacity", "four"}});
    supply("BAT2", {{"type", "Battery"}, {"capacity", "400"}});
    EXPECT_EQ(battery_pct(folder_), std::nullopt);
    supply("BAT3", {{"type", "Battery"}, {"capacity", "0"}});
    EXPECT_EQ(battery_pct(folder_), 0);
}

TEST_F(HostTest, KnowsTheSpaceOfAFolder) {
    const auto space = disk_space(testing::TempDir());
    ASSERT_TRUE(space);
    EXPECT_GT(space->total_bytes, 0U);
    EXPECT_LE(space->free_bytes, space->total_bytes);
    EXPECT_FALSE(disk_space("/no/such/folder"));
    EXPECT_EQ((DiskSpace{1'230'000'000, 30'000'000'000}).text(), "1.2 GB of 30 GB free");
}

}  // namespace
}  // namespace ambit::host

#include "device_key/device_key.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/seeded_random.h"

namespace ambit {
namespace {

class DeviceKeyTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string folder = testing::TempDir() + "device_key_XXXXXX";
        ASSERT_NE(mkdtemp(folder.data()), nullptr);
        folder_ = folder;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ + "/device.key"; }

    std::string folder_;
    crypto::SeededRandom random_{crypto::Seed{1}};
};

TEST_F(DeviceKeyTest, MadeOnceThenTheSame) {
    const auto first = load_device_keys(folder_, random_);
    ASSERT_TRUE(first);
    const auto again = load_device_keys(folder_, random_);
    ASSERT_TRUE(again);
    EXPECT_EQ(first->signing.verify_key(), again->signing.verify_key());
    EXPECT_EQ(first->sealing.public_key(), again->sealing.public_key());

    struct stat info {};

    ASSERT_EQ(stat(path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(DeviceKeyTest, RefusesAFileOthersCanRead) {
    ASSERT_TRUE(load_device_keys(folder_, random_));
    ASSERT_EQ(chmod(path().c_str(), 0644), 0);
    const auto keys = load_device_keys(folder_, random_);
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code, ErrorCode::KeyFileUnusable);
}

TEST_F(DeviceKeyTest, NeverReplacesABrokenFile) {
    std::ofstream(path()) << "half a key";
    ASSERT_EQ(chmod(path().c_str(), 0600), 0);
    ASSERT_FALSE(load_device_keys(folder_, random_));
    EXPECT_EQ(std::filesystem::file_size(path()), 10U);
}

TEST_F(DeviceKeyTest, SaysThatTheFolderIsMissing) {
    const auto keys = load_device_keys(folder_ + "/nowhere", random_);
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.error().detail.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace ambit

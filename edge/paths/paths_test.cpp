#include "paths/paths.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace ambit {
namespace {

TEST(Paths, FollowTheXdgFolders) {
    const auto plain = paths_for("default", {.home = "/h/a"});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->state_dir, "/h/a/.local/state/ambit/default");
    EXPECT_EQ(plain->socket, "/h/a/.local/state/ambit/default/ambit.sock");
    const auto xdg =
        paths_for("hub", {.xdg_state_home = "/s", .xdg_runtime_dir = "/run/user/1", .home = "/h/a"});
    ASSERT_TRUE(xdg);
    EXPECT_EQ(xdg->settings_file, "/s/ambit/hub/settings.toml");
    EXPECT_EQ(xdg->socket, "/run/user/1/ambit/hub.sock");
}

TEST(Paths, TheOverrideHoldsEverything) {
    const auto paths =
        paths_for("hub", {.ambit_state_dir = "/t", .xdg_state_home = "/s", .xdg_runtime_dir = "/r"});
    ASSERT_TRUE(paths);
    EXPECT_EQ(paths->state_dir, "/t/hub");
    EXPECT_EQ(paths->socket, "/t/hub/ambit.sock");
    EXPECT_EQ(paths->log_file, "/t/hub/ambitd.log");
}

TEST(Paths, RefuseNamesThatLeaveTheFolderAndPathsThatAreTooLong) {
    for (const char* bad : {"", "..", "a/b", "A", "-x", "ab\n", "abcdefghijklmnopqrstuvwxyz0123456"}) {
        EXPECT_FALSE(paths_for(bad, {.home = "/h"})) << bad;
    }
    EXPECT_FALSE(paths_for("a", {.home = "/" + std::string(200, 'h')}));
    EXPECT_FALSE(paths_for("a", PathEnvironment{}));
}

TEST(Paths, FoldersAreTheOwnersOnly) {
    std::string pattern = (std::filesystem::temp_directory_path() / "ambit-paths-XXXXXX").string();
    const std::string folder = mkdtemp(pattern.data());
    const auto paths = paths_for("hub", {.ambit_state_dir = folder + "/x"});
    ASSERT_TRUE(paths);
    ASSERT_TRUE(make_folders(*paths));
    ASSERT_TRUE(make_folders(*paths));
    EXPECT_EQ(std::filesystem::status(paths->state_dir).permissions(), std::filesystem::perms::owner_all);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ambit

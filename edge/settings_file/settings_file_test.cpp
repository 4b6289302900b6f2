#include "settings_file/settings_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace ambit::settings {
namespace {

using testing::HasSubstr;

class SettingsFile : public testing::Test {
  protected:
    SettingsFile() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ambit-settings-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }

    ~SettingsFile() override { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ + "/settings.toml"; }

    void write(const std::string& text) const { std::ofstream(path()) << text; }

    std::string read() const {
        std::ostringstream text;
        text << std::ifstream(path()).rdbuf();
        return text.str();
    }

    std::string folder_;
};

TEST_F(SettingsFile, AMissingFileIsTheDefaults) {
    const auto loaded = load(path());
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings, Settings());
    EXPECT_TRUE(loaded->problems.empty());
}

TEST_F(SettingsFile, EveryValueSurvivesStoreAndLoad) {
    const std::pair<const char*, Value> values[] = {
        {"device.name", Text("küche \"1\" \\")},
        {"mesh.static_peers", List{"192.0.2.1:5", "b:6"}},
        {"mqtt.enabled", true},
        {"mqtt.port", Number{8883}},
        {"mqtt.host", Text("broker.example")},
    };
    for (const auto& [name, value] : values) {
        const auto stored = store(path(), name, value);
        ASSERT_TRUE(stored) << stored.error().message();
    }
    const auto loaded = load(path());
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(loaded->problems.empty());
    for (const auto& [name, value] : values) {
        EXPECT_EQ(get(loaded->settings, name).value(), value) << name;
    }

    struct stat info {};

    ASSERT_EQ(stat(path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(SettingsFile, ChangingOneValueKeepsCommentsAndOrder) {
    write("# mine\n[mqtt]\nport = 1 # old é port\nhost = \"é\" # here\n\n[device]\nname = \"hub\"\n");
    ASSERT_TRUE(store(path(), "mqtt.host", Text("b")));
    ASSERT_TRUE(store(path(), "mqtt.port", Number{22}));
    ASSERT_TRUE(store(path(), "mqtt.enabled", true));
    EXPECT_EQ(read(),
              "# mine\n[mqtt]\nenabled = true\nport = 22 # old é port\nhost = 'b' # here\n\n[device]\nname = "
              "\"hub\"\n");
}

TEST_F(SettingsFile, ReportsUnknownKeysAndBadValuesAndKeepsTheRest) {
    write("top = 1\n[mqtt]\nhots = \"x\"\nport = 0\nhost = \"y\"\nenabled = 2.5\n[mqtt.deep]\na = 1\n");
    const auto loaded = load(path());
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.mqtt_host, "y");
    EXPECT_EQ(loaded->settings.mqtt_port, 1883);
    std::string all;
    for (const Error& problem : loaded->problems) {
        all += problem.message() + "\n";
    }
    EXPECT_EQ(loaded->problems.size(), 5U);
    EXPECT_THAT(all, HasSubstr("line 3: mqtt.hots (the nearest is mqtt.host)"));
    EXPECT_THAT(all, HasSubstr("line 4: mqtt.port is 0"));
}

TEST_F(SettingsFile, ABrokenFileNamesItsLine) {
    write("[mqtt]\nport = = 3\n");
    const auto loaded = load(path());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::SettingsBroken);
    EXPECT_THAT(loaded.error().detail, HasSubstr("line 2"));
    EXPECT_FALSE(store(path(), "mqtt.port", Number{1}));
    EXPECT_EQ(read(), "[mqtt]\nport = = 3\n");
}

TEST_F(SettingsFile, ALayoutItCannotEditIsLeftAlone) {
    const std::string text = "mqtt = {host = \"a\"}\n";
    write(text);
    EXPECT_FALSE(store(path(), "mqtt.port", Number{1}));
    EXPECT_EQ(read(), text);
}

}  // namespace
}  // namespace ambit::settings

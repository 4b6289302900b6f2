#include "settings/settings.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

namespace ambit::settings {
namespace {

using testing::HasSubstr;

TEST(Settings, EveryRowIsWellFormedAndItsDefaultIsAllowed) {
    std::set<std::string_view> names;
    for (const Setting& setting : catalogue()) {
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
        EXPECT_TRUE(setting.sentence.ends_with('.')) << setting.name;
        Settings settings;
        EXPECT_TRUE(set(settings, setting.name, setting.fallback)) << setting.name;
        EXPECT_EQ(settings, Settings()) << setting.name;
        const auto typed = parse_value(setting, to_text(setting.fallback));
        ASSERT_TRUE(typed) << setting.name;
        EXPECT_EQ(*typed, setting.fallback) << setting.name;
    }
}

TEST(Settings, RefusesUnknownNamesWithTheNearestOne) {
    Settings settings;
    const auto unknown = set(settings, "mqtt.hots", Value(Text("x")));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::UnknownSetting);
    EXPECT_THAT(unknown.error().detail, HasSubstr("mqtt.host"));
    EXPECT_FALSE(find(std::string(100'000, 'x')));
}

TEST(Settings, RefusesOtherTypesAndBoundsAndLeavesTheRestAlone) {
    Settings settings;
    const std::pair<const char*, Value> wrong[] = {
        {"mqtt.port", Number{0}},        {"mqtt.port", Number{65536}},        {"mqtt.port", Text("1883")},
        {"mqtt.host", Text("")},         {"mqtt.host", Text("a\nb")},         {"mqtt.enabled", Number{1}},
        {"mesh.static_peers", List(65)}, {"mesh.static_peers", List{"a\tb"}},
    };
    for (const auto& [name, value] : wrong) {
        const auto refused = set(settings, name, value);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().code, ErrorCode::BadSetting) << name;
    }
    EXPECT_EQ(settings, Settings());
}

TEST(Settings, ReadsWhatAPersonTypes) {
    const auto typed = [](const char* name, const char* text) { return parse_value(**find(name), text); };
    EXPECT_EQ(typed("mqtt.enabled", "on").value(), Value(true));
    EXPECT_EQ(typed("mqtt.enabled", "no").value(), Value(false));
    EXPECT_EQ(typed("mqtt.port", "8883").value(), Value(Number{8883}));
    EXPECT_EQ(typed("mesh.static_peers", "a:1, b:2,").value(), Value(List{"a:1", "b:2"}));
    EXPECT_FALSE(typed("mqtt.enabled", "maybe"));
    EXPECT_FALSE(typed("mqtt.port", "8883x"));
    EXPECT_FALSE(typed("mqtt.port", ""));
}

// The repository's root: tests run somewhere below it (the build folder).
std::filesystem::path root() {
    std::filesystem::path folder = std::filesystem::current_path();
    while (!std::filesystem::exists(folder / "layers.txt") && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return folder;
}

TEST(Settings, ThePageInDocsIsGeneratedFromTheTable) {
    std::ostringstream text;
    text << std::ifstream(root() / "docs/settings.md").rdbuf();
    EXPECT_THAT(text.str(), HasSubstr(markdown_table())) << "docs/settings.md must hold this table";
}

}  // namespace
}  // namespace ambit::settings

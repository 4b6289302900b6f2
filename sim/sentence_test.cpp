#include "sim/sentence.h"

#include <gtest/gtest.h>

#include "sim/schedule.h"

namespace ambit::sim {
namespace {

TEST(Sentence, WordsQuotesAndComments) {
    EXPECT_EQ(words_of("phone hears \"turn on the light\"  # please").value(),
              (std::vector<std::string>{"phone", "hears", "turn on the light"}));
    EXPECT_TRUE(words_of("   # nothing").value().empty());
    EXPECT_FALSE(words_of("phone hears \"turn on").has_value());
}

TEST(Sentence, Patterns) {
    EXPECT_EQ(match("<device> turns <thing> on", {"phone", "turns", "kitchen", "on"}),
              (Blanks{"phone", "kitchen"}));
    EXPECT_EQ(match("<device> turns <thing> on", {"phone", "turns", "kitchen", "off"}), std::nullopt);
    EXPECT_EQ(match("<device> turns <thing> on", {"phone", "turns", "kitchen"}), std::nullopt);
    EXPECT_EQ(match("<device> starts", {"phone", "starts", "now"}), std::nullopt);
}

TEST(Sentence, Times) {
    EXPECT_EQ(parse_time("40ms").value(), milliseconds{40});
    EXPECT_EQ(parse_time("2h").value(), std::chrono::hours(2));
    EXPECT_FALSE(parse_time("soon").has_value());
    EXPECT_FALSE(parse_time("5 s").has_value());
    EXPECT_EQ(time_text(seconds{90}), "90s");
    EXPECT_EQ(time_text(milliseconds{1}), "1ms");
}

TEST(Script, TroubleNamesFileAndLine) {
    const Script script = parse_script("broken.txt", "# a home\nhub is a hub\n\nhub dances\n");
    EXPECT_EQ(run(script, configurations().front(), 1, true).trouble,
              "broken.txt:4: \"hub dances\" is no sentence; see sim/README.md");
    const Script wrong = parse_script("wrong.txt", "hub is a hub\nhub complains of store\n");
    EXPECT_EQ(run(wrong, configurations().front(), 1, true).trouble,
              "wrong.txt:2: hub does not complain of store (waited 30s)");
}

TEST(Schedule, TheSameSeedIsTheSameRun) {
    for (const std::uint64_t seed : {3U, 17U}) {
        EXPECT_EQ(random_script(seed).text(), random_script(seed).text());
        const Report a = run(random_script(seed), configuration_for(seed), seed, false);
        const Report b = run(random_script(seed), configuration_for(seed), seed, false);
        EXPECT_EQ(a.flows, b.flows);
        EXPECT_EQ(a.checks, b.checks);
        EXPECT_EQ(a.simulated, b.simulated);
    }
}

TEST(Schedule, ShrinkingLeavesWhatFails) {
    // A disk that lies is outside of what a schedule may contain: it fails, and needs few lines for it.
    const Script script = parse_script(
        "lying.txt",
        "hub is a hub\nphone is the phone of Anna\nphone notes a 1\nwait 1s\nhub leaves home\nwait 2s\nhub "
        "stops\n"
        "hub starts\nphone notes b 2\nthe disk of hub lies about what it synced\nhub tells everybody c 3\n"
        "hub tells everybody d 4\nwait 1s\nhub loses power\nwait 1s\n");
    const Configuration& plain = configurations().front();
    ASSERT_TRUE(run(script, plain, 1, false).trouble.has_value());
    const Script shortest = shrink(script, plain, 1, 200);
    EXPECT_LT(shortest.lines.size(), script.lines.size() / 2 + 2);
    EXPECT_TRUE(run(shortest, plain, 1, false).trouble.has_value());
}

}  // namespace
}  // namespace ambit::sim

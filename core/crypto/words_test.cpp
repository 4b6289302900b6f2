#include "crypto/words.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/vectors_testing.h"
#include "crypto/seeded_random.h"

namespace ambit::crypto {
namespace {

TEST(WordList, IsSortedDistinctAndShort) {
    const auto& list = word_list();
    EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
    EXPECT_EQ(std::set<std::string_view>(list.begin(), list.end()).size(), 256U);
    for (const std::string_view word : list) {
        EXPECT_GE(word.size(), 3U) << word;
        EXPECT_LE(word.size(), 8U) << word;
        EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
            << word;
    }
}

TEST(WordList, IsTheOneOfTheSpecification) {
    std::string built_in;
    for (const std::string_view word : word_list()) {
        built_in += std::string(word) + "\n";
    }
    EXPECT_EQ(repository_file("docs/spec/words.txt"), built_in);
}

TEST(RecoverySecret, RoundTripsThroughWords) {
    SeededRandom random(Seed{10});
    for (int i = 0; i < 200; ++i) {
        const auto secret = RecoverySecret::generate(random);
        std::string words = secret.words();
        const auto again = RecoverySecret::from_words(words);
        ASSERT_TRUE(again) << words;
        EXPECT_EQ(again->signing_key().verify_key(), secret.signing_key().verify_key());
        std::transform(words.begin(), words.end(), words.begin(),
                       [](char c) { return c == ' ' ? '\n' : static_cast<char>(std::toupper(c)); });
        EXPECT_TRUE(RecoverySecret::from_words("1. " + words));
    }
}

TEST(RecoverySecret, SaysWhatIsWrong) {
    SeededRandom random(Seed{11});
    const std::string words = RecoverySecret::generate(random).words();
    const std::string last = words.substr(words.rfind(' ') + 1);
    const auto detail = [](std::string_view text) {
        const auto result = RecoverySecret::from_words(text);
        return result ? std::string() : result.error().detail;
    };
    EXPECT_EQ(detail("harbor violln"), "word 2 is not in the list");
    EXPECT_EQ(detail("harbor"), "1 words instead of 17");
    EXPECT_EQ(detail(words + " harbor"), "more than 17 words");
    const std::string other = last == "harbor" ? "violin" : "harbor";
    EXPECT_EQ(detail(words.substr(0, words.rfind(' ') + 1) + other), "the last word does not fit the others");
}

TEST(Verifier, HasFourItemsAndFollowsTheKey) {
    const std::string verifier = verifier_of(Bytes(64));
    EXPECT_EQ(verifier, verifier_of(Bytes(64)));
    EXPECT_NE(verifier, verifier_of(Bytes(64, 1)));
    const std::string dot = " \u00b7 ";
    std::size_t dots = 0;
    for (std::size_t at = verifier.find(dot); at != std::string::npos; at = verifier.find(dot, at + 1)) {
        ++dots;
    }
    EXPECT_EQ(dots, 3U);
}

}  // namespace
}  // namespace ambit::crypto

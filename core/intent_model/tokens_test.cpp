#include "intent_model/tokens.h"

#include <gmock/gmock.h>

namespace ambit::intent_model {
namespace {

using testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (const Token& token : tokens_of(text)) {
        out.push_back(token.text);
    }
    return out;
}

TEST(Tokens, WordsAreFolded) {
    EXPECT_THAT(words("Don't  wake ME at 7pm!"), ElementsAre("don't", "wake", "me", "at", "7pm", "!"));
    EXPECT_THAT(words("the dogs' bowl"), ElementsAre("the", "dogs", "'", "bowl"));
    EXPECT_THAT(words("ÄRGER Ωmega ЖУК Łódź"), ElementsAre("ärger", "ωmega", "жук", "łódź"));
    EXPECT_THAT(words("what\u2019s up"), ElementsAre("what's", "up"));
    EXPECT_THAT(words("打开灯"), ElementsAre("打", "开", "灯"));
    EXPECT_THAT(words(""), ElementsAre());
}

TEST(Tokens, SpansAreBytesOfTheUtterance) {
    const std::string text = " Öl, please";
    const std::vector<Token> tokens = tokens_of(text);
    ASSERT_EQ(tokens.size(), 3U);
    EXPECT_EQ(text.substr(tokens[0].begin, tokens[0].end - tokens[0].begin), "Öl");
    EXPECT_EQ(text.substr(tokens[2].begin, tokens[2].end - tokens[2].begin), "please");
}

TEST(Tokens, WhatCannotBeSeenPartsWords) {
    EXPECT_THAT(words("on\u200Boff\u202Eagain\x01x"), ElementsAre("on", "off", "again", "x"));
    EXPECT_THAT(words("a\xFF\xC3z \xE2\x82"), ElementsAre("a", "z"));
}

TEST(Tokens, HostileTextIsBounded) {
    EXPECT_EQ(tokens_of(std::string(1U << 20U, 'a')).size(), 1U);
    EXPECT_EQ(tokens_of(std::string(1U << 20U, 'a'))[0].text.size(), kTokenBytesMax - 3);
    std::string many;
    for (int i = 0; i < 100'000; ++i) {
        many += "! ";
    }
    EXPECT_EQ(tokens_of(many).size(), kTokensMax);
    for (char32_t code = 0x80; code <= 0x10FFFF; code += 13) {
        std::string text = "x";
        text += static_cast<char>(0xF0U | code >> 18U);
        text += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        text += static_cast<char>(0x80U | (code & 0x3FU));
        for (const Token& token : tokens_of(text)) {
            ASSERT_LE(token.end, text.size());
            ASSERT_LT(token.begin, token.end);
        }
    }
}

TEST(Tokens, HashIsTheSameEverywhere) {
    EXPECT_EQ(hash_of("kitchen"), hash_of("kitchen"));
    EXPECT_NE(hash_of("kitchen", 1), hash_of("kitchen", 2));
}

}  // namespace
}  // namespace ambit::intent_model

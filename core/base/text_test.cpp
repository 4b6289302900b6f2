#include "base/text.h"

#include <gtest/gtest.h>

namespace ambit {
namespace {

TEST(Printable, LeavesWordsOfAnyScriptAlone) {
    for (const char* text : {"", "kitchen",
                             "K\xc3\xbc"
                             "che",
                             "\xe5\x8f\xb0\xe6\x89\x80", "\xf0\x9f\x92\xa1 lamp"}) {
        EXPECT_EQ(printable(text, 100), text);
    }
}

TEST(Printable, CutsBetweenCharacters) {
    EXPECT_EQ(printable("K\xc3\xbc"
                        "che",
                        2),
              "K");
    EXPECT_EQ(printable("K\xc3\xbc"
                        "che",
                        3),
              "K\xc3\xbc");
    EXPECT_EQ(printable("abc", 0), "");
}

TEST(Printable, TakesTheTeethOutOfTerminals) {
    EXPECT_EQ(printable("a\x1b[31mb\r\n\x7f", 100), "a?[31mb???");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "31m",
                        100),
              "a?31m");  // CSI as one character
    EXPECT_EQ(printable(std::string_view("a\0b", 3), 100), "a?b");
}

TEST(Printable, MarksWhatIsNotUtf8ByteByByte) {
    EXPECT_EQ(printable("a\xff"
                        "b",
                        100),
              "a?b");
    EXPECT_EQ(printable("\xc3", 100), "?");
    EXPECT_EQ(printable("\xc0\xaf", 100), "??");            // overlong '/'
    EXPECT_EQ(printable("\xed\xa0\x80", 100), "???");       // a surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80", 100), "????");  // above U+10FFFF
    EXPECT_EQ(printable("\xe2\x82 ", 100), "?? ");
}

TEST(ForTerminal, TakesWhatATerminalObeysOrTurnsTheLineBy) {
    EXPECT_EQ(for_terminal("a\x1b[31m\r\n\x7f"
                           "b\xc2\x9b"
                           "2J"),
              "a [31m   b 2J");
    EXPECT_EQ(for_terminal("a\xe2\x80\xae"
                           "b\xe2\x80\xa8"
                           "c\xe2\x81\xa6"
                           "d"),
              "a b c d");
    for (const char* text : {"",
                             "K\xc3\xbc"
                             "che",
                             "\xe2\x80\x99\xe2\x80\xaf\xf0\x9f\x92\xa1", "\xe2\x81\xaa", "a\xff\xe2\x80"}) {
        EXPECT_EQ(for_terminal(text), text);
    }
}

TEST(Lower, IsOfAsciiLettersAlone) {
    EXPECT_EQ(lower("Ab-Z@[ \xc3\x9c"), "ab-z@[ \xc3\x9c");
}

TEST(IsUtf8, IsWhatPrintableShowsAsItIs) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("twelve bytes, and \xc3\xbc"));
    EXPECT_FALSE(is_utf8("twelve bytes, and \xc3"));
    EXPECT_TRUE(is_utf8("\x1b \xc2\x9b \xf0\x9f\x92\xa1"));
    for (const char* text : {"a\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82 "}) {
        EXPECT_FALSE(is_utf8(text)) << printable(text, 100);
    }
}

}  // namespace
}  // namespace ambit

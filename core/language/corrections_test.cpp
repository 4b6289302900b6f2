#include "language/corrections.h"

#include <gmock/gmock.h>

namespace ambit::language {
namespace {

TEST(Corrections, AreWhatFollowsTheDoubt) {
    for (const auto& [words, language, rest] : std::vector<std::tuple<const char*, const char*, const char*>>{
             {"No, I meant turn on the kitchen light!", "en", "turn on the kitchen light"},
             {"I said the fan", "en-GB", "the fan"},
             {"oh no wait, I meant to say dim it to 20.5", "en", "dim it to 20.5"},
             {"Nein, ich meinte schalte das Licht aus", "de", "schalte das licht aus"},
             {"non je voulais dire allume la cuisine", "fr", "allume la cuisine"},
             {"no, quería decir apaga la luz", "es", "apaga la luz"},
             {"不，我是说打开灯", "zh", "打开灯"}}) {
        EXPECT_EQ(corrected_to(words, language), rest) << words;
    }
    for (const auto& [words, language] :
         std::vector<std::pair<const char*, const char*>>{{"no", "en"},
                                                          {"i meant", "en"},
                                                          {"turn on what i meant", "en"},
                                                          {"i meaning it", "en"},
                                                          {"No, I meant it", "de"},
                                                          {"no, I meant it", "xx"},
                                                          {"", "en"},
                                                          {"\xff\xfe no", "en"}}) {
        EXPECT_EQ(corrected_to(words, language), std::nullopt) << words;
    }
}

}  // namespace
}  // namespace ambit::language

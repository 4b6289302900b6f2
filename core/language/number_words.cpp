#include "language/number_words.h"

#include <algorithm>
#include <array>

#include "language/text.h"

namespace ambit::language {
namespace {

struct Speech {
    std::string_view language;
    SpokenForms (*whole)(std::int64_t);
    std::string_view point;  // between a number and its tenths
    std::string_view minus;
};

constexpr std::array<Speech, 10> kSpeeches = {{{"en", english_number, " point ", "minus "},
                                               {"de", german_number, " komma ", "minus "},
                                               {"nl", dutch_number, " komma ", "min "},
                                               {"fr", french_number, " virgule ", "moins "},
                                               {"es", spanish_number, " coma ", "menos "},
                                               {"it", italian_number, " virgola ", "meno "},
                                               {"pt", portuguese_number, " vírgula ", "menos "},
                                               {"pl", polish_number, " przecinek ", "minus "},
                                               {"zh", chinese_number, "点", "负"},
                                               {"ja", japanese_number, "・", "マイナス"}}};

}  // namespace

SpokenForms joined(const SpokenForms& heads, std::string_view between, const SpokenForms& tails) {
    SpokenForms out;
    for (const std::string& head : heads) {
        for (const std::string& tail : tails) {
            out.push_back(head + std::string(between) + tail);
        }
    }
    return out;
}

SpokenForms number_words(std::int64_t number, int tenths, std::string_view language) {
    const auto speech = std::find_if(kSpeeches.begin(), kSpeeches.end(), [language](const Speech& s) {
        return s.language == language.substr(0, 2);
    });
    if (speech == kSpeeches.end() || number > kSpokenNumberMax || number < -kSpokenNumberMax) {
        return {};
    }
    SpokenForms said = speech->whole(number < 0 ? -number : number);
    if (tenths > 0) {
        // In Chinese each script has its own digits (二点五, 贰点伍), and the days of a month have no tenths.
        constexpr std::size_t kScripts = 3;
        const bool in_step = speech->language == "zh";
        SpokenForms pairs;
        const SpokenForms digits = speech->whole(tenths);
        for (std::size_t i = 0; i < said.size() && !(in_step && i >= kScripts); ++i) {
            pairs.push_back(said[i] + std::string(speech->point) + digits[in_step ? i : 0]);
        }
        said = std::move(pairs);
    }
    SpokenForms out;
    const auto add = [&out](std::string form) {
        if (std::find(out.begin(), out.end(), form) == out.end()) {
            out.push_back(std::move(form));
        }
    };
    for (const std::string& form : said) {
        std::string folded = fold((number < 0 ? std::string(speech->minus) : std::string()) + form);
        std::string spaced = folded;
        std::replace(spaced.begin(), spaced.end(), '-', ' ');
        add(std::move(folded));
        add(std::move(spaced));
    }
    return out;
}

}  // namespace ambit::language

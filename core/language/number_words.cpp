#include "language/number_words.h"

#include <array>

namespace ambit::language {
namespace {

constexpr std::array<std::string_view, 20> kEnglishSmall = {
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kEnglishTens = {"",      "",      "twenty",  "thirty", "forty",
                                                           "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 20> kGermanSmall = {
    "null",     "ein",      "zwei",     "drei",     "vier",     "fünf",    "sechs",
    "sieben",   "acht",     "neun",     "zehn",     "elf",      "zwölf",   "dreizehn",
    "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"};
constexpr std::array<std::string_view, 10> kGermanTens = {
    "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"};

using Words = std::vector<std::string>;

Words english(int number) {
    const auto index = static_cast<std::size_t>(number);
    if (number < 20) {
        return {std::string(kEnglishSmall[index])};
    }
    if (number < 100) {
        const std::string tens(kEnglishTens[index / 10]);
        if (number % 10 == 0) {
            return {tens};
        }
        const std::string ones(kEnglishSmall[index % 10]);
        return {tens + " " + ones, tens + "-" + ones};
    }
    const std::string hundreds = std::string(kEnglishSmall[index / 100]) + " hundred";
    Words heads = {hundreds};
    if (number / 100 == 1) {
        heads.emplace_back("a hundred");
    }
    if (number % 100 == 0) {
        return heads;
    }
    Words out;
    for (const std::string& head : heads) {
        for (const std::string& rest : english(number % 100)) {
            out.push_back(head + " " + rest);
            out.push_back(head + " and " + rest);
        }
    }
    return out;
}

// `final`: nothing follows, so 1 is "eins".
std::string german_below_hundred(std::size_t number, bool final) {
    if (number == 1 && final) {
        return "eins";
    }
    if (number < 20) {
        return std::string(kGermanSmall[number]);
    }
    const std::string tens(kGermanTens[number / 10]);
    return number % 10 == 0 ? tens : std::string(kGermanSmall[number % 10]) + "und" + tens;
}

Words german(int number) {
    const auto index = static_cast<std::size_t>(number);
    if (number == 1) {
        return {"eins", "ein", "eine", "einen"};
    }
    if (number < 100) {
        return {german_below_hundred(index, true)};
    }
    Words out = {german_below_hundred(index / 100, false) + "hundert"};
    if (number < 200) {
        out.emplace_back("hundert");
    }
    for (std::string& form : out) {
        form += number % 100 == 0 ? "" : german_below_hundred(index % 100, true);
    }
    return out;
}

}  // namespace

std::vector<std::string> number_words(int number, std::string_view language) {
    if (number < 0 || number > kNumberWordsMax) {
        return {};
    }
    const std::string_view base = language.substr(0, 2);
    return base == "en" ? english(number) : base == "de" ? german(number) : Words{};
}

}  // namespace ambit::language

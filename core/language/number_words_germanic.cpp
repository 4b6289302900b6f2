// Number words: English, German, Dutch.
#include <array>

#include "language/number_words.h"

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
constexpr std::array<std::string_view, 20> kDutchSmall = {
    "nul",      "een",      "twee",    "drie",      "vier",     "vijf",     "zes",
    "zeven",    "acht",     "negen",   "tien",      "elf",      "twaalf",   "dertien",
    "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien"};
constexpr std::array<std::string_view, 10> kDutchTens = {
    "", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"};

// Something follows, so 1 is "ein".
std::string german_before(std::int64_t number) {
    if (number >= 1000) {
        return german_before(number / 1000) + "tausend" +
               (number % 1000 == 0 ? "" : german_before(number % 1000));
    }
    if (number >= 100) {
        return german_before(number / 100) + "hundert" +
               (number % 100 == 0 ? "" : german_before(number % 100));
    }
    if (number < 20) {
        return std::string(kGermanSmall[place_of(number)]);
    }
    const std::string tens(kGermanTens[place_of(number / 10)]);
    return number % 10 == 0 ? tens : std::string(kGermanSmall[place_of(number % 10)]) + "und" + tens;
}

}  // namespace

SpokenForms english_number(std::int64_t number) {
    if (number < 20) {
        return {std::string(kEnglishSmall[place_of(number)])};
    }
    if (number < 100) {
        const std::string tens(kEnglishTens[place_of(number / 10)]);
        return {number % 10 == 0 ? tens : tens + "-" + std::string(kEnglishSmall[place_of(number % 10)])};
    }
    const std::int64_t unit = number < 1000 ? 100 : 1000;
    SpokenForms head = joined(english_number(number / unit), unit == 100 ? " hundred" : " thousand", {""});
    return number % unit == 0 ? head : joined(head, " ", english_number(number % unit));
}

SpokenForms german_number(std::int64_t number) {
    if (number % 100 != 1) {
        return {german_before(number)};
    }
    const std::string head = number == 1 ? std::string() : german_before(number - 1);
    return joined({head}, "", {"eins", "ein", "eine", "einen", "einer", "eines", "einem"});
}

SpokenForms dutch_number(std::int64_t number) {
    if (number == 1) {
        return {"één", "een"};
    }
    if (number < 20) {
        return {std::string(kDutchSmall[place_of(number)])};
    }
    if (number < 100) {
        const std::string tens(kDutchTens[place_of(number / 10)]);
        const std::int64_t ones = number % 10;
        if (ones == 0) {
            return {tens};
        }
        // After an e the joint needs its mark: tweeëntwintig.
        return {std::string(kDutchSmall[place_of(ones)]) + (ones == 2 || ones == 3 ? "ën" : "en") + tens};
    }
    const std::int64_t unit = number < 1000 ? 100 : 1000;
    const std::string_view word = unit == 100 ? "honderd" : "duizend";
    SpokenForms head =
        number / unit == 1 ? SpokenForms{std::string(word)} : joined(dutch_number(number / unit), word, {""});
    if (number % unit == 0) {
        return head;
    }
    const SpokenForms rest = dutch_number(number % unit);
    SpokenForms out = joined(head, unit == 100 ? "" : " ", rest);
    if (number % unit <= 12) {
        for (std::string& form : joined(head, "en", rest)) {
            out.push_back(std::move(form));
        }
    }
    return out;
}

}  // namespace ambit::language

// Number words: Polish, Chinese, Japanese.
#include <array>

#include "language/number_words.h"

namespace ambit::language {
namespace {

constexpr std::array<std::string_view, 20> kPolishSmall = {
    "zero",        "jeden",      "dwa",        "trzy",         "cztery",      "pięć",          "sześć",
    "siedem",      "osiem",      "dziewięć",   "dziesięć",     "jedenaście",  "dwanaście",     "trzynaście",
    "czternaście", "piętnaście", "szesnaście", "siedemnaście", "osiemnaście", "dziewiętnaście"};
constexpr std::array<std::string_view, 10> kPolishTens = {"",
                                                          "",
                                                          "dwadzieścia",
                                                          "trzydzieści",
                                                          "czterdzieści",
                                                          "pięćdziesiąt",
                                                          "sześćdziesiąt",
                                                          "siedemdziesiąt",
                                                          "osiemdziesiąt",
                                                          "dziewięćdziesiąt"};
constexpr std::array<std::string_view, 10> kPolishHundreds = {
    "",        "sto",      "dwieście",  "trzysta",  "czterysta",
    "pięćset", "sześćset", "siedemset", "osiemset", "dziewięćset"};

// tysiąc, tysiące, tysięcy: by the number of thousands.
std::string_view polish_thousands(std::int64_t count) {
    const bool teens = count % 100 >= 12 && count % 100 <= 14;
    return count == 1 ? "tysiąc" : count % 10 >= 2 && count % 10 <= 4 && !teens ? "tysiące" : "tysięcy";
}

// How one script writes Chinese numbers.
struct Chinese {
    std::array<std::string_view, 10> digits;
    std::string_view ten;
    std::string_view hundred;
    std::string_view thousand;
    std::string_view two_of_many;  // in front of hundred and more
};

constexpr Chinese kNumbering = {
    {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "十", "百", "千", "二"};
constexpr Chinese kFinancial = {
    {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}, "拾", "佰", "仟", "贰"};
constexpr Chinese kCardinal = {
    {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "十", "百", "千", "二"};
constexpr Chinese kWithPairs = {
    {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "十", "百", "千", "两"};

// `inside`: larger units stand in front, so that 10 is 一十.
std::string chinese(std::int64_t number, const Chinese& script, bool inside) {
    const auto larger = [&](std::int64_t unit, std::string_view name, std::int64_t next) {
        const std::int64_t count = number / unit;
        const std::int64_t rest = number % unit;
        std::string out =
            count == 2 && unit < 10'000 ? std::string(script.two_of_many) : chinese(count, script, false);
        if (count == 2 && unit == 10'000) {
            out = script.two_of_many;
        }
        out += name;
        if (rest == 0) {
            return out;
        }
        return out + (rest < next ? std::string(script.digits[0]) : std::string()) +
               chinese(rest, script, true);
    };
    if (number < 10) {
        return std::string(script.digits[place_of(number)]);
    }
    if (number < 100) {
        const std::string ones =
            number % 10 == 0 ? std::string() : std::string(script.digits[place_of(number % 10)]);
        const bool bare = number < 20 && !inside;
        return (bare ? std::string() : std::string(script.digits[place_of(number / 10)])) +
               std::string(script.ten) + ones;
    }
    if (number < 1000) {
        return larger(100, script.hundred, 10);
    }
    if (number < 10'000) {
        return larger(1000, script.thousand, 100);
    }
    return larger(10'000, "万", 1000);
}

// Days of a month: 初一, 廿一.
std::string chinese_day(std::int64_t number) {
    constexpr std::array<std::string_view, 5> kTens = {"初", "十", "廿", "丗", "卌"};
    if (number < 1 || number > 49 || (number % 10 == 0 && number > 10)) {
        return {};
    }
    return number == 10 ? "初十"
                        : std::string(kTens[place_of(number / 10)]) + chinese(number % 10, kNumbering, false);
}

struct Japanese {
    std::array<std::string_view, 10> digits;
    std::string_view ten;
    std::string_view hundred;
    std::string_view thousand;
    std::string_view ten_thousand;
    bool says_one;  // in front of ten, hundred and thousand
};

constexpr Japanese kKanji = {
    {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, "十", "百", "千", "万", false};
constexpr Japanese kDaiji = {
    {"零", "壱", "弐", "参", "四", "伍", "六", "七", "八", "九"}, "拾", "百", "千", "萬", true};

std::string japanese(std::int64_t number, const Japanese& script) {
    if (number >= 10'000) {
        return japanese(number / 10'000, script) + std::string(script.ten_thousand) +
               (number % 10'000 == 0 ? "" : japanese(number % 10'000, script));
    }
    if (number < 10) {
        return std::string(script.digits[place_of(number)]);
    }
    const std::int64_t unit = number >= 1000 ? 1000 : number >= 100 ? 100 : 10;
    const std::string_view name = unit == 1000 ? script.thousand : unit == 100 ? script.hundred : script.ten;
    return (number / unit == 1 && !script.says_one ? std::string()
                                                   : std::string(script.digits[place_of(number / unit)])) +
           std::string(name) + (number % unit == 0 ? "" : japanese(number % unit, script));
}

}  // namespace

SpokenForms polish_number(std::int64_t number) {
    if (number == 1) {
        return {"jeden", "jedna", "jedno"};
    }
    if (number < 20) {
        SpokenForms out = {std::string(kPolishSmall[place_of(number)])};
        if (number == 2) {
            out.emplace_back("dwie");
        }
        return out;
    }
    if (number < 1000) {
        const bool hundreds = number >= 100;
        const std::int64_t rest = number % (hundreds ? 100 : 10);
        const std::string head(hundreds ? kPolishHundreds[place_of(number / 100)]
                                        : kPolishTens[place_of(number / 10)]);
        // Behind a larger number 1 has one form.
        return rest == 0   ? SpokenForms{head}
               : rest == 1 ? SpokenForms{head + " jeden"}
                           : joined({head}, " ", polish_number(rest));
    }
    const std::int64_t count = number / 1000;
    SpokenForms head = {"tysiąc"};
    if (count > 1) {
        head = joined({polish_number(count).front()}, " ", {std::string(polish_thousands(count))});
    }
    return number % 1000 == 0 ? head : joined(head, " ", polish_number(number % 1000));
}

SpokenForms chinese_number(std::int64_t number) {
    SpokenForms out = {chinese(number, kNumbering, false), chinese(number, kFinancial, false),
                       chinese(number, kCardinal, false),
                       number == 2 ? "两" : chinese(number, kWithPairs, false)};
    if (std::string day = chinese_day(number); !day.empty()) {
        out.push_back(std::move(day));
    }
    return out;
}

SpokenForms japanese_number(std::int64_t number) {
    SpokenForms out = {japanese(number, kKanji), japanese(number, kDaiji)};
    if (number == 0) {
        out.emplace_back("ゼロ");
    }
    return out;
}

}  // namespace ambit::language

#include "language/corrections.h"

#include <algorithm>
#include <span>

#include "language/text.h"

namespace ambit::language {
namespace {

struct Openings {
    std::string_view language;
    std::span<const std::string_view> doubts;    // any of these may come first
    std::span<const std::string_view> meanings;  // one of these must follow
    bool spaced = true;
};

constexpr std::string_view kEnglishDoubts[] = {
    "no",       "nope",    "wait",         "sorry",    "oh",
    "actually", "hang on", "that's wrong", "not that", "that's not what i meant"};
constexpr std::string_view kEnglishMeanings[] = {"i meant to say", "i meant",          "i mean",
                                                 "i said",         "what i meant was", "i wanted you to"};
constexpr std::string_view kGermanDoubts[] = {"nein", "nee", "halt", "moment", "quatsch", "falsch", "sorry"};
constexpr std::string_view kGermanMeanings[] = {"ich meinte", "ich meine", "ich wollte sagen",
                                                "ich habe gesagt", "gemeint war"};
constexpr std::string_view kFrenchDoubts[] = {"non", "attends", "pardon", "mais non"};
constexpr std::string_view kFrenchMeanings[] = {"je voulais dire", "je veux dire", "j'ai dit"};
constexpr std::string_view kSpanishDoubts[] = {"no", "espera", "perdón", "perdona"};
constexpr std::string_view kSpanishMeanings[] = {"quería decir", "quise decir", "quiero decir",
                                                 "me refería a", "he dicho",    "dije"};
constexpr std::string_view kChineseDoubts[] = {"不对", "不是", "不", "错了"};
constexpr std::string_view kChineseMeanings[] = {"我的意思是", "我说的是", "我是说", "我想说"};

constexpr Openings kOpenings[] = {{"en", kEnglishDoubts, kEnglishMeanings},
                                  {"de", kGermanDoubts, kGermanMeanings},
                                  {"fr", kFrenchDoubts, kFrenchMeanings},
                                  {"es", kSpanishDoubts, kSpanishMeanings},
                                  {"zh", kChineseDoubts, kChineseMeanings, false}};

// Cuts one of `words` off the front.
bool cut_one(std::string_view& text, std::span<const std::string_view> words, bool spaced) {
    for (const std::string_view one : words) {
        if (text.starts_with(one) && (text.size() == one.size() || !spaced || text[one.size()] == ' ')) {
            text.remove_prefix(one.size());
            const std::size_t next = std::min(text.find_first_not_of(' '), text.size());
            text.remove_prefix(next);
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<std::string> corrected_to(std::string_view utterance, std::string_view language) {
    const auto* const openings =
        std::find_if(std::begin(kOpenings), std::end(kOpenings),
                     [&](const Openings& one) { return language.starts_with(one.language); });
    if (openings == std::end(kOpenings)) {
        return std::nullopt;
    }
    std::string spoken = spoken_form(utterance);
    if (!openings->spaced) {  // its marks stand between words without spaces
        for (const std::string_view mark : {"，", "、", "。", ","}) {
            for (std::size_t at = 0; (at = spoken.find(mark)) != std::string::npos;) {
                spoken.erase(at, mark.size());
            }
        }
    }
    std::string_view text = spoken;
    while (cut_one(text, openings->doubts, openings->spaced)) {
    }
    if (!cut_one(text, openings->meanings, openings->spaced) || text.empty()) {
        return std::nullopt;
    }
    return std::string(text);
}

}  // namespace ambit::language

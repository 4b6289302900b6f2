#include "language/lists.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "language/grammar.h"
#include "language/number_words.h"
#include "language/text.h"

namespace ambit::language {
namespace {

constexpr double kNumberMax = 1e9;              // beyond it, ranges are cut
constexpr std::size_t kNumberWordsMax = 5'000;  // numbers of one range that are known by their words

}  // namespace

// A range has whole numbers from..to by `step`, each of them with its fractions.
bool NumberList::contains(double number) const {
    for (int part = 0; part < fractions; ++part) {
        const double whole = std::round(number - static_cast<double>(part) / fractions);
        if (whole >= from && whole <= to && std::fmod(whole - from, step) == 0 &&
            whole + static_cast<double>(part) / fractions == number) {
            return true;
        }
    }
    return false;
}

std::optional<NumberList> inline_range(std::string_view name) {
    const std::string text(name);
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos || dots == 0 ||
        text.find_first_not_of("0123456789.,") != std::string::npos || text.size() > 24) {
        return std::nullopt;
    }
    NumberList list;
    list.from = std::atof(text.c_str());
    list.to = std::atof(text.c_str() + dots + 2);
    if (const std::size_t comma = text.find(','); comma != std::string::npos) {
        list.step = std::atof(text.c_str() + comma + 1);
    }
    if (list.step <= 0 || list.to < list.from || list.to > kNumberMax) {
        return std::nullopt;
    }
    return list;
}

void NumberWordsPool::add_words(NumberList& list, std::string_view language) {
    const std::string key = std::string(language) + ' ' + std::to_string(list.from) + ' ' +
                            std::to_string(list.to) + ' ' + std::to_string(list.step) + ' ' +
                            std::to_string(list.fractions);
    auto& words = known_[key];
    if (words == nullptr) {
        auto made = std::make_shared<NumberWords>();
        for (double whole = list.from; whole <= list.to && made->numbers.size() < kNumberWordsMax;
             whole += list.step) {
            for (int part = 0; part < list.fractions; ++part) {
                const int tenths = part * 10 / list.fractions;
                const auto at = static_cast<std::uint32_t>(made->numbers.size());
                made->numbers.push_back(whole + static_cast<double>(part) / list.fractions);
                for (const std::string& form :
                     number_words(static_cast<std::int64_t>(whole), tenths, language)) {
                    made->index.add(form, at);
                }
            }
        }
        made->index.finish();
        words = std::move(made);
    }
    list.words = words;
}

Lists::Lists() : impl_(std::make_unique<Impl>()) {}

Lists::~Lists() = default;

Lists::Lists(const Lists& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}

Lists::Lists(Lists&& other) noexcept = default;

Lists& Lists::operator=(Lists other) noexcept {
    impl_ = std::move(other.impl_);
    return *this;
}

void Lists::set(const std::string& name, const std::vector<ListValue>& values) {
    TextList list;
    bool has_spaces = false;
    for (const ListValue& value : values) {
        if (list.values.size() >= kListValuesMax) {
            break;
        }
        const std::string spoken = fold(value.text);
        const std::string_view stripped = strip(spoken);
        if (!stripped.empty()) {
            const auto number = static_cast<std::uint32_t>(list.values.size());
            list.index.add(stripped, number);
            std::string joined(stripped);
            has_spaces = std::erase(joined, ' ') > 0 || has_spaces;
            list.without_spaces.add(joined, number);
            list.values.push_back(
                {value.value, false, static_cast<std::uint32_t>(characters(stripped)), value.context});
        }
    }
    list.index.finish();
    if (has_spaces) {
        list.without_spaces.finish();
    } else {
        list.without_spaces = {};
    }
    impl_->lists[name] = std::make_shared<const SlotList>(std::move(list));
}

void Lists::set_any(const std::string& name) {
    impl_->lists[name] = std::make_shared<const SlotList>(WildcardList{});
}

}  // namespace ambit::language

#include "language/grammar.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "language/number_words.h"

namespace ambit::language {

void PrefixIndex::finish() {
    std::sort(entries_.begin(), entries_.end());
}

std::vector<PrefixIndex::Hit> PrefixIndex::prefixes_of(std::string_view text) const {
    std::vector<Hit> hits;
    auto low = entries_.begin();
    auto high = entries_.end();
    for (std::size_t length = 0; low != high; ++length) {
        for (; low != high && low->first.size() == length; ++low) {
            hits.push_back({low->second, length});
        }
        if (length >= text.size()) {
            break;
        }
        const char next = text[length];
        const auto less = [length](const auto& a, const auto& b) {
            return static_cast<unsigned char>(a.first[length]) < static_cast<unsigned char>(b);
        };
        const auto greater = [length](const auto& a, const auto& b) {
            return static_cast<unsigned char>(a) < static_cast<unsigned char>(b.first[length]);
        };
        low = std::lower_bound(low, high, next, less);
        high = std::upper_bound(low, high, next, greater);
    }
    std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.value < b.value; });
    return hits;
}

bool NumberList::contains(double number) const {
    if (number < from || number > to) {
        return false;
    }
    const double steps = (number - from) / step;
    return std::abs(steps - std::round(steps)) < 1e-6;
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
    if (list.step <= 0 || list.to < list.from) {
        return std::nullopt;
    }
    return list;
}

void add_number_words(NumberList& list, std::string_view language) {
    list.first_word_number = std::max(0, static_cast<int>(std::clamp(list.from, 0.0, 1000.0)));
    for (int number = list.first_word_number; number <= kNumberWordsMax && number <= list.to; ++number) {
        if (!list.contains(number)) {
            continue;
        }
        for (std::string& form : number_words(number, language)) {
            list.words.add(std::move(form), static_cast<std::uint32_t>(number - list.first_word_number));
        }
    }
    list.words.finish();
}

const Rule* Grammar::Compiled::rule(const Block& block, std::string_view name) const {
    if (const auto local = block.rules.find(name); local != block.rules.end()) {
        return &local->second;
    }
    const auto global = rules.find(name);
    return global == rules.end() ? nullptr : &global->second;
}

const SlotList* Grammar::Compiled::list(const Block& block, std::string_view name) const {
    if (const auto local = block.lists.find(name); local != block.lists.end()) {
        return &local->second;
    }
    const auto global = lists.find(name);
    return global == lists.end() ? nullptr : &global->second;
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
    for (const ListValue& value : values) {
        if (list.values.size() >= kListValuesMax) {
            break;
        }
        const std::string spoken = fold(value.text);
        const std::size_t first = spoken.find_first_not_of(' ');
        if (first != std::string::npos) {
            list.index.add(spoken.substr(first, spoken.find_last_not_of(' ') - first + 1),
                           static_cast<std::uint32_t>(list.values.size()));
            list.values.push_back({value, false});
        }
    }
    list.index.finish();
    impl_->lists[name] = std::move(list);
}

void Lists::set_any(const std::string& name) {
    impl_->lists[name] = WildcardList{};
}

Grammar::Grammar(std::unique_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Grammar::Grammar(Grammar&&) noexcept = default;

Grammar& Grammar::operator=(Grammar&&) noexcept = default;

Grammar::~Grammar() = default;

const std::string& Grammar::language() const {
    return compiled_->language;
}

const std::vector<Warning>& Grammar::warnings() const {
    return compiled_->warnings;
}

std::size_t Grammar::template_count() const {
    return compiled_->templates.size();
}

std::string Warning::message() const {
    return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " + error.message();
}

const Slot* Recognition::slot(std::string_view name) const {
    const auto found =
        std::find_if(slots.rbegin(), slots.rend(), [name](const Slot& s) { return s.name == name; });
    return found == slots.rend() ? nullptr : &*found;
}

}  // namespace ambit::language

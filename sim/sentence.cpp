#include "sim/sentence.h"

#include <array>
#include <charconv>
#include <sstream>

namespace ambit::sim {
namespace {

struct Unit {
    const char* name;
    std::int64_t microseconds;
};

constexpr std::array<Unit, 6> kUnits{{{"us", 1},
                                      {"ms", 1000},
                                      {"s", 1'000'000},
                                      {"min", 60'000'000},
                                      {"h", 3'600'000'000},
                                      {"years", 31'557'600'000'000}}};

}  // namespace

Result<std::vector<std::string>> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (at < line.size() && line[at] != '#') {
        if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
            ++at;
            continue;
        }
        const bool quoted = line[at] == '"';
        const std::size_t begin = quoted ? at + 1 : at;
        std::size_t end = line.find_first_of(quoted ? "\"" : " \t\r#", begin);
        if (quoted && end == std::string_view::npos) {
            return Error{ErrorCode::InvalidArgument, "a \" that does not end"};
        }
        end = std::min(end, line.size());
        words.emplace_back(line.substr(begin, end - begin));
        at = quoted ? end + 1 : end;
    }
    return words;
}

std::optional<Blanks> match(std::string_view pattern, const std::vector<std::string>& words) {
    std::istringstream parts{std::string(pattern)};
    Blanks blanks;
    std::size_t at = 0;
    for (std::string part; parts >> part; ++at) {
        if (at == words.size()) {
            return std::nullopt;
        }
        if (part.front() == '<') {
            blanks.push_back(words[at]);
        } else if (part != words[at]) {
            return std::nullopt;
        }
    }
    return at == words.size() ? std::optional(blanks) : std::nullopt;
}

Result<microseconds> parse_time(const std::string& word) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), number);
    for (const Unit& unit : kUnits) {
        if (parsed.ec == std::errc() && number >= 0 && number <= 1'000'000 &&
            std::string_view(parsed.ptr) == unit.name) {
            return microseconds(number * unit.microseconds);
        }
    }
    return Error{ErrorCode::InvalidArgument,
                 "\"" + word + "\" is no time: 300us, 40ms, 5s, 2min, 3h or 10years"};
}

std::string time_text(microseconds time) {
    const Unit* best = kUnits.data();
    for (const Unit& unit : kUnits) {
        if (time.count() != 0 && time.count() % unit.microseconds == 0) {
            best = &unit;
        }
    }
    return std::to_string(time.count() / best->microseconds) + best->name;
}

std::string Script::text() const {
    std::string out;
    for (const Line& line : lines) {
        out += line.text + "\n";
    }
    return out;
}

Script parse_script(const std::string& name, std::string_view text) {
    Script script{name, {}};
    std::istringstream lines{std::string(text)};
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto words = words_of(line);
        if (!words || !words->empty()) {
            script.lines.push_back({number, line});
        }
    }
    return script;
}

}  // namespace ambit::sim

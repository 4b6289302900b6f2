// Yaml: a document of a sentence file as a bounded tree.
//
// The only code that uses yaml-cpp, whose 0.7 is not safe on hostile text by itself: size, depth, nodes,
// aliases and the shapes its scanner is slow on are limited before and while it reads. Ownership: value tree.
// Threads: any.  Failure: SentenceFileInvalid with the line.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "language/language.h"

namespace ambit::language {

inline constexpr std::size_t kYamlDepthMax = 24;
inline constexpr std::size_t kYamlNodesMax = 500'000;  // copies made by aliases included
inline constexpr std::size_t kYamlLineNestingMax = 64;
inline constexpr std::size_t kYamlIndentMax = 256;

struct Yaml {
    enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };

    Kind kind = Kind::Null;
    int line = 0;  // 1-based
    std::string scalar;
    std::vector<Yaml> items;                           // Sequence
    std::vector<std::pair<std::string, Yaml>> fields;  // Map, in file order

    // In yaml.cpp, where a pair with a Yaml in it is complete: clang asks for that.
    Yaml();
    Yaml(Kind its_kind, int its_line, std::string text = "");
    ~Yaml();
    Yaml(const Yaml&);
    Yaml(Yaml&&) noexcept;
    Yaml& operator=(const Yaml&);
    Yaml& operator=(Yaml&&) noexcept;

    // nullptr if this is no map or has no such key; the last one of equal keys.
    const Yaml* find(std::string_view key) const;
    bool is_true() const;
    // A scalar as the only element; the scalars of a sequence.
    std::vector<std::string> strings() const;
    // A scalar as it is; anything else as JSON.
    std::string text() const;
};

// The first document of `text`; Null for an empty one.  `line_out` is set to the line of an error.
Result<Yaml> parse_yaml(std::string_view text, int& line_out);

}  // namespace ambit::language

// Tokens: the words of an utterance, folded to lower case, with where they stand in it.
//
// A word is a run of letters and digits (apostrophes inside it belong to it); any other visible character is
// a word by itself, and so is each ideograph and kana.  What is not UTF-8, and invisible or control
// characters, part words. Ownership: values.  Threads: any.  Failure: none; what lies behind kTokensMax words
// or kTextMax bytes is not read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ambit::intent_model {

constexpr std::size_t kTokensMax = 96;
constexpr std::size_t kTextMax = 4096;      // bytes of an utterance that are looked at
constexpr std::size_t kTokenBytesMax = 64;  // bytes of a word that are looked at

struct Token {
    std::string text;       // folded, at most kTokenBytesMax bytes
    std::size_t begin = 0;  // byte offsets into the utterance, end exclusive
    std::size_t end = 0;
};

std::vector<Token> tokens_of(std::string_view text);

// A number for a text, the same on every machine (FNV-1a with a final mix).
std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0);

}  // namespace ambit::intent_model

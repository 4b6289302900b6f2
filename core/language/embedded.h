// Embedded: the sentence files of folder sentences/, as CMake put them into the binary (sentences.cmake).
#pragma once

#include <span>
#include <string_view>

namespace ambit::language {

struct EmbeddedFile {
    std::string_view language;
    std::string_view name;
    std::string_view text;
};

// Defined in the generated embedded_sentences.cpp; sorted by name.
std::span<const EmbeddedFile> embedded_files();

}  // namespace ambit::language

#include <algorithm>

#include "language/embedded.h"
#include "language/language.h"

namespace ambit::language {

std::vector<std::string> built_in_languages() {
    std::vector<std::string> out;
    for (const EmbeddedFile& file : embedded_files()) {
        if (out.empty() || out.back() != file.language) {
            out.emplace_back(file.language);
        }
    }
    return out;
}

std::vector<SourceFile> built_in_sentences(std::string_view language) {
    std::vector<SourceFile> out;
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.language == language) {
            out.push_back({std::string(file.name), std::string(file.text), false});
        }
    }
    return out;
}

}  // namespace ambit::language

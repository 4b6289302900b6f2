// Vectors: holds a file of docs/spec/vectors to what this code makes, byte for byte.
//
// For tests only.  Failure: the test's; what was made lies in vectors/ of the build folder then, to be looked
// at and, if the change is meant, copied (docs/spec/vectors/README.md).
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace ambit {

// The text of a file of the repository; the build folder lies somewhere below it.
inline std::string repository_file(const std::string& path) {
    auto root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / path) && root.has_relative_path()) {
        root = root.parent_path();
    }
    std::ifstream file(root / path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline void hold_to_vectors(const std::string& name, const std::string& made) {
    if (repository_file("docs/spec/vectors/" + name) == made) {
        return;
    }
    std::filesystem::create_directory("vectors");
    std::ofstream("vectors/" + name, std::ios::binary) << made;
    ADD_FAILURE() << "docs/spec/vectors/" << name << " is not what this code makes; compare it with "
                  << (std::filesystem::current_path() / "vectors" / name);
}

}  // namespace ambit

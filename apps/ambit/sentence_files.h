// Sentence files: finds those of one language in a directory that somebody has, in whichever layout.
//
// Home Assistant's intents repository (sentences/<language>/, lists/, rules/<language>/, intents.yaml), its
// older form without lists and rules, a configuration's custom_sentences/<language>/, a folder <language>/,
// or the files themselves.  Ownership: values.  Threads: one.  Failure: InvalidArgument if there is no such
// directory; files that can't be taken are named with the reason.  Spec: docs/spec/sentences.md, "Files".
#pragma once

#include <filesystem>

#include "language/language.h"

namespace ambit::cli {

struct SentenceFiles {
    std::vector<language::SourceFile> files;  // named as they are below the directory; custom
    std::vector<language::Warning> left_out;  // whole files
};

Result<SentenceFiles> find_sentence_files(const std::filesystem::path& directory,
                                          const std::string& language);
// At most `bytes_max` bytes of a file.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace ambit::cli

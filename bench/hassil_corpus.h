// Hassil corpus: Home Assistant's sentence files and the results that hassil recorded for texts, as shared
// data.
//
// For the benchmark language-t0 and its test.  The recorded results are only compared with; the grammar never
// sees them.  Ownership: values.  Threads: one.  Failure: a missing file is named and ends the program.
#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "language/language.h"

namespace ambit::bench {

struct Sentence {
    std::string set;  // "new", "classic", "gold en-tests", ...
    std::string text;
    language::Context context;
    std::shared_ptr<const language::Lists> lists;
    nlohmann::json recorded;  // hassil's result; null: it matched nothing
};

// ../shared/data/nlu beside the repository; nullopt if it is not there.
std::optional<std::filesystem::path> nlu_data();

// The layouts of 2026 (a file per combination of slots) and of 2025.
std::vector<language::SourceFile> new_files(const std::filesystem::path& data, const std::string& language);
std::vector<language::SourceFile> classic_files(const std::filesystem::path& data,
                                                const std::string& language);

std::vector<Sentence> new_tests(const std::filesystem::path& data);
std::vector<Sentence> gold_texts(const std::filesystem::path& data);
std::vector<Sentence> classic_tests(const std::filesystem::path& data);

// The home of the gold texts, with names added until there are `count`; 0: as it is.
language::Lists big_home(const std::filesystem::path& data, std::size_t count);

// What differs from hassil's result, field by field; empty if nothing does.
std::string difference(const std::optional<language::Recognition>& ours, const Sentence& sentence);

}  // namespace ambit::bench

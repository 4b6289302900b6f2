// Sentence imports: sentence files of a user's, kept as facts of the household, so that every device
// understands them.
//
// An import is a named set of files of one language.  It is written in parts, then a manifest that says which
// parts belong together; what isn't complete yet (its parts are still on their way) counts as not there.
// Ownership: none; reads and writes Facts.  Threads: the loop's.  Failure: ImportTooLarge, NothingToImport,
// InvalidArgument. Spec: docs/spec/facts.md section "Vocabulary", docs/spec/local-api.md section "Language".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "language/language.h"

namespace ambit::node {

inline constexpr std::size_t kImportBytesMax = 768UL * 1024;  // of one import; it has to fit into a request
inline constexpr std::size_t kImportsMax = 8;                 // of one language
inline constexpr std::size_t kImportNameBytesMax = 64;
inline constexpr std::size_t kImportFileNameBytesMax = 256;
inline constexpr std::string_view kLanguageSubjectPrefix = "language:";
inline constexpr std::string_view kImportPrefix = "import:";

// Its files are named "<import>/<file>".
struct SentenceImport {
    std::string language;
    std::string name;
    std::vector<language::SourceFile> files;
    std::size_t bytes = 0;
    DeviceId from;
    WallTime time;
};

// All that are complete, by language, then by name.
std::vector<SentenceImport> sentence_imports(const facts::Facts& facts);
// True if `key` is of an import: grammars have to be made again.
bool is_import(const facts::Key& key);

struct ImportWish {
    std::string language;
    std::string name;
    std::vector<language::SourceFile> files;  // named as they are below the import's directory
};

// What has to be written, to be put all at once; replaces an import of the same name.  `mark` tells the parts
// of this writing from those of another.
Result<std::vector<facts::Draft>> import_drafts(const facts::Facts& facts,
                                                const ImportWish& wish,
                                                const std::string& mark,
                                                WallTime now);
// What takes an import away; NoSuchThing if there is none of this name.
Result<std::vector<facts::Draft>> removal_drafts(const facts::Facts& facts,
                                                 const std::string& language,
                                                 const std::string& name,
                                                 WallTime now);

}  // namespace ambit::node

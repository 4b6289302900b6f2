#include "ambit/sentence_files.h"

#include <algorithm>
#include <fstream>

#include "language/catalogue.h"

namespace ambit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFoundMax = 4 * language::kSentenceFilesMax;

class Finder {
  public:
    Finder(fs::path root, std::string language) : root_(std::move(root)), language_(std::move(language)) {}

    SentenceFiles run() {
        const fs::path sentences = root_ / "sentences" / language_;
        if (is_folder(sentences)) {
            repository(sentences);
        } else if (is_folder(root_ / "custom_sentences" / language_)) {
            folder(root_ / "custom_sentences" / language_, true);
        } else if (is_folder(root_ / language_)) {
            folder(root_ / language_, true);
        } else {
            folder(root_, true);
        }
        return std::move(out_);
    }

  private:
    static bool is_folder(const fs::path& path) {
        std::error_code failed;
        return fs::is_directory(path, failed);
    }

    void repository(const fs::path& sentences) {
        folder(sentences, !is_classic(sentences) && catalogue());
        folder(root_ / "lists", false);
        folder(root_ / "lists" / language_, true);
        folder(root_ / "rules" / language_, true);
    }

    // A file for each domain and intent lies in the folder itself.  Such a repository may begin to have files
    // of the newer layout, too, which Home Assistant did not read yet.
    static bool is_classic(const fs::path& sentences) {
        std::error_code failed;
        for (fs::directory_iterator at(sentences, failed), end; !failed && at != end; at.increment(failed)) {
            if (at->path().extension() == ".yaml" && at->path().filename().string().front() != '_') {
                return true;
            }
        }
        return false;
    }

    // True if intents.yaml says which combinations of slots there are, so that there is a file for each.
    bool catalogue() {
        const fs::path path = root_ / "intents.yaml";
        std::error_code failed;
        if (!fs::exists(path, failed)) {
            return false;
        }
        const auto text = read_text_file(path, language::kSentenceFileBytesMax);
        int line = 0;
        const auto yaml = text ? language::parse_yaml(*text, line) : Result<language::Yaml>(text.error());
        if (!yaml) {
            left_out("intents.yaml", line, yaml.error());
            return false;
        }
        if (language::Catalogue::is_one(*yaml)) {
            out_.files.push_back({"intents.yaml", *text, true});
            return true;
        }
        return false;
    }

    // The YAML files of `where`, by name; of those deeper only with `deep`.
    void folder(const fs::path& where, bool deep) {
        std::vector<fs::path> paths;
        std::error_code failed;
        for (fs::recursive_directory_iterator at(where, failed), end; !failed && at != end;
             at.increment(failed)) {
            const fs::path kind = at->path().extension();
            if (paths.size() < kFoundMax && at->is_regular_file(failed) &&
                (kind == ".yaml" || kind == ".yml")) {
                paths.push_back(at->path());
            }
        }
        std::sort(paths.begin(), paths.end());
        for (const fs::path& path : paths) {
            const std::string name = path.lexically_relative(root_).generic_string();
            if (!deep && path.parent_path() != where) {
                if (where.parent_path().filename() == "sentences") {
                    left_out(
                        name, 0,
                        {ErrorCode::SentenceFileInvalid,
                         "of a newer layout, which intents.yaml does not describe, or beside classic files"});
                }
                continue;
            }
            take(path, name);
        }
    }

    void take(const fs::path& path, const std::string& name) {
        if (auto text = read_text_file(path, language::kSentenceFileBytesMax)) {
            out_.files.push_back({name, std::move(*text), true});
        } else {
            left_out(name, 0, text.error());
        }
    }

    void left_out(const std::string& name, int line, Error why) {
        out_.left_out.push_back({name, line, std::move(why)});
    }

    fs::path root_;
    std::string language_;
    SentenceFiles out_;
};

// Of a repository's own folders "sentences" and "sentences/<language>": the repository, which has more to
// read.
fs::path repository_of(const fs::path& folder, const std::string& language) {
    const fs::path above = folder.parent_path();
    if (folder.filename() == "sentences" && fs::exists(above / "intents.yaml")) {
        return above;
    }
    const bool of_language = folder.filename() == language && above.filename() == "sentences";
    return of_language && fs::exists(above.parent_path() / "intents.yaml") ? above.parent_path() : folder;
}

}  // namespace

Result<std::string> read_text_file(const fs::path& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    char buffer[64 * 1024];
    while (file && text.size() <= bytes_max) {
        file.read(buffer, sizeof buffer);
        text.append(buffer, static_cast<std::size_t>(file.gcount()));
    }
    if (text.size() > bytes_max) {
        return Error{ErrorCode::InvalidArgument,
                     path.string() + ": longer than " + std::to_string(bytes_max) + " bytes"};
    }
    if (!file.eof()) {
        return Error{ErrorCode::InvalidArgument, path.string() + ": can't be read"};
    }
    return text;
}

Result<SentenceFiles> find_sentence_files(const fs::path& directory, const std::string& language) {
    std::error_code failed;
    const fs::path root = fs::weakly_canonical(directory, failed);
    if (failed || !fs::is_directory(root, failed)) {
        return Error{ErrorCode::InvalidArgument, directory.string() + ": no such directory"};
    }
    return Finder(repository_of(root, language), language).run();
}

}  // namespace ambit::cli

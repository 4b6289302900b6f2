#include "node/sentence_imports.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "facts/entry.h"
#include "node/json_members.h"

namespace ambit::node {
namespace {

using nlohmann::json;

constexpr privacy::Here kHere{"sentence imports"};
constexpr std::size_t kPieceBytes = 2048;
constexpr std::size_t kPartBytesMax = facts::kValueBytesMax - 512;
constexpr std::size_t kFactsMax = kImportsMax * 1024;

std::string dumped(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string attribute_of(const std::string& name) {
    return std::string(kImportPrefix) + name;
}

std::string attribute_of(const std::string& name, std::size_t part) {
    const std::string number = std::to_string(part);
    return attribute_of(name) + "/" + std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number;
}

facts::Key key_of(const std::string& language, std::string attribute) {
    return {privacy::Household{}, std::string(kLanguageSubjectPrefix) + language, std::move(attribute)};
}

Result<void> check_name(const std::string& what, const std::string& name, std::size_t bytes_max) {
    const bool good = !name.empty() && name.size() <= bytes_max && name.front() != '.' &&
                      std::all_of(name.begin(), name.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 c == '-' || c == '_' || c == '.';
                      });
    if (!good) {
        return Error{ErrorCode::InvalidArgument,
                     what + ": 1 to " + std::to_string(bytes_max) + " of a-z 0-9 - _ ."};
    }
    return {};
}

Result<void> check(const ImportWish& wish) {
    AMBIT_TRY(check_name("the language", wish.language, 16));
    AMBIT_TRY(check_name("the import's name", wish.name, kImportNameBytesMax));
    std::size_t bytes = 0;
    for (const language::SourceFile& file : wish.files) {
        if (file.name.empty() || file.name.size() > kImportFileNameBytesMax) {
            return Error{ErrorCode::InvalidArgument, "a file's name: 1 to 256 bytes"};
        }
        bytes += file.text.size() + file.name.size();
    }
    if (bytes > kImportBytesMax || wish.files.size() > language::kSentenceFilesMax) {
        return Error{ErrorCode::ImportTooLarge, std::to_string(bytes) + " bytes in " +
                                                    std::to_string(wish.files.size()) + " files; at most " +
                                                    std::to_string(kImportBytesMax) + " in " +
                                                    std::to_string(language::kSentenceFilesMax)};
    }
    return {};
}

// Up to kPieceBytes of `text` from `begin`, whole UTF-8 characters.
std::string_view piece_of(std::string_view text, std::size_t begin) {
    std::size_t end = std::min(text.size(), begin + kPieceBytes);
    while (end < text.size() && end > begin + 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(begin, end - begin);
}

// The files, cut into as many texts as facts need; each {"mark","pieces":[{"file","text"}]}.
std::vector<std::string> parts_of(const ImportWish& wish, const std::string& mark) {
    std::vector<std::string> parts;
    json pieces = json::array();
    std::size_t bytes = 0;
    const auto finish = [&] {
        parts.push_back(dumped({{"mark", mark}, {"pieces", std::move(pieces)}}));
        pieces = json::array();
        bytes = 0;
    };
    for (const language::SourceFile& file : wish.files) {
        std::size_t at = 0;
        do {
            const std::string_view text = piece_of(file.text, at);
            json piece = {{"file", file.name}, {"text", text}};
            const std::size_t size = dumped(piece).size() + 1;
            if (bytes > 0 && bytes + size > kPartBytesMax) {
                finish();
            }
            pieces.push_back(std::move(piece));
            bytes += size;
            at += text.size();
        } while (at < file.text.size());
    }
    finish();
    return parts;
}

facts::Draft set(facts::Key key, std::string text, WallTime now) {
    facts::Draft draft;
    draft.key = std::move(key);
    draft.value = facts::Json{std::move(text)};
    draft.time = now;
    return draft;
}

// The facts of one language's imports, by attribute.
using Table = std::map<std::string, facts::LabelledFact, std::less<>>;

std::map<std::string, Table> tables(const facts::Facts& facts, const std::string& language) {
    std::map<std::string, Table> out;
    for (const facts::LabelledFact& labelled :
         facts.query({.audience = privacy::Household{},
         .subject_prefix = std::string(kLanguageSubjectPrefix) + language,
         .attribute = std::nullopt,
         .limit = kFactsMax})) {
        const facts::Key& key = labelled.read(kHere).key;
        if (is_import(key)) {
            out[key.subject.substr(kLanguageSubjectPrefix.size())].insert_or_assign(key.attribute, labelled);
        }
    }
    return out;
}

json content_of(const Table& table, const std::string& attribute) {
    const auto found = table.find(attribute);
    const auto* text =
        found == table.end() ? nullptr : std::get_if<facts::Json>(&found->second.read(kHere).value);
    return text == nullptr ? json() : json::parse(text->text, nullptr, false);
}

// nullopt while parts are missing, or are of another writing.
std::optional<SentenceImport> assemble(const std::string& language,
                                       const std::string& name,
                                       const Table& table) {
    const json manifest = content_of(table, attribute_of(name));
    const auto parts = manifest.is_object() ? manifest.find("parts") : manifest.end();
    if (parts == manifest.end() || !parts->is_number_unsigned() || parts->get<std::size_t>() > kFactsMax) {
        return std::nullopt;
    }
    SentenceImport import;
    import.language = language;
    import.name = name;
    for (std::size_t part = 1; part <= parts->get<std::size_t>(); ++part) {
        const json content = content_of(table, attribute_of(name, part));
        if (text_at(content, "mark") != text_at(manifest, "mark") || !content.contains("pieces") ||
            !content["pieces"].is_array()) {
            return std::nullopt;
        }
        for (const json& piece : content["pieces"]) {
            const std::string file = name + "/" + text_at(piece, "file");
            if (import.files.empty() || import.files.back().name != file) {
                import.files.push_back({file, {}, true});
            }
            import.files.back().text += text_at(piece, "text");
            import.bytes += text_at(piece, "text").size();
        }
    }
    const facts::Fact& written = table.find(attribute_of(name))->second.read(kHere);
    import.from = written.source;
    import.time = written.time;
    return import;
}

std::vector<facts::Draft> deletions(const std::string& language,
                                    const std::string& name,
                                    const Table& table,
                                    WallTime now) {
    std::vector<facts::Draft> drafts;
    for (const auto& [attribute, fact] : table) {
        if (attribute == attribute_of(name) || attribute.starts_with(attribute_of(name) + "/")) {
            facts::Draft draft;
            draft.kind = facts::Draft::Kind::Delete;
            draft.key = key_of(language, attribute);
            draft.time = now;
            drafts.push_back(std::move(draft));
        }
    }
    return drafts;
}

}  // namespace

bool is_import(const facts::Key& key) {
    return key.subject.starts_with(kLanguageSubjectPrefix) && key.attribute.starts_with(kImportPrefix) &&
           key.audience == privacy::NamedAudience(privacy::Household{});
}

std::vector<SentenceImport> sentence_imports(const facts::Facts& facts) {
    std::vector<SentenceImport> out;
    for (const auto& [language, table] : tables(facts, "")) {
        for (const auto& [attribute, fact] : table) {
            const std::string name = attribute.substr(kImportPrefix.size());
            if (name.find('/') != std::string::npos) {
                continue;
            }
            if (auto import = assemble(language, name, table)) {
                out.push_back(std::move(*import));
            }
        }
    }
    return out;
}

Result<std::vector<facts::Draft>> import_drafts(const facts::Facts& facts,
                                                const ImportWish& wish,
                                                const std::string& mark,
                                                WallTime now) {
    AMBIT_TRY(check(wish));
    const auto known = tables(facts, wish.language);
    const auto found = known.find(wish.language);
    const Table table = found == known.end() ? Table() : found->second;
    std::size_t imports = 0;
    for (const auto& [attribute, fact] : table) {
        imports += attribute.find('/') == std::string::npos && attribute != attribute_of(wish.name) ? 1 : 0;
    }
    if (imports >= kImportsMax) {
        return Error{ErrorCode::ImportTooLarge, std::to_string(imports) + " imports of " + wish.language};
    }
    const std::vector<std::string> parts = parts_of(wish, mark);
    std::vector<facts::Draft> drafts;
    for (facts::Draft& draft : deletions(wish.language, wish.name, table, now)) {
        if (draft.key.attribute > attribute_of(wish.name, parts.size())) {
            drafts.push_back(std::move(draft));
        }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        drafts.push_back(set(key_of(wish.language, attribute_of(wish.name, i + 1)), parts[i], now));
    }
    drafts.push_back(set(key_of(wish.language, attribute_of(wish.name)),
                         dumped({{"mark", mark}, {"parts", parts.size()}}), now));
    return drafts;
}

Result<std::vector<facts::Draft>> removal_drafts(const facts::Facts& facts,
                                                 const std::string& language,
                                                 const std::string& name,
                                                 WallTime now) {
    const auto known = tables(facts, language);
    const auto found = known.find(language);
    auto drafts =
        found == known.end() ? std::vector<facts::Draft>() : deletions(language, name, found->second, now);
    if (drafts.empty()) {
        return Error{ErrorCode::NoSuchThing, "import '" + name + "' of language '" + language + "'"};
    }
    return drafts;
}

}  // namespace ambit::node

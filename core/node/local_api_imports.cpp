#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "facts/settings.h"
#include "node/local_api.h"
#include "node/sentence_imports.h"

namespace ambit::node {
namespace {

constexpr std::size_t kLeftOutMax = 200;  // shown of what an import could not use

Json warning_json(const language::Warning& warning) {
    return {{"file", warning.file}, {"line", warning.line}, {"error", error_member(warning.error)}};
}

// What the sentences of `files` would be, beside the built-in ones, whose lists and rules they may use.
struct Taken {
    std::size_t templates = 0;
    std::vector<language::Warning> left_out;
};

Taken taken_of(const std::string& language, const std::vector<language::SourceFile>& files) {
    std::vector<language::SourceFile> all = language::built_in_sentences(language);
    const std::size_t built_in = language::Grammar::compile(language, all).template_count();
    all.insert(all.end(), files.begin(), files.end());
    const language::Grammar grammar = language::Grammar::compile(language, all);
    Taken taken;
    taken.templates = grammar.template_count() - std::min(built_in, grammar.template_count());
    for (const language::Warning& warning : grammar.warnings()) {
        if (std::any_of(files.begin(), files.end(),
                        [&](const auto& file) { return file.name == warning.file; })) {
            taken.left_out.push_back(warning);
        }
    }
    return taken;
}

Result<std::vector<language::SourceFile>> files_in(const Json& body) {
    const auto files = body.find("files");
    if (files == body.end() || !files->is_array()) {
        return Error{ErrorCode::BadRequest, "\"files\": expected a list of {\"name\",\"text\"}"};
    }
    std::vector<language::SourceFile> out;
    for (const Json& file : *files) {
        const auto text = file.is_object() ? file.find("text") : file.end();
        const auto name = file.is_object() ? file.find("name") : file.end();
        if (text == file.end() || !text->is_string() || name == file.end() || !name->is_string()) {
            return Error{ErrorCode::BadRequest, "\"files\": expected a list of {\"name\",\"text\"}"};
        }
        out.push_back({name->get<std::string>(), text->get<std::string>(), true});
    }
    return out;
}

Json import_json(const SentenceImport& import, const Parts& parts) {
    return {{"language", import.language},
            {"name", import.name},
            {"files", import.files.size()},
            {"bytes", import.bytes},
            {"device", device_name(import.from, *parts.roster)},
            {"time", time_text(import.time)}};
}

}  // namespace

void LocalApi::get_language(const api::Request& /*request*/, const Reply& reply) {
    Json rows = Json::array();
    const auto known = language::built_in_languages();
    const auto active = facts::household_settings(parts_.facts).languages;
    const auto imports = sentence_imports(parts_.facts);
    std::set<std::string> all(known.begin(), known.end());
    all.insert(active.begin(), active.end());
    for (const SentenceImport& import : imports) {
        all.insert(import.language);
    }
    for (const std::string& language : all) {
        Json row = {{"language", language}, {"imports", Json::array()}};
        for (const SentenceImport& import : imports) {
            if (import.language == language) {
                row["imports"].push_back(import_json(import, parts_));
            }
        }
        row["built_in"] = std::find(known.begin(), known.end(), language) != known.end();
        row["understood"] =
            !row["imports"].empty() || std::find(active.begin(), active.end(), language) != active.end();
        rows.push_back(std::move(row));
    }
    reply->reply(dump({{"languages", std::move(rows)}}));
}

void LocalApi::post_language_import(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto language = text_in(body, "language");
    const auto name = text_in(body, "name");
    if (!language || !name) {
        return reply->fail(!language ? language.error() : name.error());
    }
    auto files = files_in(*body);
    if (!files) {
        return reply->fail(files.error());
    }
    const Taken taken = taken_of(*language, *files);
    Json answer = {{"language", *language},     {"name", *name},
                   {"files", files->size()},    {"sentences", taken.templates},
                   {"left_out", Json::array()}, {"left_out_count", taken.left_out.size()}};
    for (std::size_t i = 0; i < std::min(taken.left_out.size(), kLeftOutMax); ++i) {
        answer["left_out"].push_back(warning_json(taken.left_out[i]));
    }
    if (flag_or(*body, "dry_run", false)) {
        return reply->reply(dump(answer));
    }
    if (taken.templates == 0) {
        return reply->fail({ErrorCode::NothingToImport, taken.left_out.empty()
                                                            ? std::to_string(files->size()) + " files"
                                                            : taken.left_out.front().message()});
    }
    const auto drafts = import_drafts(parts_.facts, {*language, *name, std::move(*files)},
                                      parts_.random.id<RequestId>().hex(), node_.now().wall);
    const auto write = drafts ? parts_.facts.put_all(*drafts, node_.now()) : drafts.error();
    if (!write) {
        return reply->fail(write.error());
    }
    when_written(*write, reply, [reply, answer] { reply->reply(dump(answer)); });
}

void LocalApi::post_language_remove(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto language = text_in(body, "language");
    const auto name = text_in(body, "name");
    if (!language || !name) {
        return reply->fail(!language ? language.error() : name.error());
    }
    const auto drafts = removal_drafts(parts_.facts, *language, *name, node_.now().wall);
    const auto write = drafts ? parts_.facts.put_all(*drafts, node_.now()) : drafts.error();
    if (!write) {
        return reply->fail(write.error());
    }
    when_written(*write, reply, [reply, language = *language, name = *name] {
        reply->reply(dump({{"removed", {{"language", language}, {"name", name}}}}));
    });
}

}  // namespace ambit::node

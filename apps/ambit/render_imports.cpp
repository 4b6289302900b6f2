#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"

namespace ambit::cli {
namespace {

std::string counted(const Json& object, const char* key, std::string_view one) {
    const auto count = static_cast<std::int64_t>(number_of(object, key));
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace

std::string languages_text(const Json& answer, const Look& /*look*/) {
    std::string out;
    for (const Json& language : list_of(answer, "languages")) {
        out += fmt::format("{:<6} {}{}\n", text_of(language, "language"),
                           flag_of(language, "built_in") ? "built in" : "not built in",
                           flag_of(language, "understood") ? ", understood" : "");
        for (const Json& import : list_of(language, "imports")) {
            out += fmt::format("       {}: {}, {:.0f} kB, imported at {}\n", text_of(import, "name"),
                               counted(import, "files", "file"), number_of(import, "bytes") / 1000,
                               text_of(import, "device"));
        }
    }
    return out;
}

std::string imported_text(const Json& answer, const Look& /*look*/) {
    std::string out;
    for (const Json& warning : list_of(answer, "left_out")) {
        const int line = static_cast<int>(number_of(warning, "line"));
        out += fmt::format("left out: {}{}: {}\n", text_of(warning, "file"),
                           line > 0 ? fmt::format(":{}", line) : "", error_of(warning).message());
    }
    const auto more =
        number_of(answer, "left_out_count") - static_cast<double>(list_of(answer, "left_out").size());
    if (more > 0) {
        out += fmt::format("... and {:.0f} more\n", more);
    }
    out += fmt::format(
        "{} of {} from {} as '{}'{}\n", counted(answer, "sentences", "sentence"), text_of(answer, "language"),
        counted(answer, "files", "file"), text_of(answer, "name"),
        flag_of(answer, "dry_run") ? ": could be imported" : ": understood in a moment, on every device");
    return out;
}

std::string import_removed_text(const Json& answer, const Look& /*look*/) {
    const Json removed = object_of(answer, "removed");
    return fmt::format("removed '{}' of {}\n", text_of(removed, "name"), text_of(removed, "language"));
}

}  // namespace ambit::cli

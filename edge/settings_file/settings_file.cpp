#include "settings_file/settings_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <toml++/toml.h>
#include <unistd.h>

namespace ambit::settings {
namespace {

constexpr std::size_t kFileBytesMax = 256U << 10U;
constexpr std::size_t kProblemsMax = 32;

Error broken(const std::string& path, const std::string& what) {
    return {ErrorCode::SettingsBroken, path + ": " + what};
}

Result<std::string> read_text(const std::string& path) {
    std::error_code missing;
    if (!std::filesystem::exists(path, missing)) {
        return std::string();
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(kFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open()) {
        return broken(path, std::strerror(errno));
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kFileBytesMax) {
        return broken(path, "longer than " + std::to_string(kFileBytesMax) + " bytes");
    }
    return text;
}

Result<toml::table> parse(const std::string& text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        return broken(path, "line " + std::to_string(error.source().begin.line) + ": " +
                                std::string(error.description()));
    }
}

Result<Value> value_of(const toml::node& node, std::string_view name) {
    Value value;
    if (const auto* text = node.as_string()) {
        value = text->get();
    } else if (const auto* flag = node.as_boolean()) {
        value = flag->get();
    } else if (const auto* number = node.as_integer()) {
        value = number->get();
    } else if (const auto* array = node.as_array()) {
        List& list = value.emplace<List>();
        for (const toml::node& item : *array) {
            if (!item.is_string()) {
                return Error{ErrorCode::BadSetting, std::string(name) + " is a list of texts"};
            }
            list.push_back(item.as_string()->get());
        }
    } else {
        return Error{ErrorCode::BadSetting, std::string(name) + " is neither text, flag, number nor list"};
    }
    return value;
}

// Every setting is "section.name": one level of tables.
void read_section(const std::string& section, const toml::table& table, Loaded& out) {
    for (const auto& [key, node] : table) {
        const std::string name = section + "." + std::string(key.str());
        auto value = value_of(node, name);
        const Result<void> applied =
            value ? set(out.settings, name, std::move(value).value()) : Result<void>(value.error());
        if (!applied && out.problems.size() < kProblemsMax) {
            Error problem = applied.error();
            problem.detail = "line " + std::to_string(node.source().begin.line) + ": " + problem.detail;
            out.problems.push_back(std::move(problem));
        }
    }
}

std::string toml_text(const Value& value) {
    std::ostringstream out;
    std::visit(
        [&out](const auto& held) {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, List>) {
                toml::array array;
                for (const std::string& item : held) {
                    array.push_back(item);
                }
                out << toml::toml_formatter(array);
            } else {
                out << toml::toml_formatter(toml::value(held));
            }
        },
        value);
    return out.str();
}

// The offset of a 1-based line and column (counted in bytes for ASCII, in code points otherwise).
std::size_t offset_of(std::string_view text, toml::source_position at) {
    std::size_t offset = 0;
    for (toml::source_index line = 1; line < at.line && offset < text.size(); ++line) {
        offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
    }
    for (toml::source_index column = 1; column < at.column && offset < text.size(); ++column) {
        do {
            ++offset;
        } while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U);
    }
    return offset;
}

// `text` with section.key set to `value`, touching nothing else.
std::string with_value(std::string text,
                       const toml::table& table,
                       std::string_view name,
                       const Value& value) {
    const std::string section(name.substr(0, name.find('.')));
    const std::string key(name.substr(name.find('.') + 1));
    const toml::table* found = table[section].as_table();
    if (const toml::node* old = found != nullptr ? found->get(key) : nullptr) {
        const std::size_t begin = offset_of(text, old->source().begin);
        const std::size_t end = offset_of(text, old->source().end);
        return text.replace(begin, end - begin, toml_text(value));
    }
    const std::string line = key + " = " + toml_text(value) + "\n";
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    if (found != nullptr) {
        const std::size_t header = offset_of(text, found->source().begin);
        return text.insert(std::min(text.find('\n', header), text.size() - 1) + 1, line);
    }
    return text + (text.empty() ? "" : "\n") + "[" + section + "]\n" + line;
}

Result<void> write_atomically(const std::string& path, std::string_view text) {
    const std::string draft = path + ".new";
    const auto fails = [&] { return broken(path, std::string("cannot write: ") + std::strerror(errno)); };
    const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fails();
    }
    bool ok = true;
    while (ok && !text.empty()) {
        const ssize_t wrote = write(fd, text.data(), text.size());
        ok = wrote > 0 || (wrote < 0 && errno == EINTR);
        text.remove_prefix(wrote > 0 ? static_cast<std::size_t>(wrote) : 0);
    }
    ok = fsync(fd) == 0 && ok;
    ok = close(fd) == 0 && ok;
    if (!ok || rename(draft.c_str(), path.c_str()) != 0) {
        const auto error = fails();
        unlink(draft.c_str());
        return error;
    }
    return {};
}

}  // namespace

Result<Loaded> load(const std::string& path) {
    AMBIT_TRY_ASSIGN(const std::string text, read_text(path));
    AMBIT_TRY_ASSIGN(const toml::table table, parse(text, path));
    Loaded out;
    for (const auto& [key, node] : table) {
        const std::string section(key.str());
        if (const toml::table* inner = node.as_table()) {
            read_section(section, *inner, out);
        } else if (out.problems.size() < kProblemsMax) {
            out.problems.push_back(find(section).error());
        }
    }
    return out;
}

Result<void> store(const std::string& path, std::string_view name, const Value& value) {
    Settings check;
    AMBIT_TRY(set(check, name, value));
    AMBIT_TRY_ASSIGN(const std::string text, read_text(path));
    AMBIT_TRY_ASSIGN(const toml::table table, parse(text, path));
    const std::string changed = with_value(text, table, name, value);
    // An unusual layout (dotted keys, inline tables) may not survive such an edit: check before writing.
    const auto again = parse(changed, path);
    const auto node = again ? again->at_path(name) : toml::node_view<const toml::node>();
    const auto kept =
        node ? value_of(*node.node(), name) : Result<Value>(Error{ErrorCode::SettingsBroken, ""});
    if (!kept || *kept != value) {
        return broken(path, "cannot change " + std::string(name) + " in this layout; edit it by hand");
    }
    return write_atomically(path, changed);
}

}  // namespace ambit::settings

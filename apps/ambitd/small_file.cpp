#include "ambitd/small_file.h"

#include <algorithm>
#include <fstream>

namespace ambit::daemon {
namespace {

constexpr std::size_t kSecretBytesMax = 16U << 10U;

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    std::string text(bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.eof() || text.size() > bytes_max) {
        return Error{ErrorCode::InvalidArgument, path.string() + ": can't be read, or is too long"};
    }
    return text;
}

Result<std::string> read_secret(const std::filesystem::path& path) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    AMBIT_TRY_ASSIGN(std::string text, read_file(path, kSecretBytesMax));
    text.resize(std::min(text.size(), text.find_first_of("\r\n")));
    return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace ambit::daemon

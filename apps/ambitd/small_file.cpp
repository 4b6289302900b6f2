#include "ambitd/small_file.h"

#include <fstream>
#include <sstream>

namespace ambit::daemon {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().size() > bytes_max) {
        return Error{ErrorCode::InvalidArgument, path.string() + ": can't be read, or is too long"};
    }
    return text.str();
}

}  // namespace ambit::daemon

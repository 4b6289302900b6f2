// Small files that settings name: a token, a certificate, a model.
//
// Ownership: values.  Threads: any.  Failure: InvalidArgument, with the path.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace ambit::daemon {

// The whole of it; InvalidArgument if it can't be read or has more than `bytes_max` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);
// A password or token: the first line, without its end and without the mark that some editors put before it.
Result<std::string> read_secret(const std::filesystem::path& path);

}  // namespace ambit::daemon

// Fuzzes the reading of a settings file: any text is settings with problems, or an error.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "settings_file/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    char path[] = "/tmp/ambit-settings-fuzz-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) {
        std::abort();
    }
    close(fd);
    static_cast<void>(ambit::settings::load(path).has_value());
    unlink(path);
    return 0;
}

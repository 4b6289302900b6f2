// Any text as a template.
#include "language/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(ambit::language::parse_template({reinterpret_cast<const char*>(data), size}));
    return 0;
}

// Any text: parses to an audience that prints and parses to itself, or is refused.
#include "base/check.h"
#include "privacy/audience.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto audience = ambit::privacy::Audience::parse(ambit::to_text({data, size}));
    if (audience) {
        AMBIT_CHECK(ambit::privacy::Audience::parse(audience->to_string()).value() == *audience);
    }
    return 0;
}

// A person's list of sentences.
#include "language/conversation_testing.h"
#include "language/expectations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::language;
    static const Home home = talking_home();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const Expectation& expected : parse_expectations("fuzz", text).expectations) {
        if (const auto understood = understand(talking_grammar(), home, expected.words, {})) {
            static_cast<void>(difference(expected, *understood, home));
        }
    }
    return 0;
}

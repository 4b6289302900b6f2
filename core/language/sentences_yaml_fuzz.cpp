// Any text as a sentence file: warnings, never a crash or a hang.
#include "language/language.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::language;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const Grammar grammar = Grammar::compile("en", {{"fuzz.yaml", text, false}});
    Lists lists;
    lists.set("name", {{"kitchen light", "Kitchen Light", {{"domain", "light"}}}});
    static_cast<void>(grammar.recognise("turn on the kitchen light", lists));
    return 0;
}

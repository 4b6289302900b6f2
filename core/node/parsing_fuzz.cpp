// Any bytes as what another device read, and as words that may be a correction.
#include "base/check.h"
#include "language/corrections.h"
#include "node/parsing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ambit::node::Parsed parsed = ambit::node::decode_parsed(text);
    AMBIT_CHECK(parsed.words.size() <= ambit::node::kParsedBytesMax && parsed.confidence >= 0 &&
                parsed.confidence <= 1);
    static_cast<void>(ambit::node::decode_parsed(ambit::node::encode_parsed(parsed)));
    for (const char* language : {"en", "de", "fr", "es", "zh"}) {
        static_cast<void>(ambit::language::corrected_to(text, language));
    }
    return 0;
}

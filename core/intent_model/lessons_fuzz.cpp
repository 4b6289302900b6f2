// Any text as stored lessons, as example sentences and as an utterance.
#include "intent_model/adaptation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lessons = ambit::intent_model::parse_lessons(text);
    if (lessons) {
        static_cast<void>(ambit::intent_model::lessons_json(*lessons));
    }
    static_cast<void>(ambit::intent_model::parse_examples(text));
    for (const ambit::intent_model::Token& token : ambit::intent_model::tokens_of(text)) {
        if (token.begin >= token.end || token.end > size) {
            __builtin_trap();
        }
    }
    return 0;
}

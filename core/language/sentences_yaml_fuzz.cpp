// Any text as a sentence file, in either layout, and as the catalogue: warnings, never a crash or a hang.
#include "language/language.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::language;
    const std::string text(reinterpret_cast<const char*>(data), size);
    Lists lists;
    lists.set("name", {{"kitchen light", "Kitchen Light", {{"domain", "light"}}}});
    const std::string by_combination = "data: [{sentences: ['turn on {name}'], name_domains: default}]";
    for (const std::vector<SourceFile>& files :
         {std::vector<SourceFile>{{"fuzz.yaml", text, false}},
          std::vector<SourceFile>{{"Turn/name.yaml", text, false}, {"mine.yaml", text, true}},
          std::vector<SourceFile>{{"intents.yaml", text, false},
                                  {"Turn/name.yaml", by_combination, false}}}) {
        const Grammar grammar = Grammar::compile("en", files);
        static_cast<void>(grammar.recognise("turn on the kitchen light", lists));
    }
    return 0;
}

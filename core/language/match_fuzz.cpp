// A template (first line) against an utterance (the rest), and the rest as words for the built-in sentences.
#include "language/understand.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::language;
    static const Grammar built_in = Grammar::compile("en", built_in_sentences("en"));
    static const Home home({{"mqtt:home/k", "Kitchen Light", "Kitchen", "light", {}, {"light.set"}}});
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::string words = text.substr(std::min(line_end + 1, text.size()));
    std::string quoted;
    for (const char c : text.substr(0, line_end)) {
        quoted += c == '\'' ? "''" : std::string(1, c);
    }
    const Grammar own = Grammar::compile(
        "en",
        {{"fuzz.yaml",
          "lists: {any: {wildcard: true}}\nintents: {T: {data: [{sentences: ['" + quoted + "']}]}}", false}});
    static_cast<void>(own.recognise(words, home.lists()));
    static_cast<void>(understand(built_in, home, words, {"Kitchen"}));
    return 0;
}

// A template (first line) against an utterance (the rest), and the rest as words for the built-in sentences.
#include "language/understand.h"

namespace {

constexpr std::string_view kFrame = R"(
skip_words: [please, "could you"]
lists:
  any: {wildcard: true}
  level: {range: {from: 0, to: 100, fractions: halves}}
  colour: {values: [red, {in: "(navy|dark) blue", out: blue, context: {kind: dark}}, {in: "deep {colour}"}]}
expansion_rules: {the: "[(the|my) ]", put: "<the>{any} (at|to) {level}"}
intents: {T: {data: [{sentences: ['TEMPLATE'], requires_context: {kind: {value: [dark, light], slot: true}}},
                     {sentences: ['TEMPLATE']}]}}
)";

}  // namespace

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
    std::string yaml(kFrame);
    for (std::size_t at = 0; (at = yaml.find("TEMPLATE", at)) != std::string::npos; at += quoted.size()) {
        yaml.replace(at, std::string_view("TEMPLATE").size(), quoted);
    }
    for (const char* settings : {"", "settings: {ignore_whitespace: true, filter_with_regex: false}"}) {
        const Grammar own = Grammar::compile("en", {{"fuzz.yaml", settings + yaml, false}});
        static_cast<void>(own.recognise(words, home.lists()));
        static_cast<void>(own.near_misses(words, home.lists()));
    }
    static_cast<void>(understand(built_in, home, words, {"Kitchen"}));
    return 0;
}

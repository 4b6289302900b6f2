// The first line is a name and an alias in the home, the rest is what is said.
#include "retrieval/retrieval.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::string name = text.substr(0, line_end);
    const language::Home home(
        {{"h/a", name, "Kitchen", "light", {name.substr(name.size() / 2)}, {"light.set"}},
         {"h/b", "Kitchen Light", name, "cover", {}, {"cover.set"}}},
        {{{name, "upstairs"}}, {"timer.start"}});
    const auto found = retrieval::Index(home).find(text.substr(std::min(line_end + 1, text.size())), name);
    if (found.entities.size() > retrieval::kEntitiesMax) {
        __builtin_trap();
    }
    return 0;
}

// A conversation: each line is said in turn; the first two are also taught as a lesson.
#include "language/conversation_testing.h"
#include "language/lessons.h"
#include "language/talk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    using namespace ambit::language;
    static const Home home = talking_home();
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> lines;
    while (!rest.empty() && lines.size() < 8) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(rest.size(), end + 1));
    }
    if (lines.empty()) {
        return 0;
    }
    Talk talk;
    const Lesson taught{"1", lines.front(), lines.back()};
    const Lessons lessons({taught, {"2", "movie time", "turn on the lamp"}}, talking_grammar().skip_words());
    // One lesson, however odd, spoils no other.
    if (!lessons.apply("movie time", home)) {
        __builtin_trap();
    }
    MonoTime now{seconds(1)};
    for (const std::string& line : lines) {
        const auto lesson = lessons.apply(line, home);
        const auto understood = understand(talking_grammar(), home, lesson ? lesson->means : line,
                                           {.area = "Hall", .talk = &talk});
        now += milliseconds(1);
        if (understood) {
            for (const Command& command : understood->commands) {
                static_cast<void>(made_absolute(command, line));
            }
            talk.remember(*understood, now);
        }
    }
    return 0;
}

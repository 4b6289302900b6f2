// A value template (first line) on a payload (the rest).
#include "mqtt/value_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const auto made = ambit::mqtt::ValueTemplate::parse(text.substr(0, line_end));
    if (made) {
        static_cast<void>(made->render(
            ambit::mqtt::Payload(std::string_view(text).substr(std::min(line_end + 1, text.size())))));
    }
    return 0;
}

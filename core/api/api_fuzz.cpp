// Fuzzes check_json: what passes it must parse and print without throwing.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = ambit::to_text({data, size});
    if (ambit::api::check_json(text)) {
        const auto value = nlohmann::json::parse(text);
        if (nlohmann::json::parse(value.dump()) != value) {
            std::abort();
        }
    }
    return 0;
}

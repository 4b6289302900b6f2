#include <nlohmann/json.hpp>

#include "wyoming/wyoming.h"

namespace ambit::wyoming {

std::string info_json(const std::string& version, const std::vector<std::string>& languages) {
    using nlohmann::json;
    const auto artifact = [&](const std::string& name, const std::string& description) {
        return json{{"name", name},
                    {"description", description},
                    {"version", version},
                    {"installed", true},
                    {"attribution", {{"name", "Ambit"}, {"url", ""}}}};
    };
    json model = artifact("household", "Understands and carries out what is said at home");
    model["languages"] = languages;
    json program = artifact("ambit", "Ambit, the household AI");
    program["models"] = json::array({model});
    program["supports_handled_streaming"] = false;
    program["supports_home_control"] = true;
    const json none = json::array();
    return json{{"asr", none},    {"tts", none},  {"handle", json::array({program})},
                {"intent", none}, {"wake", none}, {"mic", none},
                {"snd", none}}
        .dump();
}

}  // namespace ambit::wyoming

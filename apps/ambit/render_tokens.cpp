#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"

namespace ambit::cli {

std::string token_made_text(const Json& answer, const Look& look) {
    const Json token = object_of(answer, "token");
    const std::string page = text_of(answer, "page");
    std::string out = fmt::format("Token \"{}\" for {}, shown this once:\n\n  {}\n\n", text_of(token, "name"),
                                  text_of(token, "audience"), bold(look, text_of(answer, "secret")));
    if (page.empty()) {
        return out +
               "Nothing listens for it yet:  ambit config set http.enabled on,  then  ambit down  and  ambit "
               "up\n";
    }
    out += "Page:  " + page + "\n";
    if (look.terminal) {
        out += qr_picture(page);
    }
    return out +
           fmt::format(
               "Try:   curl -H \"Authorization: Bearer TOKEN\" {}facts\nEnd:   ambit token revoke \"{}\"\n",
               text_of(answer, "api"), text_of(token, "name"));
}

std::string tokens_text(const Json& answer, const Look& look) {
    const auto all = list_of(answer, "tokens");
    if (all.empty()) {
        return "No tokens: only the devices of the household are let in.\n";
    }
    Table table({"TOKEN", "SEES", "MADE", "LAST USED", "FROM"});
    for (const Json& token : all) {
        const bool used = token.contains("used");
        table.add({text_of(token, "name"), text_of(token, "audience"),
                   clock_text(look, time_of(token, "made")),
                   used ? clock_text(look, time_of(token, "used")) : "never",
                   used ? text_of(token, "used_from") : "-"});
    }
    return table.text(look);
}

}  // namespace ambit::cli

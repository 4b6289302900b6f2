// One release rule, and what one would tell, in plain words.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

// "state: asleep, resting or active", "comfort_c: 16 to 26", "leaves: a time"
std::string field_text(const Json& field) {
    const std::string name = text_of(field, "name") + ": ";
    if (flag_of(field, "time")) {
        return name + "a time";
    }
    const auto words = list_of(field, "one_of");
    if (words.empty()) {
        return name + fmt::format("{:g} to {:g}", number_of(field, "from"), number_of(field, "to"));
    }
    std::string out = name;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const char* between = i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        out += between + (words[i].is_string() ? for_terminal(words[i].get<std::string>()) : "");
    }
    return out;
}

std::string fields_text(const Json& answer) {
    std::string out;
    for (const Json& field : list_of(answer, "tells")) {
        out += (out.empty() ? "" : "; ") + field_text(field);
    }
    return out;
}

std::string recipient_text(const Json& answer) {
    const std::string to = text_of(answer, "recipient");
    const std::string readers = joined(answer, "readers", ", ");
    return readers.empty() ? to + ", which is no device now" : to + ", now: " + readers;
}

std::string line(const char* name, const std::string& text) {
    return text.empty() ? "" : "  " + padded(name, 9) + text + "\n";
}

}  // namespace

std::string rule_text(const Json& answer, const Look& look) {
    const Json rule = object_of(answer, "rule");
    std::string out = text_of(rule, "name") + "\n";
    out += line("Tells", fields_text(rule) + "; nothing else");
    out += line("From", text_of(rule, "source") + " of " + text_of(rule, "owner") + ", by " +
                            text_of(rule, "extractor"));
    out += line("To", recipient_text(rule));
    out += line("For", text_of(rule, "purpose"));
    out += line("Until", rule.contains("expires")
                             ? clock_text(look, time_of(rule, "expires"))
                             : "you revoke it:  ambit release revoke " + text_of(rule, "id").substr(0, 8));
    out += line("At most", fmt::format("{:g} times an hour; used {:.0f} times in all",
                                       number_of(rule, "rate_per_hour"), number_of(rule, "used")));
    return out;
}

std::string simulated_text(const Json& answer, const Look& look) {
    std::string out = "Would tell " + recipient_text(answer) + ".\n";
    if (!answer.contains("would_tell")) {
        out +=
            line("Now", "nothing: no device of yours has let this one know any " + text_of(answer, "source"));
    } else {
        const Json told = object_of(answer, "would_tell");
        std::string values;
        for (const auto& [name, value] : told.items()) {
            const std::string shown = value.is_string() ? value.get<std::string>()
                                      : value.is_null() ? "never"
                                                        : value.dump();
            values += (values.empty() ? "" : ", ") + name + ": " + shown;
        }
        out += line("Now", for_terminal(values) + ", so since " + clock_text(look, time_of(answer, "time")) +
                               " by " + text_of(answer, "observed_by"));
    }
    out += line("Ever", fields_text(answer) + "; nothing else");
    return out + "Nothing was sent.  Allow it:  ambit release grant " +
           text_of(answer, "extractor").substr(0, text_of(answer, "extractor").find('@')) + " --to " +
           text_of(answer, "recipient") + "\n";
}

}  // namespace ambit::cli

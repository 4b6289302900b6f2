#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

std::string owner_text(const Json& device) {
    const std::string owner = text_of(device, "owner");
    return owner.empty() ? "shared" : owner;
}

std::string link_text(const Json& device, const Look& look) {
    const std::string link = text_of(device, "link");
    if (device.contains("rtt_ms")) {
        return link + " " + duration_text(number_of(device, "rtt_ms"));
    }
    if (link == "away" && device.contains("since")) {
        return "away " + span_text(time_of(device, "since"), look.now);
    }
    return link;
}

std::string now_text(const Json& device) {
    std::string text = text_of(device, "now");
    if (device.contains("battery_pct")) {
        text += fmt::format("{}{:.0f} % battery", text.empty() ? "" : ", ", number_of(device, "battery_pct"));
    }
    return text.empty() ? "-" : text;
}

std::string counted(double count, std::string_view one, std::string_view many) {
    return count == 0 ? fmt::format("no {} yet", many)
                      : fmt::format("{:.0f} {}", count, count == 1 ? one : many);
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : text;
}

}  // namespace

std::string device_phrase(const Json& device) {
    const std::string owner = text_of(device, "owner");
    return fmt::format("{} ({}, {})", text_of(device, "name"), text_of(device, "kind"),
                       owner.empty() ? "shared" : owner + "'s");
}

std::string status_text(const Json& answer, const Look& look) {
    if (!answer.contains("household")) {
        return "Running, in no household yet.  Create one:  ambit up      Join one:  ambit join CODE\n";
    }
    const Json household = object_of(answer, "household");
    const Json links = object_of(answer, "links");
    std::string out = fmt::format(
        "{} in household \"{}\": {}, {}.\n", bold(look, device_phrase(object_of(answer, "device"))),
        text_of(household, "name"), counted(number_of(household, "devices"), "device", "devices"),
        counted(number_of(household, "people"), "person", "people"));
    const double others = number_of(links, "known");
    out += fmt::format("{} · {} · listens on {}\n",
                       others == 0
                           ? "Add others:  ambit pair"
                           : fmt::format("{:.0f} of {:.0f} others linked", number_of(links, "up"), others),
                       counted(number_of(answer, "entities"), "thing in the home", "things in the home"),
                       or_dash(text_of(answer, "listen")));
    if (number_of(answer, "entities") == 0) {
        out += "Connect your lights:  ambit help home\n";
    }
    if (const double pending = number_of(answer, "pending"); pending > 0) {
        out += yellow(look, fmt::format("{:.0f} waiting for a yes:  ambit pending\n", pending));
    }
    if (const double bad = number_of(object_of(answer, "health"), "bad"); bad > 0) {
        out += yellow(look, fmt::format("{:.0f} to look at:  ambit doctor\n", bad));
    }
    return out;
}

namespace {

// What the devices of a source offer: what of it is used, and what is not and why.
std::string survey_text(const Json& answer, const Look& look) {
    Table table({"DEVICE", "USED", "NOT USED"});
    std::size_t used = 0;
    std::size_t ignored = 0;
    for (const Json& device : list_of(answer, "devices")) {
        std::vector<std::string> things;
        for (const Json& thing : list_of(device, "used")) {
            things.push_back(thing.is_string() ? for_terminal(thing.get_ref<const std::string&>()) : "");
        }
        std::map<std::string, std::string> by_reason;
        for (const Json& left : list_of(device, "ignored")) {
            std::string& names = by_reason[text_of(left, "why")];
            names += (names.empty() ? "" : ", ") + text_of(left, "what");
            ++ignored;
        }
        used += things.size();
        std::vector<std::string> reasons;
        for (const auto& [why, names] : by_reason) {
            reasons.push_back(names + ": " + why);
        }
        for (std::size_t row = 0; row < std::max({things.size(), reasons.size(), std::size_t{1}}); ++row) {
            table.add({row == 0 ? text_of(device, "from") : "", row < things.size() ? things[row] : "",
                       row < reasons.size() ? reasons[row] : ""});
        }
    }
    return fmt::format("{} devices: {} things are used, {} are not\n", list_of(answer, "devices").size(),
                       used, ignored) +
           table.text(look);
}

}  // namespace

std::string doctor_text(const Json& answer, const Look& look) {
    Table bad({});
    std::string good;
    for (const Json& item : list_of(answer, "items")) {
        if (flag_of(item, "ok")) {
            good += (good.empty() ? "" : "  ") + green(look, "✓") + " " + text_of(item, "key");
            continue;
        }
        std::string text = text_of(item, "text");
        const double number = number_of(object_of(item, "error"), "number");
        if (number > 0) {
            text += fmt::format(" (E{:.0f})", number);
        }
        const std::string next = text_of(item, "next_step");
        bad.add({yellow(look, "!") + " " + text_of(item, "key"), text});
        if (!next.empty()) {
            bad.add({"", "Next: " + next});
        }
    }
    std::string out = bad.text(look) + (good.empty() ? "" : good + "\n");
    return answer.contains("devices") ? out + survey_text(answer, look) : out;
}

std::string created_text(const Json& answer, const Look& look) {
    const Json device = object_of(answer, "device");
    std::string out =
        fmt::format("Household \"{}\" created on this device ({}).  Add the others:  ambit pair\n",
                    text_of(object_of(answer, "household"), "name"), text_of(device, "name"));
    if (list_of(answer, "recovery_words").empty()) {
        return out;
    }
    return out + "\n" + recovery_words_text(answer, look);
}

std::string recovery_words_text(const Json& answer, const Look& look) {
    std::string out = bold(look, "Write these recovery words down, on paper.") +
                      "  They are shown this once, and are the only way back\nif every admin's device is lost"
                      " (ambit recover).  Whoever has them owns the household.\n\n";
    const auto words = list_of(answer, "recovery_words");
    constexpr std::size_t kPerLine = 6;
    Table table({});
    std::vector<std::string> row;
    for (std::size_t i = 0; i < words.size(); ++i) {
        row.push_back(fmt::format("{:2} {}", i + 1, for_terminal(words[i].get<std::string>())));
        if (row.size() == kPerLine || i + 1 == words.size()) {
            table.add(std::exchange(row, {}));
        }
    }
    out += table.text(look);
    if (look.terminal && answer.contains("recovery_qr")) {
        out += "\n" + qr_picture(text_of(answer, "recovery_qr"));
    }
    return out;
}

std::string devices_text(const Json& answer, const Look& look) {
    const auto devices = list_of(answer, "devices");
    // Versions matter to people only when they differ.
    const bool differ = std::any_of(devices.begin(), devices.end(), [&](const Json& device) {
        return device.contains("version") &&
               text_of(device, "version") != text_of(devices.front(), "version");
    });
    std::vector<std::string> heading = {"DEVICE", "KIND", "OF", "LINK", "NOW", "DOES"};
    if (differ) {
        heading.insert(heading.end() - 1, "VERSION");
    }
    Table table(heading);
    for (const Json& device : devices) {
        std::vector<std::string> row = {text_of(device, "name"), text_of(device, "kind"),
                                        owner_text(device),      link_text(device, look),
                                        now_text(device),        or_dash(joined(device, "does", ", "))};
        if (differ) {
            row.insert(row.end() - 1, or_dash(text_of(device, "version")));
        }
        table.add(std::move(row));
    }
    return table.text(look);
}

std::string people_text(const Json& answer, const Look& look) {
    Table table({"PERSON", "ROLE", "DEVICES", "UNTIL"});
    for (const Json& person : list_of(answer, "people")) {
        const std::string until =
            person.contains("expires") ? clock_text(look, time_of(person, "expires")) : "-";
        table.add({text_of(person, "name") + (flag_of(person, "here") ? " (here)" : ""),
                   text_of(person, "role"), or_dash(joined(person, "devices", ", ")), until});
    }
    return list_of(answer, "people").empty()
               ? "No people yet.  Add one with their first device:  ambit pair --new-person NAME\n"
               : table.text(look);
}

std::string bridges_text(const Json& answer, const Look& look) {
    Table table({"SOURCE", "ACTS", "STANDS BY"});
    for (const Json& bridge : list_of(answer, "bridges")) {
        const std::string acting = text_of(bridge, "acting");
        std::string others;
        for (const Json& device : list_of(bridge, "devices")) {
            const std::string name = device.is_string() ? for_terminal(device.get<std::string>()) : "";
            if (name != acting) {
                others += (others.empty() ? "" : ", ") + name;
            }
        }
        table.add({text_of(bridge, "source"), or_dash(acting), or_dash(others)});
    }
    return list_of(answer, "bridges").empty()
               ? "No bridges yet.  Name who acts for a source:  ambit devices bridge mqtt:home hub speaker\n"
               : table.text(look);
}

std::string config_text(const Json& answer, const Look& look) {
    Table table({"SETTING", "VALUE", "WHAT IT IS"});
    for (const Json& setting : list_of(answer, "settings")) {
        const Json value = setting.value("value", Json());
        const std::string text = value.is_boolean() ? (value.get<bool>() ? "on" : "off")
                                 : value.is_array() ? joined(setting, "value", ",")
                                                    : text_of(setting, "value");
        const bool changed = value != setting.value("default", Json());
        table.add({text_of(setting, "name"), changed ? bold(look, text) : or_dash(text),
                   text_of(setting, "sentence")});
    }
    std::string out = table.text(look) + "\nFile: " + text_of(answer, "file") + "\n";
    for (const Json& problem : list_of(answer, "problems")) {
        out += yellow(look, "! ") + error_of(problem).message() + "\n";
    }
    return out;
}

}  // namespace ambit::cli

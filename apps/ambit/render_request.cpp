#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

// "understood here in 0.2 ms · done by hub in 11 ms"
std::string how(const Json& answer, const Json& whole, bool first) {
    std::string out;
    if (first && whole.contains("understood_ms")) {
        const std::string by = text_of(whole, "understood_by");
        out = fmt::format("understood {} in {}", by.empty() || flag_of(whole, "here") ? "here" : "by " + by,
                          duration_text(number_of(whole, "understood_ms")));
    }
    if (answer.contains("done_by")) {
        const bool acted = answer.contains("capability");
        out += fmt::format("{}{} by {}", out.empty() ? "" : " · ", acted ? "done" : "answered",
                           text_of(answer, "done_by"));
        if (answer.contains("done_ms")) {
            out += " in " + duration_text(number_of(answer, "done_ms"));
        }
    }
    return out.empty() ? "" : "(" + out + ")";
}

std::string mark(const Json& answer, const Look& look) {
    const std::string outcome = text_of(answer, "outcome");
    if (outcome == "done") {
        return green(look, "✓");
    }
    return outcome == "pending"   ? yellow(look, "…")
           : outcome == "unknown" ? yellow(look, "?")
                                  : red(look, "✗");
}

std::string needs_yes(const Json& answer) {
    std::string out = "This needs a yes on one of your own devices";
    if (const std::string devices = joined(answer, "confirm_on", " and "); !devices.empty()) {
        out += ": sent to " + devices;
    }
    out += ".";
    if (answer.contains("expires_s")) {
        out += fmt::format("  (waits {:.0f} s)", number_of(answer, "expires_s"));
    }
    return out;
}

std::string answer_line(const Json& answer) {
    const std::string outcome = text_of(answer, "outcome");
    if (outcome == "pending") {
        return needs_yes(answer);
    }
    std::string text = text_of(answer, "text");
    if (text.empty()) {
        text = text_of(answer, "entity_name");
    }
    if (!answer.contains("error")) {
        return text;
    }
    // What the error adds to what was said: not the same words twice.
    const Error error = error_of(answer);
    const ErrorEntry& row = describe(error.code);
    text += text.ends_with('.') || text.ends_with('?') ? "  " : ".  ";
    if (error.detail.empty() || text.find(error.detail) == std::string::npos) {
        std::string reason(row.text);
        if (!reason.empty()) {
            reason.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(reason.front())));
        }
        text += reason + (error.detail.empty() ? "" : ": " + error.detail) + ".  ";
    }
    return text + std::string(row.next_step) + fmt::format("  (E{})", static_cast<int>(error.code));
}

}  // namespace

std::string answers_text(const Json& answer, const Look& look) {
    constexpr std::size_t kHowColumn = 41;
    if (!flag_of(answer, "understood")) {
        const std::string why = answer.contains("error")
                                    ? error_of(answer).message()
                                    : "Nobody here understands that yet.  Examples:  ambit help ask";
        return red(look, "✗") + " " + why + "\n" + explanation_text(object_of(answer, "explanation"), look);
    }
    const std::string note = text_of(answer, "note");
    std::string out = note.empty() ? "" : note + "\n";
    bool first = true;
    for (const Json& item : list_of(answer, "answers")) {
        const std::string line = mark(item, look) + " " + answer_line(item);
        // Who took how long is for what went well; beside an error or a question it would only be in the way.
        const std::string details = flag_of(item, "ok") ? how(item, answer, first) : "";
        out += details.empty() ? line : padded(line, kHowColumn - 2) + "  " + dim(look, details);
        out += "\n";
        first = false;
    }
    return out + explanation_text(object_of(answer, "explanation"), look);
}

std::string plan_text(const Json& answer, const Look& look) {
    Table table({});
    for (const Json& row : list_of(answer, "rows")) {
        const std::string rung = text_of(row, "rung");
        const std::string reason = flag_of(row, "chosen") ? green(look, "chosen") : text_of(row, "reason");
        table.add({"  " + text_of(row, "device"), rung.empty() ? "-" : rung,
                   row.contains("latency_ms") ? duration_text(number_of(row, "latency_ms")) : "-",
                   row.contains("energy_j") ? fmt::format("{:.1f} J", number_of(row, "energy_j")) : "-",
                   reason});
    }
    std::string out = table.text(look);
    if (answer.contains("error")) {
        out += red(look, "✗") + " " + error_of(answer).message() + "\n";
    }
    return out.empty() ? "No device can do that.\n" : out;
}

namespace {

// Who did or told it, and by what right.
std::string told_text(const Json& entry, bool is_effect, const std::string& time) {
    constexpr std::string_view agent = "agent ";
    std::string told;
    const auto add = [&told](const std::string& text) { told += (told.empty() ? "" : ", ") + text; };
    if (const std::string by = text_of(entry, "by"); !by.empty()) {
        add((flag_of(entry, "learned") ? "learned by " : is_effect ? "done by " : "on ") + by);
    }
    if (const std::string by = text_of(entry, "told_by"); !by.empty()) {
        add("told by " + by + (!is_effect && !time.empty() ? " at " + time : ""));
    }
    if (const std::string rule = text_of(entry, "rule"); rule.starts_with(agent)) {
        add("for the agent " + rule.substr(agent.size()));
    } else if (!rule.empty()) {
        add(rule == "command" ? "at your word" : "under the rule \"" + rule + "\"");
    }
    return told;
}

}  // namespace

std::string why_text(const Json& answer, const Look& look) {
    std::string out;
    bool by_agent = false;
    for (const Json& entry : list_of(answer, "chain")) {
        const auto depth = static_cast<std::size_t>(std::clamp(number_of(entry, "depth"), 0.0, 8.0));
        const std::string time = entry.contains("time") ? clock_text(look, time_of(entry, "time")) : "";
        std::string line = depth == 0 ? padded(time, 5) + "  " : std::string(3 * depth, ' ') + "because  ";
        if (entry.contains("leaves")) {
            line += "next departure " + clock_text(look, time_of(entry, "leaves")) + ", ";
        }
        line += text_of(entry, "what");
        if (entry.contains("until")) {
            line += ", until " + clock_text(look, time_of(entry, "until"));
        }
        by_agent = by_agent || (depth == 0 && text_of(entry, "rule").starts_with("agent "));
        const std::string told = told_text(entry, depth == 0, time);
        constexpr std::size_t kToldColumn = 48;
        out += (told.empty() ? line : padded(line, kToldColumn - 2) + "  " + dim(look, told)) + "\n";
    }
    for (const Json& text : list_of(answer, "withheld")) {
        out += "   " + (text.is_string() ? for_terminal(text.get<std::string>()) : "") + "\n";
    }
    if (const std::string id = text_of(answer, "request_id"); by_agent && !id.empty()) {
        out += "   Take it back:  ambit undo " + id.substr(0, 8) + "\n";
    }
    return out;
}

std::string pending_text(const Json& answer, const Look& look) {
    Table table({"ID", "WHAT", "ASKED AT", "FOR", "EXPIRES IN", ""});
    const auto items = list_of(answer, "pending");
    for (const Json& item : items) {
        const std::string id = text_of(item, "id");
        const std::string person = text_of(item, "for");
        table.add({id, text_of(item, "text"), text_of(item, "asked_by"), person.empty() ? "anybody" : person,
                   span_text(look.now, time_of(item, "expires")),
                   flag_of(item, "here") ? "ambit confirm " + id
                                         : "answer it on a device of " + text_of(item, "for")});
    }
    return items.empty() ? "Nothing waits for a yes.\n" : table.text(look);
}

std::string confirmed_text(const Json& answer, const Look& look) {
    const std::string what = text_of(answer, "text");
    return flag_of(answer, "yes") ? green(look, "✓") + " Confirmed: " + what + ".\n"
                                  : red(look, "✗") + " Refused, so it is not done: " + what + ".\n";
}

}  // namespace ambit::cli

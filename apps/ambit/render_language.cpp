#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"

namespace ambit::cli {
namespace {

std::string slots_text(const Json& reading) {
    std::string out;
    for (const Json& slot : list_of(reading, "slots")) {
        const std::string said = text_of(slot, "said");
        const std::string value = text_of(slot, "value");
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", text_of(slot, "name"), value);
        if (!said.empty() && said != value) {
            out += fmt::format(" (\"{}\")", said);
        }
    }
    return out;
}

std::string lesson_line(const Json& lesson) {
    return fmt::format("\"{}\" means \"{}\"", text_of(lesson, "say"), text_of(lesson, "as"));
}

// What the next rung was asked for and said: "T1  iot_hue_lightoff (0.99): turn off the lights".
std::string guess_text(const Json& guess, const Look& look) {
    const std::string as = text_of(guess, "as");
    const std::string doubt = text_of(guess, "doubt");
    std::string out = fmt::format("  {:<7}  {} {:.2f}, {}\n", text_of(guess, "rung"), text_of(guess, "label"),
                                  number_of(guess, "confidence"),
                                  !as.empty()              ? "as in \"" + as + "\""
                                  : !doubt.empty()         ? "but " + doubt
                                  : flag_of(guess, "sure") ? "which says nothing more"
                                                           : "not sure");
    if (const std::string lesson = text_of(guess, "lesson"); !lesson.empty()) {
        out += fmt::format("           by lesson {}  {}\n", lesson.substr(0, 6),
                           dim(look, "ambit language lessons"));
    }
    std::string next;
    for (const Json& one : list_of(guess, "next_best")) {
        next += fmt::format("{}{} {:.2f}", next.empty() ? "" : ", ", text_of(one, "label"),
                            number_of(one, "confidence"));
    }
    return out + (next.empty() ? "" : "           " + dim(look, "then " + next) + "\n");
}

}  // namespace

std::string explanation_text(const Json& explanation, const Look& look) {
    std::string out;
    if (const Json lesson = object_of(explanation, "lesson"); !lesson.empty()) {
        out += fmt::format("  lesson   {}  ({}, custom)\n", lesson_line(lesson), text_of(lesson, "id"));
    }
    for (const Json& reading : list_of(explanation, "readings")) {
        out += fmt::format("  {:<7}  {}{}\n", text_of(reading, "rung"), text_of(reading, "intent"),
                           flag_of(reading, "custom") ? "  (custom)" : "");
        if (const std::string text = text_of(reading, "template"); !text.empty()) {
            out += fmt::format(
                "           {}  {}\n", text,
                dim(look, fmt::format("{}:{:.0f}", text_of(reading, "file"), number_of(reading, "line"))));
        }
        if (const std::string slots = slots_text(reading); !slots.empty()) {
            out += "           " + slots + "\n";
        }
    }
    for (const Json& found : list_of(explanation, "found")) {
        const std::string said = text_of(found, "said");
        out += fmt::format(
            "  found    {}  {}\n", text_of(found, "name"),
            dim(look, fmt::format("by {}{}, {}", text_of(found, "how"),
                                  said.empty() ? "" : " \"" + said + "\"", text_of(found, "entity"))));
    }
    if (const Json guess = object_of(explanation, "guess"); !guess.empty()) {
        out += guess_text(guess, look);
    }
    for (const Json& near : list_of(explanation, "near")) {
        out += fmt::format("  near     {}  {}  {}\n", text_of(near, "intent"), text_of(near, "template"),
                           dim(look, fmt::format("{}:{:.0f}, up to \"{}\"", text_of(near, "file"),
                                                 number_of(near, "line"), text_of(near, "matched"))));
    }
    return out;
}

std::string taught_text(const Json& answer, const Look& look) {
    const Json lesson = object_of(answer, "lesson");
    std::string out = green(look, "✓") + " " + lesson_line(lesson) +
                      fmt::format(", for {}.\n", text_of(lesson, "audience"));
    for (const Json& gone : list_of(answer, "replaced")) {
        out += "  Forgotten: " + lesson_line(gone) + "\n";
    }
    return out;
}

std::string lessons_text(const Json& answer, const Look& look) {
    Table table({"ID", "KIND", "SAYING", "MEANS", "FOR", "BY"});
    const auto lessons = list_of(answer, "lessons");
    std::string against;
    for (const Json& lesson : lessons) {
        const std::string id = text_of(lesson, "id").substr(0, 6);
        table.add({id, text_of(lesson, "kind"), text_of(lesson, "say"), text_of(lesson, "as"),
                   text_of(lesson, "audience"), text_of(lesson, "by")});
        if (const std::string earlier = text_of(lesson, "against"); !earlier.empty()) {
            against += fmt::format(
                "{} {} speaks against {}, so it does not count. Which one holds? Forget the other:  "
                "ambit language forget {}\n",
                yellow(look, "!"), id, earlier.substr(0, 6), earlier.substr(0, 6));
        }
    }
    return lessons.empty() ? "Nothing was taught yet:  ambit language teach \"...\" --as \"...\"\n"
                           : table.text(look) + against;
}

std::string forgotten_text(const Json& answer, const Look& /*look*/) {
    return "Forgotten: " + lesson_line(object_of(answer, "forgotten")) + "\n";
}

std::string sentences_text(const Json& report, const Look& look) {
    std::string out;
    for (const Json& row : list_of(report, "rows")) {
        if (!flag_of(row, "ok")) {
            out += fmt::format("{} line {:.0f}: \"{}\" {}\n", red(look, "✗"), number_of(row, "line"),
                               text_of(row, "text"), text_of(row, "difference"));
        }
    }
    for (const Json& problem : list_of(report, "problems")) {
        out += fmt::format("{} {}\n", yellow(look, "!"), text_of(problem, "text"));
    }
    return out + fmt::format("{:.0f} of {:.0f} sentences mean what they should.\n",
                             number_of(report, "right"), number_of(report, "sentences"));
}

}  // namespace ambit::cli

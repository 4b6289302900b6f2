#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ambit/render.h"
#include "base/text.h"

namespace ambit::cli {
namespace {

std::string subject_text(const Json& fact) {
    const std::string name = text_of(fact, "name");
    return name.empty() ? text_of(fact, "subject") : name;
}

std::string fact_value(const Json& fact) {
    const auto at = fact.find("value");
    return (at == fact.end() ? "" : value_text(*at)) +
           (text_of(fact, "trust") == "untrusted" ? " (untrusted)" : "");
}

}  // namespace

std::string value_text(const Json& value) {
    if (value.is_string()) {
        return for_terminal(value.get_ref<const std::string&>());
    }
    if (value.is_object() && !value.empty()) {
        std::string out;
        for (const auto& [key, member] : value.items()) {
            out += (out.empty() ? "" : ", ") + for_terminal(key) + " " + value_text(member);
        }
        return out;
    }
    return for_terminal(dumped(value));
}

std::string facts_text(const Json& answer, const Look& look) {
    const auto facts = list_of(answer, "facts");
    if (facts.empty()) {
        return "No facts match.\n";
    }
    Table table({"SUBJECT", "ATTRIBUTE", "READERS", "FROM", "WHEN", "VALUE"});
    for (const Json& fact : facts) {
        table.add({subject_text(fact), text_of(fact, "attribute"), text_of(fact, "audience"),
                   text_of(fact, "source"), clock_text(look, time_of(fact, "time")), fact_value(fact)});
    }
    return table.text(look) +
           (flag_of(answer, "more") ? "There are more: narrow it, or raise --limit.\n" : "");
}

std::string fact_line(const Json& fact, const Look& look) {
    return fmt::format("{}  {}  {} = {}   {}\n", clock_text(look, time_of(fact, "time")), subject_text(fact),
                       text_of(fact, "attribute"), fact_value(fact),
                       dim(look, text_of(fact, "audience") + ", from " + text_of(fact, "source")));
}

std::string ledger_text(const Json& answer, const Look& look) {
    Table table({});
    for (const Json& row : list_of(answer, "rows")) {
        const bool refused = text_of(row, "outcome") == "refused";
        const std::string rule = text_of(row, "rule");
        const double count = number_of(row, "count", 1);
        const std::string why = refused        ? text_of(row, "reason")
                                : rule.empty() ? ""
                                               : "rule \"" + rule + "\"";
        table.add({clock_text(look, time_of(row, "time")), text_of(row, "from") + " -> " + text_of(row, "to"),
                   text_of(row, "what") + (count > 1 ? fmt::format(" ({:.0f} times)", count) : ""), why,
                   refused ? red(look, "REFUSED") : "cleared"});
    }
    const double left = number_of(answer, "left_household");
    std::string out = table.text(look);
    out += fmt::format(
        "{:.0f} entries, {}.  {}\n", number_of(answer, "entries"),
        flag_of(answer, "intact") ? "chain intact" : red(look, "CHAIN BROKEN: ambit ledger verify"),
        left > 0 ? fmt::format("{:.0f} went to services outside the mesh.", left)
                 : "Nothing left the household.");
    return out + (flag_of(answer, "more") ? "Older rows are left out: --limit, --since.\n" : "");
}

std::string verified_text(const Json& answer, const Look& look) {
    if (!flag_of(answer, "intact")) {
        return red(look, "✗") +
               fmt::format(
                   " The ledger is broken at entry {:.0f} of {:.0f}: it was changed after it was written.\n",
                   number_of(answer, "broken_at"), number_of(answer, "entries"));
    }
    const std::string witnesses = joined(answer, "witnessed_by", ", ");
    return green(look, "✓") +
           fmt::format(" {:.0f} entries, chain intact.  Head {}, {}.\n", number_of(answer, "entries"),
                       text_of(answer, "head").substr(0, 16),
                       witnesses.empty() ? "witnessed by nobody yet" : "witnessed by " + witnesses);
}

std::string rules_text(const Json& answer, const Look& look) {
    Table rules({"ID", "RULE", "TELLS", "TO", "OF", "UNTIL", "USED"});
    const auto all = list_of(answer, "rules");
    for (const Json& rule : all) {
        const std::string until = rule.contains("expires") ? clock_text(look, time_of(rule, "expires")) : "-";
        rules.add({flag_of(rule, "builtin") ? "built in" : text_of(rule, "id").substr(0, 8),
                   text_of(rule, "name"), text_of(rule, "extractor"), text_of(rule, "recipient"),
                   text_of(rule, "owner"), until, fmt::format("{:.0f}", number_of(rule, "used"))});
    }
    std::string out =
        all.empty() ? "No release rules: personal data stays on its person's devices.\n" : rules.text(look);
    for (const Json& extractor : list_of(answer, "extractors")) {
        out +=
            dim(look, fmt::format("Could be told: {} ({}), from {}.\n  ambit release grant {} --to household",
                                  text_of(extractor, "name"), text_of(extractor, "output"),
                                  text_of(extractor, "source"), text_of(extractor, "name"))) +
            "\n";
    }
    return out;
}

}  // namespace ambit::cli

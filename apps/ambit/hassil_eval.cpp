#include "ambit/hassil_eval.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "language/yaml.h"

namespace ambit::cli {
namespace {

using language::Context;
using language::Lists;
using language::ListValue;
using language::Yaml;

constexpr std::size_t kExamplesMax = 20;
constexpr std::size_t kLinesMax = 1'000'000;

Error line_error(std::size_t number, const std::string& what) {
    return {ErrorCode::InvalidArgument, "line " + std::to_string(number) + ": " + what};
}

std::string text_value(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// "Trader Joe[']s": with and without.
std::vector<std::string> spoken(const std::string& name) {
    const std::size_t begin = name.find('[');
    const std::size_t end = begin == std::string::npos ? begin : name.find(']', begin);
    if (end == std::string::npos) {
        return {name};
    }
    return {name.substr(0, begin) + name.substr(begin + 1, end - begin - 1) + name.substr(end + 1),
            name.substr(0, begin) + name.substr(end + 1)};
}

Yaml tree_of(const Json& json) {
    Yaml tree;
    if (json.is_object()) {
        tree.kind = Yaml::Kind::Map;
        for (const auto& [key, value] : json.items()) {
            tree.fields.emplace_back(key, tree_of(value));
        }
    } else if (json.is_array()) {
        tree.kind = Yaml::Kind::Sequence;
        std::transform(json.begin(), json.end(), std::back_inserter(tree.items), tree_of);
    } else if (!json.is_null()) {
        tree.kind = Yaml::Kind::Scalar;
        tree.scalar = text_value(json);
    }
    return tree;
}

std::string name_of(const Yaml& item) {
    const Yaml* name = item.find("name");
    return name == nullptr ? item.text() : name->text();
}

void set_named(const Yaml* items, const char* list, Lists& lists) {
    std::vector<ListValue> values;
    for (const Yaml& item : items == nullptr ? std::vector<Yaml>() : items->items) {
        for (const std::string& name : spoken(name_of(item))) {
            values.push_back({name, name, {}});
        }
    }
    lists.set(list, values);
}

// {"entities":[{"name","domain" or "id","attributes"}],"areas":[...],"floors":[...]}, as JSON or YAML.
Lists lists_of(const Yaml& home) {
    std::vector<ListValue> names;
    const Yaml* entities = home.find("entities");
    for (const Yaml& entity : entities == nullptr ? std::vector<Yaml>() : entities->items) {
        Context context;
        if (const Yaml* domain = entity.find("domain"); domain != nullptr) {
            context["domain"] = domain->text();
        } else if (const Yaml* id = entity.find("id"); id != nullptr) {
            context["domain"] = id->scalar.substr(0, id->scalar.find('.'));
            if (const Yaml* attributes = entity.find("attributes"); attributes != nullptr) {
                for (const auto& [key, value] : attributes->fields) {
                    context[key] = value.text();
                }
            }
        }
        for (const std::string& name : spoken(name_of(entity))) {
            names.push_back({name, name, context});
        }
    }
    Lists lists;
    lists.set("name", names);
    set_named(home.find("areas"), "area", lists);
    set_named(home.find("floors"), "floor", lists);
    return lists;
}

Context context_of(const Yaml* from) {
    Context context;
    for (const auto& [key, value] :
         from == nullptr ? std::vector<std::pair<std::string, Yaml>>() : from->fields) {
        context[key] = value.text();
    }
    return context;
}

bool same(const std::string& ours, const Json& theirs) {
    return theirs.is_number() ? std::strtod(ours.c_str(), nullptr) == theirs.get<double>()
                              : ours == text_value(theirs);
}

// What differs from the recorded reading; empty: nothing does.
class Comparison {
  public:
    Comparison(const std::optional<language::Recognition>& ours, const Json& theirs) {
        intent_right = theirs.is_null() ? !ours : ours && ours->intent == text_of(theirs, "intent");
        if (!ours || theirs.is_null()) {
            different = ours.has_value() == theirs.is_null();
            slots_right = !different;
            what = !different ? "" : ours ? "read as " + ours->intent : "not read";
            return;
        }
        for (const auto& [key, value] :
             {std::pair{"intent", ours->intent}, std::pair{"template", ours->template_text},
              std::pair{"response", ours->response}, std::pair{"slot_combination", ours->combination},
              std::pair{"text_chunks_matched", std::to_string(ours->literal_characters)}}) {
            if (theirs.contains(key) && text_value(theirs[key]) != value) {
                differs(std::string(key) + " '" + value + "' for '" + text_value(theirs[key]) + "'");
            }
        }
        compare_slots(*ours, theirs);
    }

    bool intent_right = false;
    bool slots_right = true;
    bool different = false;
    std::string what;

  private:
    void differs(const std::string& how) {
        different = true;
        what += (what.empty() ? "" : "; ") + how;
    }

    void compare_slots(const language::Recognition& ours, const Json& theirs) {
        const Json slots = object_of(theirs, "slots");
        const Json texts = object_of(theirs, "slot_text");
        for (const auto& [name, value] : slots.items()) {
            const language::Slot* slot = ours.slot(name);
            const bool good = slot != nullptr && same(slot->value, value) &&
                              (!texts.contains(name) || slot->text == text_value(texts[name]));
            if (!good) {
                slots_right = false;
                differs(name + " '" + (slot == nullptr ? "" : slot->value) + "' for '" + text_value(value) +
                        "'");
            }
        }
        for (const language::Slot& slot : ours.slots) {
            if (!slots.contains(slot.name)) {
                slots_right = false;
                differs(slot.name + " '" + slot.value + "' for none");
            }
        }
        if (theirs.contains("wildcards") && theirs["wildcards"].is_array()) {
            std::vector<std::string> wild;
            for (const language::Slot& slot : ours.slots) {
                if (slot.wildcard) {
                    wild.push_back(slot.name);
                }
            }
            auto recorded = theirs["wildcards"].get<std::vector<Json>>();
            if (wild.size() != recorded.size()) {
                differs(std::to_string(wild.size()) + " wildcards for " + std::to_string(recorded.size()));
            }
        }
    }
};

class Evaluation {
  public:
    explicit Evaluation(const HassilSet& set)
        : set_(set), grammar_(language::Grammar::compile(set.language, set.sentences)) {}

    Result<Json> run() {
        AMBIT_TRY(read_home());
        std::istringstream lines(set_.data);
        std::size_t number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (number > kLinesMax) {
                return line_error(number, "more than " + std::to_string(kLinesMax) + " lines");
            }
            if (line.find_first_not_of(" \r\t") != std::string::npos) {
                AMBIT_TRY(evaluate(number, line));
            }
        }
        return result();
    }

  private:
    Result<void> read_home() {
        int line = 0;
        if (set_.home.empty()) {
            return {};
        }
        if (const Json json = Json::parse(set_.home, nullptr, false); json.is_object()) {
            home_ = tree_of(json);
            return {};
        }
        auto home = language::parse_yaml(set_.home, line);
        if (!home || home->kind != Yaml::Kind::Map) {
            return Error{ErrorCode::InvalidArgument, "the home: line " + std::to_string(line) + ": " +
                                                         (home ? "expected an object" : home.error().detail)};
        }
        home_ = std::move(*home);
        return {};
    }

    // The home of a line: its fixture of the home's file, else all of it.
    const Lists& lists_for(const std::string& fixture) {
        const auto [place, added] = lists_.try_emplace(fixture);
        if (added) {
            const Yaml* found = fixture.empty() ? nullptr : home_.find(fixture);
            place->second = lists_of(found == nullptr ? home_ : *found);
        }
        return place->second;
    }

    Result<void> evaluate(std::size_t number, const std::string& line) {
        const Json row = Json::parse(line, nullptr, false);
        if (!row.is_object() || !row.contains("text") || !row["text"].is_string()) {
            return line_error(number, "expected an object with \"text\"");
        }
        if (!row.contains("hassil") || !(row["hassil"].is_object() || row["hassil"].is_null())) {
            ++skipped_;
            return {};
        }
        Context context = context_of(home_.find("context"));
        if (row.contains("context") && row["context"].is_object()) {
            context.clear();
            for (const auto& [key, value] : row["context"].items()) {
                context[key] = text_value(value);
            }
        }
        const std::string text = row["text"].get<std::string>();
        const Lists& lists = lists_for(text_of(row, "fixture"));
        const auto start = std::chrono::steady_clock::now();
        const auto ours = grammar_.recognise(text, lists, context);
        us_.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
        const Comparison found(ours ? *ours : std::nullopt, row["hassil"]);
        ++compared_;
        intent_right_ += found.intent_right ? 1 : 0;
        slots_right_ += found.intent_right && found.slots_right ? 1 : 0;
        if (found.different) {
            ++differences_;
            if (examples_.size() < kExamplesMax) {
                examples_.push_back({{"line", number}, {"text", text}, {"difference", found.what}});
            }
        }
        return {};
    }

    double percentile(double part) {
        std::sort(us_.begin(), us_.end());
        return us_.empty() ? 0 : us_[static_cast<std::size_t>(part * static_cast<double>(us_.size() - 1))];
    }

    Json result() {
        const auto share = [this](std::size_t part) {
            return compared_ == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(compared_);
        };
        return {{"v", 1},
                {"kind", "hassil"},
                {"language", set_.language},
                {"templates", grammar_.template_count()},
                {"warnings", grammar_.warnings().size()},
                {"compared", compared_},
                {"skipped", skipped_},
                {"differences", differences_ + skipped_},
                {"intent_right", share(intent_right_)},
                {"slots_right", share(slots_right_)},
                {"p50_us", percentile(0.5)},
                {"p99_us", percentile(0.99)},
                {"examples", examples_}};
    }

    const HassilSet& set_;
    language::Grammar grammar_;
    Yaml home_;
    std::map<std::string, Lists> lists_;
    std::vector<double> us_;
    Json examples_ = Json::array();
    std::size_t compared_ = 0;
    std::size_t skipped_ = 0;
    std::size_t differences_ = 0;
    std::size_t intent_right_ = 0;
    std::size_t slots_right_ = 0;
};

}  // namespace

bool is_hassil_set(std::string_view data) {
    while (!data.empty()) {
        const std::string_view line = data.substr(0, data.find('\n'));
        if (line.find_first_not_of(" \r\t") != std::string_view::npos) {
            const Json first = Json::parse(line, nullptr, false);
            return first.is_object() && first.contains("hassil");
        }
        data.remove_prefix(std::min(data.size(), line.size() + 1));
    }
    return false;
}

Result<Json> evaluate_hassil(const HassilSet& set) {
    return Evaluation(set).run();
}

std::string hassil_eval_text(const Json& answer) {
    std::string out = fmt::format(
        "{} sentences compared with hassil's reading, {} skipped, {} different\nintent right {:.1f} %, and "
        "slots "
        "{:.1f} %; {:.0f} us in the middle, {:.0f} us for the slowest of a hundred\n",
        static_cast<std::int64_t>(number_of(answer, "compared")),
        static_cast<std::int64_t>(number_of(answer, "skipped")),
        static_cast<std::int64_t>(number_of(answer, "differences")), 100 * number_of(answer, "intent_right"),
        100 * number_of(answer, "slots_right"), number_of(answer, "p50_us"), number_of(answer, "p99_us"));
    for (const Json& example : list_of(answer, "examples")) {
        out += fmt::format("  line {}: \"{}\": {}\n", static_cast<std::int64_t>(number_of(example, "line")),
                           text_of(example, "text"), text_of(example, "difference"));
    }
    return out;
}

}  // namespace ambit::cli

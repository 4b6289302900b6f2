#include "hassil_corpus.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

#include "language/yaml.h"

namespace ambit::bench {
namespace {

using language::Context;
using language::Lists;
using language::ListValue;
using language::SourceFile;
using language::Yaml;
using nlohmann::json;

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in(path);
    if (!in) {
        std::cerr << "language-t0: cannot read " << path << "\n";
        std::exit(1);
    }
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::vector<json> read_lines(const fs::path& path) {
    std::istringstream in(read(path));
    std::vector<json> out;
    for (std::string line; std::getline(in, line);) {
        out.push_back(json::parse(line));
    }
    return out;
}

// Every YAML file below `folder`, by name.
void add_files(const fs::path& folder, bool deep, std::vector<SourceFile>& out) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml" && (deep || entry.path().parent_path() == folder)) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
        out.push_back({path.string(), read(path), false});
    }
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<ListValue> named(const json& items) {
    std::vector<ListValue> out;
    for (const json& item : items) {
        const std::string name =
            item.is_string() ? item.get<std::string>() : item.at("name").get<std::string>();
        out.push_back({name, name, {}});
    }
    return out;
}

std::shared_ptr<const Lists> lists_of(const json& home) {
    auto lists = std::make_shared<Lists>();
    std::vector<ListValue> names;
    for (const json& entity : home.at("entities")) {
        const std::string name = entity.at("name").get<std::string>();
        names.push_back({name, name, {{"domain", entity.at("domain").get<std::string>()}}});
    }
    lists->set("name", names);
    lists->set("area", named(home.at("areas")));
    lists->set("floor", named(home.at("floors")));
    return lists;
}

// "Trader Joe[']s": every way to say it.
std::vector<std::string> sampled(const std::string& name) {
    const std::size_t begin = name.find('[');
    const std::size_t end = name.find(']');
    if (begin == std::string::npos || end == std::string::npos) {
        return {name};
    }
    const std::string inside = name.substr(begin + 1, end - begin - 1);
    return {name.substr(0, begin) + inside + name.substr(end + 1),
            name.substr(0, begin) + name.substr(end + 1)};
}

void add_named(const Yaml& fixtures, const char* key, const char* list, Lists& lists) {
    std::vector<ListValue> values;
    for (const Yaml& item : fixtures.find(key)->items) {
        for (const std::string& name : sampled(item.find("name")->scalar)) {
            values.push_back({name, name, {}});
        }
    }
    lists.set(list, values);
}

std::shared_ptr<const Lists> classic_lists(const fs::path& data) {
    int line = 0;
    const auto fixtures =
        language::parse_yaml(read(data / "ha-intents-classic/tests/en/_fixtures.yaml"), line);
    auto lists = std::make_shared<Lists>();
    std::vector<ListValue> names;
    for (const Yaml& entity : fixtures->find("entities")->items) {
        const std::string id = entity.find("id")->scalar;
        Context context = {{"domain", id.substr(0, id.find('.'))}};
        if (const Yaml* attributes = entity.find("attributes"); attributes != nullptr) {
            for (const auto& [key, value] : attributes->fields) {
                context[key] = value.text();
            }
        }
        for (const std::string& name : sampled(entity.find("name")->scalar)) {
            names.push_back({name, name, context});
        }
    }
    lists->set("name", names);
    add_named(*fixtures, "areas", "area", *lists);
    add_named(*fixtures, "floors", "floor", *lists);
    return lists;
}

Context context_of(const json& line) {
    Context context;
    if (const auto found = line.find("context"); found != line.end()) {
        for (const auto& [key, value] : found->items()) {
            context[key] = text_of(value);
        }
    }
    return context;
}

bool same_value(const std::string& ours, const json& theirs) {
    if (theirs.is_number()) {
        return std::strtod(ours.c_str(), nullptr) == theirs.get<double>();
    }
    return ours == text_of(theirs);
}

void compare(const char* what, const std::string& ours, const json& theirs, std::string& out) {
    if (ours != text_of(theirs)) {
        out += std::string(out.empty() ? "" : "; ") + what + " '" + ours + "' for '" + text_of(theirs) + "'";
    }
}

void compare_slots(const language::Recognition& ours, const json& theirs, std::string& out) {
    const json& slots = theirs.at("slots");
    for (const auto& [name, value] : slots.items()) {
        const language::Slot* slot = ours.slot(name);
        if (slot == nullptr || !same_value(slot->value, value)) {
            compare(name.c_str(), slot == nullptr ? "none" : slot->value, value, out);
        }
    }
    for (const language::Slot& slot : ours.slots) {
        if (!slots.contains(slot.name)) {
            compare(slot.name.c_str(), slot.value, "none", out);
        }
        if (theirs.contains("slot_text") && theirs["slot_text"].contains(slot.name)) {
            compare("the text", ours.slot(slot.name)->text, theirs["slot_text"][slot.name], out);
        }
        if (theirs.contains("wildcards")) {
            const json& wildcards = theirs["wildcards"];
            const bool wild = std::find(wildcards.begin(), wildcards.end(), slot.name) != wildcards.end();
            compare("a wildcard", ours.slot(slot.name)->wildcard ? "true" : "false", wild, out);
        }
    }
}

}  // namespace

std::optional<fs::path> nlu_data() {
    fs::path at = fs::current_path();
    while (at.has_relative_path() && !fs::exists(at / "layers.txt")) {
        at = at.parent_path();
    }
    const fs::path data = at / "../shared/data/nlu";
    return fs::exists(data) ? std::optional(data) : std::nullopt;
}

std::vector<SourceFile> new_files(const fs::path& data, const std::string& language) {
    const fs::path root = data / "ha-intents";
    std::vector<SourceFile> files;
    add_files(root / "sentences" / language, true, files);
    files.insert(files.begin(), {(root / "intents.yaml").string(), read(root / "intents.yaml"), false});
    add_files(root / "lists", false, files);
    add_files(root / "lists" / language, true, files);
    add_files(root / "rules" / language, true, files);
    return files;
}

std::vector<SourceFile> classic_files(const fs::path& data, const std::string& language) {
    std::vector<SourceFile> files;
    add_files(data / "ha-intents-classic/sentences" / language, false, files);
    return files;
}

std::vector<Sentence> new_tests(const fs::path& data) {
    const json fixtures = json::parse(read(data / "ha-intents/fixtures_en.json"));
    std::map<std::string, std::shared_ptr<const Lists>> lists;
    std::vector<Sentence> out;
    for (const json& line : read_lines(data / "ha-intents/tests_en.jsonl")) {
        const std::string fixture = line.at("fixture").get<std::string>();
        auto& home = lists[fixture];
        home = home != nullptr ? home : lists_of(fixtures.at(fixture));
        out.push_back({"new", line.at("text").get<std::string>(), context_of(line), home, line.at("hassil")});
    }
    return out;
}

std::vector<Sentence> gold_texts(const fs::path& data) {
    const auto home = std::make_shared<const Lists>(big_home(data, 0));
    std::vector<Sentence> out;
    for (const json& line : read_lines(data / "ha-intents/gold_en_bighome.jsonl")) {
        out.push_back({"gold " + line.at("set").get<std::string>(),
                       line.at("text").get<std::string>(),
                       {{"area", "Living Room"}},
                       home,
                       line.at("hassil")});
    }
    return out;
}

std::vector<Sentence> classic_tests(const fs::path& data) {
    const auto home = classic_lists(data);
    std::vector<Sentence> out;
    for (const json& line : read_lines(data / "ha-intents-classic/tests_en.jsonl")) {
        out.push_back(
            {"classic", line.at("text").get<std::string>(), context_of(line), home, line.at("hassil")});
    }
    return out;
}

Lists big_home(const fs::path& data, std::size_t count) {
    json home = json::parse(read(data / "ha-intents/big_home_en.json"));
    static constexpr const char* kRooms[] = {"attic", "bakery", "cabin",   "den",    "east wing",
                                             "foyer", "gym",    "hallway", "island", "junior",
                                             "kiosk", "lounge", "music",   "north"};
    static constexpr const char* kThings[] = {"lamp",    "fan",    "outlet", "blind",
                                              "speaker", "heater", "sensor"};
    static constexpr const char* kDomains[] = {"light",        "fan",     "switch", "cover",
                                               "media_player", "climate", "sensor"};
    json& entities = home.at("entities");
    for (std::size_t i = 0; entities.size() < count; ++i) {
        const std::size_t thing = i % std::size(kThings);
        const std::size_t room = i / std::size(kThings) % std::size(kRooms);
        const std::size_t number = i / (std::size(kThings) * std::size(kRooms));
        entities.push_back({{"name", std::string(kRooms[room]) + " " + kThings[thing] +
                                         (number == 0 ? "" : " " + std::to_string(number + 1))},
                            {"domain", kDomains[thing]}});
    }
    return *lists_of(home);
}

std::string difference(const std::optional<language::Recognition>& ours, const Sentence& sentence) {
    const json& theirs = sentence.recorded;
    if (!ours || theirs.is_null()) {
        return !ours && theirs.is_null() ? ""
               : ours                    ? "matched '" + ours->template_text + "' of " + ours->intent
                                         : "nothing for '" + theirs.at("template").get<std::string>() + "'";
    }
    std::string out;
    compare("intent", ours->intent, theirs.at("intent"), out);
    compare("template", ours->template_text, theirs.at("template"), out);
    compare("response", ours->response, theirs.at("response"), out);
    if (const auto combination = theirs.find("slot_combination"); combination != theirs.end()) {
        compare("combination", ours->combination, *combination, out);
    }
    if (const auto chunks = theirs.find("text_chunks_matched"); chunks != theirs.end()) {
        compare("literal characters", std::to_string(ours->literal_characters), *chunks, out);
    }
    compare_slots(*ours, theirs, out);
    return out;
}

}  // namespace ambit::bench

// language-retrieval: how often the things that matter are among the eight a language model would see.
//
// Two homes that this project did not write: those of assist-mini (each sentence says which things it should
// change), and the 56-name home of the gold texts, filled up to 1,008 names with things in the same and
// other rooms (the thing is the one that hassil found by its name).  Beside it a plain floor: things by the
// number of words of theirs that were said.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "hassil_corpus.h"
#include "language/text.h"
#include "language/yaml.h"
#include "retrieval/retrieval.h"

using namespace ambit;
using namespace ambit::bench;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kNames = 1008;
constexpr int kRounds = 5;

struct Asked {
    std::string text;
    std::set<std::string> wanted;  // entity ids
};

struct Case {
    language::Home home;
    std::vector<Asked> asked;
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string text_at(const language::Yaml& map, const char* key) {
    const language::Yaml* value = map.find(key);
    return value == nullptr ? "" : value->text();
}

// The entities of one assist-mini home; areas are named by their ids there.
language::Home home_of(const language::Yaml& fixture) {
    std::map<std::string, std::string> areas;
    if (const auto* list = fixture.find("areas")) {
        for (const auto& area : list->items) {
            areas[text_at(area, "id")] = text_at(area, "name");
        }
    }
    std::vector<language::HomeEntity> entities;
    if (const auto* list = fixture.find("entities")) {
        for (const auto& entity : list->items) {
            const std::string id = text_at(entity, "id");
            const std::string domain = id.substr(0, id.find('.'));
            entities.push_back(
                {id, text_at(entity, "name"), areas[text_at(entity, "area")], domain, {}, {domain + ".set"}});
        }
    }
    return language::Home(std::move(entities));
}

Case assist_mini(const std::filesystem::path& folder) {
    int line = 0;
    const auto fixture = language::parse_yaml(read_file(folder / "_fixtures.yaml"), line);
    Case out{home_of(*fixture), {}};
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename() == "_fixtures.yaml") {
            continue;
        }
        const auto file = language::parse_yaml(read_file(entry.path()), line);
        const language::Yaml* tests = file ? file->find("tests") : nullptr;
        for (const auto& test : tests == nullptr ? std::vector<language::Yaml>() : tests->items) {
            Asked asked;
            if (const auto* changes = test.find("expect_changes")) {
                for (const auto& [id, change] : changes->fields) {
                    asked.wanted.insert(id);
                }
            }
            for (const std::string& sentence : test.find("sentences")->strings()) {
                asked.text = sentence;
                out.asked.push_back(asked);
            }
        }
    }
    std::erase_if(out.asked, [](const Asked& asked) { return asked.wanted.empty(); });
    return out;
}

// The home of the gold texts; what fills it up is in its own rooms and in others.
Case big(const std::filesystem::path& data) {
    std::ifstream in(data / "ha-intents" / "big_home_en.json");
    const nlohmann::json json = nlohmann::json::parse(in);
    std::vector<language::HomeEntity> entities;
    std::vector<std::string> areas;
    for (const auto& area : json.at("areas")) {
        areas.push_back(area.is_string() ? area.get<std::string>() : area.at("name").get<std::string>());
    }
    const auto add = [&](const std::string& name, const std::string& domain, const std::string& area) {
        entities.push_back({"home/" + name, name, area, domain, {}, {domain + ".set"}});
    };
    for (const auto& entity : json.at("entities")) {
        add(entity.at("name"), entity.at("domain"), "");
    }
    const std::size_t own = entities.size();
    constexpr const char* kThings[] = {"Lamp", "Fan", "Outlet", "Blind", "Speaker", "Heater", "Sensor"};
    constexpr const char* kDomains[] = {"light",        "fan",     "switch", "cover",
                                        "media_player", "climate", "sensor"};
    constexpr const char* kOthers[] = {"Attic", "Cabin",  "Den",    "Foyer",
                                       "Gym",   "Island", "Lounge", "Workshop"};
    const std::size_t rooms = areas.size() + std::size(kOthers);
    for (std::size_t i = 0; entities.size() < kNames; ++i) {
        const std::size_t thing = i % std::size(kThings);
        const std::size_t room = i / std::size(kThings) % rooms;
        const std::string area = room < areas.size() ? areas[room] : kOthers[room - areas.size()];
        const std::size_t number = i / (std::size(kThings) * rooms) + 1;
        add(area + " " + kThings[thing] + " " + std::to_string(number), kDomains[thing], area);
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < own; ++i) {
        names.insert(entities[i].name);
    }
    // The wanted ones last, so that nobody finds them by their place.
    std::rotate(entities.begin(), entities.begin() + static_cast<std::ptrdiff_t>(own), entities.end());
    Case out{language::Home(entities), {}};
    std::ifstream gold(data / "ha-intents" / "gold_en_bighome.jsonl");
    for (std::string row; std::getline(gold, row);) {
        const nlohmann::json sentence = nlohmann::json::parse(row);
        const auto& result = sentence.at("hassil");
        if (result.is_object() && result.at("slots").contains("name")) {
            const auto& name = result.at("slots").at("name");
            if (name.is_string() && names.contains(name.get<std::string>())) {
                out.asked.push_back({sentence.at("text"), {"home/" + name.get<std::string>()}});
            }
        }
    }
    return out;
}

// Two neighbouring letters of the longest word change places.
std::string misspelt(std::string text) {
    std::size_t begin = 0;
    std::size_t longest = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end - at > longest) {
            longest = end - at;
            begin = at;
        }
        at = end + 1;
    }
    if (longest >= 4) {
        std::swap(text[begin + longest / 2 - 1], text[begin + longest / 2]);
    }
    return text;
}

// What a plain count of shared words finds.
std::vector<std::string> floor_finds(const language::Home& home, const std::string& text) {
    const auto split = [](const std::string& form) {
        std::istringstream in(form);
        std::set<std::string> words;
        for (std::string word; in >> word;) {
            words.insert(word);
        }
        return words;
    };
    const auto said = split(language::spoken_form(text));
    // By the number of shared words; of as many, where they are the larger part of the thing's words.
    std::vector<std::pair<double, std::string>> hits;
    for (const auto& entity : home.entities()) {
        const auto words =
            split(language::spoken_form(entity.name + " " + entity.area + " " + entity.domain));
        const auto shared = static_cast<std::size_t>(
            std::count_if(words.begin(), words.end(), [&](const auto& word) { return said.contains(word); }));
        if (shared > 0) {
            hits.emplace_back(static_cast<double>(shared) - 0.01 * static_cast<double>(words.size()),
                              entity.id);
        }
    }
    std::stable_sort(hits.begin(), hits.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(hits.size(), retrieval::kEntitiesMax); ++i) {
        out.push_back(hits[i].second);
    }
    return out;
}

struct Score {
    double sum = 0;  // of each sentence the share of wanted things that were found
    std::size_t sentences = 0;

    void add(const Asked& asked, const std::vector<std::string>& found) {
        const auto hit = std::count_if(asked.wanted.begin(), asked.wanted.end(), [&](const std::string& id) {
            return std::find(found.begin(), found.end(), id) != found.end();
        });
        sum += static_cast<double>(hit) / static_cast<double>(asked.wanted.size());
        ++sentences;
    }

    double pct() const { return sentences == 0 ? 0 : 100.0 * sum / static_cast<double>(sentences); }
};

struct Scores {
    Score ours;
    Score floor;
};

void measure(const Case& one, bool misspell, Scores& scores, std::vector<double>* times) {
    const retrieval::Index index(one.home);
    for (const Asked& asked : one.asked) {
        const std::string text = misspell ? misspelt(asked.text) : asked.text;
        retrieval::Found found;
        double best = 1e9;
        for (int round = 0; round < (times == nullptr ? 1 : kRounds); ++round) {
            const auto start = Clock::now();
            found = index.find(text);
            best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        }
        if (times != nullptr) {
            times->push_back(best);
        }
        std::vector<std::string> ids;
        for (const retrieval::Hit& hit : found.entities) {
            ids.push_back(one.home.entities()[hit.entity].id);
        }
        scores.ours.add(asked, ids);
        scores.floor.add(asked, floor_finds(one.home, text));
    }
}

void print(const char* what, const Scores& scores) {
    std::printf("%-28s %5zu sentences   recall@8 %6.2f %%   plain word overlap %6.2f %%\n", what,
                scores.ours.sentences, scores.ours.pct(), scores.floor.pct());
}

}  // namespace

int main() {
    const auto data = nlu_data();
    if (!data) {
        std::printf("SKIPPED: the shared data is not there\n");
        return 77;
    }
    Scores mini;
    std::vector<std::filesystem::path> folders;
    for (const auto& entry :
         std::filesystem::directory_iterator(*data / "home-assistant-datasets" / "assist-mini")) {
        if (std::filesystem::exists(entry.path() / "_fixtures.yaml")) {
            folders.push_back(entry.path());
        }
    }
    std::sort(folders.begin(), folders.end());
    for (const auto& folder : folders) {
        measure(assist_mini(folder), false, mini, nullptr);
    }
    print("assist-mini", mini);
    const Case large = big(*data);
    Scores right;
    Scores wrong;
    std::vector<double> times;
    measure(large, false, right, &times);
    measure(large, true, wrong, nullptr);
    print("1,008 names", right);
    print("1,008 names, one slip", wrong);
    std::sort(times.begin(), times.end());
    std::printf(
        "BENCH language-retrieval recall8_assist_mini=%.2f recall8_1008=%.2f p50_us=%.1f p99_us=%.1f "
        "recall8_1008_slip=%.2f floor_assist_mini=%.2f floor_1008=%.2f floor_1008_slip=%.2f\n",
        mini.ours.pct(), right.ours.pct(), times[times.size() / 2], times[times.size() * 99 / 100],
        wrong.ours.pct(), mini.floor.pct(), right.floor.pct(), wrong.floor.pct());
    return 0;
}

#include "retrieval/retrieval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "language/text.h"

namespace ambit::retrieval {
namespace {

// How much a word counts that stands in ... ; fixed on the development sets, see
// bench/language_retrieval.cpp.
constexpr double kNameWeight = 3.0;
constexpr double kAreaWeight = 2.0;
constexpr double kFloorWeight = 1.5;
constexpr double kKindWeight = 1.2;
constexpr double kLettersWeight = 1.6;   // a word that is spelt nearly so
constexpr double kWholeNameBonus = 2.0;  // every word of the name was said
constexpr double kHereBonus = 0.3;
constexpr double kLettersAlikeMin = 0.45;  // Dice's coefficient of letter pairs
constexpr double kHitMin = 0.25;           // of the best hit's score; less is no help
constexpr std::size_t kLetterWordBytesMax = 48;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    const std::string form = language::spoken_form(text);
    for (std::size_t begin = 0; begin < form.size() && words.size() < kWordsMax;) {
        const std::size_t end = std::min(form.find(' ', begin), form.size());
        if (end > begin) {
            words.push_back(form.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return words;
}

// Pairs of neighbouring bytes, with the word's edges, sorted.
std::vector<std::uint16_t> letter_pairs(std::string_view word) {
    std::vector<std::uint16_t> pairs;
    unsigned char before = ' ';
    for (const char c : word) {
        pairs.push_back(static_cast<std::uint16_t>(before << 8U | static_cast<unsigned char>(c)));
        before = static_cast<unsigned char>(c);
    }
    pairs.push_back(static_cast<std::uint16_t>(before << 8U | ' '));
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

// Where a word stands of one entity.
enum class Field : std::uint8_t { Name, Area, Floor, Kind };

double weight_of(Field field) {
    constexpr double kWeights[] = {kNameWeight, kAreaWeight, kFloorWeight, kKindWeight};
    return kWeights[static_cast<std::size_t>(field)];
}

struct Posting {
    std::uint32_t entity;
    Field field;
};

}  // namespace

struct Index::Impl {
    struct Term {
        std::vector<Posting> postings;
        std::vector<std::uint16_t> pairs;
        double rarity = 0;
    };

    std::vector<Term> terms;
    std::unordered_map<std::string, std::uint32_t> term_of;
    std::unordered_map<std::uint16_t, std::vector<std::uint32_t>> terms_with;  // by pair of letters
    std::vector<std::vector<std::uint32_t>> name_terms;                        // of each entity
    std::vector<std::string> areas;                                            // of each entity, spoken form
    std::vector<std::vector<std::string>> capabilities;                        // of each entity
    std::vector<std::string> offered;

    void add(std::uint32_t entity, std::string_view text, Field field) {
        for (const std::string& word : words_of(text)) {
            const auto [at, is_new] = term_of.try_emplace(word, static_cast<std::uint32_t>(terms.size()));
            if (is_new) {
                terms.emplace_back();
            }
            auto& postings = terms[at->second].postings;
            const bool known = std::any_of(postings.rbegin(), postings.rend(), [&](const Posting& posting) {
                return posting.entity == entity && posting.field == field;
            });
            if (!known || postings.empty() || postings.back().entity != entity) {
                postings.push_back({entity, field});
            }
        }
    }

    void finish(std::size_t entities) {
        for (const auto& [word, number] : term_of) {
            Term& term = terms[number];
            std::set<std::uint32_t> holders;
            for (const Posting& posting : term.postings) {
                holders.insert(posting.entity);
            }
            term.rarity = std::log(1.0 + static_cast<double>(entities) / static_cast<double>(holders.size()));
            if (word.size() <= kLetterWordBytesMax) {
                term.pairs = letter_pairs(word);
                for (auto pair = term.pairs.begin(); pair != term.pairs.end(); ++pair) {
                    if (pair == term.pairs.begin() || *pair != *(pair - 1)) {
                        terms_with[*pair].push_back(number);
                    }
                }
            }
        }
    }

    // Known words that share enough letters with `word`, and how alike they are.
    std::vector<std::pair<std::uint32_t, double>> alike(const std::string& word) const {
        std::vector<std::pair<std::uint32_t, double>> out;
        if (word.size() < 4 || word.size() > kLetterWordBytesMax) {
            return out;
        }
        const auto pairs = letter_pairs(word);
        std::map<std::uint32_t, int> shared;
        for (auto pair = pairs.begin(); pair != pairs.end(); ++pair) {
            const auto found = terms_with.find(*pair);
            if (found != terms_with.end() && (pair == pairs.begin() || *pair != *(pair - 1))) {
                for (const std::uint32_t term : found->second) {
                    ++shared[term];
                }
            }
        }
        for (const auto& [term, count] : shared) {
            const double likeness =
                2.0 * count / static_cast<double>(pairs.size() + terms[term].pairs.size());
            if (likeness >= kLettersAlikeMin) {
                out.emplace_back(term, likeness);
            }
        }
        return out;
    }
};

Index::Index(const language::Home& home) {
    auto impl = std::make_shared<Impl>();
    const auto& entities = home.entities();
    for (std::uint32_t i = 0; i < entities.size(); ++i) {
        const language::HomeEntity& entity = entities[i];
        impl->add(i, entity.name, Field::Name);
        for (const std::string& alias : entity.aliases) {
            impl->add(i, alias, Field::Name);
        }
        impl->add(i, entity.area, Field::Area);
        impl->add(i, home.floor_of(entity.area), Field::Floor);
        impl->add(i, entity.domain, Field::Kind);
        impl->add(i, entity.device_class, Field::Kind);
        impl->name_terms.emplace_back();
        for (const std::string& word : words_of(entity.name)) {
            impl->name_terms.back().push_back(impl->term_of.at(word));
        }
        impl->areas.push_back(language::spoken_form(entity.area));
        impl->capabilities.push_back(entity.capabilities);
    }
    impl->offered = home.offered();
    impl->finish(entities.size());
    impl_ = std::move(impl);
}

namespace {

// What one utterance says about the things of an index.
class Search {
  public:
    explicit Search(const Index::Impl& index) : index_(index) {}

    void hear(const std::string& word) {
        best_.clear();
        const auto exact = index_.term_of.find(word);
        if (exact != index_.term_of.end()) {
            said_.insert(exact->second);
            credit(exact->second, 1.0);
        } else {
            for (const auto& [term, likeness] : index_.alike(word)) {
                said_.insert(term);
                credit(term, likeness * kLettersWeight / kNameWeight);
            }
        }
        for (const std::string& kind : kinds_called(word)) {
            kinds_.insert(kind);
            const auto term = index_.term_of.find(kind);
            if (term != index_.term_of.end()) {
                credit(term->second, 1.0);
            }
        }
        for (const auto& [entity, score] : best_) {
            scores_[entity] += score;
        }
    }

    std::vector<Hit> hits(const std::string& here) const {
        std::vector<Hit> hits;
        for (const auto& [entity, score] : scores_) {
            const auto& name = index_.name_terms[entity];
            const bool whole =
                !name.empty() && std::all_of(name.begin(), name.end(),
                                             [&](std::uint32_t term) { return said_.contains(term); });
            hits.push_back({entity, score + (whole ? kWholeNameBonus * static_cast<double>(name.size()) : 0) +
                                        (!here.empty() && index_.areas[entity] == here ? kHereBonus : 0)});
        }
        std::stable_sort(hits.begin(), hits.end(),
                         [](const Hit& a, const Hit& b) { return a.score > b.score; });
        hits.resize(std::min(hits.size(), kEntitiesMax));
        while (!hits.empty() && hits.back().score < kHitMin * hits.front().score) {
            hits.pop_back();
        }
        return hits;
    }

    bool is_about(const std::string& kind) const { return kinds_.contains(kind); }

  private:
    // For each thing only the best of what one word says about it counts.
    void credit(std::uint32_t term, double share) {
        for (const Posting& posting : index_.terms[term].postings) {
            double& so_far = best_[posting.entity];
            so_far = std::max(so_far, share * weight_of(posting.field) * index_.terms[term].rarity);
        }
    }

    const Index::Impl& index_;
    std::map<std::uint32_t, double> best_;    // of the word being heard
    std::map<std::uint32_t, double> scores_;  // by entity
    std::set<std::uint32_t> said_;            // terms
    std::set<std::string> kinds_;
};

}  // namespace

Found Index::find(std::string_view utterance, std::string_view here) const {
    const Impl& index = *impl_;
    Search search(index);
    for (const std::string& word : words_of(utterance.substr(0, language::kUtteranceBytesMax))) {
        search.hear(word);
    }
    Found found;
    found.entities = search.hits(language::spoken_form(here));
    std::set<std::string> capabilities;
    for (const Hit& hit : found.entities) {
        capabilities.insert(index.capabilities[hit.entity].begin(), index.capabilities[hit.entity].end());
    }
    for (const std::string& capability : index.offered) {
        if (search.is_about(capability.substr(0, capability.find('.')))) {
            capabilities.insert(capability);
        }
    }
    found.capabilities.assign(capabilities.begin(), capabilities.end());
    return found;
}

}  // namespace ambit::retrieval

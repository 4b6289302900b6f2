#include "intent_model/corpus.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace ambit::intent_model {
namespace {

std::size_t index_in(const std::vector<std::string>& sorted, const std::string& name) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), name);
    return at != sorted.end() && *at == name ? static_cast<std::size_t>(at - sorted.begin()) : sorted.size();
}

// Gives each different word a number and its rows.
class WordNumbers {
  public:
    explicit WordNumbers(Corpus& corpus) : corpus_(corpus) {}

    std::uint32_t operator()(const std::string& word) {
        const auto [at, is_new] = numbers_.try_emplace(word, static_cast<std::uint32_t>(numbers_.size()));
        if (is_new) {
            corpus_.word_rows.push_back(rows_of(corpus_.vocabulary, word));
        }
        return at->second;
    }

  private:
    Corpus& corpus_;
    std::map<std::string, std::uint32_t> numbers_;
};

void collect_values(Corpus& corpus, const Sentence& sentence) {
    for (std::size_t i = 0; i < sentence.tags.size(); ++i) {
        if (sentence.tags[i] % 2 == 1) {
            const std::size_t slot = (sentence.tags[i] - 1U) / 2;
            std::vector<std::uint32_t> value = {sentence.words[i]};
            for (std::size_t j = i + 1; j < sentence.tags.size() && sentence.tags[j] == sentence.tags[i] + 1;
                 ++j) {
                value.push_back(sentence.words[j]);
            }
            corpus.values[sentence.head][slot].push_back(std::move(value));
        }
    }
}

}  // namespace

std::vector<std::uint16_t> tags_of(const Head& head,
                                   const Example& example,
                                   const std::vector<Token>& tokens) {
    std::vector<std::uint16_t> tags(tokens.size(), 0);
    for (const SlotSpan& slot : example.slots) {
        const std::size_t index = index_in(head.slots, slot.name);
        bool first = true;
        for (std::size_t i = 0; i < tokens.size() && index < head.slots.size(); ++i) {
            if (tokens[i].begin >= slot.begin && tokens[i].end <= slot.end) {
                tags[i] = static_cast<std::uint16_t>(1 + 2 * index + (first ? 0 : 1));
                first = false;
            }
        }
    }
    return tags;
}

Corpus corpus_of(const std::vector<NamedSet>& sets, const VocabularySizes& sizes) {
    Corpus corpus;
    std::vector<const Example*> used;
    std::set<std::string_view> counted;  // a sentence of two sets is one
    for (const NamedSet& set : sets) {
        corpus.heads.push_back(head_of(set.name, set.examples));
        corpus.values.emplace_back(corpus.heads.back().slots.size());
        for (const Example& example : set.examples) {
            if (!is_tuning(example) && counted.insert(example.text).second) {
                used.push_back(&example);
            }
        }
    }
    corpus.vocabulary = vocabulary_of(used, sizes.least, sizes.words_max, sizes.gram_rows);
    WordNumbers number(corpus);
    for (std::size_t h = 0; h < sets.size(); ++h) {
        for (const Example& example : sets[h].examples) {
            const std::vector<Token> tokens = tokens_of(example.text);
            if (is_tuning(example) || tokens.empty()) {
                continue;
            }
            const auto intent = corpus.heads[h].intent(example.intent);
            Sentence sentence{
                .head = h, .intent = intent ? static_cast<int>(*intent) : kNoIntent, .words = {}, .tags = {}};
            if (example.slots_known) {
                sentence.tags = tags_of(corpus.heads[h], example, tokens);
            }
            for (const Token& token : tokens) {
                sentence.words.push_back(number(token.text));
            }
            collect_values(corpus, sentence);
            corpus.sentences.push_back(std::move(sentence));
        }
    }
    return corpus;
}

Sentence with_other_values(const Corpus& corpus, const Sentence& sentence, Noise& noise) {
    Sentence out{.head = sentence.head, .intent = sentence.intent, .words = {}, .tags = {}};
    for (std::size_t i = 0; i < sentence.words.size();) {
        const std::uint16_t tag = sentence.tags[i];
        if (tag % 2 == 0) {
            out.words.push_back(sentence.words[i]);
            out.tags.push_back(tag);
            ++i;
            continue;
        }
        const auto& values = corpus.values[sentence.head][(tag - 1U) / 2];
        const std::vector<std::uint32_t>& value = values[noise.below(values.size())];
        for (std::size_t j = 0; j < value.size(); ++j) {
            out.words.push_back(value[j]);
            out.tags.push_back(static_cast<std::uint16_t>(j == 0 ? tag : tag + 1));
        }
        for (++i; i < sentence.words.size() && sentence.tags[i] == tag + 1; ++i) {
        }
    }
    return out;
}

BatchBuilder::BatchBuilder(Batch& batch, std::size_t margin) : batch_(batch), margin_(margin) {
    batch_ = {};
    empty_rows();
}

void BatchBuilder::empty_rows() {
    for (std::size_t i = 0; i < margin_; ++i) {
        batch_.empty.push_back(batch_.rows++);
        batch_.feature_end.push_back(batch_.features.size());
    }
}

void BatchBuilder::add(const std::vector<const std::vector<std::uint32_t>*>& rows,
                       const std::vector<bool>& hidden) {
    batch_.first.push_back(batch_.rows);
    batch_.length.push_back(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::vector<std::uint32_t>& word = *rows[i];
        batch_.features.push_back({hidden[i] ? 0 : word[0], 1.0F});
        batch_.features.push_back({word[1], 1.0F});
        const float weight = word.size() > 2 ? 1.0F / std::sqrt(static_cast<float>(word.size() - 2)) : 0.0F;
        for (std::size_t j = 2; j < word.size(); ++j) {
            batch_.features.push_back({word[j], weight});
        }
        batch_.feature_end.push_back(batch_.features.size());
        ++batch_.rows;
    }
    empty_rows();
}

}  // namespace ambit::intent_model

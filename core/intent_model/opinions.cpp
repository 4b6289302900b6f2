// What finished networks say about the corpus: what the shipped one learns from.
#include <algorithm>

#include "intent_model/training.h"

namespace ambit::intent_model {
namespace {

constexpr std::size_t kAtOnce = 64;

struct Teachers {
    const Corpus& corpus;
    const std::vector<const Linear*>& wide;
    float wide_factor;
    float part;  // each one's share
};

void add_intents(const Teachers& teachers, std::size_t begin, std::size_t end, Work& work, Opinions& out) {
    std::vector<float> wide_logits;
    for (std::size_t h = 0; h < teachers.corpus.heads.size(); ++h) {
        const std::size_t count = teachers.corpus.heads[h].intents.size();
        for (std::size_t s = begin; s < end; ++s) {
            float* const row = &work.intents[h][(s - begin) * padded(count)];
            if (!teachers.wide.empty()) {
                wide_logits.assign(padded(count), 0.0F);
                teachers.wide[h]->add_logits(teachers.corpus.grams[s], wide_logits.data());
                add_scaled(row, wide_logits.data(), teachers.wide_factor, count);
            }
            softmax(row, count);
            add_scaled(&out.intents[h][s * count], row, teachers.part, count);
        }
    }
}

void add_tags(const Teachers& teachers,
              std::size_t begin,
              std::size_t end,
              const Batch& batch,
              Work& work,
              Opinions& out) {
    for (std::size_t s = begin; s < end; ++s) {
        const Sentence& sentence = teachers.corpus.sentences[s];
        const Head& head = teachers.corpus.heads[sentence.head];
        if (head.slots.empty()) {
            continue;
        }
        const std::size_t count = head.tags();
        out.tags[s].resize(sentence.words.size() * count, 0.0F);
        for (std::size_t i = 0; i < sentence.words.size(); ++i) {
            const std::size_t row = batch.first[s - begin] + i - batch.first[0];
            float* const tags = &work.tags[sentence.head][row * padded(count)];
            softmax(tags, count);
            add_scaled(&out.tags[s][i * count], tags, teachers.part, count);
        }
    }
}

Batch batch_of(const Corpus& corpus, std::size_t begin, std::size_t end, std::size_t margin) {
    Batch batch;
    BatchBuilder builder(batch, margin);
    for (std::size_t s = begin; s < end; ++s) {
        std::vector<const std::vector<std::uint32_t>*> rows;
        for (const std::uint32_t word : corpus.sentences[s].words) {
            rows.push_back(&corpus.word_rows[word]);
        }
        builder.add(rows, std::vector<bool>(rows.size(), false));
    }
    return batch;
}

}  // namespace

Opinions opinions_of(const Corpus& corpus,
                     const std::vector<const Network*>& networks,
                     const std::vector<const Linear*>& wide,
                     float wide_factor) {
    Opinions out;
    out.intents.resize(corpus.heads.size());
    out.tags.resize(corpus.sentences.size());
    for (std::size_t h = 0; h < corpus.heads.size(); ++h) {
        out.intents[h].assign(corpus.sentences.size() * corpus.heads[h].intents.size(), 0.0F);
    }
    const Teachers teachers{corpus, wide, wide_factor, 1.0F / static_cast<float>(networks.size())};
    Noise noise(0);
    Work work;
    for (std::size_t begin = 0; begin < corpus.sentences.size(); begin += kAtOnce) {
        const std::size_t end = std::min(begin + kAtOnce, corpus.sentences.size());
        for (const Network* network : networks) {
            const Batch batch = batch_of(corpus, begin, end, network->sizes().margin());
            network->forward(batch, std::vector<HeadRange>(corpus.heads.size(), {0, end - begin}), {}, noise,
                             work);
            add_intents(teachers, begin, end, work, out);
            add_tags(teachers, begin, end, batch, work, out);
        }
    }
    return out;
}

}  // namespace ambit::intent_model

#include "intent_model/adaptation.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "intent_model/corpus.h"
#include "intent_model/model_parts.h"

namespace ambit::intent_model {
namespace {

constexpr float kSharpness = 6;  // of the kernel: how soon likeness fades
constexpr std::size_t kPasses = 40;
constexpr float kRate = 0.7F;
constexpr float kMatters = 0.5F;    // a lesson's weight on the winner from which it is named
constexpr float kSurprised = 0.9F;  // probability
constexpr float kCertain = 30;      // a logit above all others
constexpr std::size_t kSlotWordsMax = 8;

std::size_t best_of(const std::vector<float>& values) {
    return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

bool same_words(const std::vector<Token>& a, const std::vector<Token>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Token& x, const Token& y) { return x.text == y.text; });
}

// Lays `words` over a lesson's words from `word` and `of` on, each slot of the lesson over one or more; fills
// `tags`.
bool lay_over(const std::vector<Token>& lesson,
              const std::vector<std::uint16_t>& lesson_tags,
              std::size_t of,
              const std::vector<Token>& words,
              std::size_t word,
              std::vector<std::uint16_t>& tags,
              std::size_t& steps) {
    if (++steps > 2000) {
        return false;
    }
    if (of == lesson.size()) {
        return word == words.size();
    }
    if (lesson_tags[of] == 0) {
        return word < words.size() && words[word].text == lesson[of].text &&
               lay_over(lesson, lesson_tags, of + 1, words, word + 1, tags, steps);
    }
    std::size_t next = of + 1;
    while (next < lesson.size() && lesson_tags[next] == lesson_tags[of] + 1) {
        ++next;
    }
    for (std::size_t count = 1; count <= kSlotWordsMax && word + count <= words.size(); ++count) {
        tags[word] = lesson_tags[of];
        std::fill_n(tags.begin() + static_cast<std::ptrdiff_t>(word + 1), count - 1,
                    static_cast<std::uint16_t>(lesson_tags[of] + 1));
        if (lay_over(lesson, lesson_tags, next, words, word + count, tags, steps)) {
            return true;
        }
        std::fill_n(tags.begin() + static_cast<std::ptrdiff_t>(word), count, std::uint16_t{0});
    }
    return false;
}

}  // namespace

std::vector<float> Personal::likeness(const Encoded& encoded) const {
    const Trace trace = trace_of(encoded);
    std::vector<float> out;
    out.reserve(held_.size());
    for (const Held& lesson : held_) {
        out.push_back(exponential(kSharpness * (nearness(trace, lesson.trace) - 1)));
    }
    return out;
}

void Personal::add_weights(const std::vector<float>& likeness, std::vector<float>& logits) const {
    for (std::size_t i = 0; i < held_.size(); ++i) {
        add_scaled(logits.data(), held_[i].weights.data(), likeness[i], logits.size());
    }
}

void Personal::fit(const std::vector<std::vector<float>>& logits,
                   const std::vector<std::vector<float>>& likeness) {
    for (std::size_t pass = 0; pass < kPasses; ++pass) {
        for (std::size_t i = 0; i < held_.size(); ++i) {
            std::vector<float> row = logits[i];
            add_weights(likeness[i], row);
            softmax(row.data(), row.size());
            add_scaled(held_[i].weights.data(), row.data(), -kRate, row.size());
            held_[i].weights[held_[i].intent] += kRate;
        }
    }
}

void Personal::find_troubles(const std::vector<std::vector<float>>& logits,
                             const std::vector<std::vector<float>>& likeness,
                             const Head& head) {
    std::set<std::pair<std::string, std::string>> named;
    for (std::size_t i = 0; i < held_.size(); ++i) {
        std::vector<float> base = logits[i];
        const std::size_t before = best_of(base);
        std::vector<float> row = base;
        softmax(base.data(), base.size());
        if (before != held_[i].intent && base[before] > kSurprised) {
            troubles_.push_back({Trouble::Kind::surprises, held_[i].id, head.intents[before]});
        }
        add_weights(likeness[i], row);
        const bool lost = best_of(row) != held_[i].intent;
        for (std::size_t j = i + 1; j < held_.size(); ++j) {
            const bool differs = held_[j].intent != held_[i].intent;
            const bool breaks = lost && held_[j].intent == best_of(row) && likeness[i][j] > 0.5F;
            if (differs && (breaks || same_words(held_[i].words, held_[j].words))) {
                troubles_.push_back({Trouble::Kind::contradicts, held_[j].id, held_[i].id});
            }
        }
    }
}

Result<Personal> Personal::adapt(const IntentModel& model,
                                 std::string_view head,
                                 const std::vector<Lesson>& lessons) {
    const Head* const labels = model.head(head);
    if (labels == nullptr) {
        return Error{ErrorCode::UnknownHead, std::string(head.substr(0, 64))};
    }
    if (lessons.size() > kLessonsMax) {
        return Error{ErrorCode::LessonRefused, "more than " + std::to_string(kLessonsMax) + " lessons"};
    }
    Personal personal;
    std::vector<std::vector<float>> logits;
    std::vector<Encoded> all;
    for (const Lesson& lesson : lessons) {
        const auto intent = labels->intent(lesson.intent);
        if (!intent) {
            return Error{ErrorCode::LessonRefused, "lesson " + lesson.id + ": the model has no such intent"};
        }
        all.push_back(model.encode(lesson.text, head));
        Encoded& encoded = all.back();
        if (encoded.words.empty()) {
            return Error{ErrorCode::LessonRefused, "lesson " + lesson.id + ": it has no words"};
        }
        for (float& logit : encoded.intent_logits) {
            logit *= model.parts()
                         .head_parts[static_cast<std::size_t>(labels - model.parts().heads.data())]
                         .sharpness;
        }
        logits.push_back(encoded.intent_logits);
        const Example example{lesson.text, lesson.intent, lesson.slots};
        personal.held_.push_back({.id = lesson.id,
                                  .intent = *intent,
                                  .trace = trace_of(encoded),
                                  .words = encoded.words,
                                  .tags = intent_model::tags_of(*labels, example, encoded.words),
                                  .weights = std::vector<float>(padded(labels->intents.size()), 0.0F)});
    }
    std::vector<std::vector<float>> likeness;
    for (const Encoded& encoded : all) {
        likeness.push_back(personal.likeness(encoded));
    }
    personal.fit(logits, likeness);
    personal.find_troubles(logits, likeness, *labels);
    return personal;
}

void Personal::add_slots(const Held& lesson, Encoded& encoded, std::size_t tags) const {
    std::vector<std::uint16_t> found(encoded.words.size(), 0);
    std::size_t steps = 0;
    if (lay_over(lesson.words, lesson.tags, 0, encoded.words, 0, found, steps)) {
        for (std::size_t i = 0; i < found.size(); ++i) {
            encoded.tag_logits[i * tags + found[i]] += kCertain;
        }
    }
}

std::string Personal::change(Encoded& encoded, const Head& head) const {
    if (held_.empty() || encoded.words.empty()) {
        return {};
    }
    const std::vector<float> alike = likeness(encoded);
    add_weights(alike, encoded.intent_logits);
    const std::size_t winner = best_of(encoded.intent_logits);
    const Held* decisive = nullptr;
    float most = kMatters;
    for (std::size_t i = 0; i < held_.size(); ++i) {
        if (held_[i].intent == winner && alike[i] * held_[i].weights[winner] > most) {
            most = alike[i] * held_[i].weights[winner];
            decisive = &held_[i];
        }
    }
    for (const Held& lesson : held_) {
        if (lesson.intent == winner && !encoded.tag_logits.empty()) {
            add_slots(lesson, encoded, head.tags());
        }
    }
    return decisive == nullptr ? std::string() : decisive->id;
}

}  // namespace ambit::intent_model

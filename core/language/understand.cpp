#include "language/understand.h"

#include <algorithm>
#include <cctype>

#include "language/near_names.h"
#include "language/phrases.h"
#include "language/reading.h"
#include "language/talk.h"
#include "language/text.h"

namespace ambit::language {
namespace {

// A name that the home lacks may have so many words; more of them are hardly a name.
constexpr std::size_t kNameWordsMax = 3;

class Understander {
  public:
    Understander(const Grammar& grammar,
                 const Home& home,
                 std::string_view utterance,
                 const Speaker& speaker,
                 const Rung* next)
        : grammar_(grammar), home_(home), utterance_(utterance), speaker_(speaker), next_(next) {
        if (!speaker.area.empty()) {
            context_["area"] = speaker.area;
        }
        if (speaker.talk != nullptr && speaker.talk->is_open()) {
            context_["conversation"] = "open";
        }
    }

    Result<Understanding> run() {
        AMBIT_TRY_ASSIGN(Reading whole, read_templates(grammar_, utterance_, home_, context_, next_));
        guess_ = std::move(whole.guess);
        // A new sentence beats an answer, unless it is nothing but a list's any words.
        if (!whole.recognition || whole.recognition->literal_characters == 0) {
            if (auto answer = answer_choice(utterance_, home_, speaker_, grammar_.language())) {
                return std::move(*answer);
            }
        }
        if (whole.recognition) {
            return better_of(meant_by(*whole.recognition));
        }
        AMBIT_TRY_ASSIGN(auto parts, in_parts());
        if (parts) {
            return std::move(*parts);
        }
        std::optional<Understanding> unnamed;
        if (!whole.refused) {
            AMBIT_TRY_ASSIGN(unnamed, misnamed());
            if (unnamed && unnamed->meaning < Meaning::NotFound) {
                return std::move(*unnamed);
            }
        }
        AMBIT_TRY_ASSIGN(auto shown, by_lesson());
        if (shown) {
            return std::move(*shown);
        }
        AMBIT_TRY_ASSIGN(auto guessed, by_guess());
        if (guessed && !(unnamed && lacks(*unnamed))) {
            return std::move(*guessed);
        }
        return unnamed && may_be_a_name(*unnamed) ? std::move(*unnamed) : miss();
    }

    std::optional<Guess>& guess() { return guess_; }

  private:
    Understanding meant_by(const Recognition& recognition) const {
        auto following = follow_up(recognition, home_, speaker_, grammar_.language());
        return following ? std::move(*following) : resolve(recognition, home_, speaker_, grammar_.language());
    }

    // A template had the words, but nothing in the home is called so or can do that; the next rung may know
    // what was meant instead: "bring the light down to 10" is no volume.
    Result<Understanding> better_of(Understanding plain) {
        const bool leads_nowhere = plain.meaning == Meaning::NotFound || plain.meaning == Meaning::NothingCan;
        if (!leads_nowhere || plain.recognitions.empty() || plain.recognitions.front().custom) {
            return plain;
        }
        AMBIT_TRY_ASSIGN(auto shown, by_lesson());
        if (shown) {
            return std::move(*shown);
        }
        AMBIT_TRY_ASSIGN(auto guessed, by_guess());
        const bool leads_on =
            guessed && (guessed->meaning == Meaning::Commands || guessed->meaning == Meaning::Question);
        return leads_on && !lacks(plain) ? std::move(*guessed) : std::move(plain);
    }

    // What the home lacks is called so, or may be: it is short, and no room.
    bool may_be_a_name(const Understanding& unnamed) const {
        const Slot* name = unnamed.recognitions.empty() ? nullptr : unnamed.recognitions.front().slot("name");
        if (name == nullptr || !name->wildcard) {
            return true;
        }
        const std::string said = spoken_form(name->text);
        const auto is_said = [&](const std::string& place) { return spoken_form(place) == said; };
        const auto areas = home_.areas();
        const auto floors = home_.floors();
        return words_in(said).size() <= kNameWordsMax && std::none_of(areas.begin(), areas.end(), is_said) &&
               std::none_of(floors.begin(), floors.end(), is_said);
    }

    // "... and ...": the split with the fewest parts of which every one is understood.
    Result<std::optional<Understanding>> in_parts() {
        const std::string joint = conjunction(grammar_.language());
        std::vector<std::size_t> cuts = {0};
        for (std::size_t at = 0; (at = utterance_.find(joint, at)) != std::string_view::npos;
             at += joint.size()) {
            cuts.push_back(at + joint.size());
        }
        if (cuts.size() < 2 || cuts.size() > kPartsMax) {
            return std::optional<Understanding>();
        }
        const std::size_t joints = cuts.size() - 1;
        for (std::size_t wanted = 1; wanted <= joints; ++wanted) {
            for (std::size_t chosen = 1; chosen < (std::size_t{1} << joints); ++chosen) {
                if (static_cast<std::size_t>(__builtin_popcountll(chosen)) != wanted) {
                    continue;
                }
                AMBIT_TRY_ASSIGN(auto done, try_split(cuts, chosen, joint.size()));
                if (done) {
                    return done;
                }
            }
        }
        return std::optional<Understanding>();
    }

    Result<std::optional<Understanding>> try_split(const std::vector<std::size_t>& cuts,
                                                   std::size_t chosen,
                                                   std::size_t joint_size) {
        std::vector<Recognition> recognitions;
        std::size_t begin = 0;
        for (std::size_t i = 1; i <= cuts.size(); ++i) {
            const bool last = i == cuts.size();
            if (!last && (chosen >> (i - 1) & 1U) == 0) {
                continue;
            }
            const std::size_t end = last ? utterance_.size() : cuts[i] - joint_size;
            AMBIT_TRY_ASSIGN(Reading part, read_templates(grammar_, utterance_.substr(begin, end - begin),
                                                          home_, context_, next_));
            if (!part.recognition) {
                return std::optional<Understanding>();
            }
            for (Slot& slot : part.recognition->slots) {
                if (!slot.text.empty()) {
                    slot.span = {slot.span.begin + begin, slot.span.end + begin};
                }
            }
            recognitions.push_back(std::move(*part.recognition));
            begin = last ? end : cuts[i];
        }
        return join(recognitions);
    }

    std::optional<Understanding> join(const std::vector<Recognition>& recognitions) const {
        Understanding all;
        all.meaning = Meaning::Commands;
        for (const Recognition& recognition : recognitions) {
            Understanding one = resolve(recognition, home_, speaker_, grammar_.language());
            if (one.meaning != Meaning::Commands) {
                one.recognitions = recognitions;
                return one;  // nothing is done unless everything can be
            }
            all.commands.insert(all.commands.end(), one.commands.begin(), one.commands.end());
        }
        all.recognitions = recognitions;
        return all;
    }

    // Nothing matched.  Would a sentence match if the home had what was named?
    Result<std::optional<Understanding>> misnamed() {
        std::optional<Understanding> unnamed;
        for (const char* list : {"name", "area", "floor"}) {
            Lists anything = home_.lists();
            anything.set_any(list);
            AMBIT_TRY_ASSIGN(auto found, grammar_.recognise(utterance_, anything, context_));
            if (!found || cuts_a_word(*found) ||
                (std::string_view(list) != "name" && !correct_place(*found, list))) {
                continue;
            }
            Understanding out = meant_by(*found);
            if (out.meaning == Meaning::Commands || out.meaning == Meaning::Clarify ||
                out.meaning == Meaning::Question) {
                return std::optional(std::move(out));
            }
            if (!unnamed && out.meaning != Meaning::NotUnderstood) {
                unnamed = std::move(out);
            }
        }
        return unnamed;
    }

    // "who won" is not "who w", on.
    bool cuts_a_word(const Recognition& recognition) const {
        const auto stands_alone = [this](const Span& span) {
            const auto is_edge = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; };
            return (span.begin == 0 || is_edge(utterance_[span.begin - 1])) &&
                   (span.end >= utterance_.size() || is_edge(utterance_[span.end]));
        };
        return grammar_.language() != "zh" && grammar_.language() != "ja" &&
               std::any_of(recognition.slots.begin(), recognition.slots.end(), [&](const Slot& slot) {
                   return slot.wildcard && slot.span.end > slot.span.begin && !stands_alone(slot.span);
               });
    }

    // A thing was named that the home lacks, and the paraphrase is silent about it: "turn off the left light"
    // is not to turn off the others.
    bool lacks(const Understanding& unnamed) const {
        const Slot* name = unnamed.recognitions.empty() ? nullptr : unnamed.recognitions.front().slot("name");
        if (name == nullptr) {
            return false;
        }
        const std::vector<std::string> named = words_in(name->text);
        const std::string reworded = " " + spoken_form(guess_->reworded) + " ";
        return !named.empty() && named.size() <= kNameWordsMax &&
               reworded.find(" " + named.front() + " ") == std::string::npos &&
               reworded.find(" " + named.front() + "s ") == std::string::npos;
    }

    // What a lesson stands for that these words are like, unless it would pass over something of the home
    // that was named.  Lessons are in any language.
    Result<std::optional<Understanding>> by_lesson() {
        if (next_ != nullptr && !guess_) {
            guess_ = next_->read(utterance_);
        }
        if (!guess_ || guess_->means.empty() || !guess_->sure || !guess_->doubt.empty()) {
            return std::optional<Understanding>();
        }
        const std::optional<std::string> means = filled(guess_->means);
        if (!means) {
            return std::optional<Understanding>();
        }
        Speaker speaker = speaker_;
        speaker.talk = nullptr;
        AMBIT_TRY_ASSIGN(Understanding meant, Understander(grammar_, home_, *means, speaker, nullptr).run());
        if (meant.meaning >= Meaning::Clarify || meant.recognitions.empty()) {
            return std::optional<Understanding>();
        }
        if (const std::string missed = passed_over(meant.recognitions); !missed.empty()) {
            guess_->doubt = "it says \"" + missed + "\"";
            return std::optional<Understanding>();
        }
        for (Recognition& recognition : meant.recognitions) {
            recognition.rung = guess_->rung;
            recognition.confidence = guess_->confidence;
            for (Slot& slot : recognition.slots) {
                slot.text.clear();
                slot.span = {};
            }
        }
        guess_->reworded = *means;
        return meant.recognitions.size() == 1
                   ? resolve(meant.recognitions.front(), home_, speaker_, grammar_.language())
                   : join(meant.recognitions);
    }

    // With the names, rooms and floors that were said in the place of {name}, {area} and {floor}; the longest
    // of each.
    std::optional<std::string> filled(std::string means) const {
        const std::string said = " " + spoken_form(utterance_) + " ";
        std::string best;
        const auto try_form = [&](const std::string& form) {
            if (form.size() > best.size() && said.find(" " + form + " ") != std::string::npos) {
                best = form;
            }
        };
        for (const std::string_view holder : {"{name}", "{area}", "{floor}"}) {
            const std::size_t at = means.find(holder);
            if (at == std::string::npos) {
                continue;
            }
            best.clear();
            if (holder == "{name}") {
                for (std::size_t i = 0; i < home_.entities().size(); ++i) {
                    std::for_each(home_.spoken_forms(i).begin(), home_.spoken_forms(i).end(), try_form);
                }
            } else {
                for (const std::string& place : holder == "{area}" ? home_.areas() : home_.floors()) {
                    try_form(spoken_form(place));
                }
            }
            if (best.empty()) {
                return std::nullopt;
            }
            means.replace(at, holder.size(), best);
        }
        return means;
    }

    // What the next rung makes of it, unless it would pass over something of the home that was named.
    Result<std::optional<Understanding>> by_guess() {
        AMBIT_TRY_ASSIGN(Reading read,
                         read_guess(grammar_, utterance_, home_, context_, next_, std::move(guess_)));
        guess_ = std::move(read.guess);
        if (!read.recognition) {
            return std::optional<Understanding>();
        }
        if (const std::string missed = passed_over({*read.recognition}); !missed.empty()) {
            guess_->doubt = "it says \"" + missed + "\"";
            return std::optional<Understanding>();
        }
        return std::optional(meant_by(*read.recognition));
    }

    // A name, room or floor of this home that was said and is in no slot; empty if there is none.
    std::string passed_over(const std::vector<Recognition>& recognitions) const {
        const std::string said = " " + spoken_form(utterance_) + " ";
        std::string taken;
        for (const Recognition& recognition : recognitions) {
            for (const Slot& slot : recognition.slots) {
                taken += " " + spoken_form(slot.text.empty() ? slot.value : slot.text) + " ";
            }
        }
        const auto missed = [&](const std::string& form) {
            const std::string words = " " + form + " ";
            return !form.empty() && said.find(words) != std::string::npos &&
                   taken.find(words) == std::string::npos;
        };
        for (const auto& places : {home_.areas(), home_.floors()}) {
            for (const std::string& place : places) {
                if (missed(spoken_form(place))) {
                    return place;
                }
            }
        }
        for (std::size_t i = 0; i < home_.entities().size(); ++i) {
            const auto& forms = home_.spoken_forms(i);
            if (std::any_of(forms.begin(), forms.end(), missed)) {
                return home_.entities()[i].name;
            }
        }
        return "";
    }

    Understanding miss() const {
        Understanding out;
        out.text = phrase(Phrase::NotUnderstood, grammar_.language());
        out.near_misses = grammar_.near_misses(utterance_, home_.lists(), context_);
        return out;
    }

    // "the kichen": a slip of the one area or floor that is called nearly so.
    bool correct_place(Recognition& recognition, std::string_view list) const {
        for (Slot& slot : recognition.slots) {
            if (slot.name == list && slot.wildcard) {
                const std::string meant =
                    slip_of(list == "area" ? home_.areas() : home_.floors(), spoken_form(slot.text));
                if (meant.empty()) {
                    return false;
                }
                slot.value = meant;
                slot.wildcard = false;
            }
        }
        return true;
    }

    const Grammar& grammar_;
    const Home& home_;
    std::string_view utterance_;
    const Speaker& speaker_;
    const Rung* next_;
    std::optional<Guess> guess_;
    Context context_;
};

}  // namespace

bool is_paraphrase(const Understanding& understanding) {
    return std::any_of(understanding.recognitions.begin(), understanding.recognitions.end(),
                       [](const Recognition& recognition) { return recognition.rung != "T0"; });
}

Result<Understanding> understand(const Grammar& grammar,
                                 const Home& home,
                                 std::string_view utterance,
                                 const Speaker& speaker,
                                 const Rung* next) {
    Understander understander(grammar, home, utterance, speaker, next);
    auto understanding = understander.run();
    if (understanding) {
        understanding->guess = std::move(understander.guess());
        understanding->language = grammar.language();
    }
    return understanding;
}

}  // namespace ambit::language

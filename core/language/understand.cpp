#include "language/understand.h"

#include <algorithm>

#include "language/near_names.h"
#include "language/phrases.h"
#include "language/talk.h"
#include "language/text.h"

namespace ambit::language {
namespace {

class Understander {
  public:
    Understander(const Grammar& grammar, const Home& home, std::string_view utterance, const Speaker& speaker)
        : grammar_(grammar), home_(home), utterance_(utterance), speaker_(speaker) {
        if (!speaker.area.empty()) {
            context_["area"] = speaker.area;
        }
        if (speaker.talk != nullptr && speaker.talk->is_open()) {
            context_["conversation"] = "open";
        }
    }

    Result<Understanding> run() {
        AMBIT_TRY_ASSIGN(const auto whole, grammar_.recognise(utterance_, home_.lists(), context_));
        // A new sentence beats an answer, unless it is nothing but a list's any words.
        if (!whole || whole->literal_characters == 0) {
            if (auto answer = answer_choice(utterance_, home_, speaker_, grammar_.language())) {
                return std::move(*answer);
            }
        }
        if (whole) {
            return meant_by(*whole);
        }
        AMBIT_TRY_ASSIGN(auto parts, in_parts());
        if (parts) {
            return std::move(*parts);
        }
        return miss();
    }

  private:
    Understanding meant_by(const Recognition& recognition) const {
        auto following = follow_up(recognition, home_, speaker_, grammar_.language());
        return following ? std::move(*following) : resolve(recognition, home_, speaker_, grammar_.language());
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
            AMBIT_TRY_ASSIGN(auto part, grammar_.recognise(utterance_.substr(begin, end - begin),
                                                           home_.lists(), context_));
            if (!part) {
                return std::optional<Understanding>();
            }
            for (Slot& slot : part->slots) {
                if (!slot.text.empty()) {
                    slot.span = {slot.span.begin + begin, slot.span.end + begin};
                }
            }
            recognitions.push_back(std::move(*part));
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
    Result<Understanding> miss() {
        std::optional<Understanding> unnamed;
        for (const char* list : {"name", "area", "floor"}) {
            Lists anything = home_.lists();
            anything.set_any(list);
            AMBIT_TRY_ASSIGN(auto found, grammar_.recognise(utterance_, anything, context_));
            if (!found || (std::string_view(list) != "name" && !correct_place(*found, list))) {
                continue;
            }
            Understanding out = meant_by(*found);
            if (out.meaning == Meaning::Commands || out.meaning == Meaning::Clarify ||
                out.meaning == Meaning::Question) {
                return out;
            }
            if (!unnamed && out.meaning != Meaning::NotUnderstood) {
                unnamed = std::move(out);
            }
        }
        if (unnamed) {
            return std::move(*unnamed);
        }
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
    Context context_;
};

}  // namespace

Result<Understanding> understand(const Grammar& grammar,
                                 const Home& home,
                                 std::string_view utterance,
                                 const Speaker& speaker) {
    auto understanding = Understander(grammar, home, utterance, speaker).run();
    if (understanding) {
        understanding->language = grammar.language();
    }
    return understanding;
}

}  // namespace ambit::language

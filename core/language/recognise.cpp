// Grammar::recognise(): all parses of all templates, and which of them is best.
#include <algorithm>

#include "language/match.h"

namespace ambit::language {
namespace {

// One complete reading, ranked as hassil's recognize_best ranks (docs/spec/sentences.md, "The best reading").
struct Reading {
    bool custom = false;
    bool has_name = false;
    std::size_t name_length = 0;
    std::size_t wildcards = 0;
    std::uint32_t literals = 0;
    std::size_t wildcard_bytes = 0;
    Recognition recognition;

    bool better_than(const Reading& other) const {
        const auto rank = [](const Reading& r) {
            return std::tuple(!r.custom, !r.has_name, -static_cast<std::int64_t>(r.name_length), r.wildcards,
                              -static_cast<std::int64_t>(r.literals), r.wildcard_bytes);
        };
        return rank(*this) < rank(other);
    }
};

// The forms of one utterance that templates are tried on.
class Forms {
  public:
    Forms(std::string_view utterance, const std::vector<std::string>& skip_words)
        : chars_(normalise(decode_folded(utterance))), skip_words_(skip_words), whole_(prepare(chars_)) {}

    const PreparedText& whole() const { return whole_; }

    // nullptr when cutting skip words on that side changes nothing.
    const PreparedText* without(SkipWordSide side) {
        auto& form = cut_[static_cast<std::size_t>(side)];
        if (!form) {
            form = prepare(without_skip_words(chars_, skip_words_, side));
        }
        return form->text == whole_.text ? nullptr : &*form;
    }

  private:
    TextChars chars_;
    const std::vector<std::string>& skip_words_;
    PreparedText whole_;
    std::optional<PreparedText> cut_[3];
};

bool has_fragments(const Template& made, const PreparedText& text) {
    return std::all_of(made.clauses.begin(), made.clauses.end(), [&text](const auto& clause) {
        return std::any_of(clause.begin(), clause.end(), [&text](const auto& fragment) {
            return text.text.find(fragment) != std::string::npos;
        });
    });
}

bool has_keyword(const Block& block, const PreparedText& text) {
    const std::string padded = " " + text.text;
    return block.required_keywords.empty() ||
           std::any_of(
               block.required_keywords.begin(), block.required_keywords.end(),
               [&padded](const auto& word) { return padded.find(" " + word + " ") != std::string::npos; });
}

// What was captured, oldest first.
std::vector<const Captured*> in_order(const Captured* newest) {
    std::vector<const Captured*> all;
    for (; newest != nullptr; newest = newest->before) {
        all.push_back(newest);
    }
    std::reverse(all.begin(), all.end());
    return all;
}

class Recogniser {
  public:
    Recogniser(const Grammar::Compiled& grammar,
               const Lists& lists,
               std::string_view utterance,
               const Context& context)
        : grammar_(grammar),
          utterance_(utterance),
          context_(context),
          forms_(utterance, grammar.skip_words),
          matcher_(grammar, lists),
          names_are_open_(
              std::any_of(lists.impl().lists.begin(), lists.impl().lists.end(), [](const auto& list) {
                  return std::holds_alternative<WildcardList>(list.second);
              })) {}

    Result<std::optional<Recognition>> best() {
        for (const Template& made : grammar_.templates) {
            if (!possible(made)) {
                continue;
            }
            try_forms(made);
            if (matcher_.total_steps() > kMatchStepsMax) {
                return Error{ErrorCode::MatchTooCostly, made.file + ":" + std::to_string(made.line)};
            }
        }
        return best_ ? std::optional(std::move(best_->recognition)) : std::nullopt;
    }

    std::vector<NearMiss> near_misses() {
        std::vector<NearMiss> all;
        for (const Template& made : grammar_.templates) {
            const PreparedText& text = forms_.whole();
            matcher_.match(made, text);
            const std::size_t furthest = text.span(0, matcher_.furthest()).end;
            if (matcher_.total_steps() > kMatchStepsMax) {
                break;
            }
            if (matcher_.furthest() > 0 && furthest > 0) {
                all.push_back(
                    {grammar_.blocks[made.block].intent, made.text, made.file, made.line, furthest});
            }
        }
        std::stable_sort(all.begin(), all.end(),
                         [](const auto& a, const auto& b) { return a.matched_bytes > b.matched_bytes; });
        all.resize(std::min(all.size(), kNearMissesMax));
        return all;
    }

  private:
    bool possible(const Template& made) {
        const Block& block = grammar_.blocks[made.block];
        return has_keyword(block, forms_.whole()) && may_meet(block.requires_context, context_) &&
               none_excluded(block.excludes_context, context_) && has_fragments(made, forms_.whole());
    }

    void try_forms(const Template& made) {
        if (made.has_wildcard) {
            if (made.starts_with_wildcard && made.ends_with_wildcard) {
                try_text(made, forms_.whole());
                return;
            }
            const SkipWordSide side = made.starts_with_wildcard ? SkipWordSide::End
                                      : made.ends_with_wildcard ? SkipWordSide::Start
                                                                : SkipWordSide::Everywhere;
            const PreparedText* cut = forms_.without(side);
            try_text(made, cut == nullptr ? forms_.whole() : *cut);
            return;
        }
        if (!try_text(made, forms_.whole())) {
            if (const PreparedText* cut = forms_.without(SkipWordSide::Everywhere); cut != nullptr) {
                try_text(made, *cut);
            }
        }
    }

    bool try_text(const Template& made, const PreparedText& text) {
        bool any = false;
        for (const MatchState& state : matcher_.match(made, text)) {
            if (auto reading = read(made, text, state)) {
                any = true;
                if (!best_ || reading->better_than(*best_)) {
                    best_ = std::move(reading);
                }
            }
        }
        return any;
    }

    std::optional<Reading> read(const Template& made, const PreparedText& text, const MatchState& end) {
        const bool open = end.captured != nullptr && end.captured->open;
        if (!open && text.text.find_first_not_of(' ', end.at) != std::string::npos) {
            return std::nullopt;
        }
        const Block& block = grammar_.blocks[made.block];
        Reading reading;
        Recognition& out = reading.recognition;
        reading.custom = out.custom = block.custom;
        reading.literals = end.literals;
        out.context = context_;
        for (const Captured* captured : in_order(end.captured)) {
            const bool takes_rest = captured->open;
            if (takes_rest && captured != end.captured) {
                return std::nullopt;  // an earlier wildcard that never got any text
            }
            const std::size_t slot_end = takes_rest ? text.text.size() : captured->end;
            if (!add_slot(reading, text, *captured, slot_end)) {
                return std::nullopt;
            }
        }
        if (!none_excluded(block.excludes_context, out.context) || !add_required_context(block, out)) {
            return std::nullopt;
        }
        rank_name(reading);
        for (const auto& [name, value] : block.slots) {
            if (out.slot(name) == nullptr) {
                out.slots.push_back({name, value, {}, {}, false});
            }
        }
        out.intent = block.intent;
        out.response = block.response;
        out.template_text = made.text;
        out.file = made.file;
        out.line = made.line;
        return reading;
    }

    // False for a wildcard without text.
    bool add_slot(Reading& reading,
                  const PreparedText& text,
                  const Captured& captured,
                  std::size_t end) const {
        const Span span = text.span(captured.begin, end);
        std::string said(utterance_.substr(span.begin, span.end - span.begin));
        if (captured.wildcard) {
            if (said.empty()) {
                return false;
            }
            ++reading.wildcards;
            reading.wildcard_bytes += said.size();
        }
        if (captured.context != nullptr) {
            for (const auto& [key, value] : *captured.context) {
                reading.recognition.context[key] = value;
            }
        }
        if (!captured.slot->empty()) {
            std::string value = captured.value_is_text ? said : captured.value;
            reading.recognition.slots.push_back(
                {*captured.slot, std::move(value), std::move(said), span, captured.wildcard});
        }
        return true;
    }

    bool add_required_context(const Block& block, Recognition& out) const {
        std::vector<Slot> copied;
        for (const ContextRule& rule : block.requires_context) {
            const auto found = out.context.find(rule.key);
            if (found == out.context.end() && names_are_open_) {
                continue;  // what a name would have said about it isn't known
            }
            if (found == out.context.end() ||
                (!rule.values.empty() &&
                 std::find(rule.values.begin(), rule.values.end(), found->second) == rule.values.end())) {
                return false;
            }
            if (!rule.copy_to_slot.empty() && out.slot(rule.copy_to_slot) == nullptr) {
                copied.push_back({rule.copy_to_slot, found->second, {}, {}, false});
            }
        }
        std::move(copied.begin(), copied.end(), std::back_inserter(out.slots));
        return true;
    }

    static void rank_name(Reading& reading) {
        const Slot* name = reading.recognition.slot("name");
        reading.has_name = name != nullptr && !name->wildcard && !name->text.empty();
        reading.name_length = reading.has_name ? name->text.size() : 0;
    }

    const Grammar::Compiled& grammar_;
    std::string_view utterance_;
    const Context& context_;
    Forms forms_;
    Matcher matcher_;
    bool names_are_open_;  // some list takes any words (Lists::set_any)
    std::optional<Reading> best_;
};

Result<void> check_utterance(std::string_view utterance) {
    if (utterance.size() > kUtteranceBytesMax) {
        return Error{ErrorCode::UtteranceTooLong, std::to_string(utterance.size()) + " bytes, at most " +
                                                      std::to_string(kUtteranceBytesMax)};
    }
    return {};
}

}  // namespace

Result<std::optional<Recognition>> Grammar::recognise(std::string_view utterance,
                                                      const Lists& lists,
                                                      const Context& context) const {
    AMBIT_TRY(check_utterance(utterance));
    return Recogniser(*compiled_, lists, utterance, context).best();
}

std::vector<NearMiss> Grammar::near_misses(std::string_view utterance,
                                           const Lists& lists,
                                           const Context& context) const {
    if (!check_utterance(utterance)) {
        return {};
    }
    return Recogniser(*compiled_, lists, utterance, context).near_misses();
}

}  // namespace ambit::language

#include "language/sample.h"

#include <algorithm>

#include "language/number_words.h"
#include "language/sources.h"
#include "language/text.h"

namespace ambit::language {
namespace {

using Kind = TemplateNode::Kind;

constexpr int kTries = 50;  // for one sentence, when a template names what the home lacks
constexpr std::size_t kNestingMax = 96;
constexpr std::size_t kPoliteOneIn = 6;

// splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::size_t below(std::size_t count) {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return count == 0 ? 0 : static_cast<std::size_t>((z ^ (z >> 31U)) % count);
    }

  private:
    std::uint64_t state_;
};

// A name of the home, as it is said, and of what domain it is.
struct Name {
    std::string text;
    std::string value;
    std::string domain;
};

}  // namespace

struct Sampler::State {
    struct Place {
        std::size_t block = 0;
        std::size_t index = 0;
    };

    Sources sources;
    std::vector<Name> names;
    std::vector<Name> areas;
    std::vector<Place> places;                        // by number of the template
    std::vector<std::vector<std::size_t>> by_intent;  // numbers of templates
    Dice dice{0};

    std::optional<Sample> make(std::size_t number);
};

namespace {

// Writes one sentence; spaces are as a person types them.
class Writer {
  public:
    Writer(Sampler::State& state, const SourceBlock& block) : state_(state), block_(block) {}

    bool write(const TemplateNode& node) { return write(node, 0); }

    void add(std::string_view text) {
        for (const char c : text) {
            if (c == ' ' && (text_.empty() || text_.back() == ' ' || state_.sources.ignore_whitespace)) {
                continue;
            }
            text_ += c;
        }
    }

    std::string finish() {
        text_.resize(strip(text_).empty() ? 0 : text_.find_last_not_of(' ') + 1);
        return std::move(text_);
    }

    std::vector<Slot> take_slots() { return std::move(slots_); }

  private:
    bool write(const TemplateNode& node, std::size_t depth) {
        if (depth > kNestingMax) {
            return false;
        }
        switch (node.kind) {
            case Kind::Text:
                add(node.text);
                return true;
            case Kind::Sequence:
                return std::all_of(node.items.begin(), node.items.end(),
                                   [&](const TemplateNode& item) { return write(item, depth + 1); });
            case Kind::Alternative:
                return write(node.items[state_.dice.below(node.items.size())], depth + 1);
            case Kind::Permutation:
                return write_in_any_order(node, depth);
            case Kind::List:
                return write_list(node, depth);
            case Kind::Rule:
                break;
        }
        const SourceRule* rule = find_rule(state_.sources, block_, node.text);
        return rule != nullptr && write(rule->root, depth + 1);
    }

    bool write_in_any_order(const TemplateNode& node, std::size_t depth) {
        std::vector<const TemplateNode*> left;
        for (const TemplateNode& item : node.items) {
            left.push_back(&item);
        }
        while (!left.empty()) {
            const auto chosen = left.begin() + static_cast<std::ptrdiff_t>(state_.dice.below(left.size()));
            if (!write(**chosen, depth + 1)) {
                return false;
            }
            left.erase(chosen);
        }
        return true;
    }

    bool write_list(const TemplateNode& node, std::size_t depth) {
        Slot slot;
        slot.name = node.slot;
        slot.span.begin = text_.size();
        if (!write_value(node, depth, slot)) {
            return false;
        }
        slot.span.end = std::max(slot.span.begin, text_.find_last_not_of(' ') + 1);
        slot.text = text_.substr(slot.span.begin, slot.span.end - slot.span.begin);
        if (slot.value.empty()) {
            slot.value = slot.text;
        }
        if (!node.is_capture) {
            slots_.push_back(std::move(slot));
        }
        return true;
    }

    bool write_value(const TemplateNode& node, std::size_t depth, Slot& slot) {
        const SourceList* list = find_list(state_.sources, block_, node.text);
        if (list == nullptr) {
            if (const auto range = inline_range(node.text)) {
                return write_number(*range, state_.sources.language, slot);
            }
            return node.text == "name"   ? write_name(state_.names, true, slot)
                   : node.text == "area" ? write_name(state_.areas, false, slot)
                                         : false;
        }
        if (list->has_values) {
            return write_text(*list, depth, slot);
        }
        if (list->range) {
            return write_number(*list->range, list->words_language, slot);
        }
        slot.wildcard = true;
        if (list->examples.empty()) {
            return false;
        }
        add(list->examples[state_.dice.below(list->examples.size())]);
        return true;
    }

    bool write_text(const SourceList& list, std::size_t depth, Slot& slot) {
        std::vector<const SourceValue*> fitting;
        for (const SourceValue& value : list.values) {
            if (may_meet(block_.block.requires_context, value.context) &&
                none_excluded(block_.block.excludes_context, value.context)) {
                fitting.push_back(&value);
            }
        }
        if (fitting.empty()) {
            return false;
        }
        const SourceValue& value = *fitting[state_.dice.below(fitting.size())];
        slot.value = value.value_is_text ? std::string() : value.out;
        // Slots inside a value would be said twice.
        const std::size_t known = slots_.size();
        const bool written = write(value.root, depth + 1);
        slots_.resize(known);
        return written;
    }

    bool write_number(const NumberList& range, const std::optional<std::string>& words, Slot& slot) {
        const auto steps = static_cast<std::size_t>((range.to - range.from) / range.step);
        const double number = range.from + static_cast<double>(state_.dice.below(steps + 1)) * range.step;
        const auto whole = static_cast<std::int64_t>(number);
        slot.value = std::to_string(static_cast<std::int64_t>(number * range.multiplier));
        if (words && state_.dice.below(2) == 0) {
            if (const SpokenForms forms = number_words(whole, 0, *words); !forms.empty()) {
                add(forms.front());
                return true;
            }
        }
        add(std::to_string(whole));
        return true;
    }

    bool write_name(const std::vector<Name>& from, bool has_domain, Slot& slot) {
        std::vector<const Name*> fitting;
        for (const Name& name : from) {
            const Context context = has_domain ? Context{{"domain", name.domain}} : Context{};
            if (may_meet(block_.block.requires_context, context) &&
                none_excluded(block_.block.excludes_context, context)) {
                fitting.push_back(&name);
            }
        }
        if (fitting.empty()) {
            return false;
        }
        const Name& name = *fitting[state_.dice.below(fitting.size())];
        slot.value = name.value;
        add(name.text);
        return true;
    }

    Sampler::State& state_;
    const SourceBlock& block_;
    std::string text_;
    std::vector<Slot> slots_;
};

// What has to be known where no {name} of the sentence says it.
Context context_for(const Block& block, const Sampler::State& state) {
    Context context;
    for (const ContextRule& rule : block.requires_context) {
        if (!rule.values.empty() && rule.key != "domain") {
            context[rule.key] = rule.values.front();
        } else if (rule.key == "area" && !state.areas.empty()) {
            context["area"] = state.areas.front().value;
        }
    }
    return context;
}

}  // namespace

std::optional<Sample> Sampler::State::make(std::size_t number) {
    const SourceBlock& block = sources.blocks[places[number].block];
    const SourceTemplate& from = block.templates[places[number].index];
    for (int tried = 0; tried < kTries; ++tried) {
        Writer writer(*this, block);
        const bool is_polite = !sources.skip_words.empty() && dice.below(kPoliteOneIn) == 0;
        if (is_polite) {
            writer.add(sources.skip_words[dice.below(sources.skip_words.size())] + " ");
        }
        if (!writer.write(from.root)) {
            continue;
        }
        Sample sample;
        sample.text = writer.finish();
        sample.intent = block.block.intent;
        sample.slots = writer.take_slots();
        for (const auto& [name, value] : block.block.slots) {
            sample.slots.push_back({name, value, {}, {}, false});
        }
        sample.context = context_for(block.block, *this);
        sample.template_text = from.text;
        sample.file = sources.files[from.file];
        sample.line = from.line;
        return sample;
    }
    return std::nullopt;
}

Sampler::Sampler(const std::string& language,
                 const std::vector<SourceFile>& files,
                 const Home& home,
                 std::uint64_t seed)
    : state_(std::make_unique<State>()) {
    state_->sources = read_sources(language, files);
    state_->dice = Dice(seed);
    for (std::size_t i = 0; i < home.entities().size(); ++i) {
        const HomeEntity& entity = home.entities()[i];
        for (const std::string& form : home.spoken_forms(i)) {
            state_->names.push_back({form, entity.name, entity.domain});
        }
    }
    for (const std::string& area : home.areas()) {
        state_->areas.push_back({spoken_form(area), area, {}});
    }
    std::map<std::string, std::size_t> intents;
    for (std::size_t block = 0; block < state_->sources.blocks.size(); ++block) {
        const SourceBlock& from = state_->sources.blocks[block];
        const auto [place, added] = intents.try_emplace(from.block.intent, state_->by_intent.size());
        if (added) {
            state_->by_intent.emplace_back();
        }
        for (std::size_t index = 0; index < from.templates.size(); ++index) {
            state_->by_intent[place->second].push_back(state_->places.size());
            state_->places.push_back({block, index});
        }
    }
    std::erase_if(state_->by_intent, [](const auto& numbers) { return numbers.empty(); });
}

Sampler::~Sampler() = default;
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;

std::size_t Sampler::template_count() const {
    return state_->places.size();
}

std::optional<Sample> Sampler::of_template(std::size_t number) {
    return state_->make(number);
}

std::optional<Sample> Sampler::next() {
    for (int tried = 0; tried < kTries && !state_->by_intent.empty(); ++tried) {
        const auto& numbers = state_->by_intent[state_->dice.below(state_->by_intent.size())];
        if (auto sample = state_->make(numbers[state_->dice.below(numbers.size())])) {
            return sample;
        }
    }
    return std::nullopt;
}

}  // namespace ambit::language

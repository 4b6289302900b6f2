// The two tables of what labels mean, against the shipped grammar and the training's idea of what is foreign.
#include <map>

#include <gmock/gmock.h>

#include "intent_model/recipe.h"
#include "language/understand.h"
#include "paraphrase/rewording.h"

namespace ambit::paraphrase {
namespace {

using intent_model::SlotValue;

const std::map<std::string, std::string, std::less<>> kSaid = {
    {"area", "kitchen"},      {"charge_limit", "80"},   {"device", "phone"}, {"drink", "espresso"},
    {"duration", "a minute"}, {"hours", "two"},         {"minutes", "5"},    {"measure", "pulse"},
    {"person", "anna"},       {"place", "the airport"}, {"position", "40"},  {"seconds", "thirty"},
    {"temperature", "21"},    {"window", "rear window"}};

// What may carry the name where a pattern has one.
std::string name_for(std::string_view label, std::string_view pattern) {
    const auto has = [](std::string_view text, std::string_view part) {
        return text.find(part) != std::string_view::npos;
    };
    return has(label, "Timer")                              ? "pizza"
           : has(label, "Vacuum")                           ? "Robbie"
           : has(label, "Mower")                            ? "Mowgli"
           : has(label, "Position") || has(pattern, "open") ? "Blinds"
           : has(pattern, "locked")                         ? "Front Door"
                                                            : "TV";
}

// The pattern with every slot that it can hold, as the model would have found them.
std::vector<SlotValue> slots_of(std::string_view label, std::string_view pattern) {
    std::vector<SlotValue> slots;
    const std::string thing = name_for(label, pattern);
    while (pattern.find('{') != std::string_view::npos) {
        pattern.remove_prefix(pattern.find('{') + 1);
        std::string_view place = pattern.substr(0, pattern.find('}'));
        const std::string name(cut(place, '='));
        slots.push_back({name, name == "name" ? thing : kSaid.at(name), 0, 1});
    }
    return slots;
}

TEST(OwnMeanings, EveryPatternIsReadAsItsLabel) {
    const auto grammar = language::Grammar::compile("en", language::built_in_sentences("en"));
    const language::Home home({{"h/tv", "TV", "Living Room", "media_player", {}, {}},
                               {"h/robot", "Robbie", "Hall", "vacuum", {}, {}},
                               {"h/mower", "Mowgli", "Garden", "lawn_mower", {}, {}},
                               {"h/blinds", "Blinds", "Kitchen", "cover", {}, {}},
                               {"h/door", "Front Door", "Hall", "lock", {}, {}}});
    for (const Meaning& meaning : own_meanings()) {
        std::string_view patterns = meaning.patterns;
        while (!patterns.empty()) {
            const std::string_view pattern = cut(patterns, '|');
            const Meaning alone{meaning.label, meaning.intents, pattern, "", meaning.acts};
            for (const auto& slots : {slots_of(meaning.label, pattern), std::vector<SlotValue>{}}) {
                for (const language::Rewording& rewording : rewordings(alone, slots)) {
                    const auto read = grammar.recognise(rewording.words, home.lists(), {});
                    ASSERT_TRUE(read);
                    ASSERT_TRUE(*read) << rewording.words;
                    EXPECT_EQ((*read)->intent, meaning.intents) << rewording.words;
                }
            }
        }
    }
}

TEST(OwnMeanings, NothingThatMayBeOursIsForeignToTheModel) {
    for (const Meaning& meaning : all_meanings()) {
        EXPECT_TRUE(intent_model::is_perhaps_ours(meaning.label)) << meaning.label;
    }
    std::string_view shared = shared_labels();
    while (!shared.empty()) {
        const std::string label(cut(shared, ' '));
        EXPECT_TRUE(intent_model::is_perhaps_ours(label)) << label;
    }
    EXPECT_FALSE(intent_model::is_perhaps_ours("qa_maths"));
}

}  // namespace
}  // namespace ambit::paraphrase

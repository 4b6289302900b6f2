#include "retrieval/retrieval.h"

#include <gmock/gmock.h>

#include "language/conversation_testing.h"

namespace ambit::retrieval {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> found(const std::string& words, const std::string& here = "") {
    static const language::Home home = language::talking_home();
    static const Index index(home);
    std::vector<std::string> out;
    for (const Hit& hit : index.find(words, here).entities) {
        out.push_back(home.entities()[hit.entity].id);
    }
    return out;
}

TEST(Retrieval, FindsByNameAliasAreaFloorAndKind) {
    EXPECT_EQ(found("turn on the kitchen light").front(), "h/kitchen");
    EXPECT_EQ(found("could somebody switch the night light off").front(), "h/bedroom");
    EXPECT_THAT(found("it is too cold in the bedroom"), Contains("h/heat"));
    EXPECT_THAT(found("close everything downstairs"), Contains("h/blind"));
    EXPECT_EQ(found("i want to hear the ventilator").front(), "h/fan");
    EXPECT_EQ(found("die Jalousie bitte").front(), "h/blind");
}

TEST(Retrieval, ForgivesSpelling) {
    EXPECT_EQ(found("turn on the kichen ligth").front(), "h/kitchen");
    EXPECT_EQ(found("open the garagedoor").front(), "h/garage");
}

TEST(Retrieval, PrefersWhatIsHere) {
    EXPECT_EQ(found("the lamp", "Hall").front(), "h/lamp2");
    EXPECT_EQ(found("the lamp", "office").front(), "h/lamp1");
}

TEST(Retrieval, GivesFewAndTheirCapabilities) {
    const language::Home home = language::talking_home();
    const Found all = Index(home).find("light lamp fan heating blind door night kitchen bedroom office hall");
    EXPECT_THAT(all.entities, SizeIs(kEntitiesMax));
    EXPECT_THAT(Index(home).find("kitchen light").capabilities, Contains("light.set"));
    EXPECT_THAT(Index(home).find("put milk on the shopping list").capabilities, Contains("list.add"));
    EXPECT_THAT(Index(home).find("colourless green ideas sleep").entities, IsEmpty());
}

TEST(Retrieval, SurvivesHostileWords) {
    EXPECT_THAT(found(""), IsEmpty());
    EXPECT_THAT(found(std::string(1'000'000, 'a')), IsEmpty());
    found(std::string("\xff\xfe\x00kitchen", 10));
    std::string many;
    for (int i = 0; i < 20'000; ++i) {
        many += " light" + std::to_string(i);
    }
    EXPECT_LE(found(many).size(), kEntitiesMax);
    EXPECT_THAT(Index(language::Home({})).find("light").entities, IsEmpty());
}

}  // namespace
}  // namespace ambit::retrieval

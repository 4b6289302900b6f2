#include "facts/facts.h"

#include "facts/entry.h"
#include "facts/facts_testing.h"
#include "facts/hlc.h"
#include "facts/settings.h"

namespace ambit::facts {
namespace {

using testing::at_ms;
using testing::draft_of;
using testing::kHere;
using testing::Network;
using testing::Node;

const privacy::NamedAudience kHousehold = privacy::Household{};

Key key(const std::string& subject) {
    return {kHousehold, subject, "state"};
}

TEST(Facts, AWriteIsSeenOnlyOnceItIsDurable) {
    Network net;
    Node& hub = net.add(net.home.hub);
    const WriteId id = hub.facts->put(draft_of(kHousehold, "lamp", true), hub.now).value();
    EXPECT_FALSE(hub.facts->get(key("lamp")));
    EXPECT_TRUE(hub.facts->heights(net.home.phone).empty());
    EXPECT_LT(hub.facts->durable_write(), id);
    hub.settle();
    EXPECT_EQ(hub.facts->durable_write(), id);
    EXPECT_EQ(hub.value(key("lamp")), Value(true));
    ASSERT_EQ(hub.changes.size(), 1U);
    EXPECT_EQ(hub.changes[0].fact.label().audience, privacy::Audience(kHousehold));
    EXPECT_EQ(hub.facts->heights(net.home.phone).size(), 1U);
}

TEST(Facts, WritesMadeDuringACommitShareTheNext) {
    Network net;
    Node& hub = net.add(net.home.hub);
    hub.settle();
    hub.put(draft_of(kHousehold, "a", std::int64_t{1}));
    for (int i = 0; i < 100; ++i) {
        hub.put(draft_of(kHousehold, "b" + std::to_string(i), std::int64_t{1}));
    }
    EXPECT_TRUE(hub.disk.settle_one());
    EXPECT_EQ(hub.facts->count(), 1U);
    EXPECT_TRUE(hub.disk.settle_one());
    EXPECT_EQ(hub.facts->count(), 101U);
    EXPECT_FALSE(hub.disk.settle_one());
}

TEST(Facts, LastWriterWinsAndDeletionIsAWrite) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    hub.put(draft_of(kHousehold, "lamp", "from hub"));
    net.sync_all();
    phone.put(draft_of(kHousehold, "lamp", "from phone"));
    net.sync_all();
    EXPECT_EQ(hub.value(key("lamp")), Value("from phone"));
    hub.put(draft_of(kHousehold, "lamp", {}, Draft::Kind::Delete));
    net.sync_all();
    EXPECT_FALSE(phone.facts->get(key("lamp")));
    EXPECT_EQ(phone.changes.back().kind, Draft::Kind::Delete);
    EXPECT_EQ(phone.changes.back().fact.read(kHere).value, Value("from phone"));
    net.expect_converged(kHousehold);
}

TEST(Facts, InASetAnAdditionThatWasNotObservedSurvivesARemoval) {
    Network net;
    Node& hub = net.add(net.home.hub);
    Node& phone = net.add(net.home.phone);
    hub.put(draft_of(kHousehold, "groceries", "milk", Draft::Kind::Add));
    net.sync_all();
    phone.put(draft_of(kHousehold, "groceries", "milk", Draft::Kind::Remove));
    hub.put(draft_of(kHousehold, "groceries", "milk", Draft::Kind::Add));
    hub.put(draft_of(kHousehold, "groceries", "eggs", Draft::Kind::Add));
    hub.put(draft_of(kHousehold, "groceries", "eggs", Draft::Kind::Remove));
    net.sync_all();
    for (const Node* node : {&hub, &phone}) {
        const auto elements = node->facts->elements(key("groceries"));
        ASSERT_EQ(elements.size(), 1U);
        EXPECT_EQ(elements[0].read(kHere).value, Value("milk"));
    }
    net.expect_converged(kHousehold);
}

TEST(Facts, RefusesWhatIsNotValidOrNotAllowed) {
    Network net;
    Node& hub = net.add(net.home.hub);
    const auto code = [&hub](const Draft& draft) { return hub.facts->put(draft, hub.now).error().code; };
    EXPECT_EQ(code(draft_of(kHousehold, "", true)), ErrorCode::FactInvalid);
    EXPECT_EQ(code(draft_of(kHousehold, std::string(257, 'x'), true)), ErrorCode::FactInvalid);
    EXPECT_EQ(code(draft_of(kHousehold, "x", std::numeric_limits<double>::quiet_NaN())),
              ErrorCode::FactInvalid);
    EXPECT_EQ(code(draft_of(kHousehold, "x", std::string(40'000, 'x'))), ErrorCode::FactInvalid);
    const auto nested = [](std::size_t depth) {
        const std::string text = R"("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")";  // brackets that are text
        return Json{std::string(depth, '[') + text + std::string(depth, ']')};
    };
    EXPECT_EQ(code(draft_of(kHousehold, "x", nested(kValueDepthMax + 1))), ErrorCode::FactInvalid);
    EXPECT_TRUE(hub.facts->put(draft_of(kHousehold, "x", nested(kValueDepthMax)), hub.now));
    EXPECT_EQ(code(draft_of(privacy::OnePerson{net.home.ada}, "x", true)), ErrorCode::ChannelForbidden);
    EXPECT_EQ(code(draft_of(privacy::ThisDevice{net.home.phone}, "x", true)), ErrorCode::ChannelForbidden);
    std::vector<Draft> many(kQueuedWritesMax + 1, draft_of(kHousehold, "x", true));
    EXPECT_EQ(hub.facts->put_all(many, hub.now).error().code, ErrorCode::FactsBusy);
}

TEST(Facts, QueriesByPrefixAttributeAndAudience) {
    Network net;
    Node& phone = net.add(net.home.phone);
    const privacy::NamedAudience ada = privacy::OnePerson{net.home.ada};
    phone.put(draft_of(kHousehold, "entity:a", std::int64_t{1}));
    phone.put(draft_of(kHousehold, "entity:b", 2L));
    phone.put(draft_of(ada, "entity:a", 3L));
    phone.put(draft_of(kHousehold, "person:a", 4L));
    phone.settle();
    EXPECT_EQ(phone.facts->query({.audience = {}, .subject_prefix = "entity:", .attribute = {}}).size(), 3U);
    EXPECT_EQ(phone.facts->query({.audience = ada, .subject_prefix = "", .attribute = {}}).size(), 1U);
    EXPECT_EQ(phone.facts->query({.audience = {}, .subject_prefix = "", .attribute = "other"}).size(), 0U);
    EXPECT_EQ(phone.facts->query({.audience = {}, .subject_prefix = "", .attribute = {}, .limit = 2}).size(),
              2U);
}

TEST(Facts, EveryAcknowledgedWriteSurvivesACrashAtEveryCommit) {
    for (int crash_after = 0; crash_after < 12; ++crash_after) {
        Network net;
        Node& hub = net.add(net.home.hub);
        for (int i = 0; i < 10; ++i) {
            hub.put(draft_of(kHousehold, "s" + std::to_string(i), std::int64_t{i}));
            if (i < crash_after) {
                hub.disk.settle_one();
            }
        }
        const std::size_t acknowledged = hub.facts->count();
        const Digest hash = hub.facts->state_hash(kHousehold);
        hub.disk.crash();
        hub.start(net.home.view(), at_ms(10));
        EXPECT_EQ(hub.facts->count(), acknowledged);
        EXPECT_EQ(hub.facts->state_hash(kHousehold), hash);
        hub.put(draft_of(kHousehold, "after", true));
        hub.settle();
        EXPECT_EQ(hub.facts->count(), acknowledged + 1);
        Node& phone = net.add(net.home.phone);
        net.sync_all();
        EXPECT_EQ(phone.facts->count(), acknowledged + 1);
        net.expect_converged(kHousehold);
    }
}

TEST(Facts, HouseholdSettingsAreFactsWithDefaults) {
    Network net;
    Node& hub = net.add(net.home.hub);
    EXPECT_EQ(household_settings(*hub.facts), HouseholdSettings());
    hub.put(household_setting("time_zone", "Europe/Berlin", hub.now.wall).value());
    hub.put(household_setting("languages", "de,en", hub.now.wall).value());
    hub.put(household_setting("units", "imperial", hub.now.wall).value());
    Draft broken = draft_of(kHousehold, "household", std::int64_t{7});
    broken.key.attribute = "name";
    hub.put(broken);
    hub.settle();
    const HouseholdSettings settings = household_settings(*hub.facts);
    EXPECT_EQ(settings.time_zone, "Europe/Berlin");
    EXPECT_EQ(settings.languages, (std::vector<std::string>{"de", "en"}));
    EXPECT_EQ(settings.units, Units::Imperial);
    EXPECT_EQ(settings.name, "");
    for (const auto& [name, text] :
         {std::pair("languages", "de,,en"), {"units", "both"}, {"time_zone", "a b"}, {"x", "y"}}) {
        EXPECT_EQ(household_setting(name, text, {}).error().code, ErrorCode::FactInvalid) << name;
    }
}

TEST(Hlc, FollowsThePapersRules) {
    HlcClock clock;
    const auto ms = [](std::int64_t value) { return WallTime(milliseconds(value)); };
    EXPECT_EQ(clock.send(ms(10)).packed, 10ULL << 16U);
    EXPECT_EQ(clock.send(ms(10)).packed, (10ULL << 16U) + 1);
    EXPECT_EQ(clock.send(ms(9)).packed, (10ULL << 16U) + 2);  // its own clock went back
    clock.receive({(20ULL << 16U) + 5}, ms(11));              // l' = lm: c = cm + 1
    EXPECT_EQ(clock.last().packed, (20ULL << 16U) + 6);
    clock.receive({(20ULL << 16U) + 1}, ms(11));  // l' = l = lm: max(c, cm) + 1
    EXPECT_EQ(clock.last().packed, (20ULL << 16U) + 7);
    clock.receive({(15ULL << 16U) + 9}, ms(30));  // l' = pt: 0
    EXPECT_EQ(clock.last().packed, 30ULL << 16U);
}

}  // namespace
}  // namespace ambit::facts

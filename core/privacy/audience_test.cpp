#include "privacy/audience.h"

#include <gmock/gmock.h>

#include "privacy/home_testing.h"

namespace ambit::privacy {
namespace {

using ::testing::HasSubstr;

// Every audience of at most `clauses` clauses over all principals of the test household.
std::vector<Audience> all_audiences(const testing::Home& home) {
    const std::vector<NamedAudience> principals{ThisDevice{home.phone}, OnePerson{home.ada},
                                                OnePerson{home.ben}, Household{}};
    std::vector<Audience> audiences;
    for (unsigned subset = 0; subset < 1U << principals.size(); ++subset) {
        Audience audience;
        for (std::size_t i = 0; i < principals.size(); ++i) {
            if ((subset >> i & 1U) != 0) {
                audience = audience.join(principals[i]).value();
            }
        }
        audiences.push_back(audience);
    }
    return audiences;
}

ReaderSet readers(const Audience& audience, const identity::Roster& roster) {
    return resolve(audience, roster).value_or(ReaderSet());
}

TEST(Audience, JoinIsALatticeForAllOfFourPrincipals) {
    const testing::Home home;
    const auto all = all_audiences(home);
    for (const auto& a : all) {
        EXPECT_EQ(a.join(a).value(), a);
        EXPECT_EQ(a.join(Audience()).value(), a);
        for (const auto& b : all) {
            const auto both = a.join(b).value();
            EXPECT_EQ(both, b.join(a).value());
            // Monotone: joining never adds a reader, and leaves exactly those of both.
            EXPECT_EQ(readers(both, home.roster), readers(a, home.roster) & readers(b, home.roster));
            for (const auto& c : all) {
                EXPECT_EQ(both.join(c).value(), a.join(b.join(c).value()).value());
            }
        }
    }
}

TEST(Audience, LabelsKeepTheWorseTrust) {
    for (const Trust a : {Trust::Trusted, Trust::Untrusted}) {
        for (const Trust b : {Trust::Trusted, Trust::Untrusted}) {
            EXPECT_EQ((Label{{}, a}.join({{}, b}).value().trust), std::min(a, b));
        }
    }
}

TEST(Audience, TextFormComesBackCanonical) {
    const testing::Home home;
    for (const auto& audience : all_audiences(home)) {
        EXPECT_EQ(Audience::parse(audience.to_string()).value(), audience);
    }
    const std::string person = to_string(OnePerson{home.ada});
    EXPECT_EQ(Audience::parse("household & " + person + " & anyone & household").value().to_string(),
              person + " & household");
}

TEST(Audience, RefusesOtherText) {
    for (const char* text : {"", " ", "Household", "device:", "device:00", "person:zz", "household &",
                             "household&anyone", "person:00000000000000000000000000000000x"}) {
        EXPECT_FALSE(Audience::parse(text)) << text;
    }
    EXPECT_EQ(Audience::parse(std::string(100'000, 'a')).error().code, ErrorCode::LimitExceeded);
}

TEST(Audience, HasALimit) {
    crypto::SeededRandom random(crypto::Seed{1});
    Audience audience;
    for (std::size_t i = 0; i < Audience::kClausesMax; ++i) {
        audience = audience.join(OnePerson{random.id<PersonId>()}).value();
    }
    EXPECT_EQ(audience.join(Household{}).error().code, ErrorCode::LimitExceeded);
}

TEST(Resolve, GivesEachPersonTheirDevices) {
    const testing::Home home;
    const auto may = [&](const Audience& audience, const DeviceId& device) {
        return may_read(audience, home.roster, device);
    };
    EXPECT_TRUE(may(OnePerson{home.ada}, home.phone));
    EXPECT_TRUE(may(OnePerson{home.ada}, home.watch));
    EXPECT_FALSE(may(OnePerson{home.ada}, home.hub));
    EXPECT_FALSE(may(OnePerson{home.ada}, home.tablet));
    EXPECT_TRUE(may(ThisDevice{home.hub}, home.hub));
    EXPECT_FALSE(may(ThisDevice{home.hub}, home.phone));
    EXPECT_TRUE(may(Household{}, home.tablet));
    EXPECT_FALSE(may(Household{}, DeviceId()));
    EXPECT_FALSE(may(Anyone{}, DeviceId()));
    EXPECT_FALSE(resolve(Household{}, home.roster)->test(kOutsideBit));
    EXPECT_TRUE(resolve(Anyone{}, home.roster)->test(kOutsideBit));
}

TEST(Resolve, NamesTheTwoClausesThatConflict) {
    const testing::Home home;
    const auto both = Audience(OnePerson{home.ada}).join(OnePerson{home.ben}).value();
    const auto error = resolve(both, home.roster).error();
    EXPECT_EQ(error.code, ErrorCode::AudienceEmpty);
    EXPECT_THAT(error.detail, HasSubstr("Ada"));
    EXPECT_THAT(error.detail, HasSubstr("Ben"));
}

TEST(Resolve, RefusesWhatItDoesNotKnow) {
    const testing::Home home;
    crypto::SeededRandom random(crypto::Seed{2});
    EXPECT_EQ(resolve(OnePerson{random.id<PersonId>()}, home.roster).error().code, ErrorCode::UnknownLabel);
    EXPECT_EQ(resolve(ThisDevice{random.id<DeviceId>()}, home.roster).error().code, ErrorCode::UnknownLabel);
}

TEST(WidestNamedInside, IsNeverWiderThanTheAudience) {
    const testing::Home home;
    for (const auto& audience : all_audiences(home)) {
        const auto widest = widest_named_inside(audience, home.roster);
        ASSERT_EQ(widest.has_value(), resolve(audience, home.roster).has_value()) << audience.to_string();
        if (widest) {
            EXPECT_EQ(readers(*widest, home.roster), readers(audience, home.roster));
        }
    }
}

TEST(WidestNamedInside, DoesNotRelyOnWhoIsThereToday) {
    testing::Home home;
    for (const auto& device : {home.tablet, home.hub, home.speaker}) {
        home.roster.devices.erase(device);
    }
    // Ada's devices are all there are; what is hers still isn't the household's.
    const auto audience = Audience(OnePerson{home.ada}).join(Household{}).value();
    EXPECT_EQ(widest_named_inside(audience, home.roster).value(), NamedAudience(OnePerson{home.ada}));
}

}  // namespace
}  // namespace ambit::privacy

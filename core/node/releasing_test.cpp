#include "node/releasing.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/json_members.h"
#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"test"};

class ReleasingTest : public testing::Test {
  protected:
    ReleasingTest() {
        phone_.found();
        EXPECT_TRUE(phone_.start(true));
    }

    // Each time something else than before, a minute later.
    void tell(int times) {
        const PersonId anna = *phone_.node_->parts().person();
        for (int i = 0; i < times; ++i) {
            phone_.now_.mono += minutes_;
            phone_.now_.wall += minutes_;
            told_at_.push_back(ms_of(phone_.now_.wall));
            const char* state = told_at_.size() % 2 == 0 ? "asleep" : "active";
            ASSERT_TRUE(phone_.node_->put_fleeting(
                {privacy::OnePerson{anna}, "person:" + anna.hex(), "body_state"},
                facts::Json{nlohmann::json({{"state", state}, {"confidence", 1}}).dump()}, phone_.now_.wall,
                std::chrono::hours(3)));
            storage_.settle();
        }
    }

    // When what is remembered was told, oldest first.
    std::vector<std::int64_t> remembered() const {
        facts::Filter filter;
        filter.subject_prefix = std::string(kToldPrefix);
        filter.limit = kTellersMax * kToldMax;
        std::vector<std::int64_t> times;
        for (const auto& fact : phone_.node_->parts().facts.query(filter)) {
            times.push_back(ms_of(*time_at(json_of(fact.read(kHere)), "time_ms")));
        }
        std::sort(times.begin(), times.end());
        return times;
    }

    std::vector<std::int64_t> last_told(std::size_t count) const {
        return {told_at_.end() - static_cast<std::ptrdiff_t>(count), told_at_.end()};
    }

    storage::MemoryStorage storage_;
    PhoneAlone phone_{storage_};
    std::chrono::minutes minutes_{1};
    std::vector<std::int64_t> told_at_;
};

TEST_F(ReleasingTest, TheLastOfWhatWasToldIsRememberedForWhy) {
    phone_.ask("POST", "release",
               R"({"extractor":"body-state","recipient":"household","rate_per_hour":1000})");
    tell(40);
    EXPECT_EQ(remembered(), last_told(40)) << "none of them took the room of another";
    tell(200);
    EXPECT_EQ(remembered(), last_told(kToldMax));
    ASSERT_TRUE(phone_.start(false));
    tell(10);
    EXPECT_EQ(remembered(), last_told(kToldMax)) << "and so it goes on after a restart";
}

}  // namespace
}  // namespace ambit::node

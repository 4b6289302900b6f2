#include "node/actions.h"

#include <gtest/gtest.h>

#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

constexpr const char* kSource = "mqtt:home";
constexpr const char* kLamp = "mqtt:home/lamp";

// A source with one lamp, which remembers what it was told to do.
class Lamp final : public capability::Provider {
  public:
    std::string source() const override { return kSource; }

    privacy::Service service() const override { return {kSource, privacy::Household{}}; }

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override { told.push_back(invocation.request); }

    void cancel(const RequestId& request) override { cancelled.push_back(request); }

    std::vector<RequestId> told;
    std::vector<RequestId> cancelled;
};

// Anna's phone, which reaches a lamp itself.
class ActionsTest : public testing::Test {
  protected:
    void SetUp() override {
        found_household(storage_, annas_home(key_, seal_, random_), {key_, secret_, random_, now_.wall});
        NodeOptions options;
        options.fresh_store = true;
        node_ = std::make_unique<Node>(Ports{key_, storage_, network_, random_}, options,
                                       [this] { return now_; });
        storage_.set_events(node_.get());
        ASSERT_TRUE(node_->load());
        node_->actions().add_provider(lamp_);
        node_->on_available(kSource, true);
        node_->on_entity({kLamp, kSource, "Lamp", "", "light", {}, {"light.set"}});
        storage_.settle();
    }

    void TearDown() override { storage_.set_events(nullptr); }

    RequestId turn_on() {
        Parts& parts = node_->parts();
        const auto id = random_.id<RequestId>();
        const privacy::Label label{privacy::Audience(parts.home_audience()), privacy::Trust::Trusted};
        node_->actions().invoke(
            {.id = id,
             .capability = "light.set",
             .entity = kLamp,
             .input = {to_bytes(R"({"on":true})"), label},
             .person = parts.person(),
             .deadline = now_.mono + seconds(5),
             .command = true},
            [this](const request::RequestResult& result, Now) { outcome_ = result.outcome; }, {}, now_);
        return id;
    }

    std::size_t rows() { return node_->parts().ledger.query({}).size(); }

    crypto::SeededRandom random_{crypto::Seed{7}};
    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    crypto::SealKey seal_ = crypto::SealKey::generate(random_);
    crypto::RecoverySecret secret_ = crypto::RecoverySecret::generate(random_);
    storage::MemoryStorage storage_;
    NoNetwork network_;
    Lamp lamp_;
    std::unique_ptr<Node> node_;
    std::optional<request::Outcome> outcome_;
};

TEST_F(ActionsTest, JournalAndLedgerRowGoTogetherAndBothComeBeforeTheEffect) {
    const std::size_t before = rows();
    const RequestId id = turn_on();
    EXPECT_EQ(rows(), before + 1) << "the row is written together with the journal, not after it";
    EXPECT_TRUE(lamp_.told.empty());
    ASSERT_TRUE(storage_.settle_one());  // the journal
    EXPECT_TRUE(lamp_.told.empty());
    ASSERT_TRUE(storage_.settle_one());  // the row
    EXPECT_EQ(lamp_.told, std::vector<RequestId>{id});
    node_->on_result({id, capability::Outcome::Done, R"({"on":true})", {}});
    storage_.settle();
    EXPECT_EQ(outcome_, request::Outcome::Done);
    EXPECT_EQ(rows(), before + 1);
}

TEST_F(ActionsTest, WhatIsCancelledBeforeItsRowIsDurableIsNotDone) {
    const RequestId early = turn_on();
    node_->actions().cancel(early, now_);
    EXPECT_EQ(outcome_, request::Outcome::NotDone) << "the journal is not durable yet";
    storage_.settle();

    outcome_.reset();
    const RequestId late = turn_on();
    ASSERT_TRUE(storage_.settle_one());  // the journal
    node_->actions().cancel(late, now_);
    EXPECT_EQ(outcome_, request::Outcome::NotDone) << "its row is not durable yet";
    storage_.settle();
    EXPECT_TRUE(lamp_.told.empty());
    EXPECT_TRUE(lamp_.cancelled.empty());
}

TEST_F(ActionsTest, CancellingWhatIsUnderWayHereReachesTheSource) {
    const RequestId id = turn_on();
    storage_.settle();
    node_->actions().cancel(id, now_);
    EXPECT_EQ(lamp_.cancelled, std::vector<RequestId>{id});
    EXPECT_FALSE(outcome_) << "the source knows more";
    node_->on_result({id, capability::Outcome::Done, R"({"on":true})", {}});
    EXPECT_EQ(outcome_, request::Outcome::Done);
}

TEST_F(ActionsTest, ASourceThatGoesMeanwhileIsNotAsked) {
    turn_on();
    node_->actions().remove_provider(lamp_);
    storage_.settle();
    EXPECT_TRUE(lamp_.told.empty());
    EXPECT_EQ(outcome_, request::Outcome::NotDone);
}

}  // namespace
}  // namespace ambit::node

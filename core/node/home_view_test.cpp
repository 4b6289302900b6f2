#include "node/home_view.h"

#include <gmock/gmock.h>

#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

constexpr int kMany = 10'000;

capability::Entity lamp(int number) {
    const std::string name = std::to_string(number);
    return {"mqtt:home/" + name, "mqtt:home", "Lamp " + name, "", "light", {}, {"light.set"}};
}

struct MadeUpBroker final : capability::Provider {
    std::string source() const override { return "mqtt:home"; }

    privacy::Service service() const override { return {"mqtt:home", privacy::Household{}}; }

    bool available() const override { return true; }

    void invoke(capability::Invocation /*invocation*/) override {}

    void cancel(const RequestId& /*request*/) override {}
};

class HomeViewTest : public testing::Test {
  protected:
    HomeViewTest() {
        phone_.found();
        EXPECT_TRUE(phone_.start(true));
    }

    void wait(seconds time) {
        phone_.now_.mono += time;
        phone_.now_.wall += time;
        phone_.node_->tick();
        storage_.settle();
    }

    std::size_t announced() const {
        facts::Filter filter;
        filter.subject_prefix = "entity:";
        filter.limit = 2 * kMany;
        return phone_.node_->parts().facts.query(filter).size();
    }

    storage::MemoryStorage storage_;
    PhoneAlone phone_{storage_};
};

TEST_F(HomeViewTest, ALargeHomeAtOnceIsAllWrittenAndSoIsItsEnd) {
    for (int i = 0; i < kMany; ++i) {
        phone_.node_->on_entity(lamp(i));
        phone_.node_->on_state(lamp(i).id, R"({"on":true})", true);
    }
    EXPECT_EQ(phone_.node_->home().home().entities().size(), std::size_t{kMany}) << "it is known at once";
    storage_.settle();
    for (int i = 0; i < 5; ++i) {
        wait(seconds(2));
    }
    EXPECT_EQ(announced(), std::size_t{kMany});
    EXPECT_EQ(phone_.node_->home().state(lamp(kMany - 1).id, phone_.now_)->state_json, R"({"on":true})");
    for (const auto& [key, item] : phone_.node_->parts().health.items()) {
        EXPECT_TRUE(item.ok) << key << item.error.message();
    }
    for (int i = 0; i < kMany; ++i) {
        phone_.node_->on_entity_gone(lamp(i).id);
    }
    storage_.settle();
    for (int i = 0; i < 5; ++i) {
        wait(seconds(2));
    }
    EXPECT_EQ(announced(), 0U);
}

TEST_F(HomeViewTest, WhatDoesNotChangeIsKnownForDaysAndSinceWhen) {
    phone_.node_->on_entity(lamp(1));
    phone_.node_->on_entity(lamp(2));
    const WallTime lit = phone_.now_.wall;
    phone_.node_->on_state(lamp(1).id, R"({"on":true})", true);
    phone_.node_->on_state(lamp(2).id, R"({"on":true})", true);
    phone_.node_->on_entity_gone(lamp(2).id);
    for (int hour = 0; hour < 7 * 24; ++hour) {
        wait(std::chrono::hours(1));
    }
    const auto state = phone_.node_->home().state(lamp(1).id, phone_.now_);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->state_json, R"({"on":true})");
    EXPECT_EQ(state->time, lit);
    EXPECT_FALSE(phone_.node_->home().state(lamp(2).id, phone_.now_)) << "what is gone is forgotten";
}

TEST_F(HomeViewTest, WhatItsSourceForgotWhileThisDeviceWasOffGoes) {
    for (int i = 0; i < 3; ++i) {
        phone_.node_->on_entity(lamp(i));
    }
    phone_.node_->on_entity({"gone:home/1", "gone:home", "Old", "", "light", {}, {"light.set"}});
    storage_.settle();
    ASSERT_TRUE(phone_.start(false));
    MadeUpBroker broker;
    phone_.node_->actions().add_provider(broker);
    wait(seconds(5));
    wait(seconds(600));
    EXPECT_EQ(announced(), 3U) << "nobody here speaks for gone:home any more; the broker was not reached yet";
    phone_.node_->on_available("mqtt:home", true);
    phone_.node_->on_entity(lamp(1));
    wait(seconds(5));
    phone_.node_->on_available("mqtt:home", false);
    wait(HomeView::kForgottenAfter * 2);
    phone_.node_->on_available("mqtt:home", true);
    wait(seconds(5));
    EXPECT_EQ(announced(), 3U) << "the broker may still be about to say them";
    wait(HomeView::kForgottenAfter);
    EXPECT_EQ(announced(), 1U);
    EXPECT_EQ(phone_.node_->home().home().entities().size(), 1U);
    phone_.node_->actions().remove_provider(broker);
}

}  // namespace
}  // namespace ambit::node

// Anna's phone, which reaches the things of the test home itself: for tests of what is said at it.
#pragma once

#include <gmock/gmock.h>

#include "language/conversation_testing.h"
#include "node/conversation.h"
#include "node/phone_alone_testing.h"

namespace ambit::node {

inline constexpr const char* kThings = "h";

// Things that do what they are told, and say so.
class Things final : public capability::Provider {
  public:
    std::string source() const override { return kThings; }

    privacy::Service service() const override { return {kThings, privacy::Household{}}; }

    bool available() const override { return true; }

    void invoke(capability::Invocation invocation) override {
        told.push_back({invocation.request, invocation.entity + " " + to_text(invocation.input.value())});
    }

    void cancel(const RequestId& /*request*/) override {}

    struct Told {
        RequestId request;
        std::string what;
    };

    std::vector<Told> told;
};

// Anna's phone, which reaches the things of the test home itself.
class ConversationTest : public testing::Test {
  protected:
    void SetUp() override {
        found_household(storage_, annas_home(key_, seal_, random_), {key_, secret_, random_, now_.wall});
        start(true);
    }

    void TearDown() override { storage_.set_events(nullptr); }

    void start(bool fresh) {
        NodeOptions options;
        options.fresh_store = fresh;
        node_ = std::make_unique<Node>(Ports{key_, storage_, network_, random_}, options,
                                       [this] { return now_; });
        storage_.set_events(node_.get());
        ASSERT_TRUE(node_->load());
        std::vector<language::Grammar> grammars;
        grammars.push_back(language::talking_compiled());
        node_->conversation().set_grammars(std::move(grammars));
        node_->actions().add_provider(things_);
        node_->on_available(kThings, true);
        const language::Home home = language::talking_home();
        for (const language::HomeEntity& entity : home.entities()) {
            node_->on_entity({entity.id, kThings, entity.name, entity.area, entity.domain, entity.aliases,
                              entity.capabilities});
        }
        storage_.settle();
    }

    // What was told to the things, after they did it.
    std::vector<std::string> settle() {
        std::vector<std::string> out;
        storage_.settle();
        while (!things_.told.empty()) {
            const auto told = std::move(things_.told);
            things_.told.clear();
            for (const auto& one : told) {
                out.push_back(one.what);
                const std::string entity = one.what.substr(0, one.what.find(' '));
                const std::string state = one.what.substr(entity.size() + 1);
                node_->on_state(entity, state, true);
                node_->on_result({one.request, capability::Outcome::Done, state, {}});
            }
            storage_.settle();
        }
        return out;
    }

    std::vector<std::string> say(const std::string& words) {
        now_.mono += seconds(1);
        now_.wall += seconds(1);
        node_->conversation().ask(
            words, seconds(10), [this](const AskResult& result) { last_ = result; }, now_);
        return settle();
    }

    std::vector<std::string> undo(const std::string& id = "") {
        node_->conversation().undo(
            id, seconds(10), [this](const AskResult& result) { last_ = result; }, now_);
        return settle();
    }

    Result<Conversation::Taught> teach(const std::string& say,
                                       const std::string& means,
                                       bool replace = false) {
        auto taught = node_->conversation().teach({say, means, false, replace}, now_);
        storage_.settle();
        return taught;
    }

    void put(const std::string& subject, const std::string& attribute, const std::string& value) {
        facts::Draft draft;
        draft.key = {privacy::Household{}, subject, attribute};
        draft.value = value;
        draft.time = now_.wall;
        ASSERT_TRUE(node_->parts().facts.put(draft, now_));
        storage_.settle();
    }

    crypto::SeededRandom random_{crypto::Seed{7}};
    Now now_{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    crypto::SealKey seal_ = crypto::SealKey::generate(random_);
    crypto::RecoverySecret secret_ = crypto::RecoverySecret::generate(random_);
    storage::MemoryStorage storage_;
    NoNetwork network_;
    Things things_;
    std::unique_ptr<Node> node_;
    AskResult last_;
};

}  // namespace ambit::node

// What is learned from how a conversation goes, and whose it is.
#include "node/learning.h"
#include "node/talking_phone_testing.h"

namespace ambit::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// Takes everything that begins with "some light" for the kitchen light, until it is taught better.
class Pupil final : public language::Rung {
  public:
    explicit Pupil(std::vector<language::Shown> lessons = {}) : lessons_(std::move(lessons)) {}

    std::string_view language() const override { return "en"; }

    bool knows(std::string_view /*intent*/) const override { return false; }

    std::optional<language::Guess> read(std::string_view utterance) const override {
        language::Guess guess;
        guess.rung = "T1";
        guess.confidence = 0.9;
        guess.sure = utterance.starts_with("some light");
        guess.intents = {"HassTurnOn"};
        guess.rewordings = {{"turn on the kitchen light", {}}};
        for (const language::Shown& lesson : lessons_) {
            if (lesson.said == utterance || "please " + lesson.said == utterance) {
                guess.lesson = lesson.id;
                guess.means = lesson.means;
                guess.sure = !lesson.means.empty();
            }
        }
        return guess;
    }

    std::unique_ptr<const language::Rung> taught(const std::vector<language::Shown>& lessons) const override {
        return std::make_unique<Pupil>(lessons);
    }

  private:
    std::vector<language::Shown> lessons_;
};

class CorrectingTest : public ConversationTest {
  protected:
    void SetUp() override {
        ConversationTest::SetUp();
        node_->conversation().set_next_rung(std::make_unique<Pupil>());
    }

    std::vector<std::string> kinds() const {
        std::vector<std::string> out;
        for (const auto& row : node_->conversation().lessons().all()) {
            out.push_back(row.kind + ": " + row.lesson.say + " -> " + row.lesson.means);
        }
        return out;
    }

    std::vector<std::string> say_as(const Asker& asker, const std::string& words) {
        node_->conversation().ask(
            words, seconds(10), [this](const AskResult& result) { last_ = result; }, now_, asker);
        return settle();
    }
};

TEST_F(CorrectingTest, LearnsWhatWasMeant) {
    say("turn off the kitchen light");
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(say("No, I meant turn on the bedroom light"),
                UnorderedElementsAre(R"(h/kitchen {"on":false})", R"(h/bedroom {"on":true})"))
        << "what was done is taken back";
    EXPECT_THAT(last_.note, HasSubstr("some light where i sleep"));
    EXPECT_THAT(kinds(), ElementsAre("corrected: some light where i sleep -> turn on the bedroom light"));
    EXPECT_THAT(say("please some light where i sleep"), ElementsAre(R"(h/bedroom {"on":true})"));
    node_.reset();
    start(false);
    node_->conversation().set_next_rung(std::make_unique<Pupil>());
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/bedroom {"on":true})"))
        << "it survives a restart";
    const auto rows = node_->conversation().lessons().all();
    ASSERT_TRUE(node_->conversation().lessons().forget(rows.front().key, now_));
    storage_.settle();
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})")) << "forgotten";
}

TEST_F(CorrectingTest, LearnsWordsThatNobodyUnderstood) {
    say("sunshine for my herbs");
    EXPECT_FALSE(last_.understood);
    EXPECT_THAT(say("i meant turn on the kitchen light"), ElementsAre(R"(h/kitchen {"on":true})"));
    EXPECT_THAT(say("please sunshine for my herbs"), ElementsAre(R"(h/kitchen {"on":true})"));
}

TEST_F(CorrectingTest, LearnsNothingOfASlip) {
    say("turn on the kitchen light");
    say("no i meant turn on the bedroom light");
    EXPECT_THAT(node_->conversation().lessons().shown(node_->parts().home_audience()), IsEmpty())
        << "the sentences read it by themselves";
    EXPECT_THAT(kinds(), SizeIs(1));
    now_.mono += language::kTalkLife + seconds(1);
    say("no i meant turn on the kitchen light");
    EXPECT_THAT(kinds(), SizeIs(1)) << "the conversation is over";
}

TEST_F(CorrectingTest, LearnsFromWhatWasTakenBack) {
    say("turn off the kitchen light");
    say("some light where i sleep");
    EXPECT_THAT(say("undo that"), ElementsAre(R"(h/kitchen {"on":false})"));
    EXPECT_THAT(kinds(), ElementsAre(HasSubstr("wrong: some light where i sleep")));
    say("some light where i sleep");
    EXPECT_FALSE(last_.understood) << "it does not mean that";
    say("some light where i cook");
    EXPECT_TRUE(last_.understood) << "other words still do";
    undo();
    say("turn on the bedroom light");
    EXPECT_THAT(kinds(), testing::Contains("corrected: some light where i cook -> turn on the bedroom light"))
        << "taken back, and said in other words";
    EXPECT_THAT(kinds(), SizeIs(2));
    EXPECT_THAT(say("some light where i cook"), ElementsAre(R"(h/bedroom {"on":true})"));
    undo();
    say("turn off the ceiling fan");
    EXPECT_THAT(kinds(), testing::Not(testing::Contains(HasSubstr("ceiling fan"))))
        << "that is something else";
}

TEST_F(CorrectingTest, LearnsFromAChoice) {
    say("turn on the lamp");
    say("the hall one");
    EXPECT_THAT(kinds(), ElementsAre("chosen: turn on the lamp -> turn on the hall lamp"));
    EXPECT_THAT(say("turn on the lamp"), IsEmpty()) << "sentences that ask back still do";
    say("the office one");
    EXPECT_THAT(kinds(), SizeIs(1)) << "the last choice counts";
}

TEST_F(CorrectingTest, AsksWhichOfTwoLessonsHolds) {
    say("moonshine");
    say("i meant turn on the bedroom light");
    EXPECT_THAT(last_.note, HasSubstr("remember"));
    EXPECT_THAT(say("please moonshine"), ElementsAre(R"(h/bedroom {"on":true})"));
    say("moonshine");
    say("no i meant turn on the ceiling fan");
    EXPECT_THAT(last_.note, testing::AllOf(HasSubstr("moonshine"), HasSubstr("turn on the bedroom light"),
                                           HasSubstr("Which one holds")));
    EXPECT_THAT(kinds(), SizeIs(2)) << "nothing is dropped in silence";
}

TEST_F(CorrectingTest, NobodyElsesWordsAreReadByIt) {
    say("some light where i sleep");
    say("no i meant turn on the bedroom light");
    const PersonId bob = random_.id<PersonId>();
    const Asker asker{privacy::OnePerson{bob}, bob};
    EXPECT_THAT(say_as(asker, "some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})"))
        << "Bob's words, on Anna's phone";
    EXPECT_THAT(say_as({privacy::Household{}, std::nullopt}, "some light where i sleep"),
                ElementsAre(R"(h/kitchen {"on":true})"))
        << "the household's";
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/bedroom {"on":true})"));
    for (const auto& row : node_->conversation().lessons().all()) {
        EXPECT_EQ(row.key.audience, node_->parts().home_audience());
    }
}

// Work that is done when the test says so.
class Later final : public Learning::Hands {
  public:
    void soon(std::function<void()> task) override { tasks.push_back(std::move(task)); }

    void away(std::function<void()> job, std::function<void()> then) override {
        jobs.emplace_back(std::move(job), std::move(then));
    }

    void run_tasks() {
        for (const auto& task : std::exchange(tasks, {})) {
            task();
        }
    }

    void run() {
        run_tasks();
        for (const auto& [job, then] : std::exchange(jobs, {})) {
            job();
            then();
        }
    }

    std::vector<std::function<void()>> tasks;
    std::vector<std::pair<std::function<void()>, std::function<void()>>> jobs;
};

TEST_F(CorrectingTest, NoRequestWaitsForALayer) {
    Later hands;
    node_->conversation().learning().set_hands(&hands);
    node_->conversation().set_next_rung(std::make_unique<Pupil>());
    hands.run();
    say("some light where i sleep");
    say("no i meant turn on the bedroom light");
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})"))
        << "not learned yet";
    hands.run();
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/bedroom {"on":true})"));
    hands.run_tasks();
    ASSERT_TRUE(teach("moonshine", "turn off the ceiling fan"));
    hands.run_tasks();
    EXPECT_THAT(hands.jobs, SizeIs(1));
    for (const auto& row : node_->conversation().lessons().all()) {
        ASSERT_TRUE(node_->conversation().lessons().forget(row.key, now_));
    }
    storage_.settle();
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})"))
        << "forgotten at once";
    hands.run();
    EXPECT_THAT(say("some light where i sleep"), ElementsAre(R"(h/kitchen {"on":true})"))
        << "what was under way is not taken: it holds what was forgotten";
    node_.reset();
}

}  // namespace
}  // namespace ambit::node

// `ambit language train` and `eval`, which need no daemon.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/language_tools.h"

namespace ambit::cli {
namespace {

using testing::HasSubstr;

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

Outcome run_program(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const int code = run(arguments, {in, out, err, false}, Look{});
    return {code, out.str(), err.str()};
}

class LanguageCommands : public testing::Test {
  protected:
    LanguageCommands() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ambit-language-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        std::ofstream data(file("set.jsonl"));
        for (const std::string room :
             {"kitchen", "bedroom", "hall", "cellar", "attic", "study", "porch", "barn"}) {
            data << R"({"text":"light on in the )" << room
                 << R"(","intent":"on","slots":[{"name":"room","start":16,"end":)" << 16 + room.size()
                 << "}]}\n";
            data << R"({"text":"make the )" << room << R"( dark","intent":"off","slots":[]})"
                 << "\n";
        }
        data.close();
        // A small recipe makes few passes: it needs each sentence more than once.
        std::ofstream often(file("often.jsonl"));
        for (int i = 0; i < 16; ++i) {
            often << *text_of_file(file("set.jsonl"));
        }
    }

    ~LanguageCommands() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name) const { return folder_ + "/" + name; }

    std::vector<std::string> train(const std::string& out) const {
        return {"language", "train",     "--set", "home=" + file("often.jsonl"),
                "--recipe", "twentieth", "--out", file(out)};
    }

    std::string folder_;
};

TEST_F(LanguageCommands, TrainsAndMeasures) {
    const Outcome trained = run_program(train("home.intents"));
    ASSERT_EQ(trained.code, kOk) << trained.err;
    EXPECT_THAT(trained.out, HasSubstr("home.intents"));
    const Outcome measured = run_program(
        {"language", "eval", "--data", file("set.jsonl"), "--model", file("home.intents"), "--json"});
    ASSERT_EQ(measured.code, kOk) << measured.err;
    const auto answer = nlohmann::json::parse(measured.out);
    EXPECT_EQ(answer["head"], "home");
    EXPECT_EQ(answer["in_scope"], 16);
    EXPECT_EQ(answer["slots"], 8);
    EXPECT_GE(answer["intent_accuracy"], 0.9);
    const Outcome shown =
        run_program({"language", "eval", "--data", file("set.jsonl"), "--model", file("home.intents")});
    EXPECT_THAT(shown.out, HasSubstr("intent right"));
    EXPECT_THAT(shown.out, HasSubstr("CONFIDENCE"));
}

TEST_F(LanguageCommands, GoesOnFromItsCheckpoint) {
    ASSERT_EQ(run_program(train("whole.intents")).code, kOk);
    auto stopping = train("stopped.intents");
    stopping.insert(stopping.end(), {"--checkpoint", file("part"), "--checkpoint-steps", "10"});
    ASSERT_EQ(run_program(stopping).code, kOk);
    std::filesystem::remove(file("stopped.intents"));
    const Outcome resumed = run_program(stopping);  // from the last checkpoint before the end
    ASSERT_EQ(resumed.code, kOk) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr("going on at step 60"));
    EXPECT_EQ(*text_of_file(file("stopped.intents")), *text_of_file(file("whole.intents")));
}

TEST_F(LanguageCommands, SaysWhatIsWrong) {
    std::ofstream(file("bad.jsonl")) << "{\"text\":\"a\",\"intent\":\"x\"}\nnonsense\n";
    std::ofstream(file("bad.intents")) << "nonsense";
    const auto eval = [this](const std::string& data, const std::string& model) {
        return run_program({"language", "eval", "--data", file(data), "--model", file(model)}).err;
    };
    EXPECT_THAT(eval("set.jsonl", "none.intents"), HasSubstr("cannot read"));
    EXPECT_THAT(eval("set.jsonl", "bad.intents"), HasSubstr("E3121"));
    ASSERT_EQ(run_program(train("home.intents")).code, kOk);
    EXPECT_THAT(eval("bad.jsonl", "home.intents"), HasSubstr("line 2"));
    std::ofstream(file("other.jsonl")) << "{\"text\":\"a\",\"intent\":\"x\"}\n";
    EXPECT_THAT(eval("other.jsonl", "home.intents"), HasSubstr("E3123"));
    EXPECT_EQ(run_program({"language", "train", "--set", "x", "--out", file("o")}).code, kFailed);
    EXPECT_EQ(run_program({"language", "train", "--set", "a=b", "--out", file("o"), "--recipe", "none"}).code,
              kUsage);
}

}  // namespace
}  // namespace ambit::cli

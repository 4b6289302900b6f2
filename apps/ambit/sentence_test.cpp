#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "ambit/hassil_eval.h"
#include "ambit/sentence_files.h"

namespace ambit::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class SentenceFilesTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "ambit-sentences-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }

    void TearDown() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
    }

    std::vector<std::string> names(const std::string& language = "de") {
        const auto found = find_sentence_files(folder_, language);
        EXPECT_TRUE(found);
        std::vector<std::string> out;
        for (const language::SourceFile& file : found->files) {
            EXPECT_TRUE(file.custom);
            out.push_back(file.name);
        }
        left_out_ = found->left_out;
        return out;
    }

    fs::path folder_;
    std::vector<language::Warning> left_out_;
};

TEST_F(SentenceFilesTest, FindsAConfigurationsOwn) {
    write("custom_sentences/de/b.yaml", "");
    write("custom_sentences/de/a.yaml", "");
    write("custom_sentences/en/c.yaml", "");
    write("automations.yaml", "");
    EXPECT_THAT(names(), ElementsAre("custom_sentences/de/a.yaml", "custom_sentences/de/b.yaml"));
    EXPECT_THAT(names("en"), ElementsAre("custom_sentences/en/c.yaml"));
}

TEST_F(SentenceFilesTest, FindsALanguagesFolderOrTheFilesThemselves) {
    write("mine.yml", "");
    EXPECT_THAT(names(), ElementsAre("mine.yml"));
    write("de/d.yaml", "");
    EXPECT_THAT(names(), ElementsAre("de/d.yaml"));
}

TEST_F(SentenceFilesTest, FindsBothLayoutsOfTheRepository) {
    write("sentences/de/_common.yaml", "");
    write("sentences/de/HassTurnOn/name_only.yaml", "");
    EXPECT_THAT(names(), ElementsAre("sentences/de/_common.yaml"));
    ASSERT_EQ(left_out_.size(), 1U) << "without intents.yaml nobody knows the combinations of slots";
    EXPECT_EQ(left_out_[0].file, "sentences/de/HassTurnOn/name_only.yaml");
    write("intents.yaml", "HassTurnOn: {slot_combinations: {name_only: {slots: [name]}}}");
    write("lists/covers.yaml", "");
    write("lists/de/lights.yaml", "");
    write("lists/en/lights.yaml", "");
    write("rules/de/rules.yaml", "");
    EXPECT_THAT(names(), ElementsAre("intents.yaml", "sentences/de/HassTurnOn/name_only.yaml",
                                     "sentences/de/_common.yaml", "lists/covers.yaml", "lists/de/lights.yaml",
                                     "rules/de/rules.yaml"));
    EXPECT_TRUE(left_out_.empty());
    for (const char* inside : {"sentences", "sentences/de"}) {
        EXPECT_EQ(find_sentence_files(folder_ / inside, "de")->files.size(), 6U) << inside;
    }
    write("sentences/de/light_HassTurnOn.yaml", "");
    EXPECT_THAT(names(), ElementsAre("sentences/de/_common.yaml", "sentences/de/light_HassTurnOn.yaml",
                                     "lists/covers.yaml", "lists/de/lights.yaml", "rules/de/rules.yaml"));
    EXPECT_EQ(left_out_.size(), 1U) << "the classic layout is read by itself";
    EXPECT_FALSE(find_sentence_files(folder_ / "nowhere", "de"));
}

TEST(HassilEval, KnowsASetByItsFirstLine) {
    EXPECT_TRUE(is_hassil_set("\n \r\n{\"text\":\"x\",\"hassil\":null}\n"));
    EXPECT_FALSE(is_hassil_set("{\"text\":\"x\",\"intent\":\"y\"}\n{\"hassil\":null}"));
    EXPECT_FALSE(is_hassil_set(""));
}

TEST(HassilEval, ComparesEveryFieldThatWasRecorded) {
    HassilSet set;
    set.language = "en";
    set.sentences = {{"test.yaml",
                      "language: en\nintents: {On: {data: [{sentences: ['turn on {name}', 'say {words}'], "
                      "response: r}]}}\n"
                      "lists: {words: {wildcard: true}}\n",
                      false}};
    set.home = R"({"one":{"entities":[{"name":"Lamp","domain":"light"}]},"two":{"entities":[]}})";
    set.data =
        R"({"text":"turn on lamp","fixture":"one","hassil":{"intent":"On","slots":{"name":"Lamp"},"response":"r"}})"
        "\n"
        R"({"text":"turn on lamp","fixture":"two","hassil":null})"
        "\n\n"
        R"({"text":"turn on lamp","fixture":"one","hassil":{"intent":"On","slots":{"name":"Fan"},"response":"r"}})"
        "\n"
        R"({"text":"say a b","fixture":"one","hassil":{"intent":"On","slots":{"words":"a b"},"wildcards":["words"]}})"
        "\n"
        R"({"text":"no","fixture":"one","hassil":{"intent":"On","slots":{}}})"
        "\n"
        R"({"text":"not of this set"})";
    const auto answer = evaluate_hassil(set);
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)["compared"], 5);
    EXPECT_EQ((*answer)["skipped"], 1);
    EXPECT_EQ((*answer)["differences"], 3) << "a skipped sentence is a difference: " << *answer;
    EXPECT_DOUBLE_EQ((*answer)["intent_right"].get<double>(), 0.8);
    EXPECT_DOUBLE_EQ((*answer)["slots_right"].get<double>(), 0.6);
    EXPECT_THAT((*answer)["examples"][0]["difference"].get<std::string>(),
                HasSubstr("name 'Lamp' for 'Fan'"));
    EXPECT_THAT(hassil_eval_text(*answer), HasSubstr("3 different"));
}

TEST(HassilEval, SaysWhichLineIsBroken) {
    HassilSet set;
    set.language = "en";
    set.data = "{\"text\":\"a\",\"hassil\":null}\n{broken";
    const auto answer = evaluate_hassil(set);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message(), HasSubstr("line 2"));
    set.data = "";
    set.home = "[1, 2";
    EXPECT_FALSE(evaluate_hassil(set));
    EXPECT_TRUE(is_hassil_set("{\"text\":\"a\",\"hassil\":null}\n"));
    EXPECT_FALSE(is_hassil_set("{\"text\":\"a\",\"intent\":\"x\"}"));
    EXPECT_FALSE(is_hassil_set("nonsense"));
}

TEST(LanguageSample, PrintsLinesInTheFormatOfTheDataSets) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Streams streams{in, out, err, false};
    ASSERT_EQ(
        run({"language", "sample", "--count", "40", "--seed", "2", "--language", "zh"}, streams, Look{}), kOk)
        << err.str();
    std::istringstream lines(out.str());
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const Json row = Json::parse(line);
        const std::string text = row["text"].get<std::string>();
        for (const Json& slot : row["slots"]) {
            std::size_t at = 0;
            std::string said;
            for (const char c : text) {
                at += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
                if (at > slot["start"].get<std::size_t>() && at <= slot["end"].get<std::size_t>()) {
                    said += c;
                }
            }
            EXPECT_EQ(said, slot["value"].get<std::string>()) << line;
        }
        EXPECT_FALSE(row["intent"].get<std::string>().empty());
    }
    EXPECT_EQ(count, 40U);
    EXPECT_EQ(run({"language", "sample", "--language", "xx"}, streams, Look{}), kFailed);
}

}  // namespace
}  // namespace ambit::cli

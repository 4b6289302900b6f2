#include "node/sentence_imports.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "node/phone_alone_testing.h"

namespace ambit::node {
namespace {

using testing::HasSubstr;

const std::string kGerman = R"~(language: de
intents:
  HassTurnOn:
    data:
      - sentences: ["es werde (licht|hell)", "<kaputt> an"]
        slots: {domain: light}
)~";

class SentenceImportsTest : public testing::Test {
  protected:
    void SetUp() override {
        phone_.found();
        ASSERT_TRUE(phone_.start(true));
    }

    Json ask(const std::string& method, const std::string& path, const Json& body = Json::object()) {
        return Json::parse(phone_.ask(method, path, body.dump())->text);
    }

    Json import(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
        Json body = {{"language", "de"}, {"name", name}, {"files", Json::array()}};
        for (const auto& [file, text] : files) {
            body["files"].push_back({{"name", file}, {"text", text}});
        }
        return ask("POST", "language/import", body);
    }

    std::vector<SentenceImport> imports() const { return sentence_imports(phone_.node_->parts().facts); }

    static std::string error_of(const Json& answer) {
        return answer.contains("error") ? answer["error"]["name"].get<std::string>() : "";
    }

    storage::MemoryStorage storage_;
    PhoneAlone phone_{storage_};
};

TEST_F(SentenceImportsTest, SaysWhatItTookAndWhatNotWithFileAndLine) {
    const Json answer = import("mine", {{"licht.yaml", kGerman}});
    EXPECT_EQ(answer["sentences"], 1) << answer;
    ASSERT_EQ(answer["left_out"].size(), 1U) << answer;
    EXPECT_EQ(answer["left_out"][0]["file"], "licht.yaml");
    EXPECT_EQ(answer["left_out"][0]["line"], 5);
    EXPECT_THAT(answer["left_out"][0]["error"]["detail"].get<std::string>(), HasSubstr("<kaputt>"));
    ASSERT_EQ(imports().size(), 1U);
    EXPECT_EQ(imports()[0].files[0].name, "mine/licht.yaml");
    EXPECT_EQ(imports()[0].files[0].text, kGerman);
    EXPECT_TRUE(imports()[0].files[0].custom);
    const Json list = ask("GET", "language");
    const auto german = std::find_if(list["languages"].begin(), list["languages"].end(),
                                     [](const Json& row) { return row["language"] == "de"; });
    ASSERT_NE(german, list["languages"].end());
    EXPECT_EQ((*german)["understood"], true);
    EXPECT_EQ((*german)["imports"][0]["device"], "phone");
}

TEST_F(SentenceImportsTest, KeepsEveryByteOfLargeFiles) {
    std::string text = kGerman + "# ";
    while (text.size() < 200'000) {
        text += "äöü€𝄞\"\\\n# \x01";
    }
    ASSERT_EQ(error_of(import("large", {{"a.yaml", kGerman}, {"b/c.yaml", text}, {"empty.yaml", ""}})), "");
    ASSERT_EQ(imports().size(), 1U);
    ASSERT_EQ(imports()[0].files.size(), 3U);
    EXPECT_EQ(imports()[0].files[1].text, text);
    EXPECT_EQ(imports()[0].files[2].text, "");
}

TEST_F(SentenceImportsTest, ReplacesAndRemoves) {
    import("mine", {{ "a.yaml", kGerman + "#" + std::string(100'000, 'x') }});
    import("mine", {{ "a.yaml", kGerman }});
    import("other", {{ "a.yaml", kGerman }});
    ASSERT_EQ(imports().size(), 2U);
    EXPECT_EQ(imports()[0].files[0].text, kGerman);
    EXPECT_EQ(ask("POST", "language/remove", {{"language", "de"}, {"name", "mine"}})["removed"]["name"],
              "mine");
    ASSERT_EQ(imports().size(), 1U);
    EXPECT_EQ(imports()[0].name, "other");
    EXPECT_EQ(error_of(ask("POST", "language/remove", {{"language", "de"}, {"name", "mine"}})),
              "NoSuchThing");
    for (const auto& fact : phone_.node_->parts().facts.query(
             {.audience = std::nullopt, .subject_prefix = "language:", .attribute = std::nullopt})) {
        EXPECT_THAT(fact.read(privacy::Here{"test"}).key.attribute, HasSubstr("import:other"));
    }
}

TEST_F(SentenceImportsTest, RefusesWhatItCantKeep) {
    EXPECT_EQ(error_of(import("bad name", {{"a.yaml", kGerman}})), "InvalidArgument");
    EXPECT_EQ(error_of(import("../up", {{"a.yaml", kGerman}})), "InvalidArgument");
    EXPECT_EQ(error_of(import("mine", {{"a.yaml", "language: de\nintents: [1, 2"}})), "NothingToImport");
    EXPECT_EQ(error_of(import("mine", {{"a.yaml", "language: fr\nintents: {}"}})), "NothingToImport");
    EXPECT_EQ(error_of(import("huge", {{"a.yaml", kGerman + "#" + std::string(kImportBytesMax, 'x')}})),
              "ImportTooLarge");
    EXPECT_EQ(error_of(ask("POST", "language/import", {{"language", "de"}, {"name", "x"}, {"files", 7}})),
              "BadRequest");
    for (std::size_t i = 0; i < kImportsMax; ++i) {
        EXPECT_EQ(error_of(import("n" + std::to_string(i), {{"a.yaml", kGerman}})), "");
    }
    EXPECT_EQ(error_of(import("more", {{"a.yaml", kGerman}})), "ImportTooLarge");
    EXPECT_EQ(imports().size(), kImportsMax);
}

TEST_F(SentenceImportsTest, CountsNothingWhileAPartIsMissing) {
    import("mine", {{ "a.yaml", kGerman + "#" + std::string(100'000, 'x') }});
    facts::Draft draft;
    draft.key = {privacy::Household{}, "language:de", "import:mine/0002"};
    draft.time = phone_.now_.wall;
    for (const char* other : {R"({"mark":"of another writing","pieces":[]})", R"({"pieces":7})", "[]"}) {
        draft.value = facts::Json{other};
        ASSERT_TRUE(phone_.node_->parts().facts.put(draft, phone_.now_));
        storage_.settle();
        EXPECT_TRUE(imports().empty()) << other;
    }
}

}  // namespace
}  // namespace ambit::node

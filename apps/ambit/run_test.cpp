// The whole program against a daemon's double: it answers what docs/spec/local-api.md says, and remembers
// what it was asked.  Only tests use it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ambit/commands.h"
#include "http/unix_server.h"
#include "loop/loop.h"

namespace ambit::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

class Program : public testing::Test {
  protected:
    Program() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ambit-cli-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        setenv("AMBIT_STATE_DIR", folder_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): before any thread
        setenv("TZ", "UTC", 1);                         // NOLINT(concurrency-mt-unsafe)
    }

    ~Program() override {
        if (thread_.joinable()) {
            loop_.post([this] { loop_.stop(); });
            thread_.join();
        }
        std::filesystem::remove_all(folder_);
    }

    // From now on `default` has a daemon that answers "METHOD path" with these.
    void serve() {
        std::filesystem::create_directories(folder_ + "/default");
        server_ = std::make_unique<http::UnixServer>(
            loop_, folder_ + "/default/ambit.sock",
            [this](const api::Request& request, const std::shared_ptr<api::Responder>& responder) {
                answer(request, *responder);
            });
        ASSERT_TRUE(server_->start());
        thread_ = std::thread([this] { loop_.run([] {}); });
    }

    void on(const std::string& request, const std::string& json) { answers_[request] = json; }

    void on_stream(const std::string& request, std::vector<std::pair<std::string, std::string>> events) {
        streams_[request] = std::move(events);
    }

    Outcome run_with(const std::string& typed, std::vector<std::string> arguments, bool person = false) {
        std::istringstream in(typed);
        std::ostringstream out;
        std::ostringstream err;
        const int code =
            run(arguments, {in, out, err, person}, {.color = false, .terminal = false, .now = {}});
        return {code, out.str(), err.str()};
    }

    Outcome ambit(std::vector<std::string> arguments) { return run_with("", std::move(arguments)); }

    std::vector<std::string> asked_;
    std::string folder_;

  private:
    void answer(const api::Request& request, api::Responder& responder) {
        const std::string key = request.method + " " + request.path;
        std::string seen = key;
        for (const auto& [name, value] : request.query) {
            seen += " " + name + "=" + value;
        }
        asked_.push_back(seen + (request.body == "{}" ? "" : " " + request.body));
        if (const auto stream = streams_.find(key); stream != streams_.end()) {
            for (const auto& [name, json] : stream->second) {
                responder.event(name, json);
            }
            responder.end();
        } else if (const auto found = answers_.find(key); found != answers_.end()) {
            responder.reply(found->second);
        } else {
            responder.fail({ErrorCode::NoSuchThing, key});
        }
    }

    Loop loop_;
    std::unique_ptr<http::UnixServer> server_;
    std::thread thread_;
    std::map<std::string, std::string> answers_;
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> streams_;
};

TEST_F(Program, AsksAndExitsByTheOutcome) {
    on("POST ask",
       R"({"understood":true,"answers":[{"text":"Kitchen light on","ok":true,"outcome":"done","done_by":"hub"}]})");
    serve();
    const auto done = ambit({"ask", "turn", "on", "the light"});
    EXPECT_EQ(done.code, kOk) << done.err;
    EXPECT_THAT(done.out, StartsWith("✓ Kitchen light on"));
    EXPECT_EQ(asked_.back(), R"(POST ask {"text":"turn on the light","timeout_ms":30000})");
}

TEST_F(Program, ARequestThatFailsExitsWith1) {
    on("POST ask", R"({"understood":true,"answers":[{"text":"Light","ok":false,"outcome":"not_done"}]})");
    serve();
    const auto failed = ambit({"ask", "x", "--json"});
    EXPECT_EQ(failed.code, kFailed);
    EXPECT_EQ(Json::parse(failed.out)["answers"][0]["outcome"], "not_done");
}

TEST_F(Program, SaysWhenNoDaemonRuns) {
    const auto absent = ambit({"--instance", "hub", "status"});
    EXPECT_EQ(absent.code, kNotRunning);
    EXPECT_EQ(absent.out, "");
    EXPECT_EQ(absent.err,
              "✗ E6001 the daemon of this instance is not running.  Start it: `ambit --instance hub up`.\n");
    const auto json = ambit({"status", "--json"});
    EXPECT_EQ(json.code, kNotRunning);
    EXPECT_EQ(Json::parse(json.out)["error"]["number"], 6001);
}

TEST_F(Program, UsageErrorsExitWith2) {
    EXPECT_EQ(ambit({"frobnicate"}).code, kUsage);
    EXPECT_EQ(ambit({"join"}).code, kUsage);
    EXPECT_EQ(ambit({"ping", "hub", "--count", "0"}).code, kUsage);
    EXPECT_EQ(ambit({"pair", "--shared", "--person", "Anna"}).code, kUsage);
    EXPECT_EQ(ambit({"help", "nonsense"}).code, kUsage);
    EXPECT_THAT(ambit({"frobnicate"}).err, HasSubstr("See: ambit help"));
    EXPECT_EQ(ambit({"--instance", "../x", "status"}).code, kFailed);
}

TEST_F(Program, TheDaemonsErrorsEndWithTheNextStep) {
    serve();
    const auto failed = ambit({"devices", "remove", "boat"});
    EXPECT_EQ(failed.code, kFailed);
    EXPECT_EQ(failed.err,
              "✗ E6005 nothing has that name: POST devices/remove.  See what there is: `ambit devices`, "
              "`ambit people`, `ambit facts`.\n");
}

TEST_F(Program, HelpTeachesByExample) {
    const auto words_of = [](const std::string& text) {
        std::istringstream in(text);
        return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
    };
    const auto help_on = [&](const std::string& path) {
        auto asked = words_of(path);
        asked.insert(asked.begin(), "help");
        return ambit(asked).out;
    };
    const std::string general = ambit({"--help"}).out;
    std::istringstream paths(ambit({"help", "--all"}).out);
    for (std::string path; std::getline(paths, path);) {
        const std::string help = help_on(path);
        const std::size_t at = help.find("Example");
        ASSERT_NE(at, std::string::npos) << path;
        std::istringstream lines(help.substr(at));
        std::string line;
        std::getline(lines, line);
        while (std::getline(lines, line) && !line.empty()) {
            EXPECT_THAT(line, HasSubstr(path)) << "an example of something else";
            // Those of a command may show what is below it.
            const auto words = words_of(line);
            const auto last = std::find(words.begin(), words.end(), words_of(path).back());
            const bool below = last != words.end() && last + 1 != words.end();
            const std::string shown = general + help + (below ? help_on(path + " " + *(last + 1)) : "");
            for (const std::string& word : words) {
                EXPECT_TRUE(!word.starts_with("--") || shown.find(word + " ") != std::string::npos)
                    << line << ": there is no " << word;
            }
        }
    }
}

TEST_F(Program, RecoverReadsTheWordsFromStdinAndShowsTheNewOnesFirst) {
    on("GET status", R"({"version":"0.1.0"})");
    on_stream("POST recover", {{"finding", "{}"},
                               {"words", R"({"recovery_words":["abc","def"],"recovery_qr":"abc def"})"},
                               {"recovered", R"({"household":{"name":"Home"},"device":{"name":"phone2"}})"}});
    serve();
    std::string typed;
    for (int i = 1; i <= 17; ++i) {
        typed += "w" + std::to_string(i) + (i % 5 == 0 ? "\n" : " ");
    }
    const auto done = run_with(typed, {"recover", "--name", "phone2", "--kind", "phone", "--owner", "Anna",
                                       "--at", "192.0.2.7:41877"});
    EXPECT_EQ(done.code, kOk) << done.err;
    EXPECT_THAT(asked_.back(),
                HasSubstr(R"("w16","w17"],"name":"phone2","kind":"phone","owner":{"name":"Anna"})"));
    EXPECT_THAT(asked_.back(), HasSubstr(R"("at":"192.0.2.7:41877")"));
    EXPECT_THAT(done.out, HasSubstr(" 1 abc    2 def"));
    EXPECT_THAT(done.out, HasSubstr("Recovered: this device (phone2) is an admin of \"Home\""));
    EXPECT_LT(done.out.find("abc"), done.out.find("Recovered"));
}

TEST_F(Program, RecoverWithTooFewWordsAsksNothingOfTheDaemon) {
    on("GET status", R"({"version":"0.1.0"})");
    serve();
    EXPECT_EQ(run_with("only three words\n", {"recover"}).code, kFailed);
    for (const std::string& asked : asked_) {
        EXPECT_THAT(asked, Not(HasSubstr("recover")));
    }
}

TEST_F(Program, DoctorShowsWhatNeedsAttentionWithItsNextStep) {
    on("GET doctor",
       R"({"items":[{"key":"admins","ok":false,"text":"a single admin","next_step":"Make another one.",
           "error":{"number":1209}},{"key":"store","ok":true,"text":"fine"}]})");
    serve();
    const auto shown = ambit({"doctor"});
    EXPECT_EQ(shown.code, kOk) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("admins"));
    EXPECT_THAT(shown.out, HasSubstr("a single admin (E1209)\n           Next: Make another one."));
}

TEST_F(Program, DoctorSaysWhatOfASourceIsUsedAndWhatNot) {
    on("GET doctor",
       R"~({"items":[],"devices":[
           {"source":"mqtt:home","from":"Desk (IKEA X)","used":["light Desk","sensor Desk Battery"],
            "ignored":[{"what":"effect","why":"a setting"},{"what":"update","why":"a setting"}]},
           {"source":"mqtt:home","from":"Odd","used":[],"ignored":[{"what":"Odd","why":"its name is no topic"}]}]})~");
    serve();
    const auto shown = ambit({"doctor", "mqtt"});
    EXPECT_EQ(shown.code, kOk) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("2 devices: 2 things are used, 3 are not"));
    EXPECT_THAT(shown.out, HasSubstr("effect, update: a setting"));
    EXPECT_THAT(shown.out, HasSubstr("sensor Desk Battery"));
    EXPECT_THAT(shown.out, HasSubstr("Odd: its name is no topic"));
}

TEST_F(Program, UpInTheForegroundRefusesToBeTheSecondDaemon) {
    on("GET status", R"({"version":"0.1.0","household":{"name":"Home"}})");
    serve();
    const auto second = ambit({"up", "--foreground"});
    EXPECT_EQ(second.code, kFailed);
    EXPECT_THAT(second.err, HasSubstr("E6002"));
}

TEST_F(Program, UpCreatesAHouseholdOnceAndShowsTheWords) {
    on("GET status", R"({"version":"0.1.0"})");
    on("POST household/create",
       R"({"household":{"name":"Home"},"device":{"name":"hub"},"recovery_words":["abc","def"]})");
    serve();
    const auto first = ambit({"up", "--name", "hub", "--kind", "hub"});
    EXPECT_EQ(first.code, kOk) << first.err;
    EXPECT_THAT(first.out, HasSubstr(" 1 abc    2 def"));
    EXPECT_THAT(asked_.back(),
                HasSubstr(R"({"name":"hub","kind":"hub","household_name":"Home","languages":["en"])"));
    on("GET status",
       R"({"household":{"name":"Home","devices":1,"people":0},"device":{"name":"hub","kind":"hub"}})");
    const auto again = ambit({"up"});
    EXPECT_EQ(again.code, kOk);
    EXPECT_THAT(again.out, StartsWith("hub (hub, shared) in household \"Home\""));
}

TEST_F(Program, PairShowsTheCodeAndAsksForTheWordsAndTheOwner) {
    on_stream("POST pair", {{"code", R"({"code":"4821-7730","at":"192.0.2.7:4","expires_s":180})"},
                            {"peer", R"({"name":"phone","kind":"phone"})"},
                            {"verifier", R"({"words":["harbor","violin","7","moss"]})"},
                            {"need_confirm", "{}"},
                            {"need_owner", R"({"people":["Anna"]})"},
                            {"done", R"({"device":{"name":"phone","kind":"phone","owner":"Anna"}})"}});
    on("POST pair/answer", "{}");
    serve();
    const auto paired = run_with("y\n3\n", {"pair"}, true);
    EXPECT_EQ(paired.code, kOk) << paired.err;
    EXPECT_THAT(paired.out, HasSubstr("ambit join 4821-7730   (3 minutes, one use)"));
    EXPECT_THAT(paired.out, HasSubstr("harbor · violin · 7 · moss"));
    EXPECT_THAT(paired.out, HasSubstr("phone (phone, Anna's) joined."));
    EXPECT_THAT(asked_, testing::Contains(R"(POST pair/answer {"confirm":true})"));
    EXPECT_THAT(asked_, testing::Contains(R"(POST pair/answer {"owner":{"person":"Anna"}})"));
}

TEST_F(Program, PairWithoutAPersonSaysNo) {
    on_stream("POST pair", {{"need_confirm", "{}"}});
    on("POST pair/answer", "{}");
    serve();
    const auto paired = ambit({"pair", "--shared"});
    EXPECT_EQ(paired.code, kFailed);
    EXPECT_THAT(paired.err, HasSubstr("E6015"));
    EXPECT_THAT(asked_, testing::Contains(R"(POST pair/answer {"confirm":false})"));
}

TEST_F(Program, JoinPrintsEveryEventAsALineOfJson) {
    on("GET status", "{}");
    on_stream("POST household/join",
              {{"finding", "{}"}, {"verifier", R"({"words":["a"]})"}, {"joined", R"({"device":{}})"}});
    serve();
    const auto joined = ambit({"join", "4821-7730", "--at", "h:1", "--kind", "watch", "--yes", "--json"});
    EXPECT_EQ(joined.code, kOk) << joined.err;
    std::istringstream lines(joined.out);
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);) {
        events.push_back(Json::parse(line)["event"]);
    }
    EXPECT_THAT(events, testing::ElementsAre("finding", "verifier", "joined"));
    EXPECT_EQ(asked_.back(),
              R"(POST household/join {"code":"4821-7730","kind":"watch","accept_verifier":true,)"
              R"("name":"watch","at":"h:1"})");
}

TEST_F(Program, AStreamThatFailsExitsWithItsError) {
    on("GET status", "{}");
    on_stream("POST household/join",
              {{"finding", "{}"}, {"failed", R"({"error":{"number":6009,"detail":"nobody"}})"}});
    serve();
    const auto failed = ambit({"join", "1111-1111"});
    EXPECT_EQ(failed.code, kFailed);
    EXPECT_THAT(failed.err, HasSubstr("E6009 no answer in time: nobody."));
}

TEST_F(Program, FactsLedgerReleaseAndTheRestAskWhatTheSpecSays) {
    on("POST facts", R"({"fact":{"subject":"me","attribute":"a","value":21}})");
    on("GET facts", R"({"facts":[{"value":"Europe/Berlin"}]})");
    on("GET ledger", R"({"rows":[],"entries":0,"intact":true})");
    on("GET ledger/verify", R"({"intact":false,"entries":9,"broken_at":3})");
    on("POST release", R"({"rule":{"name":"n","id":"7c1e"}})");
    on("POST release/simulate", R"({"recipient":"device:hub","readers":["hub"]})");
    on("GET release/7c", R"({"rule":{"name":"n","id":"7c1e"}})");
    on("DELETE release/7c", R"({"revoked":{"name":"n"}})");
    on("POST confirm", R"({"id":"3f","yes":false})");
    on("GET why", R"({"chain":[]})");
    serve();
    ambit({"facts", "set", "me", "a", "21", "--audience", "me"});
    EXPECT_EQ(asked_.back(), R"(POST facts {"subject":"me","attribute":"a","value":21,"audience":"me"})");
    EXPECT_EQ(ambit({"facts", "get", "household", "time_zone"}).out, "Europe/Berlin\n");
    EXPECT_EQ(asked_.back(), "GET facts attribute=time_zone limit=1000 subject=household");
    ambit({"ledger", "--since", "1969-01-01", "--refused", "--to", "hub"});
    EXPECT_EQ(asked_.back(), "GET ledger limit=200 refused=true since=1969-01-01 to=hub");
    EXPECT_EQ(ambit({"ledger", "verify"}).code, kFailed);
    ambit({"release", "grant", "sleep-state", "--to", "household", "--rate", "12"});
    EXPECT_EQ(
        asked_.back(),
        R"(POST release {"extractor":"sleep-state","recipient":"household","purpose":"","rate_per_hour":12})");
    ambit({"release", "simulate", "body-state", "--to", "device:hub"});
    EXPECT_EQ(asked_.back(),
              R"(POST release/simulate {"extractor":"body-state","recipient":"device:hub","purpose":""})");
    EXPECT_THAT(ambit({"release", "show", "7c"}).out, HasSubstr("nothing else"));
    EXPECT_EQ(asked_.back(), "GET release/7c");
    EXPECT_EQ(ambit({"release", "revoke", "7c"}).code, kOk);
    EXPECT_THAT(ambit({"confirm", "3f", "--no"}).out, HasSubstr("Refused"));
    EXPECT_EQ(asked_.back(), R"(POST confirm {"id":"3f","yes":false})");
    ambit({"why", "00112233445566778899aabbccddeeff"});
    EXPECT_EQ(asked_.back(), "GET why request=00112233445566778899aabbccddeeff");
    ambit({"why", "kitchen", "light"});
    EXPECT_EQ(asked_.back(), "GET why text=kitchen light");
}

TEST_F(Program, ConfigWorksOnTheFileWhileNoDaemonRuns) {
    const auto set = ambit({"config", "set", "mqtt.enabled", "on"});
    EXPECT_EQ(set.code, kOk) << set.err;
    EXPECT_EQ(ambit({"config", "get", "mqtt.enabled"}).out, "on\n");
    EXPECT_EQ(ambit({"config", "get", "mqtt.port"}).out, "1883\n");
    EXPECT_THAT(ambit({"config"}).out, HasSubstr("mqtt.enabled"));
    const auto unknown = ambit({"config", "set", "mqtt.hots", "x"});
    EXPECT_EQ(unknown.code, kFailed);
    EXPECT_THAT(unknown.err, HasSubstr("mqtt.host"));
    EXPECT_THAT(ambit({"config", "set", "mqtt.port", "0"}).err, HasSubstr("E7002"));
}

TEST_F(Program, HelpTeaches) {
    EXPECT_THAT(ambit({"help", "E6001"}).out, HasSubstr("ambit up"));
    EXPECT_THAT(ambit({"help", "files"}).out, HasSubstr("settings.toml"));
    EXPECT_THAT(ambit({"help", "devices", "rename"}).out, HasSubstr("Its new name"));
    EXPECT_THAT(ambit({"help", "devices", "rename"}).out, HasSubstr("Usage: ambit devices rename"));
    EXPECT_THAT(ambit({"help", "pair"}).out, HasSubstr("ambit pair --new-person Anna"));
    EXPECT_THAT(ambit({"pair", "--help"}).out, HasSubstr("ambit pair --new-person Anna"));
    EXPECT_THAT(ambit({}).out, HasSubstr("ambit up"));
    const std::string all = ambit({"help", "--all"}).out;
    for (const char* path :
         {"up", "devices bridge", "facts watch", "ledger verify", "release grant", "config set"}) {
        EXPECT_THAT(all, HasSubstr(std::string(path) + "\n"));
    }
}

TEST_F(Program, EveryCommandIsInThePagesAndCompletes) {
    std::filesystem::path root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "layers.txt") && root.has_relative_path()) {
        root = root.parent_path();
    }
    const auto text_of_file = [&root](const char* name) {
        std::ostringstream text;
        text << std::ifstream(root / name).rdbuf();
        return text.str();
    };
    const std::string all = ambit({"help", "--all"}).out;
    EXPECT_EQ(text_of_file("docs/cli-commands.txt"), all)
        << "write it with: ambit help --all > docs/cli-commands.txt";
    const std::string page = text_of_file("docs/cli.md");
    const std::string bash = ambit({"completion", "bash"}).out;
    std::istringstream lines(all);
    for (std::string path; std::getline(lines, path);) {
        EXPECT_THAT(page, HasSubstr("`ambit " + path)) << "docs/cli.md must name it";
        EXPECT_THAT(bash, HasSubstr("'" + path + "')"));
    }
    EXPECT_THAT(ambit({"completion", "fish"}).out, HasSubstr("-a 'devices'"));
}

TEST_F(Program, StartsADaemonOnlyIfThereIsOne) {
    setenv("PATH", folder_.c_str(),
           1);  // NOLINT(concurrency-mt-unsafe): the programs are not beside the tests
    EXPECT_THAT(ambit({"up"}).err, HasSubstr("E6011"));
    std::ofstream(folder_ + "/ambitd") << "#!/bin/sh\nexit 1\n";
    std::filesystem::permissions(folder_ + "/ambitd", std::filesystem::perms::owner_all);
    const auto failed = ambit({"up"});
    EXPECT_EQ(failed.code, kFailed);
    EXPECT_THAT(failed.err, HasSubstr("E6012"));
    EXPECT_THAT(failed.err, HasSubstr("ambitd.log"));
}

}  // namespace
}  // namespace ambit::cli

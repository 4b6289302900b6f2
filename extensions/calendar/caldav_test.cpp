#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "calendar/caldav_testing.h"
#include "calendar/server.h"

namespace ambit::calendar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Url at(const std::string& path = "/") {
    return read_url("https://dav.example.org" + path).value();
}

class ClientTest : public testing::Test {
  protected:
    ClientTest() {
        dav.put("/dav/cal/work/", "1.ics", "one");
        dav.put("/dav/cal/work/", "2.ics", "two");
        dav.put("/dav/cal/home/", "3.ics", "three");
    }

    std::optional<ErrorCode> error() const {
        return client.error() ? std::optional(client.error()->code) : std::nullopt;
    }

    std::string why() const { return client.error() ? client.error()->detail : ""; }

    bool holds_all() const {
        std::map<std::string, std::string> all;
        for (const auto& [path, shelf] : dav.shelves) {
            for (const auto& [name, resource] : shelf.resources) {
                all[name] = resource.ics;
            }
        }
        return dav.held == all;
    }

    FakeDav dav;
    Client client{at()};
};

TEST_F(ClientTest, FindsAPersonsCalendarsFromTheServersName) {
    dav.round(client);
    EXPECT_FALSE(client.error()) << why();
    EXPECT_THAT(dav.held,
                ElementsAre(Pair("/dav/cal/home/3.ics", "three"), Pair("/dav/cal/work/1.ics", "one"),
                            Pair("/dav/cal/work/2.ics", "two")));
    EXPECT_EQ(dav.asked.front().url.path, "/");
    EXPECT_EQ(client.calendars(), 2U);
}

TEST_F(ClientTest, OneCalendarByItsOwnAddress) {
    Client one(at("/dav/cal/work/"));
    EXPECT_EQ(dav.round(one), 3U);
    EXPECT_THAT(dav.held,
                ElementsAre(Pair("/dav/cal/work/1.ics", "one"), Pair("/dav/cal/work/2.ics", "two")));
    EXPECT_EQ(dav.round(one), 1U);
}

TEST_F(ClientTest, CalendarsForOtherThingsAreLeftAlone) {
    dav.put("/dav/cal/tasks/", "t.ics", "a task");
    dav.shelves["/dav/cal/tasks/"].components = "<C:comp name=\"VTODO\"/>";
    dav.put("/dav/cal/any/", "a.ics", "anything");
    dav.shelves["/dav/cal/any/"].components = "";
    dav.round(client);
    EXPECT_FALSE(dav.held.contains("/dav/cal/tasks/t.ics"));
    EXPECT_TRUE(dav.held.contains("/dav/cal/any/a.ics"));
}

// The three ways a server tells of changes; in each, what did not change is not read again.
class ChangesTest : public ClientTest, public testing::WithParamInterface<std::pair<bool, bool>> {
  protected:
    ChangesTest() { std::tie(dav.keeps_changes, dav.tells_ctag) = GetParam(); }
};

TEST_P(ChangesTest, OnlyWhatDiffersIsRead) {
    dav.round(client);
    ASSERT_TRUE(holds_all()) << why();
    const bool tells_nothing = !dav.keeps_changes && !dav.tells_ctag;
    EXPECT_EQ(dav.round(client), tells_nothing ? 3U : 1U) << "nothing is new";

    dav.put("/dav/cal/work/", "1.ics", "one, moved");
    dav.put("/dav/cal/work/", "4.ics", "four");
    dav.remove("/dav/cal/work/", "2.ics");
    dav.asked.clear();
    dav.round(client);
    EXPECT_TRUE(holds_all()) << why();
    const auto contents = dav.asked.back().body;
    EXPECT_THAT(contents, HasSubstr("1.ics</D:href>"));
    EXPECT_THAT(contents, HasSubstr("4.ics</D:href>"));
    for (const Ask& ask : dav.asked) {
        const bool reads = ask.body.find("multiget") != std::string::npos;
        EXPECT_FALSE(reads && ask.body.find("3.ics") != std::string::npos);
    }
    EXPECT_FALSE(client.error()) << why();
}

INSTANTIATE_TEST_SUITE_P(Servers,
                         ChangesTest,
                         testing::Values(std::pair(true, true),
                                         std::pair(true, false),
                                         std::pair(false, true),
                                         std::pair(false, false)));

TEST_F(ClientTest, AServerThatTellsChangesInPages) {
    dav.page = 2;
    for (int i = 10; i < 130; ++i) {
        dav.put("/dav/cal/work/", std::to_string(i) + ".ics", std::to_string(i));
    }
    dav.round(client);
    EXPECT_TRUE(holds_all()) << why();
    EXPECT_EQ(dav.held.size(), 123U);
}

TEST_F(ClientTest, AServerThatForgotItsTokens) {
    dav.round(client);
    dav.put("/dav/cal/work/", "5.ics", "five");
    dav.remove("/dav/cal/work/", "1.ics");
    dav.forgets = 100;
    dav.round(client);
    EXPECT_TRUE(holds_all()) << why();
    EXPECT_FALSE(client.error()) << why();
}

TEST_F(ClientTest, AServerThatPromisesChangesAndCannotTellThem) {
    dav.instead = [](const Ask& ask) -> std::optional<Reply> {
        return ask.body.find("sync-collection") != std::string::npos ? std::optional(replied(501))
                                                                     : std::nullopt;
    };
    dav.round(client);
    EXPECT_TRUE(holds_all()) << why();
    EXPECT_FALSE(client.error()) << why();
}

TEST_F(ClientTest, ACalendarThatIsGoneTakesItsEntriesAlong) {
    dav.round(client);
    dav.shelves.erase("/dav/cal/home/");
    dav.round(client);
    EXPECT_TRUE(holds_all());
    EXPECT_EQ(dav.held.size(), 2U);
}

TEST_F(ClientTest, AListingThatBreaksOffIsBegunAgain) {
    dav.round(client);
    dav.remove("/dav/cal/work/", "1.ics");
    dav.put("/dav/cal/work/", "6.ics", "six");
    dav.forgets = 100;
    dav.page = 1;
    std::size_t pages = 0;
    dav.instead = [&](const Ask& ask) -> std::optional<Reply> {
        if (ask.body.find("sync-collection") == std::string::npos || ++pages < 3) {
            return std::nullopt;
        }
        Reply reply;
        reply.lost = Error{ErrorCode::CalendarServerLost, "the line broke"};
        return reply;
    };
    dav.round(client);
    EXPECT_EQ(error(), ErrorCode::CalendarServerLost);
    EXPECT_TRUE(dav.held.contains("/dav/cal/work/1.ics")) << "what was read last still counts";
    dav.instead = nullptr;
    dav.forgets = 0;
    dav.round(client);
    EXPECT_TRUE(holds_all()) << why();
}

TEST_F(ClientTest, ALostServerLosesNothing) {
    dav.round(client);
    const auto before = dav.held;
    for (const int status : {401, 403, 404, 429, 500, 503}) {
        dav.instead = [&](const Ask&) { return replied(status); };
        dav.round(client);
        EXPECT_EQ(dav.held, before) << status;
        EXPECT_EQ(error(), status == 401 || status == 403   ? ErrorCode::CalendarServerRefused
                           : status == 429 || status >= 500 ? ErrorCode::CalendarServerLost
                                                            : ErrorCode::CalendarServerBroken)
            << status;
    }
    dav.instead = nullptr;
    dav.put("/dav/cal/home/", "7.ics", "seven");
    dav.round(client);
    EXPECT_TRUE(holds_all());
    EXPECT_FALSE(client.error());
}

TEST_F(ClientTest, NonsenseIsSaidAndLosesNothing) {
    dav.round(client);
    const auto before = dav.held;
    for (const std::string& body :
         {std::string("<html><body>Sign in to this network</body></html>"), std::string("{}"), std::string(),
          std::string("<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>"),
          multistatus(std::string("<D:x>") + std::string(40, '<')), std::string(200'000, '<'),
          multistatus("<D:response><D:href>" + std::string(5000, 'x') + "</D:href></D:response>")}) {
        dav.instead = [&](const Ask&) { return replied(207, body); };
        dav.round(client);
        EXPECT_EQ(error(), ErrorCode::CalendarServerBroken) << body.substr(0, 60);
        EXPECT_EQ(dav.held, before);
    }
    dav.instead = [&](const Ask&) { return replied(200, "<html/>"); };
    dav.round(client);
    EXPECT_EQ(error(), ErrorCode::CalendarServerBroken);
    EXPECT_EQ(dav.held, before);
}

TEST_F(ClientTest, NeverAsksAnotherServer) {
    const auto elsewhere = [&](const std::string& path, const Reply& reply) {
        Client fresh(at());
        dav.asked.clear();
        dav.instead = [&](const Ask& ask) {
            return ask.url.path == path ? std::optional(reply) : std::nullopt;
        };
        dav.round(fresh);
        for (const Ask& ask : dav.asked) {
            EXPECT_TRUE(same_origin(ask.url, at())) << to_text(ask.url);
        }
        return fresh.error() ? *fresh.error() : Error();
    };
    for (const char* there :
         {"https://evil.example/", "http://dav.example.org/", "https://dav.example.org:8443/",
          "//evil.example/dav/", "https://dav.example.org@evil.example/"}) {
        for (const auto& [path, reply] :
             {std::pair<std::string, Reply>("/", replied(302, {}, there)),
              {"/dav/", replied(207, multistatus(response(
                                         "/dav/", std::string("<D:current-user-principal><D:href>") + there +
                                                      "</D:href></D:current-user-principal>")))},
              {"/dav/anna/", replied(207, multistatus(response(
                                              "/dav/anna/", std::string("<C:calendar-home-set><D:href>") +
                                                                there + "</D:href></C:calendar-home-set>")))},
              {"/dav/cal/", replied(207, multistatus(response(
                                             there, "<D:resourcetype><C:calendar/></D:resourcetype>")))}}) {
            const Error error = elsewhere(path, reply);
            EXPECT_EQ(error.code, ErrorCode::CalendarServerBroken) << path << " " << there;
        }
    }
    EXPECT_THAT(elsewhere("/", replied(302, {}, "https://evil.example/")).detail,
                HasSubstr("https://evil.example:443"));
}

TEST_F(ClientTest, EntriesOfOthersAreNotReadAndSaid) {
    dav.keeps_changes = false;
    dav.instead = [](const Ask& ask) -> std::optional<Reply> {
        if (ask.body.find("calendar-query") == std::string::npos) {
            return std::nullopt;
        }
        std::string inner;
        for (const char* href :
             {"https://evil.example/dav/cal/work/1.ics", "/dav/cal/other/1.ics", "/etc/passwd"}) {
            inner += response(href, "<D:getetag>\"9\"</D:getetag>");
        }
        return replied(207, multistatus(inner));
    };
    dav.round(client);
    EXPECT_THAT(dav.held, IsEmpty());
    EXPECT_EQ(error(), ErrorCode::CalendarServerBroken);
    EXPECT_THAT(why(), HasSubstr("not its own"));
}

TEST_F(ClientTest, CirclesAndEndlessAnswersEnd) {
    dav.instead = [](const Ask&) { return replied(301, {}, "/"); };
    EXPECT_LT(dav.round(client), 10U);
    EXPECT_EQ(error(), ErrorCode::CalendarServerBroken);

    // Changes without an end: always one more page, each with another token.
    std::size_t page = 0;
    dav.asked.clear();
    dav.instead = [&](const Ask& ask) -> std::optional<Reply> {
        if (ask.body.find("sync-collection") == std::string::npos) {
            return std::nullopt;
        }
        return replied(207, multistatus("<D:response><D:href>/dav/cal/home/</D:href><D:status>HTTP/1.1 507 x"
                                        "</D:status></D:response><D:sync-token>p" +
                                        std::to_string(++page) + "</D:sync-token>"));
    };
    dav.round(client);
    EXPECT_LE(dav.asked.size(), Client::kAsksMax);
    EXPECT_EQ(error(), ErrorCode::CalendarServerBroken);
}

TEST_F(ClientTest, AnEntryThatIsTooLongIsLeftOutAndTheOthersAreRead) {
    dav.put("/dav/cal/work/", "huge.ics", "huge");
    dav.instead = [](const Ask& ask) -> std::optional<Reply> {
        if (ask.body.find("multiget") == std::string::npos ||
            ask.body.find("huge.ics") == std::string::npos) {
            return std::nullopt;
        }
        Reply reply = replied(207);
        reply.too_long = true;
        return reply;
    };
    dav.round(client);
    EXPECT_TRUE(dav.held.contains("/dav/cal/work/1.ics"));
    EXPECT_TRUE(dav.held.contains("/dav/cal/work/2.ics"));
    EXPECT_THAT(why(), HasSubstr("left out"));
    EXPECT_EQ(dav.round(client), 1U) << "it is not asked for again";
    EXPECT_THAT(why(), HasSubstr("left out")) << "and still said";
}

TEST_F(ClientTest, NamesThatAreWrittenInTwoWaysAreOne) {
    dav.shelves.erase("/dav/cal/home/");
    dav.keeps_changes = false;
    dav.instead = [](const Ask& ask) -> std::optional<Reply> {
        if (ask.body.find("calendar-query") != std::string::npos) {
            return replied(207,
                           multistatus(response("/dav/cal/work/a%40b%20c.ics", "<D:getetag>1</D:getetag>")));
        }
        if (ask.body.find("multiget") != std::string::npos) {
            return replied(
                207, multistatus(response("https://DAV.example.org/dav/cal/work/a@b%20c.ics",
                                          "<D:getetag>1</D:getetag><C:calendar-data>x</C:calendar-data>")));
        }
        return std::nullopt;
    };
    dav.round(client);
    EXPECT_THAT(dav.held, ElementsAre(Pair("/dav/cal/work/a@b%20c.ics", "x")));
}

TEST_F(ClientTest, WithoutAUserItSaysThatOneIsNeeded) {
    dav.instead = [](const Ask& ask) {
        return replied(207, multistatus(response(ask.url.path,
                                                 "<D:current-user-principal><D:unauthenticated/>"
                                                 "</D:current-user-principal>")));
    };
    dav.round(client);
    EXPECT_EQ(error(), ErrorCode::CalendarServerRefused);
}

TEST(AnswerTest, PropertiesCountOnlyWhereTheServerHasThem) {
    const auto answer = read_answer(
        "<multistatus xmlns='DAV:'><response><href>/x</href>"
        "<propstat><prop><getetag>\"no\"</getetag></prop><status>HTTP/1.1 404 Not Found</status></propstat>"
        "<propstat><prop><c:getctag xmlns:c='http://calendarserver.org/ns/'>yes</c:getctag></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
        "<sync-token> urn:1 </sync-token></multistatus>");
    ASSERT_TRUE(answer) << answer.error().detail;
    ASSERT_EQ(answer->found.size(), 1U);
    EXPECT_EQ(answer->found[0].etag, "");
    EXPECT_EQ(answer->found[0].ctag, "yes");
}

TEST(AnswerTest, LimitsHold) {
    std::string deep = "<D:multistatus xmlns:D='DAV:'>";
    for (std::size_t i = 0; i < kDepthMax; ++i) {
        deep += "<a>";
    }
    EXPECT_THAT(read_answer(deep).error().detail, HasSubstr("levels"));
    std::string many;
    for (std::size_t i = 0; i <= kFoundMax; ++i) {
        many += "<D:response/>";
    }
    EXPECT_THAT(read_answer(multistatus(many)).error().detail, HasSubstr("entries"));
    EXPECT_THAT(read_answer(std::string(kQuotesMax + 1, '"')).error().detail, HasSubstr("quotes"));
    EXPECT_THAT(read_answer(std::string(kAnswerBytesMax + 1, ' ')).error().detail, HasSubstr("32 MiB"));
    const auto long_data = read_answer(multistatus(response(
        "/x", "<C:calendar-data>" + std::string(kResourceBytesMax + 1, 'x') + "</C:calendar-data>")));
    ASSERT_TRUE(long_data);
    EXPECT_TRUE(long_data->found[0].too_long);
}

TEST(UrlTest, AddressesAreReadOrRefused) {
    EXPECT_EQ(to_text(read_url(" https://Dav.Example.org/a b#c ").value()),
              "https://dav.example.org:443/a%20b");
    EXPECT_EQ(to_text(read_url("http://[::1]:5232").value()), "http://[::1]:5232/");
    EXPECT_EQ(to_text(read_url("https://host?x=1").value()), "https://host:443/?x=1");
    for (const char* bad :
         {"", "host", "ftp://host/", "https://", "https://a@b/", "https://host:0/", "https://host:65536/",
          "https://host:/", "https://ho st/", "https://host\r\nX: y/", "https://[::1/", "https://h%6fst/"}) {
        EXPECT_FALSE(read_url(bad)) << bad;
    }
    EXPECT_FALSE(read_url("https://host/" + std::string(kUrlBytesMax, 'a')));
    EXPECT_EQ(to_text(resolve(at("/a/b"), "c").value()), "https://dav.example.org:443/a/c");
    EXPECT_EQ(to_text(resolve(at("/a/b"), "/c\r\nX: y").value()),
              "https://dav.example.org:443/c%0D%0AX:%20y");
    EXPECT_FALSE(resolve(at(), ""));
    EXPECT_FALSE(resolve(at(), "/" + std::string(kUrlBytesMax, '|')));
    EXPECT_EQ(plain_path("/%41%2fb%zz%"), "/A/b%25zz%25");
}

TEST(UrlTest, APasswordIsForEncryptedWaysOnly) {
    const auto code = [](const std::string& url, const std::string& password) {
        const auto address = address_of({url, {"anna", password, ""}, std::chrono::seconds(1)});
        return address ? std::nullopt : std::optional(address.error().code);
    };
    EXPECT_EQ(code("http://dav.example.org/", "secret"), ErrorCode::CalendarPasswordInTheOpen);
    EXPECT_EQ(code("http://127.0.0.1.evil.example/", "secret"), ErrorCode::CalendarPasswordInTheOpen);
    EXPECT_EQ(code("http://192.0.2.1/", "secret"), ErrorCode::CalendarPasswordInTheOpen);
    EXPECT_EQ(code("http://192.0.2.1/", ""), std::nullopt);
    EXPECT_EQ(code("https://dav.example.org/", "secret"), std::nullopt);
    for (const char* here : {"http://localhost:5232/", "http://127.0.0.1:5232/", "http://[::1]/"}) {
        EXPECT_EQ(code(here, "secret"), std::nullopt) << here;
    }
    EXPECT_EQ(code("nowhere", ""), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace ambit::calendar

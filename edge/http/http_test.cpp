#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/event_reader.h"
#include "http/target.h"
#include "http/unix_client.h"
#include "http/unix_server.h"
#include "loop/loop.h"

namespace ambit::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using ResponderPtr = std::shared_ptr<api::Responder>;

class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ambit-http-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }

    ~TempFolder() { std::filesystem::remove_all(path_); }

    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

// A server on a loop of its own; the handler is the test's.
class Served {
  public:
    explicit Served(api::Handler handler) : server_(loop_, folder_.file("s"), std::move(handler)) {
        EXPECT_TRUE(server_.start());
        thread_ = std::thread([this] { loop_.run([] {}); });
    }

    ~Served() {
        if (thread_.joinable()) {
            loop_.post([this] { loop_.stop(); });
            thread_.join();
        }
    }

    // Runs on the loop and waits.
    template <typename F>
    void on_loop(F work) {
        std::promise<void> done;
        loop_.post([&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    UnixClient client() const { return UnixClient(path()); }

    std::string path() const { return folder_.file("s"); }

    UnixServer& server() { return server_; }

    Loop& loop() { return loop_; }

  private:
    TempFolder folder_;
    Loop loop_;
    UnixServer server_;
    std::thread thread_;
};

int connect_raw(const std::string& path) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

// Sends `bytes` and reads until the server closes.
std::string talk_raw(const std::string& path, const std::string& bytes) {
    const int fd = connect_raw(path);
    EXPECT_GE(fd, 0);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(fd);
    return answer;
}

Ask get(const std::string& path) {
    return {.target = "/api/v1/" + path};
}

TEST(UnixServer, AnswersWithTheVersionInFront) {
    api::Request seen;
    Served served([&](api::Request request, const ResponderPtr& responder) {
        seen = std::move(request);
        responder->reply(R"({"a":1})");
    });
    const auto answer = served.client().request(
        {.method = "POST", .target = "/api/v1/facts/x%20y?subject=a+b&c=%26", .body = R"({"n":2})"});
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->json, "{\"v\":1,\"a\":1}\n");
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "facts/x y");
    EXPECT_EQ(seen.query.at("subject"), "a b");
    EXPECT_EQ(seen.query.at("c"), "&");
    EXPECT_EQ(seen.body, R"({"n":2})");
}

TEST(UnixServer, AnswersErrorsWithNumberAndNextStep) {
    Served served([](const api::Request&, const ResponderPtr& responder) {
        responder->fail({ErrorCode::NoSuchThing, "no device \xff"});
    });
    const auto answer = served.client().request(get("devices"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404);
    EXPECT_THAT(answer->json, StartsWith(R"({"v":1,"error":{"number":6005,"name":"NoSuchThing")"));
    EXPECT_THAT(answer->json, HasSubstr("next_step"));
}

TEST(UnixServer, RefusesWhatIsNotARequest) {
    Served served([](const api::Request&, const ResponderPtr& responder) { responder->reply("{}"); });
    EXPECT_THAT(talk_raw(served.path(), "garbage\r\n\r\n"), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(talk_raw(served.path(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(talk_raw(served.path(), "PUT /api/v1/x HTTP/1.1\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 405"));
    EXPECT_THAT(talk_raw(served.path(), "GET /api/v1/x HTTP/1.1\r\nA: " + std::string(kHeaderBytesMax, 'a')),
                StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(talk_raw(served.path(), "POST /api/v1/x HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"),
                StartsWith("HTTP/1.1 413"));
    const auto deep = served.client().request(
        {.method = "POST", .target = "/api/v1/x", .body = std::string(40, '[') + std::string(40, ']')});
    ASSERT_TRUE(deep);
    EXPECT_EQ(deep->status, 400);
}

TEST(UnixServer, KeepsAConnectionForFurtherRequests) {
    Served served([](const api::Request& request, const ResponderPtr& responder) {
        responder->reply(R"({"path":")" + request.path + R"("})");
    });
    const std::string answers = talk_raw(served.path(),
                                         "GET /api/v1/one HTTP/1.1\r\n\r\n"
                                         "GET /api/v1/two HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answers, HasSubstr(R"("path":"one")"));
    EXPECT_THAT(answers, HasSubstr(R"("path":"two")"));
}

TEST(UnixServer, AHandlerThatForgetsOrThrowsAnswersInternal) {
    Served served([](const api::Request& request, const ResponderPtr&) {
        if (request.path == "throw") {
            throw std::runtime_error("oops");
        }
    });
    for (const char* path : {"forget", "throw"}) {
        const auto answer = served.client().request(get(path));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 500) << path;
        EXPECT_THAT(answer->json, HasSubstr("Internal"));
    }
}

TEST(UnixServer, StreamsEventsToTheEnd) {
    Served served([](const api::Request&, const ResponderPtr& responder) {
        responder->event("code", R"({"code":"4821-7730"})");
        responder->event("done", "{}");
        responder->end();
    });
    std::vector<std::string> seen;
    const auto answer =
        served.client().stream(get("pair"), [&](std::string_view name, std::string_view json) {
            seen.push_back(std::string(name) + " " + std::string(json));
            return true;
        });
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_THAT(seen, testing::ElementsAre(R"(code {"v":1,"code":"4821-7730"})", R"(done {"v":1})"));
}

TEST(UnixServer, AFailureInAStreamIsAnEvent) {
    Served served([](const api::Request& request, const ResponderPtr& responder) {
        if (request.path == "late") {
            responder->event("code", "{}");
        }
        responder->fail({ErrorCode::Declined, ""});
    });
    std::vector<std::string> seen;
    const auto on_event = [&](std::string_view name, std::string_view) {
        seen.emplace_back(name);
        return true;
    };
    ASSERT_TRUE(served.client().stream(get("late"), on_event));
    EXPECT_THAT(seen, testing::ElementsAre("code", "failed"));
    const auto early = served.client().stream(get("early"), on_event);
    ASSERT_TRUE(early);
    EXPECT_EQ(early->status, 403);
}

TEST(UnixServer, TellsTheHandlerWhenTheReaderLeaves) {
    std::promise<void> closed;
    Served served([&](const api::Request&, const ResponderPtr& responder) {
        responder->event("current", "{}");
        responder->on_closed([&closed, responder] { closed.set_value(); });
    });
    ASSERT_TRUE(served.client().stream(get("watch"), [](auto, auto) { return false; }));
    EXPECT_EQ(closed.get_future().wait_for(seconds(10)), std::future_status::ready);
}

TEST(UnixServer, CutsAStreamThatIsNotRead) {
    ResponderPtr kept;
    Served served([&](const api::Request&, const ResponderPtr& responder) { kept = responder; });
    const int fd = connect_raw(served.path());
    const std::string request = "GET /api/v1/watch HTTP/1.1\r\n\r\n";
    ASSERT_GT(send(fd, request.data(), request.size(), 0), 0);
    bool open = true;
    std::size_t sent = 0;
    while (open && sent < 64 * kStreamBytesMax) {
        served.on_loop([&] {
            if (kept != nullptr) {
                open = kept->event("fact", R"({"x":")" + std::string(60'000, 'x') + R"("})");
                sent += 60'000;
            }
        });
    }
    EXPECT_FALSE(open);
    served.on_loop([&] { kept = nullptr; });
    ::close(fd);
}

TEST(UnixServer, OnlyItsUserMayOpenTheSocket) {
    Served served([](const api::Request&, const ResponderPtr& responder) { responder->reply("{}"); });

    struct stat info {};

    ASSERT_EQ(stat(served.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(UnixServer, HearsNoOtherUserEvenIfTheSocketIsOpenToAll) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "SKIPPED LOUDLY: only root can become another user";
    }
    Served served([](const api::Request&, const ResponderPtr& responder) { responder->reply("{}"); });
    ASSERT_EQ(chmod(served.path().c_str(), 0666), 0);
    ASSERT_EQ(chmod(std::filesystem::path(served.path()).parent_path().c_str(), 0755), 0);
    const pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        const bool other = setuid(65534) == 0;
        const int fd = connect_raw(served.path());
        const std::string request = "GET /api/v1/x HTTP/1.1\r\n\r\n";
        static_cast<void>(send(fd, request.data(), request.size(), MSG_NOSIGNAL));
        _exit(other && fd >= 0 && recv(fd, &byte, 1, 0) <= 0 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(UnixServer, RefusesMoreThanItsConnections) {
    Served served([](const api::Request&, const ResponderPtr& responder) { responder->reply("{}"); });
    std::vector<int> open;
    for (std::size_t i = 0; i < kConnectionsMax; ++i) {
        open.push_back(connect_raw(served.path()));
    }
    // Accepted in order, so this one is over the cap.
    EXPECT_THAT(talk_raw(served.path(), "GET /api/v1/x HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 503"));
    for (const int fd : open) {
        ::close(fd);
    }
}

TEST(UnixServer, ReplacesAStaleSocketButNotALivingOne) {
    TempFolder folder;
    const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.file("s").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(stale);
    Loop loop;
    UnixServer first(loop, folder.file("s"), [](const api::Request&, const ResponderPtr&) {});
    EXPECT_TRUE(first.start());
    UnixServer second(loop, folder.file("s"), [](const api::Request&, const ResponderPtr&) {});
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::AlreadyRunning);
}

TEST(UnixServer, StopLetsAnAnswerFinishEndsStreamsAndRefusesNewWork) {
    ResponderPtr waiting;
    std::promise<void> asked;
    std::promise<void> watching;
    std::promise<void> closed;
    Served served([&](const api::Request& request, const ResponderPtr& responder) {
        if (request.path == "watch") {
            responder->on_closed([&closed, responder] { closed.set_value(); });
            responder->event("current", "{}");
            watching.set_value();
        } else {
            waiting = responder;
            asked.set_value();
        }
    });
    auto asking = std::async(std::launch::async, [&] { return served.client().request(get("ask")); });
    auto stream = std::async(std::launch::async, [&] {
        return served.client().stream(get("watch"), [](auto, auto) { return true; });
    });
    asked.get_future().wait();
    watching.get_future().wait();
    std::promise<void> stopped;
    served.on_loop([&] { served.server().stop(seconds(10), [&] { stopped.set_value(); }); });
    EXPECT_TRUE(stream.get());
    closed.get_future().wait();
    EXPECT_EQ(served.client().request(get("status")).error().code, ErrorCode::NotRunning);
    served.on_loop([&] { std::exchange(waiting, nullptr)->reply("{}"); });
    EXPECT_EQ(asking.get()->status, 200);
    stopped.get_future().wait();
    EXPECT_FALSE(std::filesystem::exists(served.path()));
}

TEST(UnixServer, StopCutsWhatIsLeftAtTheDeadline) {
    ResponderPtr waiting;
    std::promise<void> asked;
    Served served([&](const api::Request&, const ResponderPtr& responder) {
        waiting = responder;
        asked.set_value();
    });
    auto asking = std::async(std::launch::async, [&] { return served.client().request(get("ask")); });
    asked.get_future().wait();
    std::promise<void> stopped;
    served.on_loop([&] { served.server().stop(milliseconds(1), [&] { stopped.set_value(); }); });
    stopped.get_future().wait();
    EXPECT_EQ(asking.get().error().code, ErrorCode::AnswerBroken);
    served.on_loop([&] { waiting = nullptr; });
}

TEST(UnixClient, SaysWhenNobodyAnswersOrNotInTime) {
    TempFolder folder;
    const auto absent = UnixClient(folder.file("s")).request(get("status"));
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, ErrorCode::NotRunning);

    ResponderPtr kept;
    Served served([&](const api::Request&, const ResponderPtr& responder) { kept = responder; });
    const auto late = served.client().request({.target = "/api/v1/status", .timeout = milliseconds(20)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::TimedOut);
    served.on_loop([&] { kept = nullptr; });
}

TEST(UnixClient, AStreamCutOffIsAnError) {
    TempFolder folder;
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.file("s").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener, 1), 0);
    std::thread dies([&] {
        const int fd = accept(listener, nullptr, nullptr);
        // Closing with the request unread would reset the connection, and the answer could be lost with it.
        std::string request;
        char byte = 0;
        while (!request.ends_with("\r\n\r\n") && recv(fd, &byte, 1, 0) == 1) {
            request.push_back(byte);
        }
        const std::string start =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            "15\r\nevent: a\ndata: {}\n\n\n\r\n";
        static_cast<void>(send(fd, start.data(), start.size(), MSG_NOSIGNAL));
        ::close(fd);
    });
    int events = 0;
    const auto cut =
        UnixClient(folder.file("s")).stream(get("watch"), [&](auto, auto) { return ++events > 0; });
    dies.join();
    ::close(listener);
    EXPECT_EQ(events, 1);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::AnswerBroken);
}

TEST(EventReader, JoinsPiecesAndBoundsThem) {
    EventReader reader(40);
    ASSERT_TRUE(reader.feed("event: a\nda"));
    EXPECT_FALSE(reader.next());
    ASSERT_TRUE(reader.feed("ta: {}\n\nevent:b\ndata:1\n\n"));
    const auto first = reader.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->name, "a");
    EXPECT_EQ(first->data, "{}");
    EXPECT_EQ(reader.next()->name, "b");
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.feed(std::string(41, 'x')));
}

TEST(Target, RefusesBrokenEncodingAndStrangePaths) {
    EXPECT_EQ(parse_target("/api/v1/x?a").value().query.at("a"), "");
    for (const char* bad : {"/api/v1/%", "/api/v1/%4", "/api/v1/%zz", "/api/v1/%00", "/api/v1/x?a=%"}) {
        EXPECT_EQ(parse_target(bad).error().code, ErrorCode::BadRequest) << bad;
    }
    EXPECT_EQ(parse_target("/other").error().code, ErrorCode::NoSuchPath);
    const std::string text = "a b&c=d/\u00e9%";
    EXPECT_EQ(parse_target("/api/v1/x?k=" + url_encode(text)).value().query.at("k"), text);
}

}  // namespace
}  // namespace ambit::http

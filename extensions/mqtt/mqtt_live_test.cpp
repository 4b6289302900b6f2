// Over a real broker and the demo's lamps, which are programs of their own.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "mqtt/bridge.h"
#include "mqtt/connection.h"

namespace ambit::mqtt {
namespace {

using capability::Outcome;

std::string broker_program() {
    for (const char* path : {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"}) {
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return {};
}

// A port that was free a moment ago.
int free_port() {
    const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(socket_fd);
    return ntohs(address.sin_port);
}

class Process {
  public:
    explicit Process(const std::vector<std::string>& command) {
        std::vector<char*> arguments;
        for (const std::string& word : command) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        pid_ = fork();
        if (pid_ == 0) {
            execv(arguments[0], arguments.data());
            _exit(127);
        }
    }

    ~Process() { stop(); }

    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void send(int signal_number) const { kill(pid_, signal_number); }

    void stop() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
            pid_ = -1;
        }
    }

  private:
    pid_t pid_ = -1;
};

// Bridge and connection as MqttProvider wires them, with the events recorded.
class Household final : public BridgeIo, public capability::ProviderEvents {
  public:
    explicit Household(int port) : bridge("mqtt:home", "homeassistant", "zigbee2mqtt", *this, *this) {
        auto opened =
            Connection::open({"127.0.0.1", static_cast<std::uint16_t>(port), {}, {}}, loop,
                             {[this] { bridge.on_connected(Loop::now().mono); },
                              [this](const std::string& reason) { bridge.on_disconnected(reason); },
                              [this](const std::string& topic, std::string_view payload, bool retained) {
                                  bridge.on_message(topic, payload, retained);
                              }});
        connection = std::move(*opened);
    }

    // Runs the loop until `done`, for at most 20 s; false if it never was.
    template <typename Done>
    bool wait_for(const Done& done) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done() && std::chrono::steady_clock::now() < give_up) {
            loop.io().run_one_for(std::chrono::milliseconds(100));
            bridge.on_time(Loop::now().mono);
        }
        return done();
    }

    bool shows(const std::string& id, const std::string& state) {
        return wait_for([&] { return states["mqtt:home/demo_" + id] == state; });
    }

    Outcome act(const std::string& id,
                const std::string& capability,
                const std::string& input,
                seconds patience) {
        const RequestId request = Loop::system_random().id<RequestId>();
        bridge.act({request, capability, "mqtt:home/demo_" + id, input, Loop::now().mono + patience});
        wait_for([&] { return results.contains(request); });
        return results.contains(request) ? results[request] : Outcome::NotDone;
    }

    void subscribe(const std::string& topic) override { connection->subscribe(topic); }

    void unsubscribe(const std::string& topic) override { connection->unsubscribe(topic); }

    MonoTime now() const override { return Loop::now().mono; }

    bool publish(const Publish& message, bool retain) override {
        return connection->publish(message, retain);
    }

    void on_entity(const capability::Entity&) override {}

    void on_entity_gone(const std::string& id) override { states.erase(id); }

    void on_state(const std::string& id, const std::string& state, bool available) override {
        states[id] = state + (available ? "" : " unavailable");
    }

    void on_result(const capability::InvocationResult& result) override {
        results[result.request] = result.outcome;
    }

    void on_available(const std::string&, bool) override {}

    void on_health(const capability::HealthItem&) override {}

    Loop loop;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{loop.io().get_executor()};
    Bridge bridge;
    std::unique_ptr<Connection> connection;
    std::map<std::string, std::string> states;
    std::map<RequestId, Outcome> results;
};

std::size_t lines_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

TEST(MqttLive, CommandsLampsThroughABrokerThatRestarts) {
    const std::string program = broker_program();
    if (program.empty()) {
        GTEST_SKIP() << "MISSING: no mosquitto here, the live test did not run";
    }
    const std::filesystem::path log =
        std::filesystem::path(testing::TempDir()) / ("lamps-" + std::to_string(getpid()));
    const std::string port = std::to_string(free_port());
    auto broker = std::make_unique<Process>(std::vector<std::string>{program, "-p", port});
    Household home(std::stoi(port));
    ASSERT_TRUE(home.wait_for([&] { return home.bridge.connected(); }));
    auto lamps = std::make_unique<Process>(
        std::vector<std::string>{DEMO_LAMPS, "--port", port, "--log", log.string()});

    const std::string off = R"({"on":false})";
    ASSERT_TRUE(home.shows("kitchen", off));
    ASSERT_TRUE(home.shows("bedroom", off));
    ASSERT_TRUE(home.shows("fan", off));
    EXPECT_EQ(home.act("kitchen", "light.set", R"({"on":true,"brightness_pct":40})", seconds(10)),
              Outcome::Done);
    EXPECT_EQ(home.states["mqtt:home/demo_kitchen"], R"({"brightness_pct":40,"on":true})");
    EXPECT_EQ(home.act("bedroom", "light.set", R"({"on":true})", seconds(10)), Outcome::Done);
    EXPECT_EQ(home.act("fan", "switch.set", R"({"on":true})", seconds(10)), Outcome::Done);
    ASSERT_TRUE(home.shows("door", R"({"locked":true})"));
    EXPECT_EQ(home.act("door", "lock.set", R"({"locked":false})", seconds(10)), Outcome::Done);
    EXPECT_EQ(home.act("bell", "button.press", "{}", seconds(10)), Outcome::Done);
    // A press is done when the broker passed it on, and no state says that it arrived.
    EXPECT_TRUE(home.wait_for([&] { return lines_in(log) >= 5; }));
    EXPECT_EQ(lines_in(log), 5U) << "each command reached the lamps once";

    // The broker dies and comes back without its memory.
    broker.reset();
    ASSERT_TRUE(home.shows("fan", R"({"on":true} unavailable)"));
    EXPECT_EQ(home.act("fan", "switch.set", off, seconds(5)), Outcome::NotDone);
    broker = std::make_unique<Process>(std::vector<std::string>{program, "-p", port});
    ASSERT_TRUE(home.shows("fan", R"({"on":true})"));
    EXPECT_EQ(home.act("fan", "switch.set", off, seconds(10)), Outcome::Done);
    EXPECT_EQ(lines_in(log), 6U);

    // Lamps that hang confirm nothing; lamps that died are offline by their last will.
    lamps->send(SIGSTOP);
    EXPECT_EQ(home.act("fan", "switch.set", R"({"on":true})", seconds(1)), Outcome::Unknown);
    lamps->stop();
    ASSERT_TRUE(home.shows("fan", R"({"on":false} unavailable)"));
    EXPECT_EQ(home.act("fan", "switch.set", R"({"on":true})", seconds(5)), Outcome::NotDone);
    std::filesystem::remove(log);
}

}  // namespace
}  // namespace ambit::mqtt

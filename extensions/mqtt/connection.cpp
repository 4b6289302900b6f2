#include "mqtt/connection.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <mosquitto.h>

#include "mqtt/zigbee.h"

namespace ambit::mqtt {
namespace {

constexpr int kKeepaliveSeconds = 15;
constexpr int kPollMs = 2000;  // publishing wakes it earlier
constexpr int kLastTries = 10;
constexpr int kLastPollMs = 10;
constexpr int kSubscribeQos = 1;
// A command is sent once.  With QoS 1 the library would send it again, on its own, after a broken connection:
// a pulse to a garage door would happen twice.  That it arrived is known from the state that comes back.
constexpr int kCommandQos = 0;

void initialise_library() {
    static std::once_flag once;
    std::call_once(once, [] { mosquitto_lib_init(); });
}

// Two clients with one id would disconnect each other for ever.
std::string unique_client_id() {
    return "ambit-" + to_hex(Loop::system_random().bytes<8>());
}

}  // namespace

struct Connection::Shared : std::enable_shared_from_this<Connection::Shared> {
    Shared(Broker to_broker, Loop& on, ConnectionHandlers to)
        : broker(std::move(to_broker)), loop(on), handlers(std::move(to)) {}

    ~Shared() { mosquitto_destroy(client); }

    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    const Broker broker;
    Loop& loop;
    ConnectionHandlers handlers;  // touched on the loop only; emptied by ~Connection
    mosquitto* client = nullptr;
    std::thread thread;

    std::mutex mutex;
    std::condition_variable changed;
    bool stopping = false;
    bool connected = false;
    std::size_t inbox = 0;
    std::size_t inbox_bytes = 0;

    // --- on the loop ---

    template <typename Call>
    void post(Call call) {
        loop.post([self = shared_from_this(), call = std::move(call)] { call(*self); });
    }

    // --- on libmosquitto's thread ---

    void run() {
        milliseconds pause = kReconnectMin;
        while (!is_stopping()) {
            const std::string reason = connect_and_serve();
            if (is_stopping()) {
                say_goodbye();
                return;
            }
            post([reason](Shared& self) {
                if (self.handlers.disconnected) {
                    self.handlers.disconnected(reason);
                }
            });
            std::unique_lock lock(mutex);
            pause = connected ? kReconnectMin : std::min(pause * 2, kReconnectMax);
            connected = false;
            changed.wait_for(lock, pause, [this] { return stopping; });
        }
    }

    // Returns why the connection ended.
    std::string connect_and_serve() {
        // One that takes the connection and never answers would hold it for ever.
        const auto give_up = std::chrono::steady_clock::now() + broker.answers_within;
        int status = mosquitto_connect_async(client, broker.host.c_str(), broker.port, kKeepaliveSeconds);
        while (status == MOSQ_ERR_SUCCESS && !is_stopping()) {
            milliseconds wait{kPollMs};
            if (!is_connected()) {
                const auto left = std::chrono::ceil<milliseconds>(give_up - std::chrono::steady_clock::now());
                if (left <= milliseconds(0)) {
                    return "no answer from " + broker.host;
                }
                wait = std::min(wait, left);
            }
            status = mosquitto_loop(client, static_cast<int>(wait.count()), 1);
        }
        return broker.host + ":" + std::to_string(broker.port) + ": " + mosquitto_strerror(status);
    }

    // What waits to be sent still goes, if the broker takes it at once.
    void say_goodbye() {
        for (int i = 0; i < kLastTries && mosquitto_want_write(client); ++i) {
            if (mosquitto_loop(client, kLastPollMs, 1) != MOSQ_ERR_SUCCESS) {
                return;
            }
        }
    }

    bool is_stopping() {
        const std::lock_guard lock(mutex);
        return stopping;
    }

    bool is_connected() {
        const std::lock_guard lock(mutex);
        return connected;
    }

    void on_connect(int refused) {
        if (refused != 0) {
            return;  // mosquitto_loop() ends next, with the reason
        }
        {
            const std::lock_guard lock(mutex);
            connected = true;
        }
        post([](Shared& self) {
            if (self.handlers.connected) {
                self.handlers.connected();
            }
        });
    }

    void on_message(const mosquitto_message& message) {
        const auto size = static_cast<std::size_t>(std::max(message.payloadlen, 0));
        if (size > kZigbeeBytesMax || message.topic == nullptr) {
            return;
        }
        {
            std::unique_lock lock(mutex);
            changed.wait(lock,
                         [this] { return stopping || (inbox < kInboxMax && inbox_bytes < kInboxBytesMax); });
            if (stopping) {
                return;
            }
            ++inbox;
            inbox_bytes += size;
        }
        std::string payload =
            size == 0 ? std::string() : std::string(static_cast<const char*>(message.payload), size);
        post([topic = std::string(message.topic), payload = std::move(payload),
              retained = message.retain](Shared& self) {
            {
                const std::lock_guard lock(self.mutex);
                --self.inbox;
                self.inbox_bytes -= payload.size();
            }
            self.changed.notify_all();
            if (self.handlers.message) {
                self.handlers.message(topic, payload, retained);
            }
        });
    }
};

Connection::Connection(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

Result<std::unique_ptr<Connection>> Connection::open(Broker broker, Loop& loop, ConnectionHandlers handlers) {
    initialise_library();
    auto shared = std::make_shared<Shared>(std::move(broker), loop, std::move(handlers));
    shared->client = mosquitto_new(unique_client_id().c_str(), true, shared.get());
    if (shared->client == nullptr) {
        return Error{ErrorCode::Internal, "libmosquitto has no memory"};
    }
    // This thread is ours, and the loop's thread publishes meanwhile.
    mosquitto_threaded_set(shared->client, true);
    // Without it a command waits for the broker's delayed acknowledgement of what was sent before it: 40 ms.
    mosquitto_int_option(shared->client, MOSQ_OPT_TCP_NODELAY, 1);
    if (const Broker& to = shared->broker; !to.username.empty()) {
        mosquitto_username_pw_set(shared->client, to.username.c_str(),
                                  to.password.empty() ? nullptr : to.password.c_str());
    }
    if (const std::string& topic = shared->broker.status_topic; !topic.empty()) {
        constexpr std::string_view kGone = "offline";
        mosquitto_will_set(shared->client, topic.c_str(), static_cast<int>(kGone.size()), kGone.data(),
                           kSubscribeQos, true);
    }
    mosquitto_connect_callback_set(shared->client, [](mosquitto*, void* self, int refused) {
        static_cast<Shared*>(self)->on_connect(refused);
    });
    mosquitto_message_callback_set(shared->client,
                                   [](mosquitto*, void* self, const mosquitto_message* message) {
                                       static_cast<Shared*>(self)->on_message(*message);
                                   });
    shared->thread = std::thread([raw = shared.get()] { raw->run(); });
    return std::unique_ptr<Connection>(new Connection(std::move(shared)));
}

Connection::~Connection() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
    }
    shared_->changed.notify_all();
    mosquitto_disconnect(shared_->client);  // also wakes the thread
    shared_->thread.join();
    shared_->handlers = {};  // what is still posted finds nobody
}

void Connection::subscribe(const std::string& topic) {
    mosquitto_subscribe(shared_->client, nullptr, topic.c_str(), kSubscribeQos);
}

void Connection::unsubscribe(const std::string& topic) {
    mosquitto_unsubscribe(shared_->client, nullptr, topic.c_str());
}

bool Connection::publish(const Publish& message, bool retain) {
    return mosquitto_publish(shared_->client, nullptr, message.topic.c_str(),
                             static_cast<int>(message.payload.size()), message.payload.data(), kCommandQos,
                             retain) == MOSQ_ERR_SUCCESS;
}

}  // namespace ambit::mqtt

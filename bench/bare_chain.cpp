#include "bare_chain.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <mosquitto.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>

namespace ambit::bench {
namespace {

namespace asio = boost::asio;

// As the lamp of the demo and extensions/mqtt have them.
constexpr int kCommandQos = 0;
constexpr int kStateQos = 1;
constexpr int kKeepaliveSeconds = 15;
constexpr std::chrono::seconds kPatience{10};

std::string command_of(bool on) {
    return on ? R"({"state":"ON"})" : R"({"state":"OFF"})";
}

bool says(const std::string& state, bool on) {
    return state.find(on ? R"("state":"ON")" : R"("state":"OFF")") != std::string::npos;
}

// B's connection to the broker.
class BareBroker {
  public:
    explicit BareBroker(const BareLamp& lamp) : lamp_(lamp) {
        mosquitto_lib_init();
        client_ = mosquitto_new(nullptr, true, this);
        mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_message_callback_set(
            client_, [](mosquitto* /*client*/, void* self, const mosquitto_message* message) {
                static_cast<BareBroker*>(self)->on_state(*message);
            });
        if (mosquitto_connect(client_, lamp.broker_host.c_str(), lamp.broker_port, kKeepaliveSeconds) !=
                MOSQ_ERR_SUCCESS ||
            mosquitto_loop_start(client_) != MOSQ_ERR_SUCCESS) {
            throw std::runtime_error("the bare chain does not reach the broker");
        }
        mosquitto_subscribe(client_, nullptr, lamp.state_topic.c_str(), kStateQos);
        wait();  // for the state that the broker retains
    }

    ~BareBroker() {
        mosquitto_disconnect(client_);
        mosquitto_loop_stop(client_, false);
        mosquitto_destroy(client_);
        mosquitto_lib_cleanup();
    }

    BareBroker(const BareBroker&) = delete;
    BareBroker& operator=(const BareBroker&) = delete;

    std::string command(const std::string& payload) {
        mosquitto_publish(client_, nullptr, lamp_.command_topic.c_str(), static_cast<int>(payload.size()),
                          payload.data(), kCommandQos, false);
        return wait();
    }

  private:
    void on_state(const mosquitto_message& message) {
        {
            const std::lock_guard lock(mutex_);
            state_.assign(static_cast<const char*>(message.payload),
                          static_cast<std::size_t>(message.payloadlen));
            fresh_ = true;
        }
        changed_.notify_one();
    }

    std::string wait() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, kPatience, [this] { return fresh_; })) {
            throw std::runtime_error("the bare chain's lamp does not answer");
        }
        fresh_ = false;
        return state_;
    }

    const BareLamp& lamp_;
    mosquitto* client_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string state_;
    bool fresh_ = false;
};

void serve(tcp::acceptor& acceptor, const BareLamp& lamp) {
    BareBroker broker(lamp);
    const auto tls = mesh::make_tls_context(key_of(2)).value();
    WebSocket stream(acceptor.accept(), *tls);
    begin(stream, asio::ssl::stream_base::server);
    boost::beast::flat_buffer buffer;
    boost::system::error_code closed;
    while (stream.read(buffer, closed) > 0 && !closed) {
        const std::string state = broker.command(boost::beast::buffers_to_string(buffer.data()));
        buffer.clear();
        stream.write(asio::buffer(state));
    }
}

}  // namespace

BareChain::BareChain(const BareLamp& lamp) : tls_(mesh::make_tls_context(key_of(1)).value()) {
    tcp::acceptor acceptor(io_, {asio::ip::make_address("127.0.0.1"), 0});
    io_.notify_fork(asio::execution_context::fork_prepare);
    child_ = fork();
    if (child_ == 0) {
        io_.notify_fork(asio::execution_context::fork_child);
        serve(acceptor, lamp);
        _exit(0);
    }
    io_.notify_fork(asio::execution_context::fork_parent);
    tcp::socket socket(io_);
    socket.connect(acceptor.local_endpoint());
    stream_.emplace(std::move(socket), *tls_);
    begin(*stream_, asio::ssl::stream_base::client);
}

BareChain::~BareChain() {
    stream_.reset();
    waitpid(child_, nullptr, 0);
}

bool BareChain::command(bool on) {
    stream_->write(asio::buffer(command_of(on)));
    boost::beast::flat_buffer buffer;
    stream_->read(buffer);
    return says(boost::beast::buffers_to_string(buffer.data()), on);
}

}  // namespace ambit::bench

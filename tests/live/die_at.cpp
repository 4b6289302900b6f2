// Preloaded into a daemon by kills.py: SIGKILL between two effects that no timer hits reliably.
//
// AMBIT_DIE_AT is "sync:before:7" or "sync:after:7": around the 7th synchronisation of a file;
// "publish:before:7" or "publish:after:7": around the 7th MQTT message; "send:after:7": after the 7th message
// to another device. Journal, publish and confirmation are separated by just these calls.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};

void die_if_due(std::string_view point) {
    const char* plan = std::getenv("AMBIT_DIE_AT");
    if (plan == nullptr) {
        return;
    }
    const std::string_view text(plan);
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos && text.substr(0, colon) == point &&
        ++calls == std::atol(plan + colon + 1)) {
        kill(getpid(), SIGKILL);
    }
}

// libmosquitto, and nobody else here, writes to a socket with write().
bool is_mqtt_publish(int file, const void* data, size_t size) {
    constexpr int kPublish = 3;  // in the first four bits
    int type = 0;
    socklen_t length = sizeof type;
    return size > 2 && static_cast<const unsigned char*>(data)[0] >> 4 == kPublish &&
           getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

template <typename Function>
Function* real(Function* /*like*/, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fdatasync(int file) {
    die_if_due("sync:before");
    const int result = real(&fdatasync, "fdatasync")(file);
    die_if_due("sync:after");
    return result;
}

int fsync(int file) {
    die_if_due("sync:before");
    const int result = real(&fsync, "fsync")(file);
    die_if_due("sync:after");
    return result;
}

ssize_t write(int file, const void* data, size_t size) {
    const bool publish = is_mqtt_publish(file, data, size);
    if (publish) {
        die_if_due("publish:before");
    }
    const ssize_t result = real(&write, "write")(file, data, size);
    if (publish && result > 0) {
        die_if_due("publish:after");
    }
    return result;
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
    const ssize_t result = real(&send, "send")(socket, data, size, flags);
    if (result > 0) {
        die_if_due("send:after");
    }
    return result;
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    const ssize_t result = real(&sendmsg, "sendmsg")(socket, message, flags);
    if (result > 0) {
        die_if_due("send:after");
    }
    return result;
}

}  // extern "C"

// A port of this machine where a connection comes about, because the kernel makes it, and nobody ever says a
// word.
#pragma once

#include <string>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace ambit {

class SilentPort {
  public:
    SilentPort() {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const address = reinterpret_cast<sockaddr*>(&address_);
        socklen_t size = sizeof address_;
        AMBIT_CHECK(bind(socket_, address, size) == 0 && listen(socket_, 4) == 0 &&
                    getsockname(socket_, address, &size) == 0);
    }

    ~SilentPort() { close(socket_); }

    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

  private:
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address_{};
};

}  // namespace ambit

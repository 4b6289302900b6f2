// Listener: accepts TCP connections and hands over the sockets.
//
// Ownership: MeshTransport owns it; nothing is handed over after it is destroyed.  Threads: the loop's.
// Failure: ListenFailed (1501).  Without file descriptors it pauses and goes on by itself.
#pragma once

#include <functional>
#include <memory>

#include "wire/transport.h"

namespace boost::asio {
class io_context;
}

namespace ambit::mesh {

class Listener {
  public:
    // `on_socket` takes the socket over; `address` is the stranger's IP address.
    using OnSocket = std::function<void(int socket, const std::string& address)>;

    // Listens at an IP literal; port 0 takes any free one.
    static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& io,
                                                  const wire::Address& at,
                                                  OnSocket on_socket);
    ~Listener();

    const wire::Address& local() const;

  private:
    class Impl;
    explicit Listener(std::shared_ptr<Impl> impl);

    std::shared_ptr<Impl> impl_;
};

}  // namespace ambit::mesh

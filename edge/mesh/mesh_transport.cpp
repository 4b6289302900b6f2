#include "mesh/mesh_transport.h"

#include <algorithm>

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mesh/door.h"
#include "mesh/limits.h"
#include "mesh/link.h"
#include "mesh/listener.h"

namespace ambit::mesh {

class MeshTransport::Impl final : public LinkOwner {
  public:
    Impl(Loop& loop, std::unique_ptr<boost::asio::ssl::context> tls)
        : loop_(loop), tls_(std::move(tls)), stop_timer_(loop.io()) {}

    ~Impl() override {
        *alive_ = false;
        for (auto& [id, entry] : links_) {
            entry.link->abandon();
        }
    }

    void set_events(wire::TransportEvents* events) { events_ = events; }

    Result<wire::Address> listen(const wire::Address& at) {
        AMBIT_TRY_ASSIGN(auto listener,
                         Listener::open(loop_.io(), at, [this](int socket, const std::string& address) {
                             accept(socket, address);
                         }));
        listeners_.push_back(std::move(listener));
        return listeners_.back()->local();
    }

    void stop_listening() { listeners_.clear(); }

    void stop(std::function<void()> done) {
        stop_listening();
        events_ = nullptr;
        for (auto& [id, entry] : links_) {
            entry.link->close();
        }
        links_.clear();
        // What was sent last (Bye) is in the kernel's hands after one turn of the loop in all but the worst
        // case; a peer that doesn't read gets the full time.
        stop_timer_.expires_after(kCloseTimeout / 10);
        stop_timer_.async_wait([done = std::move(done)](auto error) {
            if (!error) {
                done();
            }
        });
    }

    std::size_t handshakes() const { return door_.under_way(); }

    void dial(wire::DialId id, const wire::Address& address, const std::optional<DeviceId>& expected) {
        const wire::LinkId link = next_link_++;
        Entry& entry = links_[link];
        entry.dial = id;
        entry.link = std::make_unique<Link>(setup(), link);
        entry.link->dial(address, expected);
    }

    void cancel_dial(wire::DialId id) {
        const auto found = std::find_if(links_.begin(), links_.end(),
                                        [id](const auto& link) { return link.second.dial == id; });
        if (found != links_.end()) {
            found->second.link->abandon();
            links_.erase(found);
        }
    }

    bool send(wire::LinkId link, Bytes frame) {
        const auto found = links_.find(link);
        return found == links_.end() || found->second.link->send(std::move(frame));
    }

    void close(wire::LinkId link) {
        const auto found = links_.find(link);
        if (found != links_.end()) {
            found->second.link->close();
            links_.erase(found);
        }
    }

    void set_roster(identity::RosterView roster) {
        roster_ = std::move(roster);
        for (auto& [id, entry] : links_) {
            if (entry.link->up() && !entry.link->recovers() &&
                roster_->device(entry.link->peer()) == nullptr) {
                post([this, link = id] {
                    on_link_broken(link, Error{ErrorCode::NotAMember, "removed from the household"});
                });
            }
        }
    }

    void on_link_ready(wire::LinkId id) override {
        const auto found = links_.find(id);
        if (found == links_.end()) {
            return;
        }
        Entry& entry = found->second;
        door_.gone(id);
        // The roster may have changed since the certificate was looked at.
        if (!entry.link->still_welcome() || events_ == nullptr) {
            on_link_failed(id, Error{ErrorCode::NotAMember, "removed from the household"});
            return;
        }
        if (!entry.link->recovers()) {
            door_.member_at(entry.link->remote().host);
        }
        const wire::LinkUp up{id, entry.link->peer(), std::exchange(entry.dial, std::nullopt),
                              entry.link->remote()};
        events_->on_link_up(up, Loop::now());
    }

    void on_link_failed(wire::LinkId id, const Error& reason) override {
        const auto found = links_.find(id);
        if (found == links_.end()) {
            return;
        }
        const auto dial = found->second.dial;
        door_.gone(id);
        found->second.link->abandon();
        links_.erase(found);
        if (dial && events_ != nullptr) {
            events_->on_dial_failed(*dial, reason, Loop::now());
        }
    }

    void on_link_broken(wire::LinkId id, const Error& reason) override {
        const auto found = links_.find(id);
        if (found == links_.end()) {
            return;
        }
        found->second.link->abandon();
        links_.erase(found);
        if (events_ != nullptr) {
            events_->on_link_down(id, reason, Loop::now());
        }
    }

    void on_link_frame(wire::LinkId id, ByteView frame) override {
        if (events_ != nullptr) {
            events_->on_frame(id, frame, Loop::now());
        }
    }

    void on_link_writable(wire::LinkId id) override {
        if (events_ != nullptr) {
            events_->on_writable(id, Loop::now());
        }
    }

  private:
    struct Entry {
        std::unique_ptr<Link> link;
        std::optional<wire::DialId> dial;  // until it is up
    };

    Link::Setup setup() { return {loop_.io(), *tls_, roster_, *this}; }

    void accept(int socket, const std::string& address) {
        if (events_ == nullptr) {
            ::close(socket);
            return;
        }
        const wire::LinkId id = next_link_++;
        const Door::Answer answer = door_.come(id, address, Loop::now().mono);
        if (!answer.welcome) {
            ::close(socket);
            return;
        }
        if (answer.instead_of) {
            const auto held = links_.find(*answer.instead_of);
            held->second.link->abandon();
            links_.erase(held);
        }
        Entry& entry = links_[id];
        entry.link = std::make_unique<Link>(setup(), id);
        entry.link->accept(socket);
    }

    void post(std::function<void()> task) {
        loop_.post([alive = alive_, task = std::move(task)] {
            if (*alive) {
                task();
            }
        });
    }

    Loop& loop_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
    boost::asio::steady_timer stop_timer_;
    wire::TransportEvents* events_ = nullptr;
    identity::RosterView roster_ = std::make_shared<identity::Roster>();
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::map<wire::LinkId, Entry> links_;
    Door door_;
    wire::LinkId next_link_ = 1;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

MeshTransport::MeshTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MeshTransport::~MeshTransport() = default;

Result<std::unique_ptr<MeshTransport>> MeshTransport::create(Loop& loop, const crypto::SigningKey& key) {
    AMBIT_TRY_ASSIGN(auto tls, make_tls_context(key));
    return std::unique_ptr<MeshTransport>(new MeshTransport(std::make_unique<Impl>(loop, std::move(tls))));
}

void MeshTransport::set_events(wire::TransportEvents* events) {
    impl_->set_events(events);
}

Result<wire::Address> MeshTransport::listen(const wire::Address& at) {
    return impl_->listen(at);
}

void MeshTransport::stop_listening() {
    impl_->stop_listening();
}

void MeshTransport::stop(std::function<void()> done) {
    impl_->stop(std::move(done));
}

std::size_t MeshTransport::handshakes() const {
    return impl_->handshakes();
}

void MeshTransport::dial(wire::DialId id, const wire::Address& address, const DeviceId& expected) {
    impl_->dial(id, address, expected);
}

void MeshTransport::dial_anybody(wire::DialId id, const wire::Address& address) {
    impl_->dial(id, address, std::nullopt);
}

void MeshTransport::cancel_dial(wire::DialId id) {
    impl_->cancel_dial(id);
}

bool MeshTransport::send(wire::LinkId link, Bytes frame) {
    return impl_->send(link, std::move(frame));
}

void MeshTransport::close(wire::LinkId link, const Error& /*reason: Bye has said it*/) {
    impl_->close(link);
}

void MeshTransport::set_roster(identity::RosterView roster) {
    impl_->set_roster(std::move(roster));
}

}  // namespace ambit::mesh

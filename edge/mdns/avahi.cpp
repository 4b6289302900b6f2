#include "mdns/avahi.h"

#if AMBIT_HAS_AVAHI

#include <map>
#include <mutex>
#include <thread>

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/address.h>
#include <avahi-common/error.h>
#include <avahi-common/simple-watch.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ambit::mdns {
namespace {

const char* type_of(Service service) {
    return service == Service::Mesh ? "_ambit._tcp" : "_ambit-pair._tcp";
}

template <typename T, void (*Free)(T*)>
struct Deleter {
    void operator()(T* object) const { Free(object); }
};

template <typename T, int (*Free)(T*)>
struct IntDeleter {
    void operator()(T* object) const { (void)Free(object); }
};

using Poll = std::unique_ptr<AvahiSimplePoll, Deleter<AvahiSimplePoll, avahi_simple_poll_free>>;
using Client = std::unique_ptr<AvahiClient, Deleter<AvahiClient, avahi_client_free>>;
using Group = std::unique_ptr<AvahiEntryGroup, IntDeleter<AvahiEntryGroup, avahi_entry_group_free>>;
using Browser =
    std::unique_ptr<AvahiServiceBrowser, IntDeleter<AvahiServiceBrowser, avahi_service_browser_free>>;
using Resolver =
    std::unique_ptr<AvahiServiceResolver, IntDeleter<AvahiServiceResolver, avahi_service_resolver_free>>;

struct Publication {
    std::string instance;
    std::uint16_t port = 0;

    friend bool operator==(const Publication&, const Publication&) = default;
};

using Publications = std::map<Service, Publication>;

// One sighting of a service: the same instance is seen on each interface and over each protocol.
struct Seen {
    std::string instance;
    AvahiIfIndex interface = AVAHI_IF_UNSPEC;
    AvahiProtocol protocol = AVAHI_PROTO_UNSPEC;

    friend auto operator<=>(const Seen&, const Seen&) = default;
};

// Everything that talks to Avahi, on one thread of its own, because its calls wait for the D-Bus.
class Worker {
  public:
    // `tell` is called on that thread.
    struct Tell {
        std::function<void(Found)> found;
        std::function<void(std::string)> gone;
        std::function<void(Result<void>)> state;
    };

    Worker(Service find, Tell tell)
        : find_(find),
          tell_(std::move(tell)),
          bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          poll_(avahi_simple_poll_new()) {
        AMBIT_CHECK(poll_ != nullptr && bell_ >= 0);
        const AvahiPoll* api = avahi_simple_poll_get(poll_.get());
        // Freed with the poll.  (Its own wake-up is not safe from another thread.)
        api->watch_new(
            api, bell_, AVAHI_WATCH_IN,
            [](AvahiWatch*, int bell, AvahiWatchEvent, void*) {
                eventfd_t rung = 0;
                (void)eventfd_read(bell, &rung);
            },
            nullptr);
        thread_ = std::thread([this] { run(); });
    }

    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        (void)eventfd_write(bell_, 1);
        thread_.join();
        poll_.reset();
        close(bell_);
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Any thread.
    void want(Publications wanted) {
        {
            const std::lock_guard lock(mutex_);
            wanted_ = std::move(wanted);
        }
        (void)eventfd_write(bell_, 1);
    }

  private:
    void run();
    bool take_orders(Publications& wanted);
    void connect();
    void disconnect(const std::string& why);
    void look();
    void publish(const Publications& wanted);
    void report(Result<void> state);

    void on_client(AvahiClientState state, AvahiClient* client);
    void on_browser(AvahiBrowserEvent event, Seen seen, const char* domain);
    void on_resolved(const char* instance, const AvahiAddress& address, std::uint16_t port);

    struct Published {
        Publication what;
        Group group;
    };

    const Service find_;
    const Tell tell_;
    std::mutex mutex_;
    Publications wanted_;    // under mutex_
    bool stopping_ = false;  // under mutex_
    const int bell_;
    // The rest belongs to the thread.
    Poll poll_;
    Client client_;
    bool running_ = false;             // the daemon is there and has its host name
    std::optional<std::string> lost_;  // why the client is to be given up
    std::chrono::steady_clock::time_point retry_at_{};
    std::optional<bool> reported_;
    Browser browser_;
    std::map<Seen, Resolver> seen_;
    std::map<Service, Published> published_;
    std::thread thread_;
};

void Worker::run() {
    Publications wanted;
    while (take_orders(wanted)) {
        if (lost_) {
            disconnect(*std::exchange(lost_, std::nullopt));
        }
        if (!client_ && std::chrono::steady_clock::now() >= retry_at_) {
            connect();
        }
        if (running_) {
            look();
            publish(wanted);
        }
        const int wait = client_ ? -1 : static_cast<int>(milliseconds(kRetryAfter).count());
        if (!lost_ && avahi_simple_poll_iterate(poll_.get(), wait) != 0) {
            lost_ = "waiting for it failed";
        }
    }
    published_.clear();
    seen_.clear();
    browser_.reset();
    client_.reset();
}

bool Worker::take_orders(Publications& wanted) {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
    return !stopping_;
}

void Worker::report(Result<void> state) {
    if (reported_ != state.has_value()) {
        reported_ = state.has_value();
        tell_.state(std::move(state));
    }
}

void Worker::connect() {
    int error = 0;
    // NO_FAIL: waits for a daemon that starts later.
    client_.reset(avahi_client_new(
        avahi_simple_poll_get(poll_.get()), AVAHI_CLIENT_NO_FAIL,
        [](AvahiClient* client, AvahiClientState state, void* self) {
            static_cast<Worker*>(self)->on_client(state, client);
        },
        this, &error));
    if (!client_) {
        disconnect(avahi_strerror(error));
    }
}

void Worker::disconnect(const std::string& why) {
    running_ = false;
    published_.clear();
    seen_.clear();
    browser_.reset();
    client_.reset();
    retry_at_ = std::chrono::steady_clock::now() + kRetryAfter;
    report(Error{ErrorCode::DiscoveryUnavailable, "Avahi says: " + why});
}

void Worker::on_client(AvahiClientState state, AvahiClient* client) {
    // Called from inside avahi_client_new() as well, so nothing is made or freed here.
    switch (state) {
        case AVAHI_CLIENT_S_RUNNING:
            running_ = true;
            report({});
            break;
        case AVAHI_CLIENT_FAILURE:
            running_ = false;
            lost_ = avahi_strerror(avahi_client_errno(client));
            break;
        case AVAHI_CLIENT_CONNECTING:
            running_ = false;
            report(Error{ErrorCode::DiscoveryUnavailable, "avahi-daemon is not running"});
            break;
        case AVAHI_CLIENT_S_REGISTERING:
        case AVAHI_CLIENT_S_COLLISION:
            // The host gets another name: what was published is published again then.
            running_ = false;
            published_.clear();
            break;
    }
}

void Worker::look() {
    if (browser_) {
        return;
    }
    browser_.reset(avahi_service_browser_new(
        client_.get(), AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, type_of(find_), nullptr,
        static_cast<AvahiLookupFlags>(0),
        [](AvahiServiceBrowser*, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
           const char* name, const char*, const char* domain, AvahiLookupResultFlags, void* self) {
            static_cast<Worker*>(self)->on_browser(event, {name == nullptr ? "" : name, interface, protocol},
                                                   domain);
        },
        this));
    if (!browser_) {
        lost_ = avahi_strerror(avahi_client_errno(client_.get()));
    }
}

void Worker::on_browser(AvahiBrowserEvent event, Seen seen, const char* domain) {
    if (event == AVAHI_BROWSER_FAILURE) {
        lost_ = avahi_strerror(avahi_client_errno(client_.get()));
    } else if (event == AVAHI_BROWSER_REMOVE) {
        const std::string instance = seen.instance;
        seen_.erase(seen);
        const auto next = seen_.lower_bound({instance, -1, -1});
        if (next == seen_.end() || next->first.instance != instance) {
            tell_.gone(instance);
        }
    } else if (event == AVAHI_BROWSER_NEW && seen_.size() < kFoundMax && !seen_.contains(seen)) {
        // Over IPv4 for an IPv4 address, over IPv6 for the other one.
        Resolver resolver(avahi_service_resolver_new(
            client_.get(), seen.interface, seen.protocol, seen.instance.c_str(), type_of(find_), domain,
            seen.protocol, AVAHI_LOOKUP_NO_TXT,
            [](AvahiServiceResolver*, AvahiIfIndex, AvahiProtocol, AvahiResolverEvent resolved,
               const char* name, const char*, const char*, const char*, const AvahiAddress* address,
               std::uint16_t port, AvahiStringList*, AvahiLookupResultFlags, void* self) {
                if (resolved == AVAHI_RESOLVER_FOUND && address != nullptr && name != nullptr) {
                    static_cast<Worker*>(self)->on_resolved(name, *address, port);
                }
            },
            this));
        if (resolver) {
            seen_.emplace(std::move(seen), std::move(resolver));
        }
    }
}

void Worker::on_resolved(const char* instance, const AvahiAddress& address, std::uint16_t port) {
    if (address.proto == AVAHI_PROTO_INET6) {
        const auto* bytes = address.data.ipv6.address;
        if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) {
            return;  // a link-local address means nothing without its interface
        }
    }
    std::array<char, AVAHI_ADDRESS_STR_MAX> text{};
    avahi_address_snprint(text.data(), text.size(), &address);
    tell_.found({instance, text.data(), port});
}

void Worker::publish(const Publications& wanted) {
    std::erase_if(published_, [&](const auto& entry) {
        const auto at = wanted.find(entry.first);
        return at == wanted.end() || at->second != entry.second.what;
    });
    for (const auto& [service, what] : wanted) {
        if (published_.contains(service)) {
            continue;
        }
        // What becomes of it is not waited for: names are random, so nobody has the same one.
        Group group(avahi_entry_group_new(
            client_.get(), [](AvahiEntryGroup*, AvahiEntryGroupState, void*) {}, nullptr));
        const bool done =
            group &&
            avahi_entry_group_add_service(group.get(), AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                          static_cast<AvahiPublishFlags>(0), what.instance.c_str(),
                                          type_of(service), nullptr, nullptr, what.port, nullptr) == 0 &&
            avahi_entry_group_commit(group.get()) == 0;
        if (!done) {
            lost_ = avahi_strerror(avahi_client_errno(client_.get()));
            return;
        }
        published_.insert_or_assign(service, Published{what, std::move(group)});
    }
}

class AvahiMdns final : public Mdns {
  public:
    AvahiMdns(Loop& loop, Service find, Events events)
        : events_(std::make_shared<Events>(std::move(events))),
          worker_(find,
                  {[this, &loop](Found found) {
                       tell(loop, [found = std::move(found)](Events& to) { to.on_found(found); });
                   },
                   [this, &loop](std::string instance) {
                       tell(loop, [gone = std::move(instance)](Events& to) { to.on_gone(gone); });
                   },
                   [this, &loop](Result<void> state) {
                       tell(loop, [state = std::move(state)](Events& to) { to.on_state(state); });
                   }}) {}

    void publish(Service service, std::string instance, std::uint16_t port) override {
        wanted_.insert_or_assign(service, Publication{std::move(instance), port});
        worker_.want(wanted_);
    }

    void withdraw(Service service) override {
        wanted_.erase(service);
        worker_.want(wanted_);
    }

  private:
    void tell(Loop& loop, std::function<void(Events&)> event) {
        loop.post([to = std::weak_ptr(events_), event = std::move(event)] {
            if (const auto events = to.lock()) {
                event(*events);
            }
        });
    }

    const std::shared_ptr<Events> events_;
    Publications wanted_;
    Worker worker_;  // last: its thread uses what is above
};

}  // namespace

std::unique_ptr<Mdns> start_avahi(Loop& loop, Service find, Events events) {
    return std::make_unique<AvahiMdns>(loop, find, std::move(events));
}

}  // namespace ambit::mdns

#endif

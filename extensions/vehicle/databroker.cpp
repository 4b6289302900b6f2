#include "vehicle/databroker.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

namespace ambit::vehicle {
namespace {

// The bridge decides when to try again, so gRPC's own pauses are short.
constexpr int kOwnPauseMs = 200;

Status status_of(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::OK:
            return Status::Ok;
        case grpc::StatusCode::INVALID_ARGUMENT:
            return Status::InvalidArgument;
        case grpc::StatusCode::NOT_FOUND:
            return Status::NotFound;
        case grpc::StatusCode::PERMISSION_DENIED:
            return Status::PermissionDenied;
        case grpc::StatusCode::UNAUTHENTICATED:
            return Status::Unauthenticated;
        case grpc::StatusCode::UNAVAILABLE:
            return Status::Unavailable;
        default:
            return Status::Other;
    }
}

grpc::ByteBuffer buffer_of(const Bytes& bytes) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return {&slice, 1};
}

Bytes bytes_of(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    Bytes bytes;
    if (buffer.Dump(&slices).ok()) {
        for (const grpc::Slice& slice : slices) {
            bytes.insert(bytes.end(), slice.begin(), slice.end());
        }
    }
    return bytes;
}

// Counts calls that gRPC still knows, so that the end can wait for the last.
class Count {
  public:
    void up() {
        const std::lock_guard lock(mutex_);
        ++calls_;
    }

    void down() {
        const std::lock_guard lock(mutex_);
        --calls_;
        none_.notify_all();
    }

    void wait_for_none() {
        std::unique_lock lock(mutex_);
        none_.wait(lock, [this] { return calls_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable none_;
    std::size_t calls_ = 0;
};

// One call: gRPC keeps it until OnDone(), which deletes it.  The hold lets the loop ask for the next part at
// any time; it is given back once, by whoever is first to know that no more will come.
class Call final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    using OnPart = std::function<void(Bytes)>;
    using OnEnd = std::function<void(Status, std::string)>;

    Call(Bytes request, Count& count, OnPart on_part, OnEnd on_end)
        : request_(buffer_of(request)),
          count_(count),
          on_part_(std::move(on_part)),
          on_end_(std::move(on_end)) {
        count_.up();
    }

    // `self`: gRPC's share of the call.
    void start(grpc::GenericStub& stub, Method method, const std::string& token, std::shared_ptr<Call> self) {
        self_ = std::move(self);
        if (!token.empty()) {
            context_.AddMetadata("authorization", "Bearer " + token);
        }
        if (method != Method::Follow) {
            context_.set_deadline(std::chrono::system_clock::now() + kAnswerMax);
        }
        stub.PrepareBidiStreamingCall(&context_, wire_name(method), {}, this);
        AddHold();
        StartWriteLast(&request_, {});
        StartRead(&part_);
        StartCall();
    }

    void more() {
        if (held_) {
            StartRead(&part_);
        }
    }

    void end() {
        context_.TryCancel();
        let_go();
    }

    void OnReadDone(bool ok) override {
        if (!ok) {
            return let_go();
        }
        Bytes part = bytes_of(part_);
        part_.Clear();
        on_part_(std::move(part));
    }

    void OnDone(const grpc::Status& status) override {
        on_end_(status_of(status.error_code()), status.error_message());
        Count& count = count_;
        self_.reset();
        count.down();
    }

  private:
    void let_go() {
        if (held_.exchange(false)) {
            RemoveHold();
        }
    }

    grpc::ByteBuffer request_;
    grpc::ByteBuffer part_;
    grpc::ClientContext context_;
    Count& count_;
    OnPart on_part_;
    OnEnd on_end_;
    std::atomic<bool> held_ = true;
    std::shared_ptr<Call> self_;
};

// Numbers need no looking up.
std::string target_of(const std::string& address) {
    const bool v4 = address.find_first_not_of("0123456789.:") == std::string::npos;
    return (v4 ? "ipv4:" : address.starts_with('[') ? "ipv6:" : "dns:///") + address;
}

std::shared_ptr<grpc::Channel> channel_to(const Place& place) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(static_cast<int>(kMessageBytesMax));
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kOwnPauseMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kOwnPauseMs);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = place.authority;
    return grpc::CreateCustomChannel(
        target_of(place.address),
        place.authority.empty() ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(tls), arguments);
}

}  // namespace

struct Databroker::Impl {
    Impl(const Place& place, Loop& on, DatabrokerHandlers to)
        : loop(on), handlers(std::move(to)), stub(channel_to(place)) {}

    Loop& loop;
    DatabrokerHandlers handlers;
    std::string token;
    // Outlives every call: whoever lets go of the last channel joins gRPC's threads, and may be none of them.
    grpc::GenericStub stub;
    std::map<std::uint64_t, std::shared_ptr<Call>> calls;
    Count count;
    std::shared_ptr<int> life = std::make_shared<int>();
};

Databroker::Databroker(const Place& place, Loop& loop, DatabrokerHandlers handlers)
    : impl_(std::make_unique<Impl>(place, loop, std::move(handlers))) {
    // What it would write to the daemon's log is no event with keys, and may hold content.
    gpr_set_log_function([](gpr_log_func_args*) {});
}

Databroker::~Databroker() {
    close();
    impl_->life.reset();
    impl_->count.wait_for_none();
}

void Databroker::open(const std::string& token) {
    close();
    impl_->token = token;
}

void Databroker::close() {
    for (const auto& [number, call] : std::exchange(impl_->calls, {})) {
        call->end();
    }
}

void Databroker::call(std::uint64_t number, Method method, const Bytes& request) {
    // On a thread of gRPC's: `impl` is there, because the destructor waits; what is posted may come too late.
    const auto post = [impl = impl_.get(), life = std::weak_ptr<int>(impl_->life)](auto task) {
        impl->loop.post([life, impl, task = std::move(task)]() mutable {
            if (!life.expired()) {
                task(*impl);
            }
        });
    };
    auto call = std::make_shared<Call>(
        request, impl_->count,
        [post, number](Bytes part) {
            post([number, part = std::move(part)](Impl& impl) mutable {
                if (impl.calls.contains(number)) {
                    impl.handlers.part(number, std::move(part));
                }
            });
        },
        [post, number](Status status, std::string text) {
            post([number, status, text = std::move(text)](Impl& impl) mutable {
                if (impl.calls.erase(number) > 0) {
                    impl.handlers.end(number, status, std::move(text));
                }
            });
        });
    impl_->calls[number] = call;
    call->start(impl_->stub, method, impl_->token, call);
}

void Databroker::more(std::uint64_t number) {
    if (const auto at = impl_->calls.find(number); at != impl_->calls.end()) {
        at->second->more();
    }
}

}  // namespace ambit::vehicle

// Recovery: this device, in no household yet, gets into one with its recovery words.
//
// Ownership: Founding owns one per attempt; borrows the loop and the keys.  Threads: the loop's.
// Failure: the event `failed` of its stream, once.  Spec: docs/spec/local-api.md section "POST recover",
// docs/spec/recovery.md.
#pragma once

#include "device_key/device_key.h"
#include "loop/loop.h"
#include "mesh/mesh_transport.h"
#include "node/local_json.h"
#include "node/recovering.h"

namespace ambit::daemon {

using Reply = std::shared_ptr<api::Responder>;

class Recovery {
  public:
    // Makes the household durable and this device its member, then calls back with its description.
    using Adopt =
        std::function<void(const identity::RecoveryDone&, std::function<void(const Result<node::Json>&)>)>;

    struct Wanted {
        crypto::RecoverySecret secret;
        identity::RecoveryJoiner::Settings settings;
        std::vector<wire::Address> addresses;
    };

    // `after_event` is called, later, when it ended.  BadKey, HandshakeFailed: no TLS with the words' key.
    static Result<std::unique_ptr<Recovery>> start(Loop& loop,
                                                   const DeviceKeys& keys,
                                                   Wanted wanted,
                                                   Reply reply,
                                                   Adopt adopt,
                                                   std::function<void()> after_event);
    ~Recovery();
    Recovery(const Recovery&) = delete;
    Recovery& operator=(const Recovery&) = delete;

    void tick() { recovering_->tick(Loop::now()); }

    MonoTime deadline() const { return recovering_->deadline(); }

    // Ended, one way or the other; may be destroyed, though not from inside a callback.
    bool over() const { return over_; }

  private:
    Recovery(Loop& loop, Reply reply, Adopt adopt, std::function<void()> after_event);

    void on_end(const Result<identity::RecoveryDone>& done);
    void finish(const Result<node::Json>& recovered);

    Loop& loop_;
    Reply reply_;
    Adopt adopt_;
    std::function<void()> after_event_;
    std::unique_ptr<node::Recovering> recovering_;
    std::unique_ptr<mesh::MeshTransport> transport_;
    std::shared_ptr<Recovery*> alive_;
    bool over_ = false;
};

}  // namespace ambit::daemon

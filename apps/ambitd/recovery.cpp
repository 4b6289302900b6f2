#include "ambitd/recovery.h"

#include <nlohmann/json.hpp>

#include "node/recovery_wish.h"

namespace ambit::daemon {

using node::Json;

Result<std::unique_ptr<Recovery>> Recovery::start(Loop& loop,
                                                  const DeviceKeys& keys,
                                                  Wanted wanted,
                                                  Reply reply,
                                                  Adopt adopt,
                                                  std::function<void()> after_event) {
    std::unique_ptr<Recovery> recovery(
        new Recovery(loop, std::move(reply), std::move(adopt), std::move(after_event)));
    AMBIT_TRY_ASSIGN(recovery->transport_, mesh::MeshTransport::create(loop, wanted.secret.signing_key()));
    mesh::MeshTransport& transport = *recovery->transport_;
    node::Recovering::Wiring wiring{
        transport, [&transport](wire::DialId id, const wire::Address& to) { transport.dial_anybody(id, to); },
        [self = recovery.get()](const identity::RecoveryPrepared& prepared) {
            (void)self->reply_->event("words", node::dump(node::new_words_json(prepared.next_words)));
        },
        [self = recovery.get()](const Result<identity::RecoveryDone>& done) { self->on_end(done); }};
    auto joiner = std::make_unique<identity::RecoveryJoiner>(keys.signing, std::move(wanted.settings),
                                                             std::move(wanted.secret), Loop::system_random());
    recovery->recovering_ =
        std::make_unique<node::Recovering>(std::move(wiring), std::move(joiner), std::move(wanted.addresses));
    transport.set_events(recovery->recovering_.get());
    recovery->recovering_->start(Loop::now());
    return recovery;
}

Recovery::Recovery(Loop& loop, Reply reply, Adopt adopt, std::function<void()> after_event)
    : loop_(loop),
      reply_(std::move(reply)),
      adopt_(std::move(adopt)),
      after_event_(std::move(after_event)),
      alive_(std::make_shared<Recovery*>(this)) {}

Recovery::~Recovery() {
    transport_.reset();  // it tells recovering_
}

void Recovery::on_end(const Result<identity::RecoveryDone>& done) {
    if (!done) {
        finish(done.error());
        return;
    }
    adopt_(*done, [alive = std::weak_ptr(alive_)](const Result<Json>& recovered) {
        if (const auto self = alive.lock()) {
            (*self)->finish(recovered);
        }
    });
}

void Recovery::finish(const Result<Json>& recovered) {
    if (recovered) {
        (void)reply_->event("recovered", node::dump(*recovered));
        reply_->end();
    } else {
        reply_->fail(recovered.error());
    }
    over_ = true;
    loop_.post(after_event_);
}

}  // namespace ambit::daemon

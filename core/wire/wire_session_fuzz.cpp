// A hostile peer on an authenticated link, and a node that goes on with its own work meanwhile: frames of any
// bytes in any order, calls answered, streamed, cancelled and expired, a link that is full, a disk that is
// slow. Nothing throws, a session that has ended stays so and leaves no call behind, and what it sends
// decodes.
#include "base/check.h"
#include "wire/session_testing.h"

namespace {

using namespace ambit;
using namespace ambit::wire;

// The fuzzer's bytes as a stream of choices; zeros once they are used up.
class Choices {
  public:
    Choices(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

    bool more() const { return !bytes_.empty(); }

    std::uint8_t next() {
        if (bytes_.empty()) {
            return 0;
        }
        const std::uint8_t byte = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return byte;
    }

    Bytes take(std::size_t count) {
        const ByteView head = bytes_.first(std::min(count, bytes_.size()));
        bytes_ = bytes_.subspan(head.size());
        return {head.begin(), head.end()};
    }

  private:
    ByteView bytes_;
};

// A well-formed frame with hostile numbers in it.
Frame frame_of(Choices& choices, const LoneSession& link) {
    Frame frame = link.hello();
    frame.type = static_cast<FrameType>(choices.next() % (static_cast<int>(FrameType::WantBulk) + 1));
    frame.call = choices.next();
    frame.nonce = choices.next();
    const std::uint8_t number = choices.next();
    frame.items = number == 255 ? UINT32_MAX : number * 8U;
    frame.deadline_ms = number == 255 ? UINT64_MAX : number;
    frame.error = number % 4 == 0 ? number : 0;
    frame.method = "m";
    const std::uint8_t audience = choices.next();
    const std::string to = audience % 4 == 1   ? "device:" + link.home.hub.hex()
                           : audience % 4 == 2 ? "person:" + link.home.ada.hex()
                           : audience % 4 == 3 ? "nonsense"
                                               : "household";
    frame.payload = Sealed{to, audience > 127, link.home.roster.version, Bytes(number)};
    return frame;
}

// What the node itself does with the call it named `id`, or with none.
void act(LoneSession& link, std::uint8_t what, CallId id) {
    Session& session = *link.session;
    switch (what % 8) {
        case 0: {
            CallOptions options;
            options.credit = what;
            options.deadline = link.now.mono + milliseconds(what);
            static_cast<void>(
                session.open(link.shared.next_call++, "m", link.cleared(what), options, link.now));
            return;
        }
        case 1:
            return static_cast<void>(session.send_item(id, link.cleared(what), link.now));
        case 2:
            return static_cast<void>(session.finish(id, link.cleared(what), link.now));
        case 3:
            return static_cast<void>(session.fail(id, Error{ErrorCode::Internal, "\xc3\xbc"}, link.now));
        case 4:
            return static_cast<void>(session.cancel(id, link.now));
        case 5:
            return static_cast<void>(session.grant(id, what, link.now));
        case 6:
            return static_cast<void>(session.notify("m", link.cleared(what), link.now));
        default:
            return session.ask_for_bulk(link.now);
    }
}

void step(LoneSession& link, Choices& choices) {
    switch (choices.next() % 8) {
        case 0:
            return link.session->on_frame(choices.take(choices.next()), link.now);
        case 1:
        case 2:
            return link.receive(frame_of(choices, link));
        case 3: {
            // Many of the same, as a flood would be.
            const Frame frame = frame_of(choices, link);
            for (int i = choices.next() * 8; i > 0; --i) {
                link.receive(frame);
            }
            return;
        }
        case 4: {
            const std::uint8_t what = choices.next();
            return act(link, what, choices.next());
        }
        case 5:
            return link.pass(milliseconds(choices.next()));
        case 6:
            link.writable = !link.writable;
            return link.writable ? link.session->on_writable(link.now) : void();
        default:
            return link.storage.settle();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices(data, size);
    const std::uint8_t role = choices.next();
    LoneSession link((role & 1U) != 0, (role & 2U) != 0 ? LinkKind::Bulk : LinkKind::Interactive);
    if ((role & 4U) == 0) {
        link.greet();
    }
    while (choices.more()) {
        const bool was_over = link.session->ended().has_value();
        step(link, choices);
        for (const Bytes& frame : std::exchange(link.sent, {})) {
            AMBIT_CHECK(decode(frame).has_value());
        }
        link.shared.events.clear();
        const bool is_over = link.session->ended().has_value();
        AMBIT_CHECK(is_over || !was_over);
        AMBIT_CHECK(!is_over || (link.shared.calls.empty() && link.session->idle()));
    }
    return 0;
}

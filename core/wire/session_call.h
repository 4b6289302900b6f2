// What a Session keeps of each call, and of each message that waits to be sent; for session*.cpp only.
#pragma once

#include "wire/codec.h"
#include "wire/session.h"

namespace ambit::wire {

struct Session::Call {
    CallId id = 0;
    bool opened_here = false;
    std::uint64_t number = 0;  // on the wire; 0 while Open waits in the queue
    std::string method;
    std::optional<MonoTime> deadline;

    std::uint32_t send_credit = 0;
    std::deque<privacy::Cleared<Bytes>> waiting;  // for credit
    bool starved = false;                         // send_item() was refused: Writable is owed
    bool finishing = false;
    bool close_queued = false;
    std::optional<privacy::Cleared<Bytes>> last;  // goes with Close, once nothing waits

    std::uint32_t receive_credit = 0;
    std::uint32_t window = kCreditDefault;
    std::uint32_t returnable = 0;  // delivered, credit not given back yet
    bool manual_credit = false;
};

struct Session::Outgoing {
    FrameType type = FrameType::Item;  // Open, Item, Close or Notice
    CallId call = 0;
    std::string method;                           // Open, Notice
    std::optional<privacy::Cleared<Bytes>> body;  // all but some Close
    std::uint32_t credit = 0;                     // Open
};

}  // namespace ambit::wire

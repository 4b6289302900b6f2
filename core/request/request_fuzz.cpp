// Any bytes as each message of a request and as a journal entry: decodes to something that encodes and
// decodes to itself, or is refused.
#include "base/check.h"
#include "request/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::request;
    const ambit::ByteView bytes(data, size);
    if (const auto request = decode_invoke_request(bytes)) {
        AMBIT_CHECK(encode(decode_invoke_request(encode(*request)).value()) == encode(*request));
    }
    if (const auto reply = decode_invoke_reply(bytes)) {
        AMBIT_CHECK(encode(decode_invoke_reply(encode(*reply)).value()) == encode(*reply));
    }
    if (const auto message = decode_confirm_message(bytes)) {
        AMBIT_CHECK(encode(decode_confirm_message(encode(*message)).value()) == encode(*message));
    }
    if (const auto entry = decode_journal_entry(bytes)) {
        AMBIT_CHECK(encode(decode_journal_entry(encode(*entry)).value()) == encode(*entry));
    }
    return 0;
}

// Anything a peer may send as a roster operation, to an empty log and to one with a household in it.
#include "identity/test_household.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::identity;
    const ambit::ByteView input(data, size);
    static RosterLog household = [] {
        RosterLog log;
        add(log, ambit::Result<ambit::Bytes>(test_genesis(TestDevice(1))));
        return log;
    }();
    RosterLog empty;
    (void)empty.add(input);
    (void)household.add(input);
    // The fields behind the signature: signed by a member, so that parsing goes on past the signature check.
    const TestDevice hub(1);
    const auto signature = hub.key.sign(ambit::crypto::kRosterOperation, input);
    ambit::Bytes operation(signature.bytes().begin(), signature.bytes().end());
    operation.insert(operation.end(), input.begin(), input.end());
    (void)household.check(operation);
    return 0;
}

// Anything the other side of a recovery may send: the first byte says how long the first frame is, and so on.
#include "identity/recovery.h"
#include "identity/test_household.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::identity;
    const TestDevice hub(1);
    const TestDevice phone(2);
    RosterLog log;
    add(log, ambit::Result<ambit::Bytes>(test_genesis(hub)));
    ambit::crypto::SeededRandom random(test_seed(3));
    const ambit::Now now{kTestTime, {}};
    RecoveryHost host(log, test_recovery_key().verify_key(), {}, now);
    RecoveryJoiner joiner(phone.key, {phone.description, std::nullopt},
                          ambit::crypto::RecoverySecret::generate(random), random);
    (void)joiner.connected(hub.id(), now);
    for (ambit::ByteView rest(data, size); !rest.empty();) {
        const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
        (void)host.handle(rest.subspan(1, length), now);
        (void)joiner.handle(rest.subspan(1, length), now);
        rest = rest.subspan(1 + length);
    }
    return 0;
}

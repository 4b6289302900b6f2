// Anything a stranger may send as pairing frames: the first byte says how long the first frame is, and so on.
#include "identity/pairing.h"
#include "identity/test_household.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit::identity;
    const TestDevice hub(1);
    const TestDevice phone(2);
    RosterLog log;
    add(log, ambit::Result<ambit::Bytes>(test_genesis(hub)));
    ambit::crypto::SeededRandom random(test_seed(3));
    const ambit::Now now{kTestTime, {}};
    const PairingCode code = PairingCode::generate(random);
    PairingHost host(log, hub.key, {hub.description, {}, true, std::nullopt}, code, random, now);
    PairingJoiner joiner(phone.key, {phone.description, std::nullopt}, code, random, now);
    (void)host.connected(now);
    (void)joiner.connected(now);
    for (ambit::ByteView rest(data, size); !rest.empty();) {
        const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
        (void)host.handle(rest.subspan(1, length), now);
        (void)joiner.handle(rest.subspan(1, length), now);
        rest = rest.subspan(1 + length);
    }
    return 0;
}

// Fuzzes what a stranger may send in a CPace exchange: any bytes as its share and its associated data.
//
// A share that is no point, or leads to the identity, is refused; two sides agree only if all they saw is the
// same.
#include "base/check.h"
#include "crypto/cpace.h"
#include "crypto/seeded_random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    const std::size_t split = std::min(size, sizeof(crypto::CpaceShare));
    const ByteView share(data, split);
    const ByteView associated(data + split, size - split);
    crypto::SeededRandom random({1});
    const Bytes own = to_bytes("host");
    const auto side =
        crypto::Cpace::start(to_bytes("48217730"), {to_bytes("channel"), to_bytes("session")}, random);
    const auto initiated = side.finish_as_initiator(own, share, associated);
    const auto responded = side.finish_as_responder(own, share, associated);
    AMBIT_CHECK(initiated.has_value() == responded.has_value());
    AMBIT_CHECK(initiated.has_value() == crypto::cpace::scalar_mult_vfy({2}, share).has_value());
    if (initiated) {
        const auto same = side.finish_as_initiator(own, share, associated);
        AMBIT_CHECK(std::ranges::equal(initiated->expose(), same->expose()));
        Bytes other(associated.begin(), associated.end());
        other.push_back(0);
        const auto differs = side.finish_as_initiator(own, share, other);
        AMBIT_CHECK(!std::ranges::equal(initiated->expose(), differs->expose()));
    }
    return 0;
}

#include "vehicle/databroker.h"

#include <gtest/gtest.h>

#include "loop/silent_port_testing.h"

namespace ambit::vehicle {
namespace {

// gRPC's own threads must not outlive their last channel, nor end with it in the middle of a call's end.
TEST(Databroker, EndsOnTheLoopWhateverItsCallsDo) {
    const SilentPort silent;
    for (int round = 0; round < 300; ++round) {
        Loop loop;
        Databroker databroker({.address = silent.address(), .authority = {}}, loop,
                              {.part = [](std::uint64_t, const Bytes&) { FAIL() << "nothing was said"; },
                               .end = [](std::uint64_t, Status, const std::string&) {}});
        databroker.open("");
        databroker.call(1, Method::Values, {});
        databroker.call(2, Method::Follow, {});
        databroker.close();
    }
}

}  // namespace
}  // namespace ambit::vehicle

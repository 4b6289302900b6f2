// Fuzzes what a databroker says: its messages, and the bridge behind them, which must stay bounded, tell only
// what makes sense, and change nothing in a car that moves.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "vehicle/bridge.h"

namespace {

using namespace ambit;
using namespace ambit::vehicle;

class Watched final : public Line, public capability::ProviderEvents {
  public:
    Result<void> open() override {
        follow = list = values = acted = 0;
        return {};
    }

    void close() override {}

    void call(std::uint64_t number, Method method, Bytes request) override {
        (method == Method::List     ? list
         : method == Method::Follow ? follow
         : method == Method::Values ? values
                                    : acted) = number;
        if (request.size() > kMessageBytesMax) {
            std::abort();
        }
        if (method == Method::Actuate && !known_to_stand) {
            std::abort();
        }
    }

    void more(std::uint64_t /*number*/) override {}

    void on_entity(const capability::Entity& /*entity*/) override {}

    void on_entity_gone(const std::string& /*id*/) override {}

    void on_state(const std::string& /*id*/, const std::string& state, bool /*available*/) override {
        const auto json = nlohmann::json::parse(state);
        known_to_stand = json.contains("moving") && json["moving"] == false;
        for (const char* name : {"cabin_c", "outside_c", "target_c", "charge_pct"}) {
            if (json.contains(name) && !(std::abs(json[name].get<double>()) < 200)) {
                std::abort();
            }
        }
    }

    void on_result(const capability::InvocationResult& /*result*/) override {}

    void on_available(const std::string& /*source*/, bool /*available*/) override {}

    void on_health(const capability::HealthItem& /*item*/) override {}

    std::uint64_t list = 0;
    std::uint64_t follow = 0;
    std::uint64_t values = 0;
    std::uint64_t acted = 0;
    bool known_to_stand = false;
};

}  // namespace

// One step after the other: what it is (a byte), its length (two bytes), and the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Watched watched;
    Bridge bridge("vehicle:ab", "", watched, watched);
    Now now{WallTime(seconds(1'800'000'000)), MonoTime(seconds(1000))};
    bridge.start(now);
    RequestId request;
    while (size >= 3) {
        const std::uint8_t step = data[0];
        const std::size_t length = std::min<std::size_t>(size - 3, data[1] | data[2] << 8U);
        const ByteView bytes(data + 3, length);
        data += 3 + length;
        size -= 3 + length;
        const std::uint64_t numbers[] = {watched.list, watched.follow, watched.values, watched.acted};
        const std::uint64_t number = numbers[step % 4];
        if (step % 16 < 8) {
            bridge.on_part(number, bytes, now);
        } else if (step % 16 < 12) {
            bridge.on_end(number, static_cast<Status>(step / 16 % 7), to_text(bytes), now);
        } else if (step % 16 < 14) {
            now.mono += seconds(step);
            now.wall += seconds(step);
            bridge.on_time(now);
        } else {
            bridge.act(
                {request, "cabin.precondition", "vehicle:ab/cabin", to_text(bytes), now.mono + seconds(15)},
                now);
        }
    }
    return 0;
}

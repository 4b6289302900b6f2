#include "agents/proposal.h"

#include <algorithm>

#include "crypto/hash.h"

namespace ambit::agents {

std::string_view name_of(Motive motive) {
    constexpr std::string_view names[] = {"energy", "comfort", "safety"};
    return names[static_cast<std::size_t>(motive) - 1];
}

RequestId key_of(const Proposal& proposal) {
    std::string causes;
    for (const Cause& cause : proposal.causes) {
        if (cause.triggers) {
            causes += cause.attribute + '\n' + cause.told_by.hex() + '\n' +
                      std::to_string(cause.time.time_since_epoch().count()) + '\n' + cause.value_json + '\n';
        }
    }
    const Digest digest = crypto::hash_parts(
        "ambit/v1/proposal", {view_of(proposal.agent), view_of(proposal.capability), view_of(proposal.entity),
                              view_of(proposal.step), view_of(causes)});
    std::array<std::uint8_t, RequestId::kSize> bytes{};
    std::copy_n(digest.bytes().begin(), bytes.size(), bytes.begin());
    return RequestId(bytes);
}

}  // namespace ambit::agents

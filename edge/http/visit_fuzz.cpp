// Fuzzes the head of a request over the network: what is let in names this daemon and comes from its own
// page.
#include <cstdlib>

#include "base/bytes.h"
#include "http/visit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = ambit::to_text({data, size});
    std::string parts[4];
    std::size_t at = 0;
    for (const char c : text) {
        if (c == '\n' && at < 3) {
            ++at;
        } else {
            parts[at] += c;
        }
    }
    const ambit::http::Visitor visitor{"192.0.2.9", false, 2, "192.0.2.7", {"hub.local"}};
    const ambit::http::Head head{"/api/v1/ask", parts[0], parts[1], parts[2], parts[3]};
    const std::string host = ambit::http::host_of(head.host);
    if (ambit::http::check_visit(visitor, head)) {
        const bool named = host == "192.0.2.7" || host == "hub.local";
        const bool own =
            head.origin.empty() || head.origin.ends_with(head.host) || head.origin.size() > head.host.size();
        if (!named || !own || head.fetch_site == "cross-site") {
            std::abort();
        }
    }
    if (ambit::http::bearer_of(head.authorization).size() > ambit::http::kBearerBytesMax) {
        std::abort();
    }
    return 0;
}

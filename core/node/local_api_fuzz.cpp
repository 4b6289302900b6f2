// Fuzzes the local API behind its HTTP: any text as the query or the body of any path; the first byte chooses
// the path.
//
// Whatever a program of the same user asks, it is answered at once, waits for something that has a deadline,
// or is told what is wrong with its request; every answer is JSON.
#include "node/phone_alone_testing.h"

namespace {

struct Path {
    const char* method;
    const char* path;
};

constexpr Path kPaths[] = {
    {"GET", "status"},
    {"GET", "doctor"},
    {"GET", "events"},
    {"POST", "ping"},
    {"POST", "pair"},
    {"POST", "pair/answer"},
    {"DELETE", "pair"},
    {"POST", "recover"},
    {"GET", "devices"},
    {"POST", "devices/remove"},
    {"POST", "devices/rename"},
    {"POST", "devices/bind"},
    {"POST", "devices/bridge"},
    {"GET", "bridges"},
    {"GET", "people"},
    {"POST", "people/remove"},
    {"POST", "people/role"},
    {"GET", "facts"},
    {"POST", "facts"},
    {"GET", "facts/watch"},
    {"POST", "ask"},
    {"GET", "plan"},
    {"GET", "why"},
    {"GET", "pending"},
    {"POST", "confirm"},
    {"GET", "ledger"},
    {"GET", "ledger/verify"},
    {"GET", "release"},
    {"POST", "release"},
    {"DELETE", "release/0a"},
};

// "name=value&name=value", not decoded: decoding has its own fuzzer (edge/http/target_fuzz.cpp).
std::map<std::string, std::string> query_of(const std::string& text) {
    std::map<std::string, std::string> query;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('&', at), text.size());
        const std::string pair = text.substr(at, end - at);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        query[pair.substr(0, equals)] = equals < pair.size() ? pair.substr(equals + 1) : "";
        at = end + 1;
    }
    return query;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ambit;
    storage::MemoryStorage storage;
    node::PhoneAlone phone(storage);
    phone.found();
    if (!phone.start(true)) {
        std::abort();
    }
    // Several requests, one a line: what the first one changes, the next one meets.
    const std::string text = to_text({data, size});
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const auto& [method, path] = kPaths[static_cast<unsigned char>(text[at]) % std::size(kPaths)];
        const std::string rest = text.substr(std::min(at + 1, end), end - std::min(at + 1, end));
        const bool get = std::string_view(method) == "GET";
        phone.ask(
            {method, path, get ? query_of(rest) : std::map<std::string, std::string>(), get ? "{}" : rest},
            std::make_shared<node::Heard>());
        at = end + 1;
    }
    phone.api_->stop();
    return 0;
}

// Clients: answers programs that come over the network with a token, as far as the token's audience goes.
//
// The same handlers as the local API, a narrower set of them (LocalApi::routes), each looking with the
// token's eyes (viewer.h); every answer leaves through an Outlet, and with it through the gate. Ownership:
// the daemon owns it; borrows Node and LocalApi, which outlive it.  Threads: the loop's. Failure: TokenWrong,
// TooManyTries, TokenNotInTheOpen before anything is looked at. Limits: kWrongMax tries from one address,
// kStreamsMax streams for one token.  Spec: docs/http-api.md.
#pragma once

#include "node/local_api.h"
#include "node/outlet.h"

namespace ambit::node {

class Clients {
  public:
    // Wrong tokens from one address: so many at once, then one more every kWrongEvery.
    static constexpr int kWrongMax = 10;
    static constexpr seconds kWrongEvery{10};
    static constexpr std::size_t kAddressesMax = 256;
    static constexpr std::size_t kStreamsMax = 8;

    Clients(Node& node, LocalApi& api);
    ~Clients();
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    void handle(const api::Request& request, const Reply& reply);

    // A service without a token, such as Wyoming: words in, the answer as a text for the household out.
    using OnText = std::function<void(Result<std::string>)>;
    void add_service(const std::string& name);
    void ask_household(const std::string& service,
                       const std::string& text,
                       milliseconds timeout,
                       OnText on_text);

  private:
    struct Tries {
        double left = kWrongMax;
        MonoTime at{};
    };

    class Guarded;

    Result<const Token*> let_in(const api::Caller& caller, Now now);
    bool may_try(const std::string& address, Now now);
    void count_wrong(const std::string& address, Now now);
    std::shared_ptr<Outlet> outlet(const privacy::Service& service);
    void on_revoked(const std::string& name);

    Node& node_;
    LocalApi& api_;
    std::map<std::string, Tries> tries_;                      // by address, only of those with wrong ones
    std::string blamed_;                                      // the address that a health item names
    std::map<std::string, std::shared_ptr<Outlet>> outlets_;  // by service
    std::map<std::string, std::vector<std::weak_ptr<Guarded>>> open_;  // by service
};

}  // namespace ambit::node

// Tokens: what a program that is no device shows to be let in; one for each, with the audience of what comes
// through it.
//
// A token's secret is told once and kept only as a hash.  Each is a service of this device at the gate
// ("client:<name>"), so that what it gets has rows in the ledger.
// Ownership: LocalApi owns it; borrows Parts.  Threads: the loop's.
// Failure: InvalidArgument, TokenExists, LimitExceeded from add(); NoSuchThing from revoke().
// Spec: docs/http-api.md section "Tokens".
#pragma once

#include <functional>
#include <map>

#include "node/parts.h"

namespace ambit::node {

inline constexpr std::string_view kTokenTable = "tokens";
inline constexpr std::string_view kClientPrefix = "client:";

struct Token {
    std::string name;
    privacy::NamedAudience audience;
    WallTime made;
    std::optional<WallTime> used;
    std::string used_from;  // address; empty: never used

    privacy::Service service() const;
};

class Tokens {
  public:
    static constexpr std::size_t kTokensMax = 64;
    static constexpr std::size_t kNameBytesMax = 32;
    // A use is written to the disk at most this often; what is shown is exact while the daemon runs.
    static constexpr seconds kUseWrittenEvery{600};

    explicit Tokens(Parts& parts) : parts_(parts) {}

    // Start-up only.
    Result<void> load();

    struct Made {
        std::string secret;
        storage::Ticket ticket = 0;
    };

    // `audience`: household, or the person of this device.
    Result<Made> add(const std::string& name, const privacy::NamedAudience& audience, Now now);
    // Takes effect at once; durable at the ticket.
    Result<storage::Ticket> revoke(const std::string& name);

    // Null if it is nobody's.  The result lives until the next add() or revoke().
    const Token* find(std::string_view secret) const;
    void mark_used(const std::string& name, const std::string& from, Now now);
    std::vector<Token> list() const;

    // Called with the token's name after it was revoked.
    void set_on_revoked(std::function<void(const std::string&)> callback) {
        on_revoked_ = std::move(callback);
    }

  private:
    struct Kept {
        Token token;
        Digest hash;
        std::optional<WallTime> written;  // the use that is on the disk
    };

    storage::Put record(const Kept& kept) const;

    Parts& parts_;
    std::map<std::string, Kept> tokens_;  // by name
    std::map<Digest, std::string> by_hash_;
    std::function<void(const std::string&)> on_revoked_;
};

}  // namespace ambit::node

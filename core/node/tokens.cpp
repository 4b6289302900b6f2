#include "node/tokens.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "crypto/hash.h"

namespace ambit::node {
namespace {

constexpr std::string_view kSecretPrefix = "ambit_";
constexpr std::size_t kSecretBytes = 24;

Digest hash_of(std::string_view secret) {
    return crypto::hash("ambit/v1/token", view_of(secret));
}

std::int64_t micros(WallTime time) {
    return time.time_since_epoch().count();
}

Result<void> check_name(const std::string& name) {
    const bool plain = !name.empty() && name.size() <= Tokens::kNameBytesMax &&
                       printable(name, Tokens::kNameBytesMax) == name &&
                       name.find_first_of("/\\\"") == std::string::npos;
    if (!plain) {
        return Error{ErrorCode::InvalidArgument,
                     "a token's name has 1 to 32 bytes, no control characters, slashes or quotes"};
    }
    return {};
}

}  // namespace

privacy::Service Token::service() const {
    return {std::string(kClientPrefix) + name, privacy::Audience(audience)};
}

storage::Put Tokens::record(const Kept& kept) const {
    nlohmann::json json = {{"audience", privacy::to_string(kept.token.audience)},
                           {"hash", kept.hash.hex()},
                           {"made", micros(kept.token.made)}};
    if (kept.token.used) {
        json["used"] = micros(*kept.token.used);
        json["from"] = kept.token.used_from;
    }
    return {std::string(kTokenTable), kept.token.name, to_bytes(json.dump())};
}

Result<void> Tokens::load() {
    AMBIT_TRY_ASSIGN(const auto table, parts_.storage.load_table(std::string(kTokenTable)));
    for (const auto& [name, bytes] : table) {
        const auto json = nlohmann::json::parse(to_text(bytes), nullptr, false);
        const auto text = [&](const char* key) {
            return json.is_object() && json.contains(key) && json[key].is_string()
                       ? json[key].get<std::string>()
                       : std::string();
        };
        const auto time = [&](const char* key) -> std::optional<WallTime> {
            if (!json.is_object() || !json.contains(key) || !json[key].is_number_integer()) {
                return std::nullopt;
            }
            return WallTime(microseconds(json[key].get<std::int64_t>()));
        };
        const auto audience = privacy::parse_named_audience(text("audience"));
        const auto hash = Digest::from_hex(text("hash"));
        if (!audience || !hash || !time("made")) {
            // What can't be read lets nobody in.
            parts_.health.bad("token." + printable(name, kNameBytesMax),
                              {ErrorCode::BadEncoding, "its record is damaged: revoke it and make another"});
            continue;
        }
        Kept kept{{name, *audience, *time("made"), time("used"), text("from")}, *hash, time("used")};
        parts_.gate.add_service(kept.token.service());
        by_hash_[kept.hash] = name;
        tokens_.emplace(name, std::move(kept));
    }
    return {};
}

Result<Tokens::Made> Tokens::add(const std::string& name, const privacy::NamedAudience& audience, Now now) {
    AMBIT_TRY(check_name(name));
    if (tokens_.contains(name)) {
        return Error{ErrorCode::TokenExists, name};
    }
    if (tokens_.size() >= kTokensMax) {
        return Error{ErrorCode::LimitExceeded, "more than 64 tokens"};
    }
    const bool household = std::holds_alternative<privacy::Household>(audience);
    if (!household && audience != parts_.home_audience()) {
        return Error{ErrorCode::InvalidArgument,
                     "a token is for the household or for the person of this device"};
    }
    const std::string secret = std::string(kSecretPrefix) + to_hex(parts_.random.bytes<kSecretBytes>());
    Kept kept{{name, audience, now.wall, std::nullopt, ""}, hash_of(secret), std::nullopt};
    const auto ticket = parts_.storage.commit({record(kept)});
    parts_.gate.add_service(kept.token.service());
    by_hash_[kept.hash] = name;
    tokens_.emplace(name, std::move(kept));
    return Made{secret, ticket};
}

Result<storage::Ticket> Tokens::revoke(const std::string& name) {
    const auto at = tokens_.find(name);
    if (at == tokens_.end()) {
        return Error{ErrorCode::NoSuchThing, "no token is called \"" + printable(name, kNameBytesMax) + "\""};
    }
    parts_.gate.remove_service(at->second.token.service().name);
    by_hash_.erase(at->second.hash);
    tokens_.erase(at);
    const auto ticket = parts_.storage.commit({storage::Erase{std::string(kTokenTable), name}});
    if (on_revoked_) {
        on_revoked_(name);
    }
    return ticket;
}

const Token* Tokens::find(std::string_view secret) const {
    // Found by its hash, so that how long it takes says nothing about how near a guess came.
    const auto name = by_hash_.find(hash_of(secret));
    return name == by_hash_.end() ? nullptr : &tokens_.at(name->second).token;
}

void Tokens::mark_used(const std::string& name, const std::string& from, Now now) {
    const auto at = tokens_.find(name);
    if (at == tokens_.end()) {
        return;
    }
    Kept& kept = at->second;
    const bool same_place = kept.token.used_from == from;
    kept.token.used = now.wall;
    kept.token.used_from = from;
    const bool fresh =
        kept.written && now.wall >= *kept.written && now.wall - *kept.written < kUseWrittenEvery;
    if (!fresh || !same_place) {
        kept.written = now.wall;
        parts_.storage.commit({record(kept)});
    }
}

std::vector<Token> Tokens::list() const {
    std::vector<Token> all;
    for (const auto& [name, kept] : tokens_) {
        all.push_back(kept.token);
    }
    return all;
}

}  // namespace ambit::node

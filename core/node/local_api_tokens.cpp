#include <nlohmann/json.hpp>

#include "node/local_api.h"

namespace ambit::node {

Json LocalApi::token_json(const Token& token) const {
    Json json = {{"name", token.name},
                 {"audience", audience_text(token.audience, *parts_.roster)},
                 {"made", time_text(token.made)}};
    if (token.used) {
        json["used"] = time_text(*token.used);
        json["used_from"] = token.used_from;
    }
    return json;
}

void LocalApi::get_token(const api::Request& /*request*/, const Reply& reply) {
    Json rows = Json::array();
    for (const Token& token : tokens_.list()) {
        rows.push_back(token_json(token));
    }
    reply->reply(dump({{"tokens", std::move(rows)}}));
}

void LocalApi::post_token(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    const auto name = text_in(body, "name");
    if (!name) {
        return reply->fail(name.error());
    }
    const auto audience = parse_audience(text_or(*body, "audience", "household"), parts_);
    if (!audience) {
        return reply->fail(audience.error());
    }
    const auto made = tokens_.add(*name, *audience, node_.now());
    if (!made) {
        return reply->fail(made.error());
    }
    Json json = {{"token",
                  {{"name", *name},
                   {"audience", audience_text(*audience, *parts_.roster)},
                   {"made", time_text(node_.now().wall)}}},
                 {"secret", made->secret}};
    // A personal token may not go over the network in the open, so there is no use in showing it a way.
    const bool household = std::holds_alternative<privacy::Household>(*audience);
    const std::string& page = household && !page_elsewhere_.empty() ? page_elsewhere_ : page_here_;
    if (!page.empty()) {
        json["page"] = page + "#" + made->secret;
        json["api"] = page + "api/v1/";
    }
    node_.when_durable(made->ticket, [reply, json](const Result<void>& durable) {
        durable ? reply->reply(dump(json)) : reply->fail(durable.error());
    });
}

void LocalApi::delete_token(const api::Request& request, const Reply& reply) {
    const std::string name = request.path.substr(std::string_view("token/").size());
    const auto ticket = tokens_.revoke(name);
    if (!ticket) {
        return reply->fail(ticket.error());
    }
    node_.when_durable(*ticket, [reply, name](const Result<void>& durable) {
        durable ? reply->reply(dump({{"revoked", {{"name", name}}}})) : reply->fail(durable.error());
    });
}

}  // namespace ambit::node

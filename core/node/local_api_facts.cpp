#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/local_api.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"local API: the person at this device"};
constexpr std::size_t kLimit = 1000;
constexpr std::size_t kLimitMax = 10'000;

}  // namespace

Result<FactMatch> LocalApi::match_of(const api::Request& request) const {
    FactMatch match;
    match.subject_prefix = query_text(request, "subject");
    match.whole_subject = !match.subject_prefix.empty() && !match.subject_prefix.ends_with('*');
    if (match.subject_prefix.ends_with('*')) {
        match.subject_prefix.pop_back();
    }
    match.attribute = query_text(request, "attribute");
    if (const std::string audience = query_text(request, "audience"); !audience.empty()) {
        AMBIT_TRY_ASSIGN(match.audience, parse_audience(audience, parts_));
    }
    return match;
}

std::vector<facts::LabelledFact> LocalApi::matching(const FactMatch& match, std::size_t limit) const {
    facts::Filter filter;
    filter.audience = match.audience;
    filter.subject_prefix = match.subject_prefix;
    if (!match.attribute.empty()) {
        filter.attribute = match.attribute;
    }
    filter.limit = limit + 1;
    std::vector<facts::LabelledFact> found;
    for (auto& fact : parts_.facts.query(filter)) {
        if (match.fits(fact.read(kHere).key)) {
            found.push_back(std::move(fact));
        }
    }
    for (auto& fact : parts_.fleeting.query(match.subject_prefix, node_.now())) {
        if (match.fits(fact.read(kHere).key)) {
            found.push_back(std::move(fact));
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        const facts::Key& left = a.read(kHere).key;
        const facts::Key& right = b.read(kHere).key;
        return std::tie(left.subject, left.attribute, left.audience) <
               std::tie(right.subject, right.attribute, right.audience);
    });
    return found;
}

void LocalApi::get_facts(const api::Request& request, const Reply& reply) {
    const auto match = match_of(request);
    if (!match) {
        return reply->fail(match.error());
    }
    const std::size_t limit = query_limit(request, kLimit, kLimitMax);
    const auto found = matching(*match, limit);
    Json rows = Json::array();
    for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) {
        rows.push_back(fact_json(found[i].read(kHere), parts_));
    }
    reply->reply(dump({{"facts", std::move(rows)}, {"more", found.size() > limit}}));
}

void LocalApi::post_facts(const api::Request& request, const Reply& reply) {
    const auto body = parse_body(request);
    if (!body) {
        return reply->fail(body.error());
    }
    const auto subject = text_member(*body, "subject");
    const auto attribute = text_member(*body, "attribute");
    const auto audience_name = text_member(*body, "audience");
    const auto audience = audience_name ? parse_audience(*audience_name, parts_)
                                        : Result<privacy::NamedAudience>(audience_name.error());
    if (!subject || !attribute || !audience) {
        return reply->fail(!subject ? subject.error() : !attribute ? attribute.error() : audience.error());
    }
    if (!body->contains("value")) {
        return reply->fail({ErrorCode::BadRequest, "\"value\": expected any JSON value"});
    }
    facts::Draft draft;
    draft.key = {*audience, *subject, *attribute};
    draft.value = value_of((*body)["value"]);
    draft.time = node_.now().wall;
    const auto write = parts_.facts.put(draft, node_.now());
    if (!write) {
        return reply->fail(write.error());
    }
    when_written(*write, reply, [this, reply, key = draft.key] {
        const auto fact = parts_.facts.get(key);
        reply->reply(dump({{"fact", fact ? fact_json(fact->read(kHere), parts_) : Json::object()}}));
    });
}

void LocalApi::when_written(facts::WriteId write, const Reply& reply, std::function<void()> callback) {
    if (write <= parts_.facts.durable_write()) {
        return callback();
    }
    when_written_.emplace(write, WaitingReply{reply, std::move(callback)});
}

void LocalApi::get_facts_watch(const api::Request& request, const Reply& reply) {
    auto match = match_of(request);
    if (!match) {
        return reply->fail(match.error());
    }
    for (const auto& fact : matching(*match, kLimitMax)) {
        if (!reply->event("fact", dump(fact_json(fact.read(kHere), parts_)))) {
            return;
        }
    }
    (void)reply->event("current", "{}");
    streams_.watch_facts(reply, std::move(match).value());
}

}  // namespace ambit::node

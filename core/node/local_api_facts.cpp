#include <algorithm>

#include <nlohmann/json.hpp>

#include "node/local_api.h"

namespace ambit::node {
namespace {

constexpr privacy::Here kHere{"local API: the person at this device"};
constexpr std::size_t kLimit = 1000;
constexpr std::size_t kLimitMax = 10'000;
// What clients write about, besides the person whose token they have.
constexpr std::string_view kClientSubject = "client:";

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

void LocalApi::get_facts(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    const auto match = match_of(request);
    if (!match) {
        return reply->fail(match.error());
    }
    const std::size_t limit = query_limit(request, kLimit, kLimitMax);
    // A client's limit counts what it may see, so all has to be looked at.
    auto found = matching(*match, viewer.client ? kLimitMax : limit);
    std::erase_if(found, [&](const auto& fact) { return !viewer.may_see(fact.label(), parts_); });
    Json rows = Json::array();
    for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) {
        rows.push_back(fact_json(found[i].read(kHere), parts_));
    }
    reply->reply(dump({{"facts", std::move(rows)}, {"more", found.size() > limit}}));
}

Result<facts::Draft> LocalApi::draft_of(const Json& body, const Viewer& viewer) const {
    facts::Draft draft;
    AMBIT_TRY_ASSIGN(draft.key.subject, text_member(body, "subject"));
    AMBIT_TRY_ASSIGN(draft.key.attribute, text_member(body, "attribute"));
    draft.key.audience = viewer.audience;
    if (!viewer.client || body.contains("audience")) {
        AMBIT_TRY_ASSIGN(const std::string audience, text_member(body, "audience"));
        AMBIT_TRY_ASSIGN(draft.key.audience, parse_audience(audience, parts_));
    }
    if (!body.contains("value")) {
        return Error{ErrorCode::BadRequest, "\"value\": expected any JSON value"};
    }
    draft.value = value_of(body["value"]);
    draft.time = node_.now().wall;
    if (viewer.client) {
        if (draft.key.audience != viewer.audience) {
            return Error{ErrorCode::AudienceForbids, "what comes with this token is for " +
                                                         audience_text(viewer.audience, *parts_.roster)};
        }
        if (draft.key.subject == "me" && viewer.person) {
            draft.key.subject = "person:" + viewer.person->hex();
        }
        const bool own = viewer.person && draft.key.subject == "person:" + viewer.person->hex();
        // What devices say of themselves, of things and of people is not for clients to say.
        if (!own && !draft.key.subject.starts_with(kClientSubject)) {
            return Error{ErrorCode::NotAllowed, viewer.person
                                                    ? "this token writes about \"me\" or \"client:...\""
                                                    : "a household's token writes about \"client:...\"; one "
                                                      "made with `--audience person` also about \"me\""};
        }
    }
    return draft;
}

void LocalApi::post_facts(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    const auto body = parse_body(request);
    const auto made = body ? draft_of(*body, viewer) : Result<facts::Draft>(body.error());
    if (!made) {
        return reply->fail(made.error());
    }
    const facts::Draft& draft = *made;
    const auto person = parts_.person();
    const bool of_me = person && viewer.person == person && draft.key.subject == "person:" + person->hex();
    if (const auto* take = of_me ? node_.posted().find(draft.key.attribute) : nullptr) {
        const auto taken = (*take)(dump((*body)["value"]), node_.now());
        return taken ? reply->reply(*taken) : reply->fail(taken.error());
    }
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

void LocalApi::get_facts_watch(const api::Request& request, const Reply& reply, const Viewer& viewer) {
    auto match = match_of(request);
    if (!match) {
        return reply->fail(match.error());
    }
    for (const auto& fact : matching(*match, kLimitMax)) {
        if (viewer.may_see(fact.label(), parts_) &&
            !reply->event("fact", dump(fact_json(fact.read(kHere), parts_)))) {
            return;
        }
    }
    (void)reply->event("current", "{}");
    streams_.watch_facts(reply, viewer, std::move(match).value());
}

}  // namespace ambit::node

// Makes docs/spec/vectors/roster.json and holds the file to it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/vectors_testing.h"
#include "crypto/hash.h"
#include "crypto/words.h"
#include "identity/operation.h"
#include "identity/test_household.h"

namespace ambit::identity {
namespace {

using nlohmann::json;

json roster_json(const RosterLog& log) {
    const Roster& roster = *log.roster();
    json out = {{"household", roster.household.hex()},
                {"name", roster.name},
                {"version", roster.version.hex()},
                {"recovery_key", roster.recovery_key.hex()},
                {"unknown_critical", roster.unknown_critical},
                {"bridges", json::object()},
                {"devices", json::array()},
                {"people", json::array()},
                {"removed", json::array()},
                {"heads", json::array()}};
    for (const OperationHash& head : log.heads()) {
        out["heads"].push_back(head.hex());
    }
    for (const auto& [id, device] : roster.devices) {
        out["devices"].push_back({{"id", id.hex()},
                                  {"name", device.name},
                                  {"kind", device.kind},
                                  {"owner", device.owner ? json(device.owner->hex()) : json()},
                                  {"meant_for", device.meant_for ? json(device.meant_for->hex()) : json()},
                                  {"admin", device.admin}});
    }
    for (const auto& [id, person] : roster.people) {
        out["people"].push_back(
            {{"id", id.hex()}, {"name", person.name}, {"role", static_cast<int>(person.role)}});
    }
    for (const auto& [id, removal] : roster.removed) {
        json heads = json::array();
        for (const ChannelHead& head : removal.heads) {
            heads.push_back({{"channel", head.channel}, {"seq", head.seq}, {"hash", head.hash.hex()}});
        }
        out["removed"].push_back({{"id", id.hex()}, {"heads", std::move(heads)}});
    }
    for (const auto& [source, order] : roster.bridges) {
        for (const DeviceId& device : order) {
            out["bridges"][source].push_back(device.hex());
        }
    }
    return out;
}

// A household written down operation by operation; a set of them is a list of their numbers.
class RosterVectors : public testing::Test {
  protected:
    using Set = std::vector<std::size_t>;

    std::size_t keep(const std::string& name, const Result<Bytes>& operation) {
        operations_.push_back(operation.value());
        const Operation parsed = parse_operation(operations_.back()).value();
        vectors_["operations"].push_back(
            {{"name", name}, {"bytes", to_hex(operations_.back())}, {"hash", parsed.hash.hex()}});
        return operations_.size() - 1;
    }

    RosterLog log_of(const Set& set) const {
        RosterLog log;
        for (const std::size_t number : set) {
            add(log, Result<Bytes>(operations_[number]));
        }
        return log;
    }

    void resolve(const std::string& name, const Set& set) {
        const RosterLog log = log_of(set);
        json counts = json::array();
        for (const std::size_t number : set) {
            if (log.counts(crypto::hash("roster-op", operations_[number]))) {
                counts.push_back(number);
            }
        }
        vectors_["resolutions"].push_back(
            {{"name", name}, {"operations", set}, {"count", counts}, {"roster", roster_json(log)}});
    }

    void reject(const std::string& why, const Set& set, const Bytes& bytes) {
        RosterLog log = log_of(set);
        const auto outcome = log.add(bytes);
        ASSERT_FALSE(outcome) << why;
        vectors_["rejects"].push_back({{"why", why},
                                       {"after", set},
                                       {"bytes", to_hex(bytes)},
                                       {"error", static_cast<int>(outcome.error().code)}});
    }

    static Set with(Set set, std::initializer_list<std::size_t> more) {
        set.insert(set.end(), more);
        return set;
    }

    void keys() {
        vectors_["recovery"] = {{"words", words_},
                                {"seed", to_hex(recovery_.export_seed())},
                                {"public_key", recovery_.verify_key().hex()}};
        for (const TestDevice* device : {&hub_, &phone_, &tablet_, &watch_, &lamp_}) {
            vectors_["devices"].push_back({{"name", device->description.name},
                                           {"seed", to_hex(device->key.export_seed())},
                                           {"public_key", device->key.verify_key().hex()},
                                           {"id", device->id().hex()}});
        }
    }

    // The hub founds it and yields to Ada; Bob is an admin too.
    Set found() {
        keep("the hub founds the household",
             make_genesis({"Home", hub_.description, std::nullopt},
                          crypto::SigningKey::from_seed(test_seed(251)), recovery_, hub_.key, kTestTime));
        keep("Ada joins with her phone as an admin",
             hub_.author(log_of({0})).add_person(ada_, phone_.consent(log_of({0}), {ada_id_, {}})));
        keep("the hub yields admin", *hub_.author(log_of({0, 1})).follow_up());
        Set set = {0, 1, 2};
        keep("Bob joins with his tablet as an admin",
             phone_.author(log_of(set)).add_person(bob_, tablet_.consent(log_of(set), {bob_id_, {}})));
        set.push_back(3);
        keep("a shared lamp joins", phone_.author(log_of(set)).add_device(lamp_.consent(log_of(set))));
        set.push_back(4);
        keep("hub, then lamp act for a source",
             phone_.author(log_of(set)).set_bridges("mqtt:home", {hub_.id(), lamp_.id()}));
        set.push_back(5);
        resolve("founded", set);
        return set;
    }

    void strong_removal(const Set& base) {
        const RosterLog at = log_of(base);
        const std::vector<ChannelHead> heads = {{"facts/test/channel", 7, Digest({0xab})}};
        const auto strike =
            keep("the phone removes the tablet", phone_.author(at).remove_device(tablet_.id(), heads));
        const auto built =
            keep("meanwhile the tablet adds a watch", tablet_.author(at).add_device(watch_.consent(at)));
        const auto renamed = keep("and renames the household on top of that",
                                  tablet_.author(log_of(with(base, {built}))).rename_household("Bob's"));
        resolve("what a removed device did meanwhile does not count, nor what rests on it",
                with(base, {strike, built, renamed}));
        const auto back =
            keep("meanwhile the tablet removes the phone", tablet_.author(at).remove_device(phone_.id(), {}));
        resolve("mutual removals both apply", with(base, {strike, back}));
        recoveries(base, strike, back);
    }

    void recoveries(const Set& base, std::size_t strike, std::size_t back) {
        const auto next = crypto::SigningKey::from_seed(test_seed(252));
        const RosterLog at = log_of(base);
        const RosterAuthor words(at, recovery_, kTestTime);
        const RosterAuthor::Recovery wish{
            phone_.id(), {}, ada_id_, prove_recovery_key(next, at.roster()->household)};
        const auto meanwhile = keep("Ada recovers her phone", words.recover(wish));
        resolve("a recovery wins over a removal it did not know", with(base, {back, meanwhile}));
        const RosterLog struck = log_of(with(base, {strike, back}));
        const RosterAuthor::Recovery fresh{watch_.consent(struck, {ada_id_, {}}), {}, ada_id_, {}};
        const auto after =
            keep("Ada recovers with a watch", RosterAuthor(struck, recovery_, kTestTime).recover(fresh));
        resolve("a recovery brings an admin in when all are gone", with(base, {strike, back, after}));
        const Operation used_up =
            parse_operation(RosterAuthor(at, recovery_, kTestTime).rename_household("x").value()).value();
        reject("the words are used up", with(base, {meanwhile}),
               encode_operation(at.roster()->household, {parse_operation(operations_[meanwhile])->hash},
                                used_up.change, recovery_, kTestTime));
    }

    void rejects(const Set& base) {
        const RosterLog at = log_of(base);
        const auto household = at.roster()->household;
        const auto forged = [&](const Change& change, const crypto::SigningKey& key) {
            return encode_operation(household, at.heads(), change, key, kTestTime);
        };
        Bytes flipped = operations_[0];
        flipped.back() ^= 1U;
        reject("the genesis with a bit changed", {}, flipped);
        reject("a genesis of another household", base, other_genesis());
        reject("the hub, no admin any more, adds a device", base,
               forged(AddDeviceChange{watch_.consent(at)}, hub_.key));
        reject("Bob, an admin, adds a device for Ada", base,
               forged(AddDeviceChange{watch_.consent(at, {ada_id_, {}})}, tablet_.key));
        DeviceConsent stolen = watch_.consent(at);
        stolen.signature = phone_.consent(at).signature;
        reject("a device that did not consent", base, forged(AddDeviceChange{stolen}, phone_.key));
        reject("a stranger", base, forged(RenameChange{std::monostate(), "Mine"}, watch_.key));
        reject("an admin recovers without the words", base,
               forged(RecoverChange{phone_.id(), ada_id_, {}}, phone_.key));
        RecoveryKey unproven = prove_recovery_key(crypto::SigningKey::from_seed(test_seed(252)), household);
        unproven.key = crypto::SigningKey::from_seed(test_seed(253)).verify_key();
        reject("a recovery key without its proof", base,
               forged(RecoverChange{phone_.id(), ada_id_, unproven}, recovery_));
        reject("nothing but zeros", base, Bytes(100));
    }

    Bytes other_genesis() const {
        return make_genesis({"Other", hub_.description, std::nullopt},
                            crypto::SigningKey::from_seed(test_seed(254)), recovery_, hub_.key, kTestTime)
            .value();
    }

    static std::string fixed_words() {
        crypto::SeededRandom random(test_seed(7));
        return crypto::RecoverySecret::generate(random).words();
    }

    const std::string words_ = fixed_words();
    const crypto::SigningKey recovery_ = crypto::RecoverySecret::from_words(words_)->signing_key();
    const TestDevice hub_{1, "hub"};
    const TestDevice phone_{2, "phone", "phone"};
    const TestDevice tablet_{3, "tablet", "tablet"};
    const TestDevice watch_{4, "watch", "watch"};
    const TestDevice lamp_{5, "lamp"};
    const NewPerson ada_ = test_person(1, "Ada", Role::Admin);
    const NewPerson bob_ = test_person(2, "Bob", Role::Admin);
    const PersonId ada_id_ = person_id_of(ada_, phone_.key.verify_key());
    const PersonId bob_id_ = person_id_of(bob_, tablet_.key.verify_key());
    std::vector<Bytes> operations_;
    json vectors_;
};

TEST_F(RosterVectors, AreWhatThisCodeMakes) {
    keys();
    const Set base = found();
    strong_removal(base);
    const auto unknown = keep("an unknown kind by an admin, critical",
                              encode_operation(log_of(base).roster()->household, log_of(base).heads(),
                                               UnknownChange{99}, phone_.key, kTestTime));
    resolve("an unknown kind is kept and has no effect", with(base, {unknown}));
    rejects(base);
    hold_to_vectors("roster.json", vectors_.dump(2) + "\n");
}

}  // namespace
}  // namespace ambit::identity

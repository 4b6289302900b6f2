// Random households: whatever was written where, and however it travels, everybody resolves the same roster.
#include <random>

#include <gtest/gtest.h>

#include "identity/test_household.h"

namespace ambit::identity {
namespace {

constexpr std::size_t kReplicas = 4;
constexpr std::size_t kDevices = 8;
constexpr int kSteps = 45;
constexpr int kTriesMax = 6;
constexpr int kSeeds = 25;

// Some copies of a log, on which the same few devices write at once, as they would not if they were honest.
class Scattered {
  public:
    explicit Scattered(std::uint32_t seed) : numbers_(seed) {
        for (std::uint8_t i = 0; i < kDevices; ++i) {
            devices_.emplace_back(static_cast<std::uint8_t>(i + 1), "device " + std::to_string(i));
            // Half of them come with a person of their own.
            const NewPerson person = test_person(i, "person " + std::to_string(i), some_role());
            newcomers_.push_back(person);
            people_.push_back(person_id_of(person, devices_[i].key.verify_key()));
        }
        replicas_.resize(kReplicas);
        add(replicas_[0], test_genesis(devices_[0]));
        for (std::size_t i = 1; i < kReplicas; ++i) {
            newcomers_[i].role = Role::Admin;
            add(replicas_[0],
                devices_[0]
                    .author(replicas_[0])
                    .add_person(newcomers_[i], devices_[i].consent(replicas_[0], {people_[i], {}})));
        }
        for (std::size_t i = 1; i < kReplicas; ++i) {
            replicas_[i] = copy_of(replicas_[0]);
        }
    }

    void run() {
        for (int i = 0; i < kSteps; ++i) {
            chance(3) ? gossip() : write();
        }
    }

    // A log with everything, after every replica got everything; nobody may see a difference.
    RosterLog settle() {
        for (RosterLog& to : replicas_) {
            for (const RosterLog& from : replicas_) {
                sync(from, to);
            }
        }
        for (RosterLog& replica : replicas_) {
            for (const RosterLog& from : replicas_) {
                sync(from, replica);
            }
            expect_same(replica, replicas_[0], "replicas");
        }
        return copy_of(replicas_[0]);
    }

    // The same operations in another order, some of them twice, children before their parents too.
    RosterLog shuffled(const RosterLog& log) {
        std::vector<Bytes> operations = log.all();
        const std::size_t size = operations.size();
        for (std::size_t i = 0; i < size / 3; ++i) {
            operations.push_back(operations[below(size)]);
        }
        shuffle(operations);
        RosterLog out(log.roster()->household);
        for (const Bytes& operation : operations) {
            EXPECT_TRUE(out.add(operation));
        }
        return out;
    }

    static void expect_same(const RosterLog& a, const RosterLog& b, const char* what) {
        EXPECT_EQ(a.hashes(), b.hashes()) << what;
        EXPECT_EQ(text_of(*a.roster()), text_of(*b.roster())) << what;
        for (const OperationHash& hash : a.hashes()) {
            EXPECT_EQ(a.counts(hash), b.counts(hash)) << what << ' ' << hash.hex();
        }
    }

  private:
    // Not a distribution of the library: those differ between libraries.
    std::size_t below(std::size_t bound) { return numbers_() % bound; }

    bool chance(std::size_t one_in) { return below(one_in) == 0; }

    Role some_role() { return static_cast<Role>(1 + below(4)); }

    void shuffle(std::vector<Bytes>& operations) {
        for (std::size_t i = operations.size(); i > 1; --i) {
            std::swap(operations[i - 1], operations[below(i)]);
        }
    }

    // Some of what one has reaches another, in no order; what lacks its parents waits there.
    void gossip() {
        const RosterLog& from = replicas_[below(kReplicas)];
        RosterLog& to = replicas_[below(kReplicas)];
        std::vector<Bytes> operations = from.missing_for(to.hashes());
        shuffle(operations);
        operations.resize(chance(2) ? operations.size() : below(operations.size() + 1));
        for (const Bytes& operation : operations) {
            EXPECT_TRUE(to.add(operation));
        }
    }

    // Somebody writes something on some replica; what they may not do, nobody sees, and they try another
    // thing.
    void write() {
        RosterLog& log = replicas_[below(kReplicas)];
        for (int tries = 0; tries < kTriesMax; ++tries) {
            const Result<Bytes> operation = attempt(log, devices_[below(kDevices)].author(log));
            if (operation) {
                add(log, operation);
                return;
            }
        }
    }

    Result<Bytes> attempt(const RosterLog& log, const RosterAuthor& author) {
        const std::size_t i = below(kDevices);
        const DeviceId device = devices_[i].id();
        const std::string name = "name " + std::to_string(below(1000));
        switch (below(14)) {
            case 0:
            case 1:
                return author.add_device(devices_[i].consent(log));
            case 2:
            case 3:
                return author.add_person(newcomers_[i], devices_[i].consent(log, {people_[i], {}}));
            case 4:
                return author.add_device(devices_[i].consent(log, {{}, people_[below(kDevices)]}));
            case 5:
                return author.bind_device(device);
            case 6:
                return author.remove_device(device, {{"channel", below(9), Digest()}});
            case 7:
                return author.remove_person(people_[i], {});
            case 8:
                return author.set_role(people_[i], some_role(), std::nullopt);
            case 9:
            case 10:
                return author.set_device_admin(device, !chance(3));
            case 11:
                return author.set_bridges("source", {device, devices_[(i + 1) % kDevices].id()});
            case 12:
                return chance(2) ? author.rename_household(name) : author.rename_device(device, name);
            default:
                return chance(3) ? recover(log, i) : author.yield_admin(people_[i]);
        }
    }

    Result<Bytes> recover(const RosterLog& log, std::size_t i) {
        return RosterAuthor(log, recovery_, kTestTime).recover({devices_[i].id(), {}, people_[i], {}});
    }

    std::mt19937 numbers_;
    std::vector<TestDevice> devices_;
    std::vector<NewPerson> newcomers_;
    std::vector<PersonId> people_;
    const crypto::SigningKey recovery_ = test_recovery_key();
    std::vector<RosterLog> replicas_;
};

TEST(Convergence, EverybodyResolvesTheSameRoster) {
    std::size_t operations = 0;
    std::size_t lost = 0;
    for (std::uint32_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Scattered household(seed);
        household.run();
        const RosterLog log = household.settle();
        Scattered::expect_same(household.shuffled(log), log, "another order");
        Scattered::expect_same(copy_of(household.shuffled(log)), log, "after a restart");
        for (const OperationHash& hash : log.hashes()) {
            lost += log.counts(hash) ? 0 : 1;
        }
        operations += log.hashes().size();
    }
    // It was worth running: there was enough of it, and removals cost others their operations.
    EXPECT_GT(operations, kSeeds * 12U);
    EXPECT_GT(lost, kSeeds * 1U);
}

}  // namespace
}  // namespace ambit::identity

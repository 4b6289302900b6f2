// cabin: is the cabin warm when its person leaves, and at what cost?  20 cars, 200 mornings each, from
// knowing nothing.
//
// The car is extensions/simulated's physical model, which is not of the form the learner fits; the agent, its
// model and the derivation of the departure are the ones the daemon runs.  Weather, sunshine, sensor noise,
// appointments that move or are cancelled, and partitions in which the car hears nothing come from a seed.
// Beside it in the same run: an oracle that knows all of that in advance and starts as late as it can, and a
// timer that always starts 30 minutes before.  With a number: that car alone, in detail.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numbers>
#include <string>

#include "agents/departure.h"
#include "agents/precondition.h"
#include "crypto/seeded_random.h"
#include "simulated/cabin_physics.h"

namespace {

using namespace ambit;
using agents::minutes;

constexpr int kMornings = 200;
constexpr int kCars = 20;
constexpr std::uint64_t kSeed = 2026;  // of the first car; the margin was chosen on seeds 101 to 120
constexpr int kDayMinutes = 24 * 60;
constexpr int kEvening = 0;  // minute 0 of a day is 18:00 the day before
constexpr double kComfort = 21;
constexpr double kReadyWithin = 0.5;
constexpr double kJoulesPerKwh = 3.6e6;

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed_of(seed)) {}

    double share() { return static_cast<double>(random_.below(1'000'000)) / 1e6; }

    double between(double low, double high) { return low + (high - low) * share(); }

    bool happens(double probability) { return share() < probability; }

    double normal() {
        double sum = 0;
        for (int i = 0; i < 12; ++i) {
            sum += share();
        }
        return sum - 6;
    }

  private:
    static crypto::Seed seed_of(std::uint64_t seed) {
        crypto::Seed bytes{};
        for (std::size_t i = 0; i < 8; ++i) {
            bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
        }
        return bytes;
    }

    crypto::SeededRandom random_;
};

// One day as it will turn out.
struct Day {
    std::vector<double> outside_c;  // by minute
    std::vector<double> sun;
    int parked = 0;                // the car came home
    int first_departure = 0;       // as the calendar has it in the evening
    std::optional<int> departure;  // as it turns out; none: cancelled
    int changed = -1;              // when the calendar changes
    int told = -1;                 // when the car hears of it
    bool cut_off = false;          // the car hears nothing for a while
    const char* kind = "as planned";
};

void make_weather(Day& day, double season_c, Chance& chance) {
    const double mean = season_c + 3 * chance.normal();
    const double swing = chance.between(2, 7);
    const double clear = chance.share();
    double cloud = clear;
    for (int minute = 0; minute < kDayMinutes; ++minute) {
        const double hour = std::fmod(18 + minute / 60.0, 24);
        day.outside_c.push_back(mean + swing * std::cos(2 * std::numbers::pi * (hour - 15) / 24));
        if (minute % 10 == 0) {
            cloud = std::clamp(clear + 0.3 * chance.normal(), 0.0, 1.0);
        }
        const double height = std::sin(std::numbers::pi * (hour - 6.5) / 12);
        day.sun.push_back(hour > 6.5 && hour < 18 ? 600 * std::max(0.0, height) * cloud : 0);
    }
}

Day make_day(int number, Chance& chance) {
    Day day;
    // From the middle of one winter to the end of the next summer.
    make_weather(day, 8 - 11 * std::cos(2 * std::numbers::pi * number / 260.0), chance);
    day.parked = static_cast<int>(chance.between(0, 120));
    const auto at = static_cast<int>(chance.between(13 * 60, 15.5 * 60));  // 07:00 to 09:30
    day.first_departure = at;
    day.departure = at;
    const double what = chance.share();
    if (what < 0.12) {
        day.kind = "moved later";
        day.departure = at + static_cast<int>(chance.between(15, 120));
        day.changed = at - static_cast<int>(chance.between(5, 240));
    } else if (what < 0.18) {
        day.kind = "moved earlier";
        day.departure = at - static_cast<int>(chance.between(10, 45));
        day.changed = *day.departure - static_cast<int>(chance.between(5, 240));
    } else if (what < 0.24) {
        day.kind = "cancelled";
        day.departure.reset();
        day.changed = at - static_cast<int>(chance.between(5, 240));
    }
    day.told = day.changed;
    if (chance.happens(0.3)) {
        day.cut_off = true;
        const int from = at - static_cast<int>(chance.between(10, 300));
        const int to = from + static_cast<int>(chance.between(10, 240));
        if (day.told >= from && day.told < to) {
            day.told = to;
        }
    }
    return day;
}

// The cabin as the day begins: it was driven until it was parked.
simulated::CabinPhysics parked_car(const Day& day, const simulated::CabinPhysics::Car& car, double& cabin_c) {
    simulated::CabinPhysics physics(car, kComfort);
    physics.step(seconds(1), day.outside_c[0], 0, 0);
    cabin_c = physics.air_c();
    return physics;
}

struct Outcome {
    bool ready = true;
    double energy_j = 0;
    double cabin_c = 0;
    int started = -1;
};

WallTime wall_of(int number, int minute) {
    return WallTime(std::chrono::hours(24 * number)) + minutes(minute);
}

// The day with Ambit's agent.
Outcome live(const Day& day,
             int number,
             const simulated::CabinPhysics::Car& car,
             agents::CabinModel& model,
             Chance& chance) {
    double cabin = 0;
    auto physics = parked_car(day, car, cabin);
    bool on = false;
    std::optional<agents::Cause> on_for;
    Outcome outcome;
    const agents::CabinBinding binding{"cabin", "cabin.precondition"};
    const int end = day.departure.value_or(day.first_departure + 60);
    for (int minute = kEvening; minute < end; ++minute) {
        const bool driving = minute < day.parked;
        const auto at = static_cast<std::size_t>(minute);
        const WallTime now = wall_of(number, minute);
        agents::CabinFacts facts;
        facts.cabin_c = std::round((physics.air_c() + 0.06 * chance.normal()) * 10) / 10;
        facts.outside_c = std::round((day.outside_c[at] + 0.2 * chance.normal()) * 2) / 2;
        facts.comfort_c = kComfort;
        facts.on = on;
        facts.moving = driving;
        const bool knows = day.told >= 0 && minute >= day.told;
        const std::optional<int> leaves = knows ? day.departure : std::optional(day.first_departure);
        if (leaves) {
            facts.leaves = wall_of(number, *leaves);
            facts.told = agents::Cause{"departure", {}, *facts.leaves, "{}", true};
        }
        facts.for_told = on && facts.told == on_for;
        model.learn(agents::sample_of(facts, false, now));
        const auto plan = agents::precondition(facts, model, binding, now);
        if (plan.proposal) {
            const bool starts = plan.proposal->step == "start";
            if (starts && outcome.started < 0) {
                outcome.started = minute;
            }
            if (starts) {
                model.began(now, *facts.cabin_c, *facts.outside_c, kComfort);
            } else {
                model.gave_up();
            }
            on = starts;
            on_for = facts.told;
        }
        const double before = physics.energy_j();
        for (int second = 0; second < 60; second += 10) {
            const double power = simulated::thermostat(on || driving, kComfort, physics.air_c());
            physics.step(seconds(10), day.outside_c[at], driving ? 0 : day.sun[at], power);
        }
        outcome.energy_j += driving ? 0 : physics.energy_j() - before;
    }
    outcome.cabin_c = physics.air_c();
    outcome.ready = !day.departure || std::abs(outcome.cabin_c - kComfort) <= kReadyWithin;
    return outcome;
}

// The day with a start at a given minute, whatever happens.
Outcome start_at(const Day& day, const simulated::CabinPhysics::Car& car, int start, int end) {
    double cabin = 0;
    auto physics = parked_car(day, car, cabin);
    Outcome outcome;
    outcome.started = start;
    for (int minute = 0; minute < end; ++minute) {
        const auto at = static_cast<std::size_t>(minute);
        const bool driving = minute < day.parked;
        const double before = physics.energy_j();
        for (int second = 0; second < 60; second += 10) {
            const double power = simulated::thermostat(driving || minute >= start, kComfort, physics.air_c());
            physics.step(seconds(10), day.outside_c[at], driving ? 0 : day.sun[at], power);
        }
        outcome.energy_j += driving ? 0 : physics.energy_j() - before;
    }
    outcome.cabin_c = physics.air_c();
    outcome.ready = std::abs(outcome.cabin_c - kComfort) <= kReadyWithin;
    return outcome;
}

// It knows the weather and the calendar of tomorrow: the latest start that is ready, or the one that comes
// nearest.
Outcome oracle(const Day& day, const simulated::CabinPhysics::Car& car) {
    if (!day.departure) {
        return {};
    }
    Outcome best = start_at(day, car, *day.departure, *day.departure);
    for (int lead = 1; lead <= 90 && !best.ready; ++lead) {
        best = start_at(day, car, *day.departure - lead, *day.departure);
    }
    return best;
}

struct Sum {
    int ready = 0;
    double energy_j = 0;

    void add(const Outcome& outcome) {
        ready += outcome.ready ? 1 : 0;
        energy_j += outcome.energy_j;
    }
};

// What the mornings of one car, or of all, come to.
struct Tally {
    int mornings = 0;
    Sum ours;
    Sum knows;
    Sum timer;
    int oracle_unable = 0;
    int late_news = 0;
    std::map<std::string, int> kinds;

    double ready_pct() const { return 100.0 * ours.ready / mornings; }

    double energy_ratio() const { return ours.energy_j / knows.energy_j; }
};

void count(const Day& day,
           const Outcome& mine,
           const simulated::CabinPhysics::Car& car,
           std::initializer_list<Tally*> tallies) {
    const Outcome ideal = oracle(day, car);
    Outcome fixed = start_at(day, car, day.first_departure - 30, day.departure.value_or(day.first_departure));
    fixed.ready = fixed.ready || !day.departure;
    for (Tally* tally : tallies) {
        ++tally->mornings;
        tally->ours.add(mine);
        tally->knows.add(ideal);
        tally->timer.add(fixed);
        tally->oracle_unable += ideal.ready ? 0 : 1;
        tally->kinds[day.kind] += 1;
        tally->kinds["with the car out of reach for a while"] += day.cut_off ? 1 : 0;
        tally->late_news += day.told > day.changed ? 1 : 0;
    }
}

void print_table(const Tally& all) {
    std::printf("%d mornings from -3 to 19 degrees on average; %d of them no start could have had ready\n",
                all.mornings, all.oracle_unable);
    for (const auto& [kind, days] : all.kinds) {
        std::printf("  %4d %s\n", days, kind.c_str());
    }
    std::printf("  %4d on which it heard of a change late for that\n", all.late_news);
    const auto line = [&](const char* name, const Sum& sum) {
        std::printf("%-28s ready %5.1f %%  energy %7.1f kWh  %.2f of the oracle's\n", name,
                    100.0 * sum.ready / all.mornings, sum.energy_j / kJoulesPerKwh,
                    sum.energy_j / all.knows.energy_j);
    };
    line("the agent", all.ours);
    line("a timer, 30 minutes before", all.timer);
    line("an oracle", all.knows);
}

}  // namespace

int main(int argc, char** argv) {
    const bool one = argc > 1;
    const std::uint64_t first = one ? std::strtoull(argv[1], nullptr, 10) : kSeed;
    const simulated::CabinPhysics::Car car;
    Tally all;
    double ready_worst = 100;
    double energy_worst = 0;
    for (std::uint64_t seed = first; seed < first + (one ? 1 : kCars); ++seed) {
        Chance weather(seed);
        Chance sensors(seed + 1'000'000);
        agents::CabinModel model;
        Tally its_own;
        for (int number = 0; number < kMornings; ++number) {
            const Day day = make_day(number, weather);
            const Outcome mine = live(day, number, car, model, sensors);
            count(day, mine, car, {&all, &its_own});
            if (one && !mine.ready) {
                const int left = day.departure.value_or(day.first_departure);
                std::printf("  morning %3d, %-13s outside %5.1f  cabin %5.2f  %5.2f kWh\n", number + 1,
                            day.kind, day.outside_c[static_cast<std::size_t>(left)], mine.cabin_c,
                            mine.energy_j / kJoulesPerKwh);
            }
        }
        std::printf(
            "car %llu: ready %5.1f %%  %.3f of the oracle's energy; learned %.0f min, from %u mornings\n",
            static_cast<unsigned long long>(seed), its_own.ready_pct(), its_own.energy_ratio(),
            model.time_constant_min(), model.mornings());
        ready_worst = std::min(ready_worst, its_own.ready_pct());
        energy_worst = std::max(energy_worst, its_own.energy_ratio());
    }
    print_table(all);
    std::printf("BENCH cabin ready_pct=%.1f energy_ratio=%.3f ready_worst_pct=%.1f energy_worst_ratio=%.3f\n",
                all.ready_pct(), all.energy_ratio(), ready_worst, energy_worst);
    return 0;
}

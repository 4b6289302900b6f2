// CabinModel: what a car knows about how its own cabin warms and cools, learned from its own mornings.
//
// Two heat stores, as a cabin has: the air, which the sensor tells, and the seats and trim, which follow it.
// For each of a few time constants of the second, the rates of the first are fitted by recursive least
// squares with forgetting (Ljung, System Identification, 2nd ed., section 11.2); the one that predicts best
// speaks.  How far past predictions were off becomes the margin.
// Ownership: value.  Threads: one.  Failure: decode() returns BadEncoding; samples that make no sense are
// left out.  Spec: docs/spec/agents.md section "The cabin".
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace ambit::agents {

using std::chrono::minutes;

struct CabinSample {
    WallTime at;
    double cabin_c = 0;
    double outside_c = 0;
    // Share of full power that air conditioning gives: 1 heats as much as it can, -1 cools so, 0 is off.
    double power = 0;
    bool driving = false;  // then unknown things warm it: nothing is learned
};

class CabinModel {
  public:
    static constexpr std::size_t kRates = 4;
    static constexpr std::size_t kStores = 5;
    static constexpr minutes kLeadMax{60};  // longer than this never pays
    static constexpr double kNear = 0.5;    // degrees: "ready"

    CabinModel();

    // Samples in order of time, about one a minute; a gap begins anew.
    void learn(const CabinSample& sample);

    // How long at full power from now until the cabin is near `target_c`, with the margin that past mornings
    // ask for; 0 when it is already; kLeadMax when it can't be.
    minutes lead(double cabin_c, double outside_c, double target_c) const;
    // A preconditioning at full power began; then how long it took to come near, for the margin.
    void began(WallTime at, double cabin_c, double outside_c, double target_c);

    // It ended otherwise: nothing can be told from it.
    void gave_up() { begun_.reset(); }

    double time_constant_min() const;  // of the air towards outside, heating off
    double rate(double cabin_c, double outside_c, double power) const;  // degrees a minute, just now

    unsigned mornings() const { return mornings_; }

    std::string encode() const;
    static Result<CabinModel> decode(const std::string& json);

  private:
    using Vector = std::array<double, kRates>;

    // One hypothesis about the second store.
    struct Fit {
        Vector rates{};                      // towards outside, towards the store, by heating, by cooling
        std::array<Vector, kRates> doubt{};  // covariance
        double store_c = 0;                  // its temperature now
        double error = 0;                    // of predictions, squared, fading
    };

    struct Begun {
        WallTime at;
        double target_c = 0;
        double predicted_min = 0;
        bool heating = true;
    };

    // Values averaged over a few minutes, because sensors tell tenths of a degree.
    struct Window {
        WallTime began;
        double first_c = 0;
        std::size_t samples = 0;
        double cabin_c = 0;
        double outside_c = 0;
        double power = 0;
        std::array<double, kStores> store_c{};
    };

    const Fit& best() const;
    static double change(const Fit& fit, double cabin_c, double outside_c, double store_c, double power);
    void forget_window(const CabinSample& sample);
    void close_window(const CabinSample& sample);
    double minutes_to_reach(double cabin_c, double outside_c, double target_c) const;
    double margin() const;  // in the same units

    std::array<Fit, kStores> fits_;
    std::optional<CabinSample> last_;
    Window window_;
    std::optional<Begun> begun_;
    // How far predictions were off, in units of what is usual: the first mornings are expected to be late.
    double off_mean_ = 0.5;
    double off_variance_ = 1;
    unsigned mornings_ = 0;
};

}  // namespace ambit::agents

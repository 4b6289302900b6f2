// CabinPhysics: how a made-up car's cabin warms and cools, for demos, tests and the benchmark `cabin`.
//
// Ownership: value.  Threads: one.  Failure: none.
#pragma once

#include "base/time.h"

namespace ambit::simulated {

// Air and interior of a cabin as two heat stores in W, J and K; the air conditioning heats or cools the air.
// It is deliberately not the form that agents::CabinModel fits: it has sunshine, a blower that must warm up,
// and a heat pump that is weaker when it is cold.
class CabinPhysics {
  public:
    struct Car {
        double air_j_per_k = 130'000;
        double interior_j_per_k = 220'000;
        double shell_w_per_k = 55;         // air to outside
        double interior_w_per_k = 100;     // air to interior
        double interior_out_w_per_k = 12;  // interior to outside
        double heat_w = 5'000;
        double cool_w = 3'000;
        double blower_s = 60;  // until full power arrives
        double sun_m2 = 1.2;   // of glass, as seen by the sun
    };

    CabinPhysics(const Car& car, double everywhere_c)
        : car_(car), air_c_(everywhere_c), interior_c_(everywhere_c) {}

    // `power`: share of full power, -1 (cool) to 1 (heat).
    void step(seconds span, double outside_c, double sun_w_per_m2, double power);

    // A thermostat looks every few seconds; of a longer time than a day, the last day.
    void keep(seconds span, double outside_c, bool on, double target_c);

    double air_c() const { return air_c_; }

    // Used so far by heating and cooling.
    double energy_j() const { return energy_j_; }

  private:
    Car car_;
    double air_c_;
    double interior_c_;
    double arriving_ = 0;  // of the power, what arrives as warm air
    double energy_j_ = 0;
};

// The power a car's thermostat gives.
double thermostat(bool on, double target_c, double cabin_c);

}  // namespace ambit::simulated

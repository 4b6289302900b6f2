// Times: how long one thing took, again and again.
//
// Ownership: values.  Threads: one.  Failure: none.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace ambit::bench {

class Times {
  public:
    template <typename Action>
    void measure(Action action) {
        const auto start = std::chrono::steady_clock::now();
        action();
        us_.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }

    void clear() { us_.clear(); }

    double us(double quantile) const {
        std::vector<double> sorted = us_;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1))];
    }

    double ms(double quantile) const { return us(quantile) / 1000; }

  private:
    std::vector<double> us_;
};

inline void print_header(const char* unit) {
    std::printf("%-64s %9s %9s %9s %9s\n", unit, "p50", "p90", "p99", "max");
}

inline void print_us(const char* what, const Times& times) {
    std::printf("%-64s %9.1f %9.1f %9.1f %9.1f\n", what, times.us(0.5), times.us(0.9), times.us(0.99),
                times.us(1));
}

inline void print_ms(const char* what, const Times& times) {
    std::printf("%-64s %9.2f %9.2f %9.2f %9.2f\n", what, times.ms(0.5), times.ms(0.9), times.ms(0.99),
                times.ms(1));
}

}  // namespace ambit::bench

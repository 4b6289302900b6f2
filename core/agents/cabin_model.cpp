#include "agents/cabin_model.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ambit::agents {
namespace {

// Minutes in which the second store follows the air.
constexpr std::array<double, CabinModel::kStores> kStoreMinutes{6, 12, 25, 50, 100};
// What a car is like before anything is known of this one: an ordinary small electric car.
constexpr std::array<double, CabinModel::kRates> kPrior{0.02, 0.04, 1.0, -0.8};
constexpr std::array<double, CabinModel::kRates> kPriorDoubt{0.0004, 0.004, 0.25, 0.25};
// What a rate can be at all.
constexpr std::array<double, CabinModel::kRates> kLeast{0.001, 0, 0.1, -5};
constexpr std::array<double, CabinModel::kRates> kMost{0.2, 0.5, 5, -0.1};
constexpr double kForget = 0.998;  // a window of a week ago counts about half
constexpr double kNoise = 0.01;    // variance of a window's rate, (degrees a minute) squared
constexpr double kErrorFades = 0.99;
constexpr std::size_t kWindowSamples = 4;
constexpr seconds kGapMax{180};
constexpr double kColdest = -60;
constexpr double kHottest = 90;
constexpr double kTooStill = 0.3;  // degrees: nothing moves, nothing can be learned
constexpr double kStep = 0.25;     // minutes, for looking ahead
constexpr double kSure = 0.75;     // standard deviations
constexpr double kNews = 0.1;      // a morning of a week ago counts half
constexpr double kOffMax = 3;
constexpr unsigned kFirst = 3;      // mornings that tell of the prior, not of what was learned
constexpr double kAimInside = 0.1;  // degrees within "near", against noise of the sensor

bool sensible(const CabinSample& sample) {
    const auto fits = [](double value, double least, double most) { return value >= least && value <= most; };
    return fits(sample.cabin_c, kColdest, kHottest) && fits(sample.outside_c, kColdest, kHottest) &&
           fits(sample.power, -1, 1);
}

// How far off a prediction of so many minutes is, as a rule: the unit that past errors are counted in.
double unsure(double predicted_min) {
    return 1 + predicted_min / 10;
}

double minutes_between(WallTime from, WallTime to) {
    return std::chrono::duration<double, std::ratio<60>>(to - from).count();
}

std::array<double, CabinModel::kRates> influences(double cabin_c,
                                                  double outside_c,
                                                  double store_c,
                                                  double power) {
    return {outside_c - cabin_c, store_c - cabin_c, std::max(power, 0.0), std::max(-power, 0.0)};
}

}  // namespace

CabinModel::CabinModel() {
    for (Fit& fit : fits_) {
        fit.rates = kPrior;
        for (std::size_t i = 0; i < kRates; ++i) {
            fit.doubt[i][i] = kPriorDoubt[i];
        }
    }
}

const CabinModel::Fit& CabinModel::best() const {
    return *std::min_element(fits_.begin(), fits_.end(),
                             [](const Fit& a, const Fit& b) { return a.error < b.error; });
}

double CabinModel::change(const Fit& fit, double cabin_c, double outside_c, double store_c, double power) {
    const Vector x = influences(cabin_c, outside_c, store_c, power);
    double sum = 0;
    for (std::size_t i = 0; i < kRates; ++i) {
        sum += std::clamp(fit.rates[i], kLeast[i], kMost[i]) * x[i];
    }
    return sum;
}

void CabinModel::forget_window(const CabinSample& sample) {
    window_ = {};
    window_.began = sample.at;
    window_.first_c = sample.cabin_c;
}

void CabinModel::learn(const CabinSample& sample) {
    if (!sensible(sample)) {
        return;
    }
    const bool gap = !last_ || sample.at <= last_->at || sample.at - last_->at > kGapMax;
    for (std::size_t i = 0; i < kStores; ++i) {
        Fit& fit = fits_[i];
        if (!last_ || (last_ && sample.at - last_->at > std::chrono::hours(4))) {
            fit.store_c = sample.cabin_c;  // long enough for everything in it to be as warm
        } else if (sample.at > last_->at) {
            const double share = 1 - std::exp(-minutes_between(last_->at, sample.at) / kStoreMinutes[i]);
            fit.store_c += ((last_->cabin_c + sample.cabin_c) / 2 - fit.store_c) * share;
        }
    }
    if (gap || sample.driving || last_->driving) {
        forget_window(sample);
    } else {
        window_.samples += 1;
        window_.cabin_c += (last_->cabin_c + sample.cabin_c) / 2;
        window_.outside_c += sample.outside_c;
        window_.power += last_->power;
        for (std::size_t i = 0; i < kStores; ++i) {
            window_.store_c[i] += fits_[i].store_c;
        }
        if (window_.samples == kWindowSamples) {
            close_window(sample);
        }
    }
    if (begun_ && !gap) {
        const double missing =
            begun_->heating ? begun_->target_c - sample.cabin_c : sample.cabin_c - begun_->target_c;
        if (missing <= kNear - kAimInside) {
            const double took = minutes_between(begun_->at, sample.at);
            const double off = (took - begun_->predicted_min) / unsure(begun_->predicted_min);
            if (++mornings_ > kFirst) {
                const double news = std::clamp(off, -kOffMax, kOffMax) - off_mean_;
                off_mean_ += kNews * news;
                off_variance_ = (1 - kNews) * (off_variance_ + kNews * news * news);
            }
            begun_.reset();
        }
    }
    last_ = sample;
}

void CabinModel::close_window(const CabinSample& sample) {
    const Window window = window_;
    forget_window(sample);
    const double count = static_cast<double>(window.samples);
    const double took = minutes_between(window.began, sample.at);
    const double cabin = window.cabin_c / count;
    const double outside = window.outside_c / count;
    const double power = window.power / count;
    const double measured = (sample.cabin_c - window.first_c) / took;
    if (took <= 0 || (std::abs(outside - cabin) < kTooStill && power == 0)) {
        return;
    }
    for (std::size_t k = 0; k < kStores; ++k) {
        Fit& fit = fits_[k];
        const Vector x = influences(cabin, outside, window.store_c[k] / count, power);
        Vector dx{};
        // Forgetting what is not seen for a season must not end in believing the first thing that is.
        bool doubtful = false;
        for (std::size_t i = 0; i < kRates; ++i) {
            doubtful = doubtful || fit.doubt[i][i] > 4 * kPriorDoubt[i];
        }
        const double forget = doubtful ? 1 : kForget;
        double spread = kNoise * forget;
        double error = measured;
        for (std::size_t i = 0; i < kRates; ++i) {
            for (std::size_t j = 0; j < kRates; ++j) {
                dx[i] += fit.doubt[i][j] * x[j];
            }
            spread += x[i] * dx[i];
            error -= fit.rates[i] * x[i];
        }
        for (std::size_t i = 0; i < kRates; ++i) {
            fit.rates[i] += dx[i] / spread * error;
            for (std::size_t j = 0; j < kRates; ++j) {
                fit.doubt[i][j] = (fit.doubt[i][j] - dx[i] * dx[j] / spread) / forget;
            }
        }
        fit.error = kErrorFades * fit.error + (1 - kErrorFades) * error * error;
    }
}

double CabinModel::minutes_to_reach(double cabin_c, double outside_c, double target_c) const {
    const bool heating = target_c > cabin_c;
    const double aim = heating ? target_c - kNear + kAimInside : target_c + kNear - kAimInside;
    const auto there = [&](double value) { return heating ? value >= aim : value <= aim; };
    const Fit& fit = best();
    const double store_minutes = kStoreMinutes[static_cast<std::size_t>(&fit - fits_.data())];
    // Before the first sample nothing is known of the second store: it is as warm as the air.
    double store = last_ ? fit.store_c : cabin_c;
    double value = cabin_c;
    double elapsed = 0;
    while (!there(value) && elapsed < static_cast<double>(kLeadMax.count())) {
        value += kStep * change(fit, value, outside_c, store, heating ? 1 : -1);
        store += (value - store) * kStep / store_minutes;
        elapsed += kStep;
    }
    return elapsed;
}

double CabinModel::margin() const {
    return off_mean_ + kSure * std::sqrt(off_variance_);
}

minutes CabinModel::lead(double cabin_c, double outside_c, double target_c) const {
    if (std::abs(target_c - cabin_c) <= kNear) {
        return minutes{0};
    }
    const double needed = minutes_to_reach(cabin_c, outside_c, target_c);
    const double with_margin = std::max(1.0, needed + margin() * unsure(needed));
    return std::min(kLeadMax, minutes(static_cast<long>(std::ceil(with_margin))));
}

void CabinModel::began(WallTime at, double cabin_c, double outside_c, double target_c) {
    if (std::abs(target_c - cabin_c) > kNear) {
        begun_ = {at, target_c, minutes_to_reach(cabin_c, outside_c, target_c), target_c > cabin_c};
    }
}

double CabinModel::time_constant_min() const {
    return 1 / std::clamp(best().rates[0], kLeast[0], kMost[0]);
}

double CabinModel::rate(double cabin_c, double outside_c, double power) const {
    return change(best(), cabin_c, outside_c, last_ ? best().store_c : cabin_c, power);
}

std::string CabinModel::encode() const {
    nlohmann::json fits = nlohmann::json::array();
    for (const Fit& fit : fits_) {
        fits.push_back({{"rates", fit.rates}, {"doubt", fit.doubt}, {"error", fit.error}});
    }
    return nlohmann::json({{"version", 1},
                           {"fits", fits},
                           {"off_mean", off_mean_},
                           {"off_variance", off_variance_},
                           {"mornings", mornings_}})
        .dump();
}

Result<CabinModel> CabinModel::decode(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    CabinModel model;
    const Error broken{ErrorCode::BadEncoding, "not a model of a cabin"};
    if (!json.is_object() || !json.contains("fits")) {
        return broken;
    }
    try {
        const auto& fits = json.at("fits");
        if (json.at("version").get<int>() != 1 || fits.size() != kStores) {
            return broken;
        }
        for (std::size_t k = 0; k < kStores; ++k) {
            model.fits_[k].rates = fits[k].at("rates").get<Vector>();
            model.fits_[k].doubt = fits[k].at("doubt").get<std::array<Vector, kRates>>();
            model.fits_[k].error = fits[k].at("error").get<double>();
        }
        model.off_mean_ = json.at("off_mean").get<double>();
        model.off_variance_ = json.at("off_variance").get<double>();
        model.mornings_ = json.at("mornings").get<unsigned>();
    } catch (const nlohmann::json::exception&) {
        return broken;
    }
    const bool makes_sense = std::isfinite(model.off_mean_) && model.off_variance_ >= 0;
    if (!makes_sense) {
        return broken;
    }
    return model;
}

}  // namespace ambit::agents

// Labelled<T>: a value that can't leave by accident.
//
// It cannot be printed, logged, compared or serialised (tests/shape/does_not_compile shows it).  It leaves
// this device only through the gate (gate.h), and is read on this device only with a `Here`, which names the
// code that reads it.  Ownership: value.  Threads: as T.  Failure: none.
#pragma once

#include <type_traits>

#include "privacy/audience.h"

namespace ambit::privacy {

// The right to read labelled values on the device that holds them: for folding, matching, acting and for
// showing to the person at this device.  Search for "Here here" to audit every place that does.
class Here {
  public:
    explicit constexpr Here(const char* reader) : reader_(reader) {}

    constexpr const char* reader() const { return reader_; }

  private:
    const char* reader_;
};

template <typename T>
class Labelled {
  public:
    Labelled(T value, Label label) : value_(std::move(value)), label_(std::move(label)) {}

    const Label& label() const { return label_; }

    const T& read(const Here&) const { return value_; }

    // A value computed from this one alone has this one's label.
    template <typename F>
    auto map(F&& f) const -> Labelled<std::invoke_result_t<F, const T&>> {
        return {std::forward<F>(f)(value_), label_};
    }

    template <typename Stream>
    friend Stream& operator<<(Stream&, const Labelled&) = delete;

  private:
    friend class Gate;
    friend class ReleaseRules;
    template <typename A, typename B, typename F>
    friend auto combine(const Labelled<A>& a, const Labelled<B>& b, F&& f)
        -> Result<Labelled<std::invoke_result_t<F, const A&, const B&>>>;

    // Widening is for release rules alone.
    Labelled relabelled(Label label) const { return {value_, std::move(label)}; }

    T value_;
    Label label_;
};

// A value computed from two has the join of their labels.  LimitExceeded as Label::join.
template <typename A, typename B, typename F>
auto combine(const Labelled<A>& a, const Labelled<B>& b, F&& f)
    -> Result<Labelled<std::invoke_result_t<F, const A&, const B&>>> {
    AMBIT_TRY_ASSIGN(Label label, a.label_.join(b.label_));
    return Labelled<std::invoke_result_t<F, const A&, const B&>>(std::forward<F>(f)(a.value_, b.value_),
                                                                 std::move(label));
}

}  // namespace ambit::privacy

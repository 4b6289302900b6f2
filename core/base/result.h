// Result: a value or an Error; names as in std::expected (which gcc 12 has only in C++23).
//
// Ownership: values.  Threads: any.  Misuse: value() on an error, or error() on a value, aborts: it is a
// programmer's mistake, never reached by outside input.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace ambit {

template <typename T>
class [[nodiscard]] Result {
  public:
    using value_type = T;

    // Implicit on purpose: functions return a T or an Error as they are.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}       // NOLINT
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & {
        AMBIT_CHECK(has_value());
        return std::get<0>(state_);
    }
    const T& value() const& {
        AMBIT_CHECK(has_value());
        return std::get<0>(state_);
    }
    T&& value() && {
        AMBIT_CHECK(has_value());
        return std::get<0>(std::move(state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& {
        AMBIT_CHECK(!has_value());
        return std::get<1>(state_);
    }
    Error&& error() && {
        AMBIT_CHECK(!has_value());
        return std::get<1>(std::move(state_));
    }

    T value_or(T fallback) const& { return has_value() ? value() : std::move(fallback); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    using value_type = void;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit as above

    bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }
    const Error& error() const {
        AMBIT_CHECK(error_.has_value());
        return *error_;
    }

  private:
    std::optional<Error> error_;
};

}  // namespace ambit

// Statement macros (gcc 12 miscompiles statement expressions in coroutines).
#define AMBIT_CONCAT_INNER(a, b) a##b
#define AMBIT_CONCAT(a, b) AMBIT_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function, if it has one.
#define AMBIT_TRY(expression)                                 \
    do {                                                      \
        if (auto try_result = (expression); !try_result) {    \
            return ::ambit::Error(try_result.error());        \
        }                                                     \
    } while (false)

// AMBIT_TRY_ASSIGN(auto value, expression): declares or assigns the value, or returns the error.
#define AMBIT_TRY_ASSIGN(target, expression) \
    AMBIT_TRY_ASSIGN_NAMED(AMBIT_CONCAT(try_assign_, __LINE__), target, expression)
#define AMBIT_TRY_ASSIGN_NAMED(result, target, expression) \
    auto result = (expression);                            \
    if (!result) {                                         \
        return ::ambit::Error(std::move(result).error());  \
    }                                                      \
    target = std::move(result).value()

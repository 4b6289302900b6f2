#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ambit {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) {
        return Error{ErrorCode::InvalidArgument, "odd"};
    }
    return value / 2;
}

Result<int> quarter(int value) {
    AMBIT_TRY_ASSIGN(const int halved, half(value));
    AMBIT_TRY(half(halved));
    return halved / 2;
}

TEST(Result, PropagatesTheFirstError) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(quarter(7).error().detail, "odd");
}

TEST(Result, HoldsMoveOnlyValues) {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
    const std::unique_ptr<int> owned = std::move(result).value();
    EXPECT_EQ(*owned, 3);
}

TEST(Error, MessageHoldsNumberDetailAndNextStep) {
    const std::string text = Error{ErrorCode::BadEncoding, "odd length"}.message();
    EXPECT_EQ(text.rfind("E1001 ", 0), 0U) << text;
    EXPECT_NE(text.find("odd length"), std::string::npos);
    EXPECT_NE(text.find("Next: "), std::string::npos);
}

TEST(Error, CatalogueNumbersAreUniqueAndEachRowHasANextStep) {
    ErrorCode previous{};
    for (const ErrorEntry& row : error_catalogue()) {
        EXPECT_LT(previous, row.code) << row.name;
        EXPECT_FALSE(row.text.empty()) << row.name;
        EXPECT_FALSE(row.next_step.empty()) << row.name;
        previous = row.code;
    }
}

}  // namespace
}  // namespace ambit

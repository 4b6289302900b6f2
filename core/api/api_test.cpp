#include "api/api.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace ambit::api {
namespace {

TEST(CheckJson, PassesOneValueInsideTheLimits) {
    EXPECT_TRUE(check_json(R"({"a":[1,2.5,"x",null,true]})"));
    EXPECT_TRUE(check_json("7"));
}

TEST(CheckJson, RefusesWhatIsNotJson) {
    for (const char* bad : {"", "{", "{}{}", "nul", "{\"a\":\"\xff\"}", "[1,]", "1e999"}) {
        const auto checked = check_json(bad);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().code, ErrorCode::BadRequest) << bad;
    }
}

TEST(CheckJson, RefusesWhatIsOverALimit) {
    const JsonLimits limits{.bytes_max = 100, .depth_max = 3, .values_max = 5};
    EXPECT_TRUE(check_json("[[[]]]", limits));
    for (const std::string& bad :
         {std::string("[[[[]]]]"), std::string("[1,2,3,4,5]"), std::string(101, ' ')}) {
        const auto checked = check_json(bad, limits);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().code, ErrorCode::LimitExceeded) << bad;
    }
}

TEST(ErrorJson, CarriesTheWholeRow) {
    const auto json = nlohmann::json::parse(error_json({ErrorCode::NoSuchThing, "no device \"x\""}));
    EXPECT_EQ(json["error"]["number"], 6005);
    EXPECT_EQ(json["error"]["name"], "NoSuchThing");
    EXPECT_EQ(json["error"]["detail"], "no device \"x\"");
    EXPECT_FALSE(json["error"]["next_step"].get<std::string>().empty());
}

TEST(HttpStatus, FollowsTheSpec) {
    EXPECT_EQ(http_status(ErrorCode::BadRequest), 400);
    EXPECT_EQ(http_status(ErrorCode::AudienceForbids), 403);
    EXPECT_EQ(http_status(ErrorCode::NoSuchThing), 404);
    EXPECT_EQ(http_status(ErrorCode::NoHousehold), 409);
    EXPECT_EQ(http_status(ErrorCode::Stopping), 503);
    EXPECT_EQ(http_status(ErrorCode::Internal), 500);
}

}  // namespace
}  // namespace ambit::api

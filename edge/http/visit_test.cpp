#include "http/visit.h"

#include <gtest/gtest.h>

namespace ambit::http {
namespace {

const Visitor kFromTheNetwork{"192.0.2.9", false, 2, "192.0.2.7", {"hub.local"}};
const Visitor kFromHere{"127.0.0.1", true, 2, "127.0.0.1", {}};

ErrorCode refused(const Visitor& visitor, const Head& head) {
    const auto checked = check_visit(visitor, head);
    return checked ? ErrorCode{} : checked.error().code;
}

TEST(Visit, OnlyNamesOfThisDaemonAreServed) {
    const auto asked = [](const Visitor& visitor, const std::string& host) {
        return refused(visitor, {"/", host, "", "", ""});
    };
    EXPECT_EQ(asked(kFromTheNetwork, "192.0.2.7:8377"), ErrorCode{});
    EXPECT_EQ(asked(kFromTheNetwork, "Hub.Local:8377"), ErrorCode{});
    EXPECT_EQ(asked(kFromTheNetwork, "hub.local."), ErrorCode{});
    EXPECT_EQ(asked(kFromHere, "localhost:8377"), ErrorCode{});
    EXPECT_EQ(asked(kFromTheNetwork, "localhost"), ErrorCode::WrongName)
        << "that is the visitor's own machine";
    EXPECT_EQ(asked(kFromTheNetwork, "evil.example"), ErrorCode::WrongName) << "DNS rebinding";
    EXPECT_EQ(asked(kFromTheNetwork, "192.0.2.7.evil.example"), ErrorCode::WrongName);
    EXPECT_EQ(asked(kFromTheNetwork, "192.0.2.8"), ErrorCode::WrongName);
    for (const char* broken :
         {"", ":80", "a b", "host:port", "[::1", "[x]", "a@192.0.2.7", "192.0.2.7:123456"}) {
        EXPECT_NE(asked(kFromTheNetwork, broken), ErrorCode{}) << broken;
    }
}

TEST(Visit, OnlyItsOwnPageMayAsk) {
    const auto asked = [](const std::string& origin, const std::string& site) {
        return refused(kFromTheNetwork, {"/api/v1/ask", "192.0.2.7:8377", origin, site, ""});
    };
    EXPECT_EQ(asked("", ""), ErrorCode{}) << "a program that is no browser";
    EXPECT_EQ(asked("http://192.0.2.7:8377", "same-origin"), ErrorCode{});
    EXPECT_EQ(asked("http://192.0.2.7:80", ""), ErrorCode::OtherSite);
    EXPECT_EQ(asked("http://evil.example", "cross-site"), ErrorCode::OtherSite);
    EXPECT_EQ(asked("null", ""), ErrorCode::OtherSite);
    EXPECT_EQ(asked("file://192.0.2.7:8377", ""), ErrorCode::OtherSite);
    EXPECT_EQ(asked("", "cross-site"), ErrorCode::OtherSite);
    EXPECT_EQ(refused(kFromTheNetwork, {"/", "192.0.2.7", "", "cross-site", ""}), ErrorCode{})
        << "a link to the page may be anywhere";
}

TEST(Visit, ReadsBearerTokens) {
    EXPECT_EQ(bearer_of("Bearer ambit_00ff"), "ambit_00ff");
    EXPECT_EQ(bearer_of("bearer  x"), "x");
    EXPECT_EQ(bearer_of("Basic eDp5"), "");
    EXPECT_EQ(bearer_of("Bearer"), "");
    EXPECT_EQ(bearer_of("Bearer " + std::string(kBearerBytesMax + 1, 'x')), "");
}

}  // namespace
}  // namespace ambit::http

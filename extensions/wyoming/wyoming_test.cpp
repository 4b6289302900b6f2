#include "wyoming/wyoming.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "wyoming/allow.h"

namespace ambit::wyoming {
namespace {

using nlohmann::json;

TEST(Event, ReadsBothFormsOfDataHoweverTheyAreCut) {
    const std::string data = R"({"text":"later"})";
    const std::string bytes =
        R"({"type":"transcript","data":{"text":"early","language":"en"},"data_length":)" +
        std::to_string(data.size()) + ",\"payload_length\":3}\n" + data + "\x01\x02\x03" +
        "{\"type\":\"describe\"}\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        EventReader reader;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            ASSERT_TRUE(reader.feed(std::string_view(bytes).substr(at, piece))) << piece;
        }
        const auto first = reader.next();
        ASSERT_TRUE(first) << piece;
        EXPECT_EQ(first->type, "transcript");
        EXPECT_EQ(json::parse(first->data_json), (json{{"text", "later"}, {"language", "en"}}));
        const auto second = reader.next();
        ASSERT_TRUE(second) << piece;
        EXPECT_EQ(second->type, "describe");
        EXPECT_FALSE(reader.next());
    }
}

TEST(Event, RefusesWhatIsNoneOrTooLong) {
    for (const char* line :
         {"[]\n", "{\"type\":1}\n", "{}\n", "no\n", "{\"type\":\"x\",\"data_length\":-1}\n",
          "{\"type\":\"x\",\"data_length\":65537}\n", "{\"type\":\"x\",\"payload_length\":1048577}\n",
          "{\"type\":\"x\",\"data_length\":2}\n[]", "{\"type\":\"x\",\"data_length\":1.5}\n"}) {
        EXPECT_FALSE(EventReader().feed(line)) << line;
    }
    EXPECT_FALSE(EventReader().feed(std::string(kLineBytesMax + 1, 'x')));
    EventReader reader;
    ASSERT_TRUE(reader.feed("{\"type\":\"audio-chunk\",\"payload_length\":1048576}\n"));
    for (int i = 0; i < 16; ++i) {
        ASSERT_TRUE(reader.feed(std::string(65536, 'a')));
        EXPECT_EQ(reader.waiting(), 0U) << "audio is skipped, never kept";
    }
    EXPECT_EQ(reader.next()->type, "audio-chunk");
}

TEST(Event, WritesWhatItReads) {
    EventReader reader;
    ASSERT_TRUE(reader.feed(write_event("handled", R"({"text":"ok"})")));
    const auto event = reader.next();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, "handled");
    EXPECT_EQ(event->data_json, R"({"text":"ok"})");
}

TEST(Allow, AddressesAndNetworks) {
    const auto allow = Allow::parse({"192.0.2.7", "198.51.100.0/24", "2001:db8::/32", "fe80::7"});
    ASSERT_TRUE(allow);
    for (const char* in :
         {"192.0.2.7", "::ffff:192.0.2.7", "198.51.100.200", "2001:db8:1::5", "fe80::7%eth0"}) {
        EXPECT_TRUE(allow->lets_in(in)) << in;
    }
    for (const char* out : {"192.0.2.8", "198.51.101.1", "2001:db9::1", "", "x", "::ffff:192.0.2.8",
                            "127.0.0.1", "::1", "fe80::8%eth0"}) {
        EXPECT_FALSE(allow->lets_in(out)) << out;
    }
    for (const char* here : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(Allow().lets_in(here)) << here;
    }
    EXPECT_FALSE(Allow().lets_in("192.0.2.7")) << "with no list, this machine alone";
    for (const char* bad :
         {"", "x", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "2001:db8::/129", "1.2.3"}) {
        EXPECT_FALSE(Allow::parse({bad})) << bad;
    }
    EXPECT_TRUE(Allow::parse({"0.0.0.0/0"})->lets_in("203.0.113.1"));
}

TEST(Info, HasEveryKeyThatClientsRequire) {
    const json info = json::parse(info_json("0.1.0", {"en", "de"}));
    for (const char* list : {"asr", "tts", "handle", "intent", "wake", "mic", "snd"}) {
        EXPECT_TRUE(info.at(list).is_array()) << list;
    }
    const json& program = info["handle"].at(0);
    const json& model = program.at("models").at(0);
    for (const json* artifact : {&program, &model}) {
        for (const char* key : {"name", "attribution", "installed", "description", "version"}) {
            EXPECT_TRUE(artifact->contains(key)) << key;
        }
        EXPECT_TRUE((*artifact)["attribution"].contains("name"));
        EXPECT_TRUE((*artifact)["attribution"].contains("url"));
    }
    EXPECT_EQ(model["languages"], json({"en", "de"}));
    EXPECT_EQ(program["supports_home_control"], true);
}

}  // namespace
}  // namespace ambit::wyoming

// What a Bluetooth sensor sends, and the way from what BlueZ has to hearing it.
#include "wearable/sensor.h"

#include <gmock/gmock.h>

#include "wearable/bluez_objects.h"
#include "wearable/heart_measurement.h"

namespace ambit::wearable {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeartMeasurementTest, ReadsWhatSensorsSend) {
    const auto plain = parse_measurement(Bytes{0x00, 62});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->beats_per_min, 62);
    EXPECT_FALSE(plain->contact);
    EXPECT_THAT(plain->intervals_ms, IsEmpty());
    const auto all = parse_measurement(Bytes{0x1F, 0x2C, 0x01, 0x10, 0x00, 0x00, 0x04, 0x00, 0x02});
    ASSERT_TRUE(all);
    EXPECT_EQ(all->beats_per_min, 300);
    EXPECT_EQ(all->contact, true);
    EXPECT_THAT(all->intervals_ms, ElementsAre(1000, 500));
    EXPECT_EQ(parse_measurement(Bytes{0x04, 62})->contact, false);
    EXPECT_FALSE(parse_measurement(Bytes{0x02, 62})->contact) << "it can't tell";
    EXPECT_THAT(parse_measurement(Bytes{0x10, 62})->intervals_ms, IsEmpty());
}

TEST(HeartMeasurementTest, RefusesWhatIsNone) {
    EXPECT_FALSE(parse_measurement({}));
    for (const Bytes& bytes :
         {Bytes{0x00}, Bytes{0x01, 62}, Bytes{0x08, 62}, Bytes{0x08, 62, 1}, Bytes{0x00, 62, 1},
          Bytes{0x10, 62, 1}, Bytes(kMeasurementBytesMax + 1, 0x10)}) {
        EXPECT_FALSE(parse_measurement(bytes)) << to_hex(bytes);
    }
}

class BluezObjectsTest : public testing::Test {
  protected:
    BluezStep step() { return next_step(objects, "a0:b1:C2:d3:e4:f5").step; }

    BluezObject& device() { return objects["/org/bluez/hci0/dev_1"]; }

    BluezObject& measurement() { return objects["/org/bluez/hci0/dev_1/service1/char2"]; }

    BluezObjects objects;
};

TEST_F(BluezObjectsTest, StepByStep) {
    EXPECT_EQ(step(), BluezStep::NoBluetooth);
    objects["/org/bluez/hci0"].adapter = true;
    EXPECT_EQ(step(), BluezStep::NoBluetooth) << "it is off";
    objects["/org/bluez/hci0"].powered = true;
    EXPECT_EQ(step(), BluezStep::Discover);
    objects["/org/bluez/hci0"].discovering = true;
    EXPECT_EQ(step(), BluezStep::Discovering);
    objects["/org/bluez/hci0/dev_2"].address = "00:00:00:00:00:01";
    EXPECT_EQ(step(), BluezStep::Discovering) << "somebody else's";
    device().address = "A0:B1:C2:D3:E4:F5";
    EXPECT_EQ(next_step(objects, "A0:B1:C2:D3:E4:F5").path, "/org/bluez/hci0/dev_1");
    EXPECT_EQ(step(), BluezStep::Connect);
    device().connected = true;
    EXPECT_EQ(step(), BluezStep::WaitServices);
    device().resolved = true;
    EXPECT_EQ(step(), BluezStep::NoHeartRate);
    objects["/org/bluez/hci0/dev_10/char"].uuid = "00002a37-0000-1000-8000-00805f9b34fb";
    EXPECT_EQ(step(), BluezStep::NoHeartRate) << "that one is another device's";
    measurement().uuid = "00002a37-0000-1000-8000-00805f9b34fb";
    EXPECT_EQ(step(), BluezStep::Notify);
    measurement().notifying = true;
    EXPECT_EQ(step(), BluezStep::Listening);
    device().connected = false;
    EXPECT_EQ(step(), BluezStep::Connect) << "whatever else is still said of it";
}

TEST(SensorTest, Addresses) {
    EXPECT_TRUE(is_address("A0:B1:C2:D3:E4:F5"));
    EXPECT_TRUE(is_address("a0:b1:c2:d3:e4:f5"));
    for (const char* text :
         {"", "A0:B1:C2:D3:E4", "A0-B1-C2-D3-E4-F5", "A0:B1:C2:D3:E4:G5", "A0:B1:C2:D3:E4:F5 "}) {
        EXPECT_FALSE(is_address(text)) << text;
    }
}

}  // namespace
}  // namespace ambit::wearable

#!/usr/bin/env python3
"""A Bluetooth heart-rate sensor on a watch's daemon: found, connected and heard through BlueZ's D-Bus interface, which
python-dbusmock stands for, so there is no radio; nonsense, somebody else's signals, a sensor that goes away, and a BlueZ
or a bus that goes away or stalls, are survived.

Needs dbus-daemon, and python3 with dbus and dbusmock; without them it is skipped.
"""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "demo"))
from household import Household, exit_with, wait_for  # noqa: E402
from waiting import PATIENCE  # noqa: E402

try:
    import dbus
    import dbusmock  # noqa: F401  (run as a program)
except ImportError:
    dbus = None

SKIPPED = 77
BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
ADDRESS = "A0:B1:C2:D3:E4:F5"
ADAPTER = "/org/bluez/hci0"
DEVICE = ADAPTER + "/dev_" + ADDRESS.replace(":", "_")
MEASUREMENT = DEVICE + "/service0010/char0011"
ADAPTER_1, DEVICE_1, CHARACTERISTIC_1 = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.GattCharacteristic1"
MOCK = "org.freedesktop.DBus.Mock"
QUIET_SECONDS = 2


def turns_on(interface, *properties):
    """What a method of the mock does."""
    values = ", ".join(f"'{name}': dbus.Boolean(True)" for name in properties)
    return f"self.UpdateProperties('{interface}', {{{values}}})"


class Bus:
    """A system bus of its own, and a mock BlueZ on it."""

    def __init__(self, folder):
        self.folder, self.socket, self._bluez = folder, folder / "bus", None
        (folder / "bus.xml").write_text(BUS.format(socket=self.socket))
        self.address = os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.socket}"
        self._daemon = self._spawn(["dbus-daemon", "--nofork", f"--config-file={folder / 'bus.xml'}"])
        wait_for("the bus", self.socket.exists)
        self.connection = dbus.bus.BusConnection(self.address)

    def _spawn(self, command):
        with open(self.folder / "bus.log", "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_bluez(self):
        self._bluez = self._spawn([sys.executable, "-m", "dbusmock", "--system", "-m", "org.bluez", "/", "org.bluez.Root"])
        wait_for("BlueZ", lambda: self.connection.name_has_owner("org.bluez"))
        self.add(ADAPTER, ADAPTER_1, {"Powered": True, "Discovering": False},
                 [("SetDiscoveryFilter", "a{sv}", "", ""), ("StopDiscovery", "", "", ""),
                  ("StartDiscovery", "", "", turns_on(ADAPTER_1, "Discovering"))])

    def stop_bluez(self):
        self._bluez.kill()
        self._bluez.wait()
        wait_for("BlueZ is gone", lambda: not self.connection.name_has_owner("org.bluez"))

    def freeze_bluez(self):
        self._bluez.send_signal(signal.SIGSTOP)

    def thaw_bluez(self):
        self._bluez.send_signal(signal.SIGCONT)

    def freeze(self):
        """The bus itself takes connections and says nothing."""
        self._daemon.send_signal(signal.SIGSTOP)

    def stop(self):
        for process in (self._bluez, self._daemon):
            if process:
                process.kill()
                process.wait()

    def object(self, path, interface=MOCK):
        return dbus.Interface(self.connection.get_object("org.bluez", path, introspect=False), interface)

    def add(self, path, interface, properties, methods):
        properties = dbus.Dictionary(properties, signature="sv")
        self.object("/").AddObject(path, interface, properties, dbus.Array(methods, signature="(ssss)"))
        # The mock says this only of objects below another one.
        added = dbus.Dictionary({interface: properties}, signature="sa{sv}")
        self.object("/").EmitSignal("org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}",
                                    dbus.Array([dbus.ObjectPath(path), added], signature="v"))

    def add_sensor(self, uuid="00002a37-0000-1000-8000-00805f9b34fb"):
        self.add(DEVICE, DEVICE_1, {"Address": ADDRESS, "Connected": False, "ServicesResolved": False}, [
            ("Connect", "", "", turns_on(DEVICE_1, "Connected", "ServicesResolved"))])
        self.add(MEASUREMENT, CHARACTERISTIC_1, {"UUID": uuid, "Notifying": False, "Value": dbus.Array([], signature="y")}, [
            ("StartNotify", "", "", turns_on(CHARACTERISTIC_1, "Notifying"))])

    def change(self, path, interface, properties):
        self.object(path).UpdateProperties(interface, dbus.Dictionary(properties, signature="sv"))

    def calls(self, path, method):
        return len(self.object(path).GetMethodCalls(method))

    def notify(self, value):
        self.change(MEASUREMENT, CHARACTERISTIC_1, {"Value": dbus.Array(value, signature="y")})

    def forge(self, value):
        """The same signal as notify(), from somebody else: to all, and to each connection by itself."""
        stranger = dbus.bus.BusConnection(self.address)
        for name in [None, *(name for name in stranger.list_names() if name.startswith(":"))]:
            signal = dbus.lowlevel.SignalMessage(MEASUREMENT, "org.freedesktop.DBus.Properties", "PropertiesChanged")
            signal.append(CHARACTERISTIC_1, {"Value": dbus.Array(value, signature="y")}, dbus.Array([], signature="s"),
                          signature="sa{sv}as")
            if name:
                signal.set_destination(name)
            stranger.send_message(signal)
        stranger.flush()
        stranger.close()


def measurement(interval_ms, count, contact=True):
    """So many intervals with a rate of 60, as the Heart Rate Service says it."""
    value = [0x10 | 0x04 | (0x02 if contact else 0), 60]
    for index in range(count):
        ticks = round((interval_ms + (20 if index % 2 else -20)) * 1024 / 1000)
        value += [ticks & 0xFF, ticks >> 8]
    return value


def health(device):
    item = next((item for item in device.api.get("doctor")["items"] if item["key"] == "wearable.sensor"), None)
    return item and ("ok" if item["ok"] else item["error"]["name"])


def heart(device):
    return next((fact["value"] for fact in device.facts("person:*") if fact["attribute"] == "heart"), {})


def beats_of(device):
    return round(heart(device).get("beats_per_min", 0))


def found_and_heard(bus, watch):
    wait_for("no BlueZ is told", lambda: health(watch) == "WearableNoBluetooth")
    bus.start_bluez()
    wait_for("it looks for the sensor", lambda: bus.calls(ADAPTER, "StartDiscovery") == 1)
    wait_for("and says that it is away", lambda: health(watch) == "WearableLost")
    bus.add(ADAPTER + "/dev_00_00_00_00_00_01", DEVICE_1, {"Address": "00:00:00:00:00:01", "Connected": False},
            [("Connect", "", "", "")])
    bus.add_sensor()
    wait_for("it is heard", lambda: health(watch) == "ok")
    assert bus.calls(ADAPTER, "StopDiscovery") == 1, "it looks no longer"
    assert bus.calls(ADAPTER + "/dev_00_00_00_00_00_01", "Connect") == 0, "a stranger's sensor is left alone"
    bus.notify(measurement(750, 90))
    wait_for("a minute of 80 beats", lambda: beats_of(watch) == 80)
    assert abs(heart(watch)["rmssd_ms"] - 40) < 1 and heart(watch)["artefacts"] == 0, heart(watch)


def nonsense(bus, watch):
    some = random.Random(4)
    for size in range(0, 64):
        # Bit 4 is what a measurement of intervals needs, and the contact bits say that it touches nothing.
        bus.notify([some.randrange(256) & 0xE9 | 0x04, *(some.randrange(256) for _ in range(size))])
    bus.notify(measurement(500, 255, contact=False))
    bus.change(MEASUREMENT, CHARACTERISTIC_1, {"Value": "text"})
    bus.forge(measurement(500, 255))
    time.sleep(QUIET_SECONDS)
    assert beats_of(watch) == 80, heart(watch)
    assert health(watch) == "ok"


def comes_back(bus, watch):
    connects = bus.calls(DEVICE, "Connect")
    bus.change(MEASUREMENT, CHARACTERISTIC_1, {"Notifying": False})
    bus.change(DEVICE, DEVICE_1, {"Connected": False, "ServicesResolved": False})
    wait_for("it is connected again", lambda: bus.calls(DEVICE, "Connect") > connects)
    wait_for("and heard", lambda: health(watch) == "ok")
    bus.stop_bluez()
    wait_for("BlueZ is missed", lambda: health(watch) == "WearableNoBluetooth")
    bus.start_bluez()
    bus.add_sensor(uuid="00002a19-0000-1000-8000-00805f9b34fb")
    wait_for("a sensor without a heart rate is none", lambda: health(watch) == "WearableLost")
    bus.change(MEASUREMENT, CHARACTERISTIC_1, {"UUID": "00002a37-0000-1000-8000-00805f9b34fb"})
    wait_for("now it is one", lambda: health(watch) == "ok")
    wait_for("a minute of 60 beats", lambda: bus.notify(measurement(1000, 2)) or beats_of(watch) == 60, seconds=2 * PATIENCE,
             every=1)


def stalls(bus, watch):
    bus.freeze_bluez()
    wait_for("it is missed that BlueZ does not answer", lambda: health(watch) == "WearableNoBluetooth")
    assert "does not answer" in watch.ambit("doctor", check=False)[1]
    bus.thaw_bluez()
    wait_for("it is heard again", lambda: health(watch) == "ok")
    watch.stop()
    bus.freeze()
    watch.start()
    wait_for("it is missed that the bus does not answer", lambda: "D-Bus does not answer" in watch.ambit("doctor", check=False)[1])
    watch.stop()


def main():
    if dbus is None or not shutil.which("dbus-daemon"):
        print("MISSING: dbus-daemon, or python3 with dbus and dbusmock: the Bluetooth test did not run: ./dev setup")
        return SKIPPED
    with Household(sys.argv[1], isolated=False) as home:
        bus = Bus(home.folder)
        try:
            watch = home.add("watch", "watch", {"wearable.sensor": ADDRESS}).start()
            watch.ambit("up", "--name", "watch", "--kind", "watch", "--household", "Home", "--owner", "Anna")
            found_and_heard(bus, watch)
            nonsense(bus, watch)
            comes_back(bus, watch)
            stalls(bus, watch)
        finally:
            bus.stop()
    print("bluetooth: ok")
    return 0


if __name__ == "__main__":
    exit_with(main)

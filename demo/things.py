"""What stands in the home besides Ambit: a broker, the demo's lamps, and an observer.  None of it knows Ambit."""

import json
import os
import re
import shutil
import signal
import subprocess

from waiting import Failed, wait_for


class Things:
    """`place`: where they run; `folder`: for their logs; `lamps_program`: ambit-demo-lamps."""

    def __init__(self, place, folder, lamps_program):
        self._place, self._folder, self._lamps_program = place, folder, lamps_program
        self._children = []
        self.address = place.address
        self.port = place.free_port(1883)
        self.observed = folder / "observed.log"

    def start(self, observed=True, options=()):
        self._start_broker()
        if observed:
            self._start_observer()
        self.lamps, self.lamp_log = self.start_lamps("lamps", *options)
        if observed:
            # The last thing they say when they announce themselves.
            wait_for("the lamps announce themselves",
                     lambda: any(topic.endswith("/availability") and payload == "online"
                                 for _, topic, payload in self.messages()))

    def start_lamps(self, name, *options):
        """Another set of lamps: its process, and the log of what it is told."""
        log = self._folder / f"{name}.jsonl"
        command = [str(self._lamps_program), *self._at("--host", "--port"), "--log", str(log), *options]
        return self._start(name, command), log

    def stop(self):
        for child in reversed(self._children):
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.terminate()
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()

    def settings(self):
        """What a daemon needs to be told to bridge this broker."""
        return {"mqtt.enabled": True, "mqtt.host": self.address, "mqtt.port": self.port}

    def commands(self):
        """What the lamps say they received, in order."""
        if not self.lamp_log.exists():
            return []
        return [json.loads(line) for line in self.lamp_log.read_text().splitlines() if line.strip()]

    def messages(self):
        """(retained, topic, payload) of everything that passed the broker, as the observer saw it."""
        lines = self.observed.read_text(errors="replace").splitlines()
        rows = (re.match(r"([01])\t([^\t]*)\t?(.*)", line) for line in lines)
        return [(row[1] == "1", row[2], row[3]) for row in rows if row]

    def retained(self):
        """{topic: payload} of what the broker keeps now."""
        kept, probe = {}, "retained-probe"
        self.publish(probe, "first", retain=True)  # so that something comes
        command = ["mosquitto_sub", *self._at("-h", "-p"), "-t", "#", "-F", "%r\\t%t\\t%p"]
        with subprocess.Popen(self._place.inside(command), stdout=subprocess.PIPE, text=True, errors="replace") as sub:
            for number, line in enumerate(sub.stdout):
                row = re.match(r"([01])\t([^\t]*)\t?(.*)", line)
                if number == 0:
                    self.publish(probe, "last")  # comes after all that was kept
                if row and row[1] == "1":
                    kept[row[2]] = row[3]
                elif row and row[2] == probe:
                    break
            sub.terminate()
        self.publish(probe, "", retain=True)
        kept.pop(probe)
        return kept

    def set(self, lamp, payload):
        """Commands a lamp at the broker, past Ambit, as a wall switch would."""
        self.publish(f"demo-lamps/{lamp}/set", json.dumps(payload))

    def publish(self, topic, text, retain=False):
        subprocess.run(self._place.inside(["mosquitto_pub", *self._at("-h", "-p"), "-t", topic, *["-r"][:retain],
                                           "-s" if text else "-n"]),
                       input=text, text=True, check=True)

    def _start_broker(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not os.path.exists(program):
            raise Failed("mosquitto is missing; install it: ./dev setup")
        settings = self._folder / "mosquitto.conf"
        settings.write_text(f"listener {self.port} {self.address}\nallow_anonymous true\npersistence false\n")
        settings.chmod(0o644)
        self.broker = self._start("broker", [program, "-c", str(settings)])
        probe = self._place.inside(["mosquitto_pub", *self._at("-h", "-p"), "-t", "probe", "-n"])
        wait_for("the broker listens",
                 lambda: subprocess.run(probe, capture_output=True, check=False).returncode == 0, every=0.05)

    def _start_observer(self):
        self._start("observer", ["mosquitto_sub", *self._at("-h", "-p"), "-t", "#", "-F", "%r\\t%t\\t%p"], self.observed)

    def _at(self, host, port):
        return [host, self.address, port, str(self.port)]

    def _start(self, name, command, out=None):
        with open(out or self._folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(self._place.inside(command), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        self._children.append(process)
        return process

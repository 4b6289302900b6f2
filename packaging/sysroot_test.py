#!/usr/bin/env python3
"""The libraries for another machine are unpacked as its Debian would have them, from packages made here; and the toolchain
that builds against them takes no other.  Reaches no mirror and needs no compiler: the rest is ./dev test --arm64."""

import pathlib
import subprocess
import tempfile
import unittest

import sysroot
from debian import CannotRun

HERE = pathlib.Path(__file__).resolve().parent
LIBRARIES = "lib/aarch64-linux-gnu"


def make_package(folder, name, files=None, links=None, says="", **fields):
    """A .deb with these {path: text} and {path: target}."""
    tree = folder / "trees" / name
    (tree / "DEBIAN").mkdir(parents=True)
    fields = {"Package": name, "Version": "1.0", "Architecture": "arm64", "Multi-Arch": "same", "Maintainer": "nobody",
              "Description": "made by a test", **fields}
    (tree / "DEBIAN/control").write_text("".join(f"{field}: {value}\n" for field, value in fields.items()))
    if says:
        (tree / "DEBIAN/shlibs").write_text(says)
    for path, text in (files or {}).items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    for path, target in (links or {}).items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).symlink_to(target)
    package = folder / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, package], check=True, capture_output=True)
    return package


class Unpacked(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name).resolve()
        self.root = self.folder / "root"

    def unpack(self, *packages):
        self.root.mkdir()
        sysroot.unpack_all(packages, self.root, self.root)

    def ask_dpkg(self, *words):
        return subprocess.run(["dpkg-query", f"--admindir={self.root}/var/lib/dpkg", *words], capture_output=True, text=True,
                              check=True).stdout.strip()

    def test_one_library_folder(self):
        """/lib stays a link to /usr/lib, whichever of the two a package names."""
        self.unpack(make_package(self.folder, "old", {f"{LIBRARIES}/liba.so.1": "a"}),
                    make_package(self.folder, "new", {f"usr/{LIBRARIES}/libb.so.1": "b"}))
        self.assertTrue((self.root / "lib").is_symlink())
        for name in ("liba.so.1", "libb.so.1"):
            self.assertTrue((self.root / "usr" / LIBRARIES / name).exists(), name)

    def test_links_stay_inside(self):
        self.unpack(make_package(self.folder, "dev", {f"{LIBRARIES}/liba.so.1": "that machine's"},
                                 {f"usr/{LIBRARIES}/liba.so": f"/{LIBRARIES}/liba.so.1", "usr/include/x": "y"}))
        self.assertEqual((self.root / "usr" / LIBRARIES / "liba.so").read_text(), "that machine's")
        self.assertEqual(str((self.root / "usr/include/x").readlink()), "y")

    def test_dpkg_knows_whose(self):
        """What dpkg-shlibdeps asks: which package a library is of, and what that one says of it."""
        self.unpack(make_package(self.folder, "liba1", {f"{LIBRARIES}/liba.so.1": "a"}, says="liba 1 liba1 (>= 1.0)\n"),
                    make_package(self.folder, "tool", {"usr/bin/tool": ""}, **{"Multi-Arch": "foreign"}))
        self.assertEqual(self.ask_dpkg("--search", f"{self.root}/usr/{LIBRARIES}/liba.so.1"),
                         f"liba1:arm64: {self.root}/usr/{LIBRARIES}/liba.so.1")
        said = pathlib.Path(self.ask_dpkg("--control-path", "liba1:arm64", "shlibs"))
        self.assertEqual(said.read_text(), "liba 1 liba1 (>= 1.0)\n")
        self.assertIn(f"{self.root}/usr/bin/tool", self.ask_dpkg("--listfiles", "tool:arm64"))

    def test_what_nothing_compiles_against(self):
        self.unpack(make_package(self.folder, "dev", {"usr/include/a.h": "", "usr/share/doc/dev/long": ""}))
        self.assertTrue((self.root / "usr/include/a.h").exists())
        self.assertFalse((self.root / "usr/share/doc/dev/long").exists())

    def test_broken_package(self):
        broken = self.folder / "broken.deb"
        broken.write_bytes(b"!<arch>\nnothing")
        with self.assertRaises(CannotRun):
            self.unpack(broken)


class Chosen(unittest.TestCase):
    def test_libraries_only(self):
        chosen = sysroot.wanted(["build  g++  g++", "build  libfoo-dev", "test  libbar-dev", "build  tzdata", "tools  libtool-dev",
                                 "# build  libno-dev", "build  nlohmann-json3-dev", "test  chromium  chromium", ""])
        self.assertEqual(chosen, ["libbar-dev", "libfoo-dev", "nlohmann-json3-dev", "tzdata"])

    def test_another_list_another_place(self):
        self.assertEqual(sysroot.key("arm64", ["a"]), sysroot.key("arm64", ["a"]))
        self.assertNotEqual(sysroot.key("arm64", ["a"]), sysroot.key("arm64", ["a", "b"]))
        self.assertNotEqual(sysroot.key("arm64", ["a"]), sysroot.key("armhf", ["a"]))

    def test_real_list(self):
        """Every library of the project, and none of its tools."""
        chosen = sysroot.wanted((HERE / "apt-packages.txt").read_text().splitlines())
        self.assertLess({"libssl-dev", "libsodium-dev", "libgtest-dev", "tzdata", "nlohmann-json3-dev"}, set(chosen))
        self.assertFalse({"g++", "protobuf-compiler", "mosquitto", "libclang-rt-14-dev"} & set(chosen))


class Toolchain(unittest.TestCase):
    def configure(self, made):
        """What cmake says to the toolchain file, where the sysroot is made and where not."""
        with tempfile.TemporaryDirectory() as name:
            place = pathlib.Path(name)
            (place / "cmake").mkdir()
            (place / "cmake/arm64.cmake").write_text((HERE.parent / "cmake/arm64.cmake").read_text())
            (place / "cmake/print.cmake").write_text(
                "include(${CMAKE_CURRENT_LIST_DIR}/arm64.cmake)\n"
                'message("${CMAKE_SYSROOT} $ENV{PKG_CONFIG_LIBDIR} ${CMAKE_FIND_ROOT_PATH_MODE_LIBRARY}")\n')
            if made:
                (place / "kept/usr/include").mkdir(parents=True)
                (place / "build").mkdir()
                (place / "build/sysroot-arm64").symlink_to(place / "kept")
            done = subprocess.run(["cmake", "-P", place / "cmake/print.cmake"], capture_output=True, text=True, check=False)
            return done, str((place / "kept").resolve())

    def test_without_sysroot(self):
        done, _ = self.configure(made=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("./dev build arm64", " ".join(done.stderr.split()))

    def test_nothing_of_this_machine(self):
        done, kept = self.configure(made=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        root, packages, mode = done.stderr.split()
        self.assertEqual(root, kept)
        self.assertTrue(all(path.startswith(f"{kept}/usr/") for path in packages.split(":")), packages)
        self.assertEqual(mode, "ONLY")


if __name__ == "__main__":
    unittest.main()

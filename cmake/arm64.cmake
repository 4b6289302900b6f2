# The toolchain of preset arm64: this machine's compiler for another one, against that one's Debian (packaging/sysroot.py),
# with its programs emulated for the tests.  ./dev build arm64 makes the link to the sysroot.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# The link's target is the same for every checkout, so that they share ccache's results.
file(REAL_PATH ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-arm64 CMAKE_SYSROOT)
if(NOT IS_DIRECTORY ${CMAKE_SYSROOT}/usr/include)
    message(FATAL_ERROR "there is no sysroot at ${CMAKE_SYSROOT}.  Run: ./dev build arm64")
endif()

# Libraries are that machine's and nothing else; programs such as protoc are this one's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
    set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# In the cache for packaging/deb/build, which runs and asks the same.
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64-static;-L;${CMAKE_SYSROOT}" CACHE INTERNAL "")
set(AMBIT_ARCHITECTURE arm64 CACHE INTERNAL "Debian's word for that machine")
set(AMBIT_SYSROOT ${CMAKE_SYSROOT} CACHE INTERNAL "Debian's libraries for it")

# What a preset can choose (CMakePresets.json).
option(AMBIT_TESTS "Build tests, test programs and benchmarks" ON)
option(AMBIT_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(AMBIT_UNITY "Compile the files of a library together: faster from nothing, slower after a change" OFF)
option(AMBIT_AVAHI "Find devices on the local network through Avahi, where its library is" ON)
option(AMBIT_WERROR "Warnings are errors" ON)
set(AMBIT_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize= takes them")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor)
# gcc 12 with -O2 sees errors in std::optional, std::variant and std::vector that are not there.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# In a file that includes several, gcc takes what is local to one of them for something in a header.
if(AMBIT_UNITY)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
endif()
if(AMBIT_WERROR)
    add_compile_options(-Werror)
endif()
if(AMBIT_SANITIZE)
    add_compile_options(-fsanitize=${AMBIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${AMBIT_SANITIZE})
endif()

find_program(AMBIT_CCACHE ccache)
if(AMBIT_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${AMBIT_CCACHE})
endif()
# A compiler for another machine looks for a linker named after that one, which mold has none of.
find_program(AMBIT_MOLD mold)
if(AMBIT_MOLD AND NOT CMAKE_CROSSCOMPILING)
    add_link_options(-fuse-ld=mold)
endif()

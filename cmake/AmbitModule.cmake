# With AMBIT_UNITY the compiler gets several files of a target at once: half the work from nothing, since most of it is
# the same headers and templates again.  tests/shape/together.py keeps the files fit for it.
function(ambit_together target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${AMBIT_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# How long one unit test may take: far longer than any does, and an emulator takes its time.
set(AMBIT_TEST_SECONDS 120)
if(CMAKE_CROSSCOMPILING)
    set(AMBIT_TEST_SECONDS 600)
endif()

# ambit_module(DIR [APART] [LINK module...] [PRIVATE library...])
# One directory = one noun = one static library `ambit_<noun>`.  Files ending in _test.cpp become the program
# <noun>_test, *_fuzz.cpp become one fuzz target each (preset `fuzz`) and also run their corpus as ordinary tests.
# APART: each file is always compiled by itself, because file-local names repeat in the directory.
function(ambit_module dir)
    cmake_parse_arguments(arg "APART" "" "LINK;PRIVATE" ${ARGN})
    get_filename_component(name ${dir} NAME)
    get_filename_component(root ${CMAKE_SOURCE_DIR}/${dir} DIRECTORY)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*.cpp)
    set(tests ${sources})
    set(fuzzers ${sources})
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz|testing)\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_(test|testing)\\.cpp$")
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

    if(sources)
        add_library(ambit_${name} STATIC ${sources})
        set(kind PUBLIC)
        if(NOT arg_APART)
            ambit_together(ambit_${name})
        endif()
        target_link_libraries(ambit_${name} PRIVATE ${arg_PRIVATE})
    else()
        add_library(ambit_${name} INTERFACE)
        set(kind INTERFACE)
    endif()
    target_include_directories(ambit_${name} ${kind} ${root})
    list(TRANSFORM arg_LINK PREPEND ambit_)
    target_link_libraries(ambit_${name} ${kind} ${arg_LINK})

    if(AMBIT_TESTS AND tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE ambit_${name} ${arg_PRIVATE} GTest::gmock_main)
        gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT ${AMBIT_TEST_SECONDS})
    endif()
    foreach(fuzzer ${fuzzers})
        ambit_fuzzer(${fuzzer} ${name} "${arg_PRIVATE}")
    endforeach()
endfunction()

# Every fuzzer, and nothing that fuzzing does not need.
if(AMBIT_FUZZ)
    add_custom_target(fuzzers)
endif()

# With AMBIT_FUZZ a libFuzzer program; otherwise a program that runs the corpus once, as a test.
function(ambit_fuzzer source module libraries)
    get_filename_component(name ${source} NAME_WE)
    if(AMBIT_FUZZ)
        add_executable(${name} ${source})
        add_dependencies(fuzzers ${name})
        target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    elseif(AMBIT_TESTS)
        add_executable(${name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus_runner.cpp)
        set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
        add_test(NAME fuzz-corpus.${name} COMMAND ${name} ${corpus})
    else()
        return()
    endif()
    target_link_libraries(${name} PRIVATE ambit_${module} ${libraries})
endfunction()

# The same bits from the same numbers on every machine: nothing is fused that is not written so, and the inner loops
# are compiled for each instruction set and chosen at run time.  None of these flags changes a value.
function(ambit_exact_arithmetic dir)
    get_filename_component(name ${dir} NAME)
    target_compile_options(ambit_${name} PRIVATE -ffp-contract=off -fno-math-errno -fno-trapping-math)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        set_source_files_properties(${CMAKE_SOURCE_DIR}/${dir}/tile_avx512.cpp PROPERTIES COMPILE_OPTIONS -mavx512f)
        set_source_files_properties(${CMAKE_SOURCE_DIR}/${dir}/tile_avx2.cpp PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma")
    endif()
    # Loops over numbers, which -O2 of gcc 12 would leave one by one; without sanitizers, which check each of them.
    if(NOT AMBIT_SANITIZE)
        foreach(file numeric.cpp integer.cpp tile_any.cpp tile_avx2.cpp tile_avx512.cpp)
            set_property(SOURCE ${CMAKE_SOURCE_DIR}/${dir}/${file} APPEND PROPERTY COMPILE_OPTIONS -O3)
        endforeach()
    endif()
endfunction()

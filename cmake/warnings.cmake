# Warnings for our own targets; a warning is an error.
add_library(quotad_warnings INTERFACE)
target_compile_options(
  quotad_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
            -Werror
            # Members that a designated initialiser leaves out have their default: that is the point.
            -Wno-missing-field-initializers
            # g++ 12 sees these in the library's own inlined code, where they are not.
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer
                                     -Wno-mismatched-new-delete -Wno-array-bounds
                                     -Wno-stringop-overflow -Wno-stringop-overread>)

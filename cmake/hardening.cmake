# How everything is built: hardened, or with the sanitizers.
add_library(quotad_build INTERFACE)
if(QUOTAD_SANITIZE)
  target_compile_options(quotad_build INTERFACE -fsanitize=${QUOTAD_SANITIZERS}
                                                -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(quotad_build INTERFACE -fsanitize=${QUOTAD_SANITIZERS})
  if(QUOTAD_SANITIZERS STREQUAL thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio's fences, which ThreadSanitizer does not see; its locks it does.
    target_compile_options(quotad_build INTERFACE -Wno-tsan)
  endif()
  if(QUOTAD_FUZZ) # libFuzzer sees which way an input took
    target_compile_options(quotad_build INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(quotad_build INTERFACE -fsanitize=fuzzer-no-link)
  endif()
else()
  target_compile_options(quotad_build INTERFACE -fstack-protector-strong
                                                $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
  target_link_options(quotad_build INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack
                                             -Wl,--as-needed)
  # What nobody calls is left out, and -O2 is enough: with -O3 the program is a fifth larger and starts
  # no sooner (docs/performance.md).
  target_compile_options(quotad_build INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(quotad_build INTERFACE -Wl,--gc-sections)
  # A tenth of a megabyte of relocations, packed, where linker and C library know how.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs QUOTAD_PACKS_RELOCATIONS)
  if(QUOTAD_PACKS_RELOCATIONS)
    target_link_options(quotad_build INTERFACE -Wl,-z,pack-relative-relocs)
  endif()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()
target_compile_definitions(
  quotad_build INTERFACE QUOTAD_VERSION="${PROJECT_VERSION}"
                         # Only what this project uses of Asio.
                         BOOST_ASIO_NO_DEPRECATED)

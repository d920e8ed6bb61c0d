# Compiles by way of ccache where it is installed: all build folders and clones share what was compiled.
# The compiler is told apart by its content, and paths below the source folder do not count.
option(QUOTAD_CCACHE "Use ccache where it is installed" ON)
find_program(CCACHE_PROGRAM ccache)
if(QUOTAD_CCACHE AND CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_COMPILERCHECK=content CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess) # without it ccache cannot see through precompiled headers
  endif()
endif()

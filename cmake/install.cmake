# What is installed: the program, what others may link (quotad::protocol and quotad::backend, by
# find_package(quotad)), units of systemd, and what man and shells read.
include(CMakePackageConfigHelpers)

install(TARGETS quotad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(
  TARGETS protocol backend
  EXPORT quotad-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/quotad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
  EXPORT quotad-targets
  NAMESPACE quotad::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/quotad)
configure_package_config_file(cmake/quotad-config.cmake.in quotad-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/quotad)
write_basic_package_version_file(quotad-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quotad-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/quotad-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/quotad)

# Units for the user's own systemd.
foreach(unit quotad.service quotad.socket)
  configure_file(cmake/${unit}.in ${unit} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${unit} DESTINATION lib/systemd/user)
endforeach()

# The man page and the completions, which the program prints, where man and each shell look for them.
# quotad_prints(FOLDER NAME WORDS…)
function(quotad_prints folder name)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/printed/${name})
  add_custom_command(
    OUTPUT ${file}
    COMMAND quotad ${ARGN} > ${file}
    DEPENDS quotad
    VERBATIM)
  set_property(TARGET printed APPEND PROPERTY SOURCES ${file})
  install(FILES ${file} DESTINATION ${folder})
endfunction()
if(NOT CMAKE_CROSSCOMPILING) # then the program does not run here
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/printed)
  add_custom_target(printed ALL)
  quotad_prints(${CMAKE_INSTALL_MANDIR}/man1 quotad.1 man-page)
  quotad_prints(${CMAKE_INSTALL_DATADIR}/bash-completion/completions quotad completion bash)
  quotad_prints(${CMAKE_INSTALL_DATADIR}/zsh/site-functions _quotad completion zsh)
  quotad_prints(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d quotad.fish completion fish)
endif()

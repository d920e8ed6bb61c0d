# What is installed: the program, what others may link (quotad::protocol and quotad::backend, by
# find_package(quotad)), and units of systemd.
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

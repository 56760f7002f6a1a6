# debian.cmake - make a Debian package of the command with CPack: see scripts/deb.sh
#
# The command contains the library's code (LC_STATIC_PROGRAM). What Debian requires of every package
# is made here: a copyright file, a changelog, compressed texts.

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL command)
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME llava-check)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGE_CONTACT "${LC_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
string(CONCAT CPACK_COMPONENT_COMMAND_DESCRIPTION
    "Checks rows in LLaVA's raw format and their images before a training job\n"
    "runs on them, and reports what the training program would do with each:\n"
    "it follows Python's json and Pillow. Results are kept, so a second run\n"
    "reads only what changed.")

# Compress a text as Debian requires: with the best ratio, without a time stamp.
find_program(LC_GZIP gzip REQUIRED)
string(TIMESTAMP LC_DEB_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(packaging/debian/changelog.in debian/changelog @ONLY)
set(LC_DEB_TEXTS ${CMAKE_CURRENT_BINARY_DIR}/debian)
add_custom_command(OUTPUT ${LC_DEB_TEXTS}/changelog.Debian.gz ${LC_DEB_TEXTS}/llava-check.1.gz
    COMMAND ${LC_GZIP} -9nc ${LC_DEB_TEXTS}/changelog > ${LC_DEB_TEXTS}/changelog.Debian.gz
    COMMAND ${LC_GZIP} -9nc ${LC_WRITTEN}/llava-check.1 > ${LC_DEB_TEXTS}/llava-check.1.gz
    DEPENDS ${LC_WRITTEN}/llava-check.1 ${LC_DEB_TEXTS}/changelog VERBATIM)
add_custom_target(debian ALL DEPENDS ${LC_DEB_TEXTS}/changelog.Debian.gz)
install(FILES ${LC_DEB_TEXTS}/llava-check.1.gz DESTINATION share/man/man1 COMPONENT command)
install(FILES packaging/debian/copyright ${LC_DEB_TEXTS}/changelog.Debian.gz
        DESTINATION share/doc/llava-check COMPONENT command)

include(CPack)

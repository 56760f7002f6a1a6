# install.cmake - what cmake --install installs, in the folders of GNUInstallDirs
#
# Components are for packages: the command, the library, and the files for compiling with it.

# relative to the .pc file, so that it is right wherever cmake --install --prefix puts that
file(RELATIVE_PATH LC_PREFIX_FROM_PC
     ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/llava-check.pc.in llava-check.pc @ONLY)

install(TARGETS llava-check RUNTIME COMPONENT command)
install(TARGETS llava_check LIBRARY COMPONENT library NAMELINK_COMPONENT development
        FILE_SET HEADERS COMPONENT development)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/llava-check.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
set(LC_ZSH_FUNCTIONS site-functions)
if(LC_DEBIAN) # where the man page is compressed
    set(LC_ZSH_FUNCTIONS vendor-completions)
else()
    install(FILES ${LC_WRITTEN}/llava-check.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
            COMPONENT command)
endif()
install(FILES ${LC_WRITTEN}/llava-check.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME llava-check COMPONENT command)
install(FILES ${LC_WRITTEN}/_llava-check
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${LC_ZSH_FUNCTIONS} COMPONENT command)
install(FILES ${LC_WRITTEN}/llava-check.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT command)

# install.cmake - what cmake --install puts down, in the places of GNUInstallDirs

# relative to itself: right wherever cmake --install --prefix puts it
file(RELATIVE_PATH LC_PREFIX_FROM_PC
     ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/llava-check.pc.in llava-check.pc @ONLY)

install(TARGETS llava-check llava_check FILE_SET HEADERS)
install(FILES ${LC_WRITTEN}/llava-check.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${LC_WRITTEN}/llava-check.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME llava-check)
install(FILES ${LC_WRITTEN}/_llava-check
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${LC_WRITTEN}/llava-check.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/llava-check.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

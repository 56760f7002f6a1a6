# wheel.cmake - what scikit-build-core puts into a wheel: the command goes to the environment's
# scripts, the library into the Python package
#
# An environment may be moved, and wheels cannot contain links. Therefore the command contains the
# library's code (LC_STATIC_PROGRAM), and the library has a single name, without a version.

install(TARGETS llava_check LIBRARY DESTINATION ${SKBUILD_PLATLIB_DIR}/llava_check/_lib)
install(TARGETS llava-check RUNTIME DESTINATION ${SKBUILD_SCRIPTS_DIR})
install(FILES ${LC_WRITTEN}/llava-check.1 DESTINATION ${SKBUILD_DATA_DIR}/share/man/man1)
install(FILES ${LC_WRITTEN}/llava-check.bash
        DESTINATION ${SKBUILD_DATA_DIR}/share/bash-completion/completions
        RENAME llava-check)
install(FILES ${LC_WRITTEN}/_llava-check
        DESTINATION ${SKBUILD_DATA_DIR}/share/zsh/site-functions)
install(FILES ${LC_WRITTEN}/llava-check.fish
        DESTINATION ${SKBUILD_DATA_DIR}/share/fish/vendor_completions.d)
# The licences of the libraries inside, in a folder for each
set(LC_LICENCES "" CACHE PATH "Licences of libraries that are linked statically")
if(LC_LICENCES)
    install(DIRECTORY ${LC_LICENCES}/ DESTINATION ${SKBUILD_METADATA_DIR}/licenses/libraries)
endif()

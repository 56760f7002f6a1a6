# embed.cmake - make a C file from the HTML report's template, style and script, with the
# hashes for its Content-Security-Policy: cmake -DSOURCE=… -DSTYLE=… -DSCRIPT=…
# -DOUTPUT=… -P embed.cmake; STYLE and SCRIPT are lists of files in SOURCE

# Convert CMake's hexadecimal SHA-256 to base64, as a Content-Security-Policy needs it
function(base64_of_hex hex out)
    set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    set(text "")
    foreach(at RANGE 0 60 6) # the last four digits are padded with zeros
        string(SUBSTRING "${hex}00" ${at} 6 digits)
        foreach(shift 18 12 6 0)
            math(EXPR index "(0x${digits} >> ${shift}) & 63")
            string(SUBSTRING "${alphabet}" ${index} 1 sign)
            string(APPEND text "${sign}")
        endforeach()
    endforeach()
    string(SUBSTRING "${text}" 0 43 text)
    set(${out} "${text}=" PARENT_SCOPE)
endfunction()

# Append the contents of files, one after the other
function(embed name)
    set(whole ${OUTPUT}.${name})
    file(WRITE ${whole} "")
    foreach(file ${ARGN})
        file(READ ${SOURCE}/${file} part)
        file(APPEND ${whole} "${part}")
    endforeach()
    file(READ ${whole} hex HEX)
    string(FIND "${hex}" "3c2f" end) # "</" may end the element around the text
    if(NOT end EQUAL -1 AND NOT name STREQUAL "page")
        message(FATAL_ERROR "${name}: holds \"</\"")
    endif()
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    file(SHA256 ${whole} hash)
    base64_of_hex(${hash} base64)
    file(APPEND ${OUTPUT}
         "static const unsigned char ${name}[] = {${bytes}};\n"
         "const struct lc_asset lc_asset_${name} = {\n"
         "    (const char *)${name}, sizeof(${name}), \"sha256-${base64}\"};\n")
endfunction()

file(WRITE ${OUTPUT} "#include \"report/html/assets.h\"\n")
embed(page page.html)
embed(style ${STYLE})
embed(script ${SCRIPT})

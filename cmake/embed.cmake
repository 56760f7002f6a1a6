# embed.cmake - make a C file of the HTML report's style and script, with the hashes that
# its Content-Security-Policy names: cmake -DSOURCE=… -DOUTPUT=… -P embed.cmake

# SHA-256 as a Content-Security-Policy has it: base64, where CMake gives hexadecimal
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

function(embed name file)
    file(READ ${file} hex HEX)
    string(FIND "${hex}" "3c2f" end) # "</" may end the element that it stands in
    if(NOT end EQUAL -1)
        message(FATAL_ERROR "${file}: holds \"</\"")
    endif()
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    file(SHA256 ${file} hash)
    base64_of_hex(${hash} base64)
    file(APPEND ${OUTPUT}
         "static const unsigned char ${name}[] = {${bytes}};\n"
         "const struct lc_asset lc_asset_${name} = {\n"
         "    (const char *)${name}, sizeof(${name}), \"sha256-${base64}\"};\n")
endfunction()

file(WRITE ${OUTPUT} "#include \"report/assets.h\"\n")
embed(style ${SOURCE}/report.css)
embed(script ${SOURCE}/report.js)

# python.cmake - the interpreters that run the tests, with the modules that they import
#
# Missing modules are reported here, by Debian package, not by a failing test after the build.

# Each module with its package, which scripts/setup.sh installs
set(LC_PYTHON_MODULES
    pytest     python3-pytest
    PIL        python3-pil
    jsonschema python3-jsonschema
    lmdb       python3-lmdb
    xxhash     python3-xxhash
    yaml       python3-yaml)

# The distribution's Python, because image verdicts are compared with its Pillow
find_program(LC_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT LC_PYTHON)
    message(FATAL_ERROR
        "the tests need /usr/bin/python3. On Debian: apt-get install python3 "
        "(or configure with -DBUILD_TESTING=OFF)")
endif()

# Print the packages of the modules that cannot be imported
set(LC_FIND_MISSING "
import importlib, sys
for module, package in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        importlib.import_module(module)
    except ImportError:
        print(package, end=' ')
")
execute_process(COMMAND ${LC_PYTHON} -c "${LC_FIND_MISSING}" ${LC_PYTHON_MODULES}
                RESULT_VARIABLE LC_PYTHON_RESULT OUTPUT_VARIABLE LC_PYTHON_MISSING
                ERROR_VARIABLE LC_PYTHON_ERROR)
if(NOT LC_PYTHON_RESULT EQUAL 0)
    message(FATAL_ERROR "${LC_PYTHON} cannot run: ${LC_PYTHON_RESULT}\n${LC_PYTHON_ERROR}")
endif()
string(STRIP "${LC_PYTHON_MISSING}" LC_PYTHON_MISSING)
if(LC_PYTHON_MISSING)
    message(FATAL_ERROR
        "the tests need modules that ${LC_PYTHON} cannot import. On Debian: apt-get install "
        "${LC_PYTHON_MISSING} (or configure with -DBUILD_TESTING=OFF)")
endif()

# Tests run the script of the HTML report with Node.js
find_program(LC_NODE node)
if(NOT LC_NODE)
    message(FATAL_ERROR
        "the tests need Node.js. On Debian: apt-get install nodejs "
        "(or configure with -DBUILD_TESTING=OFF)")
endif()

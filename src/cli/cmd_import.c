/* llava-check import: runs the command of the same name in the Python package
 *
 * Reading parquet requires pyarrow, so this is done in Python: the process becomes a
 * Python interpreter that runs the package. It is the interpreter beside the command, as
 * in an environment into which a wheel was installed, or otherwise the one on PATH. It
 * imports nothing from the current folder, which may contain a stranger's data. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PYTHON "python3"

static const char start_package[] =
    "import sys\n"
    "sys.path[:] = [p for p in sys.path if p]\n" /* without the current folder */
    "try:\n"
    "    from llava_check.__main__ import main\n"
    "except ModuleNotFoundError as error:\n"
    "    if error.name not in ('llava_check', 'llava_check.__main__'):\n"
    "        raise\n"
    "    sys.stderr.write('llava-check: import needs the Python package: install the '\n"
    "        'wheel and pyarrow, see docs/install.md\\n')\n"
    "    sys.exit(2)\n"
    "main()\n";

/* Find the interpreter beside the command; returns false if there is none. */
static bool find_beside(char *out, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", out, size);
    char *slash;

    if (length <= 0 || (size_t)length >= size)
        return false;
    out[length] = '\0';
    slash = strrchr(out, '/');
    if (!slash || (size_t)(slash + 1 - out) + sizeof(PYTHON) > size)
        return false;
    memcpy(slash + 1, PYTHON, sizeof(PYTHON));
    return access(out, X_OK) == 0;
}

enum lc_exit lc_import(int count, char **words)
{
    char **arguments;
    char beside[4096];

    if (strcmp(words[0], "parquet") != 0)
        return lc_complain("import reads parquet, not '%s'", words[0]);
    arguments = calloc((size_t)count + 5, sizeof(*arguments));
    if (!arguments)
        return lc_complain("out of memory");
    arguments[0] = (char *)PYTHON;
    arguments[1] = (char *)"-c";
    arguments[2] = (char *)start_package;
    arguments[3] = (char *)"import";
    memcpy(&arguments[4], words, (size_t)count * sizeof(*words));
    if (find_beside(beside, sizeof(beside)))
        (void)execv(beside, arguments);
    (void)execvp(PYTHON, arguments);
    free(arguments);
    return lc_complain("import needs Python: " PYTHON ": %s", strerror(errno));
}

enum lc_exit lc_cmd_import(const struct lc_settings *settings)
{
    (void)settings; /* main passes all other words to lc_import */
    return lc_complain("usage: llava-check import parquet DIR -o OUT");
}

void lc_import_help(FILE *to)
{
    fputs(
        "\nNeeds the Python package and pyarrow. DIR is a folder with parquet files, a\n"
        "pattern, or a file; there may be several. OUT is a new folder for a rows file,\n"
        "the images byte for byte, and mapping.csv. The result is checked. If a run is\n"
        "stopped, start it again to continue. Options: -o OUT; --name NAME, name of the\n"
        "rows file (rows); -j N, threads; -t TRAINER; --no-check; -q.\n",
        to);
}

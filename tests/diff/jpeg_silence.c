/* jpeg_silence.c - print for each JPEG whether libjpeg-turbo decodes it without warnings
 *
 * Reads NUL-terminated names on stdin; prints a line with 1 or 0 for each.
 */
#include <stdlib.h>
#include <string.h>

#include "silence.h"

static bool read_file(const char *path, uint8_t **data, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long end;

    if (!file)
        return false;
    fseek(file, 0, SEEK_END);
    end = ftell(file);
    rewind(file);
    *data = malloc(end > 0 ? (size_t)end : 1);
    *size = *data && end > 0 ? fread(*data, 1, (size_t)end, file) : 0;
    fclose(file);
    return *data && (long)*size == end;
}

int main(void)
{
    char *path = NULL;
    size_t capacity = 0;

    while (getdelim(&path, &capacity, '\0', stdin) > 0) {
        uint8_t *data = NULL;
        size_t size = 0;

        if (!read_file(path, &data, &size)) {
            perror(path);
            return 2;
        }
        printf("%d\n", is_silent(data, size));
        free(data);
    }
    free(path);
    return 0;
}

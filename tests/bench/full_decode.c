/* full_decode.c - for comparison: decode JPEG files to RGB one by one, as djpeg does */
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <jpeglib.h>

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

struct buffer {
    uint8_t *data;
    size_t capacity;
};

struct decoder {
    struct jpeg_error_mgr errors; /* first, because libjpeg passes us a pointer to it */
    jmp_buf on_error;
    struct jpeg_decompress_struct jpeg;
    struct buffer row;
};

struct totals {
    size_t files;
    size_t failed;
    uint64_t bytes;
};

static _Noreturn void leave(j_common_ptr jpeg)
{
    struct decoder *decoder = (struct decoder *)jpeg->err;

    longjmp(decoder->on_error, 1);
}

static void stay_silent(j_common_ptr jpeg)
{
    (void)jpeg;
}

static bool reserve(struct buffer *buffer, size_t size)
{
    uint8_t *grown;

    if (size <= buffer->capacity)
        return true;

    grown = realloc(buffer->data, size);
    if (!grown)
        return false;
    buffer->data = grown;
    buffer->capacity = size;
    return true;
}

static bool read_file(const char *path, struct buffer *out, size_t *out_size)
{
    bool ok = false;
    struct stat status;
    FILE *file = fopen(path, "rb");

    if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        goto out;
    *out_size = (size_t)status.st_size;
    if (*out_size == 0 || !reserve(out, *out_size))
        goto out;
    /* Read with one read() and without copying, as llava-check does. */
    if (setvbuf(file, NULL, _IONBF, 0) != 0)
        goto out;
    ok = fread(out->data, 1, *out_size, file) == *out_size;
out:
    if (file)
        fclose(file);
    return ok;
}

static bool decode(struct decoder *decoder, const uint8_t *data, size_t size)
{
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    JSAMPROW row;

    if (setjmp(decoder->on_error)) {
        jpeg_abort_decompress(jpeg);
        return false;
    }

    jpeg_mem_src(jpeg, data, (unsigned long)size);
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = JCS_RGB;
    jpeg_start_decompress(jpeg);
    if (!reserve(&decoder->row, (size_t)jpeg->output_width * 3))
        leave((j_common_ptr)jpeg);

    row = decoder->row.data;
    while (jpeg->output_scanline < jpeg->output_height)
        jpeg_read_scanlines(jpeg, &row, 1);
    jpeg_finish_decompress(jpeg);
    return true;
}

static void decode_list(FILE *names, struct decoder *decoder, struct totals *out)
{
    struct buffer file = {NULL, 0};
    char *line = NULL;
    size_t capacity = 0;
    size_t size = 0;
    ssize_t length;

    while ((length = getline(&line, &capacity, names)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (read_file(line, &file, &size) && decode(decoder, file.data, size)) {
            out->files++;
            out->bytes += size;
        } else {
            out->failed++;
            fprintf(stderr, "full_decode: cannot decode: %s\n", line);
        }
    }
    free(line);
    free(file.data);
}

static double seconds_on(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool print_totals(const struct totals *totals, double wall, double cpu)
{
    printf("libjpeg-turbo %s\n", STRING(LIBJPEG_TURBO_VERSION));
    printf("files %zu\n", totals->files);
    printf("failed %zu\n", totals->failed);
    printf("bytes %ju\n", (uintmax_t)totals->bytes);
    printf("seconds %.3f\n", wall);
    printf("cpu_seconds %.3f\n", cpu);
    printf("mb_per_second %.1f\n", wall > 0 ? (double)totals->bytes / 1e6 / wall : 0.0);
    return fclose(stdout) == 0;
}

int main(int argc, char **argv)
{
    static struct decoder decoder;
    struct totals totals = {0, 0, 0};
    double wall = seconds_on(CLOCK_MONOTONIC);
    double cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID);

    (void)argv;
    if (argc != 1) {
        fprintf(stderr, "usage: full_decode < NAMES   (JPEG files, one name a line)\n");
        return 2;
    }

    decoder.jpeg.err = jpeg_std_error(&decoder.errors);
    decoder.errors.error_exit = leave;
    decoder.errors.output_message = stay_silent;
    if (setjmp(decoder.on_error)) {
        fprintf(stderr, "full_decode: cannot start libjpeg\n");
        return 2;
    }
    jpeg_create_decompress(&decoder.jpeg);

    decode_list(stdin, &decoder, &totals);

    jpeg_destroy_decompress(&decoder.jpeg);
    free(decoder.row.data);
    wall = seconds_on(CLOCK_MONOTONIC) - wall;
    cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (!print_totals(&totals, wall, cpu)) {
        fprintf(stderr, "full_decode: cannot write: %s\n", strerror(errno));
        return 2;
    }
    return totals.failed ? 1 : 0;
}

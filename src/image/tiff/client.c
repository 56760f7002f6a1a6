#include "image/tiff/client.h"

#include <stdio.h>
#include <string.h>

static tmsize_t read_bytes(thandle_t handle, void *to, tmsize_t size)
{
    struct lc_tiff_client *client = handle;
    struct lc_bytes bytes = client->bytes;
    uint64_t left = client->at < bytes.size ? bytes.size - client->at : 0;

    if (size < 0)
        return 0;
    if ((uint64_t)size < left)
        left = (uint64_t)size;
    if (left > 0)
        memcpy(to, bytes.data + client->at, (size_t)left);
    client->at += left;
    return (tmsize_t)left;
}

static tmsize_t write_nothing(thandle_t handle, void *from, tmsize_t size)
{
    (void)handle;
    (void)from;
    (void)size;
    return -1;
}

static toff_t seek_bytes(thandle_t handle, toff_t offset, int whence)
{
    struct lc_tiff_client *client = handle;

    if (whence == SEEK_CUR)
        offset += client->at;
    else if (whence == SEEK_END)
        offset += client->bytes.size;
    if (offset > INT64_MAX)
        return (toff_t)-1;
    client->at = offset;
    return offset;
}

static int close_bytes(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_of_bytes(thandle_t handle)
{
    const struct lc_tiff_client *client = handle;

    return client->bytes.size;
}

static int map_bytes(thandle_t handle, void **base, toff_t *size)
{
    const struct lc_tiff_client *client = handle;

    *base = (void *)(uintptr_t)client->bytes.data; /* safe: libtiff only reads */
    *size = client->bytes.size;
    return 1;
}

static void unmap_bytes(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

__attribute__((format(printf, 4, 0))) static int
on_error(TIFF *file, void *user, const char *module, const char *format, va_list args)
{
    struct lc_tiff_client *client = user;

    (void)file;
    (void)module;
    if (strstr(format, "limit defined in open options"))
        client->over_limit = true;
    if (client->message[0] == '\0')
        vsnprintf(client->message, sizeof(client->message), format, args);
    if (client->reading)
        lc_image_warn(client->info, "%s", client->message);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *file, void *user, const char *module, const char *format, va_list args)
{
    struct lc_tiff_client *client = user;
    char message[120];

    (void)file;
    (void)module;
    if (!client->reading || strncmp(format, "Old-style LZW", 13) == 0)
        return 1;
    vsnprintf(message, sizeof(message), format, args);
    lc_image_warn(client->info, "%s", message);
    return 1;
}

TIFF *lc_tiff_open(struct lc_tiff_client *client, const struct lc_image_limits *limits)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFF *file;

    if (!options)
        return NULL;
    if (limits->max_memory > 0 && limits->max_memory < INT64_MAX)
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)limits->max_memory);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, client);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, client);
    file = TIFFClientOpenExt("", "rC", client, read_bytes, write_nothing, seek_bytes,
                             close_bytes, size_of_bytes, map_bytes, unmap_bytes, options);
    TIFFOpenOptionsFree(options);
    return file;
}

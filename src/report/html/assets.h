/* assets.h - files of assets/, put into the program by cmake/embed.cmake */
#ifndef LC_REPORT_HTML_ASSETS_H
#define LC_REPORT_HTML_ASSETS_H

#include <stddef.h>

/** A file as it was when the program was built. */
struct lc_asset {
    const char *text;
    size_t size;
    const char *hash; /* "sha256-…", as a Content-Security-Policy names it */
};

extern const struct lc_asset lc_asset_style;
extern const struct lc_asset lc_asset_script;

#endif

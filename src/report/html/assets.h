/* assets.h - the page's template, style and script from assets/, which cmake/embed.cmake
 * compiles into the program */
#ifndef LC_REPORT_HTML_ASSETS_H
#define LC_REPORT_HTML_ASSETS_H

#include <stddef.h>

/** A file of assets/, as it was when the program was built. */
struct lc_asset {
    const char *text;
    size_t size;
    const char *hash; /* "sha256-…", in the form that a Content-Security-Policy needs */
};

extern const struct lc_asset lc_asset_page;
extern const struct lc_asset lc_asset_style;
extern const struct lc_asset lc_asset_script;

#endif

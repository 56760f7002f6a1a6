/* markers.h - the second bytes of a JPEG's markers: ITU-T T.81 table B.1 */
#ifndef LC_IMAGE_JPEG_MARKERS_H
#define LC_IMAGE_JPEG_MARKERS_H

enum {
    MARKER_TEM = 0x01,
    MARKER_FIRST = 0xC0, /* Pillow knows no markers below this */
    MARKER_SOF0 = 0xC0,
    MARKER_SOF1 = 0xC1,
    MARKER_SOF2 = 0xC2,
    MARKER_DHT = 0xC4,
    MARKER_JPG = 0xC8,
    MARKER_DAC = 0xCC,
    MARKER_RST0 = 0xD0,
    MARKER_SOI = 0xD8,
    MARKER_EOI = 0xD9,
    MARKER_SOS = 0xDA,
    MARKER_DQT = 0xDB,
    MARKER_DNL = 0xDC,
    MARKER_DRI = 0xDD,
    MARKER_DHP = 0xDE,
    MARKER_APP0 = 0xE0,
    MARKER_APP14 = 0xEE,
    MARKER_APP15 = 0xEF,
    MARKER_COM = 0xFE,
};

#endif

"""Texts and values for the mutators to put into rows: those that rules look for, and similar ones."""

from __future__ import annotations

from typing import Any

BLANKS = [
    "", " ", "\t", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d\x1e\x1f", "\x85", "\xa0", "\u1680", "\u2000", "\u2005\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", " \u3000\t\xa0 ", " " * 70,
]  # fmt: skip
NEARLY_BLANKS = ["\u200b", "\ufeff", "\u180e", "\u2060", "\x00", "\x1b", "\x7f", ".", " \u200d ", "\x08", "\u2027", "\u2001b"]
STRINGS = [
    "x", "7", "<image>", "é中😀", 'say "no"', "a\\b", "a/b", "\ud83d", "\ude00 x", "\x00", "\u2028", "\ufffd", "{}", "[", "]},{",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 7, -1, 2**63, 10**30, -(10**20), 0.5, -0.0, float("nan"), float("-inf"), [], {}, [None], ["x"], [["x"]],
    {"id": "x"}, [7, "x"], {"from": "human", "value": "<image>"},
]  # fmt: skip
IDS: list[Any] = [
    0, -0, 7, "7", "07", -7, "-7", 7.0, 7e30, True, False, None, "True", "None", [], ["7"], {"id": 7}, 2**63 - 1, 2**63,
    str(2**63), -(2**63), -(2**63) - 1, 10**30, str(10**30), 10**400, float("nan"), "a", "a ", "A", "é", "e\u0301", "\ud83d",
    "\ud83d\ude00", "😀", "a\x00b", "a\\xed",
]  # fmt: skip
PATHS = ["a.jpg", "b/c d.png", "é中.jpg", "../up.jpg", "/abs.jpg", "http://x/y.jpg", "a\\b.jpg", "\x00", "\ud83d.jpg", "7"]
ROLES = ["human", "gpt", "user", "assistant", "system", "Human", "GPT", "gpt ", "human\x00", "", " ", "hum\u00e4n"]

# Similar to the keys of ROW209: keys that nobody takes for an image.
OTHER_KEYS = [
    "image ", "image\x00", "image\ud83d", "iMage", "imageS", "image_", "image-path", "imagePath", "Img", "pics", "im\u0430ge",
    "video_path",
]  # fmt: skip

# Those that exist are made by rows_mutate.make_videos.
VIDEOS = [
    "v.mp4", "v.mp4", "v.mp4", "frames", "frames/", "frames/1.jpg", "frames//1.jpg", "./v.mp4", "empty.mp4",
    "frames/empty.mp4", "gone.mp4", "V.mp4", "v.mp4/", "v.mp4 ", "v.mp4\x00", "frames/../v.mp4", "../images/v.mp4", "a\\b.mp4",
    "C:/v.mp4", "é.mp4", "\ud83d.mp4", "/v.mp4", "http://x/v.mp4", "a..b.mp4", "n" * 300, "d/" * 3000,
]  # fmt: skip

LOOKALIKES = [
    "<Image>", "<IMAGE>", "<image >", "< image>", "<  iMaGe  >", "<img>", "</img>", "<image/>", "</image>", "<image_1>", "<image1>",
    "<image_007>", "<|image|>", "<ImageHere>", "<IMG_CONTEXT>", "<|image_pad|>", "<video>", "<Image >", "<<Image>>",
    "<image< image>",
]  # fmt: skip
NO_LOOKALIKES = [
    "<image_>", "<image-1>", "<images>", "<image1 >", "< image1>", "<Image1>", "<IMAGE_2>", "<\timage>", "<image\n>",
    "<image\xa0>", "<image", "image>", "<imag\u0435>", "<\u0131mage>", "<\u0130mage>", "<im<image>age>", "<image__1>",
    "<image_1_2>", "<image_\uff11>", "<image\xb2>", "<IMG>", "<img >", "<img/>", "<image />", "</Image>", "</ image>",
    "<|Image|>", "<imagehere>", "<img_context>", "<|image_pad>", "<Video>", "<|video_pad|>", "<video >", "</video>",
    "<<image>>", "<im age>", "<image_1", "<image\x00>",
]  # fmt: skip
TEMPLATES = [
    "</s>", "<s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>",
    "<|end_of_text|>", "<|endoftext|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "\nASSISTANT:", "ASSISTANT:", "ASSISTANT: ",
    "x ASSISTANT: y", " ASSISTANT: ", "\r\nASSISTANT:", "\nUSER:", "USER:", "\n\nUSER: ",
]  # fmt: skip
NO_TEMPLATES = [
    "</S>", "<S>", "<s >", "[inst]", "[INST", "<<sys>>", "<|IM_START|>", "<|im_start|", "<| im_end |>", "x ASSISTANT:",
    "xASSISTANT: ", "\rASSISTANT:", "\n ASSISTANT:", " USER: ", "\u2028USER:", "\nAssistant:", "\nassistant:", "\nUSER :",
    "\tASSISTANT: ", "x ASSISTANT:\xa0", "\nASSISTANT", "\nUSERS:", "<</SYS>", "\x0cUSER:", "\n\x00USER:", "</s\x00>",
]  # fmt: skip
DAMAGES = [
    "\ufffd", "\x00", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1b", "\x1f", "\x80", "\x85", "\x9f", "Ã©", "Ã\xa0", "Ã\xbf",
    "Â\xa0", "Â°", "â€", "â€™", "ðŸ˜€", "ð\x9f\x98\x80", "ï¿½", "ï»¿", "ÃÃ©", "Ã\x89",
]  # fmt: skip
NO_DAMAGES = [
    "\t", "\r", "\x7f", "\x7e", "\xa0", "Ãa", "ÃÀ", "Ã\u0178", "Ã", "Â", "Â ", "Ü»", "â", "â \u20ac", "â\u2122", "\u20ac", "ð",
    "ð\u0177", "ï¿", "ï»", "ï»\xbe", "\ufeff", "\ufffe", "\ufffc", "é", "å©", "c\u0327", "\u2028", "\u00ad", "A\u0303©",
]  # fmt: skip
TEXTS = STRINGS + LOOKALIKES + NO_LOOKALIKES + TEMPLATES + NO_TEMPLATES + DAMAGES + NO_DAMAGES
PLACEHOLDERS = [
    "<image>", "<image>\n", "\n<image>", "<image><image>", "\n<image>\n", "<image> ", " <image>", "\r<image>\r",
    "\n \u3000<image>\t\n", "\u2028<image>\u2028", "\x0b<image>", "<image>\n<image>\n", "x\n<image>\nx", "x<image>\u200b",
    "<image>\x85",
]  # fmt: skip

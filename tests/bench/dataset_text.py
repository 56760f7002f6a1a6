"""dataset_text.py - make questions and answers for data sets, JSON-escaped."""
from __future__ import annotations

import json
import random
from typing import Callable, NamedTuple

POOL_SIZE = 4096
LONG_POOL_SIZE = 2048


class Texts(NamedTuple):
    """The texts in one language, with the same number of short answers and questions."""

    questions: list[str]
    short_answers: list[str]
    long_answers: list[str]


ADJECTIVES = ("red small wooden parked bright open empty tall striped yellow round "
              "metal broken old blue distant crowded wet narrow black").split()
NOUNS = ("bicycle bench dog umbrella kitchen table traffic light train clock boat horse "
         "chart title book cover bar axis label lamp giraffe surfboard sink").split()
PLACES = ("on the left|on the right|in the background|near the window|behind the fence|"
          "at the top of the page|in the lower corner|next to the road|under the tree|"
          "in the middle").split("|")
ASKS = ("What color is the {a} {n} {p}?|Is there a {a} {n} {p}?|How many {n}s are {p}?|"
        "Which {n} is {a}?|What is {p} of the {n}?|Is the {n} {a} or {b}?|"
        "What does the text {p} say?|Who wrote this {n} \"{a} {m}\"?|"
        "Where is the {a} {n}?\nAnswer the question using a single word or phrase.").split("|")
REPLIES = ("Yes|No|{a}|{n}|{a} {n}|{p}|It is {a}.|The {n} is {p}.|{k}|{k}.{j} %|"
           "There are {k} of them, {p}.").split("|")
SENTENCES = ("The image shows a {a} {n} {p}, with a {b} {m} beside it.|"
             "A {n} stands {p}, and its {a} surface suggests that it is {b}.|"
             "There are {k} people {p}; one of them holds a {a} {n}.|"
             "The caption reads \"{a} {n}\", which fits the {b} {m} {p}.|"
             "Overall, the scene feels {a}, as if the {n} had just been moved.|"
             "To find the number of {n}s, add {k} and {j}: the answer is {k}{j}.").split("|")

ZH_ADJECTIVES = "红色的 小小的 木制的 明亮的 空着的 高大的 条纹的 黄色的 圆形的 旧的".split()
ZH_NOUNS = "自行车 长椅 小狗 雨伞 厨房 桌子 红绿灯 火车 时钟 船 马 图表 书 台灯".split()
ZH_PLACES = "在左边 在右边 在背景中 靠近窗户 在栅栏后面 在页面顶部 在树下 在中间".split()
# Characters of these are two columns wide in an editor.
ZH_ASKS = ("{p}的{n}是什么颜色?|图中有{a}{n}吗?|{p}有多少个{n}?|哪一个{n}是{a}?|"
           "{p}的文字写着什么?|请描述{p}的{a}{n}。|{n}和{m}哪一个更大?").split("|")
ZH_REPLIES = "是的|不是|{a}{n}|{p}|一共有{k}个。|{n}{p}。|{k}.{j}%".split("|")
ZH_SENTENCES = ("图片展示了一个{a}{n},{p}还有一个{b}{m}。|有{k}个人{p},其中一人拿着{a}{n}。|"
                "整体上,这个场景给人{a}感觉,好像{n}刚刚被移动过。|"
                "文字写着“{a}{n}”,与{p}的{m}相符。").split("|")


def _filler(rng: random.Random, adjectives: list[str], nouns: list[str],
            places: list[str]) -> Callable[[list[str]], str]:
    def fill(templates: list[str]) -> str:
        return rng.choice(templates).format(
            a=rng.choice(adjectives), b=rng.choice(adjectives), n=rng.choice(nouns),
            m=rng.choice(nouns), p=rng.choice(places), k=rng.randint(2, 99),
            j=rng.randint(0, 9))
    return fill


def _escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _texts(fill: Callable[[list[str]], str], asks: list[str], replies: list[str],
           story: Callable[[], str]) -> Texts:
    return Texts([_escape(fill(asks)) for _ in range(POOL_SIZE)],
                 [_escape(fill(replies)) for _ in range(POOL_SIZE)],
                 [_escape(story()) for _ in range(LONG_POOL_SIZE)])


def english(rng: random.Random) -> Texts:
    """Make questions of about 40 bytes, and answers of 15 or 600."""
    fill = _filler(rng, ADJECTIVES, NOUNS, PLACES)

    def story() -> str:
        parts = [" ".join(fill(SENTENCES) for _ in range(rng.randint(2, 6)))
                 for _ in range(rng.randint(1, 4))]
        return "\n\n".join(parts)
    return _texts(fill, ASKS, REPLIES, story)


def chinese(rng: random.Random) -> Texts:
    """The same in Chinese, with three bytes a character."""
    fill = _filler(rng, ZH_ADJECTIVES, ZH_NOUNS, ZH_PLACES)

    def story() -> str:
        return "".join(fill(ZH_SENTENCES) for _ in range(rng.randint(5, 15)))
    return _texts(fill, ZH_ASKS, ZH_REPLIES, story)

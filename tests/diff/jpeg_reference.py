"""A simple reader of a JPEG's entropy-coded data, one Huffman code at a time, which finds what no
encoder writes. Written from ITU-T T.81, not from src/image.

    fault(data)  None, or (what, scan, MCU): the first fault. scan and MCU count from 1.

It reads files that libjpeg-turbo decodes without an error, and raises Unreadable for others.
"""

ENDS_EARLY = "the data ends early"
BAD_CODE = "invalid Huffman code"
TOO_MANY = "too many coefficients in a block"
LONG_RUN = "run of empty blocks past the last block"
LEFT_OVER = "left over"
BAD_RESTART = "restart marker out of order"
TWICE = "coded twice"
MISSING = "missing"


class Unreadable(Exception):
    """Not a JPEG of a supported kind, or one that libjpeg-turbo refuses."""


class Fault(Exception):
    """What is wrong."""


class Bits:
    """The bits between two markers."""

    def __init__(self, data):
        self.data = data.replace(b"\xff\x00", b"\xff")
        self.size = len(self.data) * 8
        # looking up a code may read past the end
        self.value = int.from_bytes(self.data + bytes(8), "big")
        self.at = 0

    def peek(self, count):
        return self.value >> (self.size + 64 - self.at - count) & ((1 << count) - 1)

    def take(self, count):
        if self.at + count > self.size:
            raise Fault(ENDS_EARLY)
        value = self.peek(count)
        self.at += count
        return value

    def symbol(self, table):
        if self.at > self.size:
            raise Fault(ENDS_EARLY)
        window = self.peek(16)
        for length in range(1, 17):
            symbol = table.get((length, window >> (16 - length)))
            if symbol is not None:
                self.take(length)
                return symbol
        raise Fault(BAD_CODE if self.at + 16 <= self.size else ENDS_EARLY)

    def left(self):
        return self.size - self.at


def code_of(counts, symbols):
    table = {}
    code = at = 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            table[length, code] = symbols[at]
            code += 1
            at += 1
        if count and code >= 1 << length:
            raise Unreadable("Huffman table")
        code <<= 1
    return table


class Component:
    def __init__(self, number, h, v):
        self.number, self.h, self.v = number, h, v
        self.coded = False
        self.blocks = None  # progressive: the nonzero terms of each block


def divide_up(value, by):
    return -(-value // by)


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 2
        self.components = []
        self.tables = {}
        self.restart = 0
        self.scans = 0
        self.progressive = False
        self.mcu = 0

    # --- markers

    def marker(self):
        while True:
            self.at = self.data.find(b"\xff", self.at)
            if self.at < 0 or self.at + 1 >= len(self.data):
                raise Unreadable("no end")
            if self.data[self.at + 1] not in (0, 0xFF):
                break
            self.at += 1
        self.at += 2
        return self.data[self.at - 1]

    def segment(self):
        size = int.from_bytes(self.data[self.at : self.at + 2], "big")
        if size < 2 or self.at + size > len(self.data):
            raise Unreadable("segment length")
        self.at += size
        return self.data[self.at - size + 2 : self.at]

    def read(self):
        while True:
            marker = self.marker()
            if marker == 0xD9:
                return self.check_components()
            if marker == 1 or 0xD0 <= marker <= 0xD7:
                continue
            if marker < 0xC0 or marker == 0xD8:
                raise Unreadable(f"marker {marker:02x}")
            body = self.segment()
            if marker == 0xC4:
                self.huffman(body)
            elif marker in (0xC0, 0xC1, 0xC2):
                self.frame(marker, body)
            elif marker == 0xDD:
                self.restart = int.from_bytes(body, "big")
            elif marker == 0xDA:
                self.scan(body)
            elif marker not in (0xDB, 0xDC, 0xFE) and not 0xE0 <= marker <= 0xEF:
                raise Unreadable(f"marker {marker:02x}")

    def huffman(self, body):
        while body:
            kind, counts = body[0], body[1:17]
            count = sum(counts)
            if len(counts) < 16 or len(body) < 17 + count or count > 256 or kind & 0xEC:
                raise Unreadable("Huffman table")
            self.tables[kind] = code_of(counts, body[17 : 17 + count])
            body = body[17 + count :]

    def frame(self, marker, body):
        if self.components or len(body) != 6 + 3 * body[5]:
            raise Unreadable("frame")
        self.progressive = marker == 0xC2
        self.height = int.from_bytes(body[1:3], "big")
        self.width = int.from_bytes(body[3:5], "big")
        for i in range(body[5]):
            number, factors, _ = body[6 + 3 * i : 9 + 3 * i]
            self.components.append(Component(number, factors >> 4, factors & 15))
        self.h = max(c.h for c in self.components)
        self.v = max(c.v for c in self.components)
        if self.progressive:
            for c in self.components:
                c.blocks = [set() for _ in range(self.wide(c) * self.high(c))]

    def wide(self, c):
        return divide_up(self.width * c.h, 8 * self.h)

    def high(self, c):
        return divide_up(self.height * c.v, 8 * self.v)

    def check_components(self):
        for number, c in enumerate(self.components, 1):
            if not c.coded:
                raise Fault(f"colour component {number} is {MISSING}")

    # --- scans

    def scan(self, body):
        count = body[0]
        if not self.components or len(body) != 4 + 2 * count:
            raise Unreadable("scan")
        self.scans += 1
        parts = []
        for i in range(count):
            number, tables = body[1 + 2 * i : 3 + 2 * i]
            c = next((c for c in self.components if c.number == number), None)
            if c is None or c in (part[0] for part in parts):
                raise Unreadable("component of a scan")
            parts.append((c, tables >> 4, tables & 15))
        first, last, approximation = body[-3:]
        if self.progressive:
            blocks = self.progressive_blocks(parts, first, last, approximation >> 4)
        else:
            blocks = self.sequential_blocks(parts)
        if count == 1:
            self.mcus = self.wide(parts[0][0]) * self.high(parts[0][0])
            each = [1]
        else:
            self.mcus = divide_up(self.width, 8 * self.h) * divide_up(self.height, 8 * self.v)
            each = [c.h * c.v for c, _, _ in parts]
        self.read_mcus(blocks, each)

    def table(self, kind, number):
        if (kind << 4 | number) not in self.tables:
            raise Unreadable("no table")
        return self.tables[kind << 4 | number]

    def stretch(self):
        """Return the bytes up to the next marker, without fill bytes."""
        begin = self.at
        while True:
            self.at = self.data.find(b"\xff", self.at)
            if self.at < 0 or self.at + 1 >= len(self.data):
                self.at = len(self.data)
                return self.data[begin:].rstrip(b"\xff")
            end = self.at
            while self.data[self.at + 1 : self.at + 2] == b"\xff":
                self.at += 1
            if self.data[self.at + 1 : self.at + 2] != b"\0":
                return self.data[begin:end]
            if end != self.at:
                raise Unreadable("FF FF 00")  # libjpeg gives it a meaning
            self.at += 2

    def read_mcus(self, blocks, each):
        """Stretch by stretch; blocks.read reads one block of a part of the scan."""
        self.mcu = 0
        interval = self.restart or self.mcus
        number = 0
        while self.mcu < self.mcus:
            if number:
                self.pass_restart((number - 1) % 8)
            bits = Bits(self.stretch())
            last = min(self.mcu + interval, self.mcus)
            blocks.begin(last)
            while self.mcu < last:
                for part, count in enumerate(each):
                    for _ in range(count):
                        blocks.read(bits, part, self.mcu)
                self.mcu += 1
            self.check_left(bits)
            number += 1

    def pass_restart(self, wanted):
        marker = self.data[self.at + 1] if self.at < len(self.data) else 0xD9
        if marker == 0xD0 + wanted:
            self.at += 2
        elif 0xD0 <= marker <= 0xD7:
            raise Fault(BAD_RESTART)
        else:
            raise Fault(ENDS_EARLY)

    def check_left(self, bits):
        left = bits.left()
        if left < 8 or (self.mcu == self.mcus and left < 16 and
                        bits.peek(left) == (1 << left) - 1):
            return
        self.mcu -= 1  # the last of these MCUs
        raise Fault(f"{left // 8} byte{'' if left // 8 == 1 else 's'} {LEFT_OVER}")

    def sequential_blocks(self, parts):
        for c, _, _ in parts:
            if c.coded:
                number = self.components.index(c) + 1
                raise Fault(f"colour component {number} is {TWICE}")
            c.coded = True
        return Sequential([(self.table(0, dc), self.table(1, ac)) for _, dc, ac in parts])

    def progressive_blocks(self, parts, first, last, high):
        if first == 0:
            for c, _, _ in parts:
                c.coded = True
            if high:
                return DcRefined()
            return DcFirst([self.table(0, dc) for _, dc, _ in parts])
        if len(parts) != 1 or not first <= last < 64:
            raise Unreadable("progression")
        c, _, ac = parts[0]
        kind = AcRefined if high else AcFirst
        return kind(self.table(1, ac), c.blocks, first, last)


class Blocks:
    """Reads the blocks of a scan."""

    def begin(self, end):
        """Begin a restart interval, which ends before this MCU."""


class Sequential(Blocks):
    def __init__(self, tables):
        self.tables = tables

    def read(self, bits, part, _mcu):
        dc, ac = self.tables[part]
        bits.take(bits.symbol(dc))
        k = 1
        while k < 64:
            symbol = bits.symbol(ac)
            run, size = symbol >> 4, symbol & 15
            bits.take(size)
            if symbol == 0:
                return
            if size == 0 and run != 15:
                raise Fault(BAD_CODE)
            k += run + 1
        if k > 64:
            raise Fault(TOO_MANY)


class DcFirst(Blocks):
    def __init__(self, tables):
        self.tables = tables

    def read(self, bits, part, _mcu):
        bits.take(bits.symbol(self.tables[part]))


class DcRefined(Blocks):
    def read(self, bits, _part, _mcu):
        bits.take(1)


class AcFirst(Blocks):
    def __init__(self, table, blocks, first, last):
        self.table, self.blocks, self.first, self.last = table, blocks, first, last
        self.run = 0
        self.end = 0

    def begin(self, end):
        self.run = 0
        self.end = end

    def ends_band(self, bits, symbol, mcu):
        if symbol & 15 or symbol == 0xF0:
            return False
        self.run = (1 << (symbol >> 4)) + bits.take(symbol >> 4)
        if mcu + self.run > self.end:
            raise Fault(LONG_RUN)
        return True

    def read(self, bits, _part, mcu):
        k = self.first
        while self.run == 0 and k <= self.last:
            symbol = bits.symbol(self.table)
            if self.ends_band(bits, symbol, mcu):
                break
            bits.take(symbol & 15)
            k += symbol >> 4
            if k > self.last:
                raise Fault(TOO_MANY)
            if symbol & 15:
                self.blocks[mcu].add(k)
            k += 1
        if self.run:
            self.run -= 1


class AcRefined(AcFirst):
    def read(self, bits, _part, mcu):
        there = self.blocks[mcu]
        k = self.first
        while self.run == 0 and k <= self.last:
            symbol = bits.symbol(self.table)
            if self.ends_band(bits, symbol, mcu):
                break
            bits.take(symbol & 15)
            if symbol & 15 > 1:
                raise Fault(BAD_CODE)
            k = self.pass_zeros(bits, there, k, symbol >> 4)
            if symbol & 15:
                there.add(k)
            k += 1
        if self.run:
            for old in there:
                if k <= old <= self.last:
                    bits.take(1)
            self.run -= 1

    def pass_zeros(self, bits, there, k, zeros):
        """Return the position of the new term, after this many zeros; each known term before it has a bit."""
        begin, target = k, k
        while target <= self.last and (target in there or zeros > 0):
            zeros -= target not in there
            target += 1
        if target > self.last:
            raise Fault(TOO_MANY)
        bits.take(sum(old in there for old in range(begin, target)))
        return target


def fault(data):
    """Return None, or the fault, the scan and the MCU."""
    reader = Reader(data)
    try:
        reader.read()
    except Fault as found:
        return str(found), reader.scans, reader.mcu + 1
    return None

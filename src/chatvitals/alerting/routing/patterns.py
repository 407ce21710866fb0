"""Regular expressions whose matching takes time linear in the text, whatever the pattern.

Patterns come from whoever may silence something, and are tried on every open incident. Python's own `re` goes back and
tries again, which a dozen characters can make last for hours. Here a pattern is a set of states that are walked all at
once (K. Thompson, "Regular Expression Search Algorithm", CACM 11 (6), 1968), and steps are remembered, as RE2 does it.
The syntax is RE2's less what labels have no use for: no look-around, back-references, flags or named groups.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chatvitals.errors import ChatvitalsError

MAX_LENGTH = 200
"""Of a pattern, in characters."""
_MAX_STATES = 500
_MAX_DEPTH = 20
_MAX_REMEMBERED = 4_096


class BadPattern(ChatvitalsError):
    """The pattern can't be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class _Characters:
    """Those within one of the ranges; `negated`: those within none."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) is not self.negated


_ANY = _Characters((), negated=True)
_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
}
_REPETITIONS = ("*", "+", "?", "{")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


@dataclass(slots=True)
class _State:
    """Goes on to each of `ways`: after a character that it takes, or without one where it takes none."""

    takes: _Characters | None
    ways: list[int]


_END = 0
_Part = Callable[[int], int]
"""Makes the states of a part of a pattern so that they lead to a given state, and returns the first of them."""


class Pattern:
    """A regular expression for whole texts. Raises BadPattern."""

    def __init__(self, text: str) -> None:
        reader = _Reader(text)
        whole = reader.read()
        self._start = frozenset(_spread(reader.states, [whole(_END)]))
        self._states = reader.states
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def matches(self, text: str) -> bool:
        """Whether the text matches from its beginning to its end."""
        here = self._start
        for character in text:
            here = self._step(here, character)
            if not here:
                return False
        return _END in here

    def _step(self, here: frozenset[int], character: str) -> frozenset[int]:
        known = self._steps.get((here, character))
        if known is not None:
            return known
        states = [self._states[number] for number in here]
        ways = [way for state in states if state.takes is not None and character in state.takes for way in state.ways]
        there = frozenset(_spread(self._states, ways))
        if len(self._steps) >= _MAX_REMEMBERED:
            self._steps.clear()
        self._steps[here, character] = there
        return there


def _spread(states: list[_State], numbers: Iterable[int]) -> set[int]:
    """The states that are reached from some without taking a character."""
    found: set[int] = set()
    open = list(numbers)
    while open:
        number = open.pop()
        if number not in found:
            found.add(number)
            if states[number].takes is None:
                open += states[number].ways
    return found


class _Reader:
    """Reads a pattern from left to right; the parts that it returns make their states in `states`."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise BadPattern(f"the pattern has {len(text)} characters; at most {MAX_LENGTH} are read")
        self._text = text
        self._at = 0
        self._depth = 0
        self.states = [_State(None, [])]

    def read(self) -> _Part:
        whole = self._alternatives()
        if self._at < len(self._text):
            raise self._bad("this closes nothing")
        return whole

    def _bad(self, why: str) -> BadPattern:
        return BadPattern(f"{self._text!r}, character {self._at + 1}: {why}")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str) -> bool:
        if not self._text.startswith(expected, self._at):
            return False
        self._at += len(expected)
        return True

    def _state(self, takes: _Characters | None, ways: list[int]) -> int:
        if len(self.states) >= _MAX_STATES:
            raise BadPattern(f"{self._text!r} is too large once its repetitions are written out")
        self.states.append(_State(takes, ways))
        return len(self.states) - 1

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else lambda then: self._state(None, [part(then) for part in parts])

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated())

        def build(then: int) -> int:
            for part in reversed(parts):
                then = part(then)
            return then

        return build

    def _repeated(self) -> _Part:
        part = self._one()
        least, most = self._repetition()
        if least == most == 1:
            return part
        lazy = self._take("?")  # how much a part takes makes no difference where the whole text has to match
        if not lazy and self._peek() in _REPETITIONS:
            raise self._bad("a repetition of a repetition: put the first into parentheses")

        def build(then: int) -> int:
            if most is None:
                again = self._state(None, [then])
                self.states[again].ways.append(part(again))
                then = again
            else:
                for _ in range(most - least):
                    then = self._state(None, [then, part(then)])
            for _ in range(least):
                then = part(then)
            return then

        return build

    def _repetition(self) -> tuple[int, int | None]:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if not self._take("{"):
            return 1, 1
        least = self._number()
        most = (self._number() if self._peek() != "}" else None) if self._take(",") else least
        if not self._take("}"):
            raise self._bad("a repetition is written {2}, {2,} or {2,5}")
        if most is not None and most < least:
            raise self._bad(f"from {least} to {most} is no range")
        return least, most

    def _number(self) -> int:
        start = self._at
        while self._peek() in tuple("0123456789"):
            self._at += 1
        digits = self._text[start : self._at]
        if not 1 <= len(digits) <= 3:
            raise self._bad("a repetition is written {2}, {2,} or {2,5}; a brace itself \\{")
        return int(digits)

    def _one(self) -> _Part:
        character = self._peek()
        if character == "(":
            return self._group()
        if character in _REPETITIONS:
            raise self._bad(f"there is nothing to repeat; the character itself is \\{character}")
        if character in ("^", "$"):
            return self._anchor(character)
        if character == "[":
            takes = self._listed()
        elif character == "\\":
            takes = self._escaped()
        else:
            self._at += 1
            takes = _ANY if character == "." else _Characters(((character, character),))
        return lambda then: self._state(takes, [then])

    def _group(self) -> _Part:
        self._at += 1
        if self._peek() == "?" and not self._take("?:"):
            raise self._bad("of groups that begin with (? only (?:…) is known here")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._bad(f"parentheses are nested more than {_MAX_DEPTH} deep")
        part = self._alternatives()
        if not self._take(")"):
            raise self._bad("a ) is missing")
        self._depth -= 1
        return part

    def _anchor(self, character: str) -> _Part:
        if self._at != (0 if character == "^" else len(self._text) - 1):
            raise self._bad(f"the whole text is matched anyway; the character itself is \\{character}")
        self._at += 1
        return lambda then: then

    def _escaped(self) -> _Characters:
        self._at += 1
        letter = self._peek()
        self._at += 1
        if letter.lower() in _CLASSES:
            return _Characters(_CLASSES[letter.lower()], negated=letter.isupper())
        character = _CONTROLS.get(letter, letter)
        if not letter or (character == letter and (letter.isalnum() or not letter.isascii())):
            self._at -= 2
            raise self._bad(f"\\{letter} is not known here")
        return _Characters(((character, character),))

    def _listed(self) -> _Characters:
        """A class in brackets; a bracket right at its beginning is one of its characters."""
        self._at += 1
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        while not ranges or self._peek() != "]":
            if self._text.startswith("[:", self._at):
                raise self._bad("names of classes are not known here; write a-z, 0-9, \\d, \\w or \\s")
            low = self._listed_item()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
                self._at += 1
                high = self._listed_item()
                if len(low) != 1 or len(high) != 1 or low[0][0] > high[0][0]:
                    raise self._bad("this is no range of characters")
                low = ((low[0][0], high[0][0]),)
            ranges += low
        self._at += 1
        return _Characters(tuple(ranges), negated)

    def _listed_item(self) -> tuple[tuple[str, str], ...]:
        character = self._peek()
        if not character:
            raise self._bad("a ] is missing")
        if character == "\\":
            escaped = self._escaped()
            if escaped.negated:
                raise self._bad("a class within a class can't be negated")
            return escaped.ranges
        self._at += 1
        return ((character, character),)

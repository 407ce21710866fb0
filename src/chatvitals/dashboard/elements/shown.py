"""A figure for people."""

from dataclasses import dataclass

GRADE_WORDS = {"good": "good", "warning": "warning", "bad": "bad", "unknown": "unknown", "": ""}


@dataclass(frozen=True, slots=True)
class Shown:
    """`text` and `unit` are short, `exact` has all digits; `grade` is good, warning, bad, unknown, or empty where
    nothing says what is good."""

    text: str
    unit: str
    exact: str
    grade: str = ""

    @property
    def grade_word(self) -> str:
        return GRADE_WORDS[self.grade]

    @property
    def said(self) -> str:
        """In a sentence: 18.5 ms."""
        return f"{self.text} {self.unit}".rstrip()

"""What the shop's assistant knows to say."""

_KNOWN = {
    "deliver": "Parcels leave our warehouse in Tromsø every weekday at four, and are with you in two to five days.",
    "return": "You have 60 days. Put the label from your parcel on the box and hand it in at any post office.",
    "tent": "The Skarv sleeps two, weighs 1.9 kg and stands in the strongest wind that we could find to test it in.",
    "price": "All prices include taxes. From 80 euros on we send for free.",
}
_ELSE = "Thank you for asking! I know about delivery, returns, prices and our tents; a colleague looks after the rest."
_STORY = "Everything, then. " + " ".join(_KNOWN.values()) + " "


def answer_to(question: str) -> str:
    """The assistant's answer: short, except for who wants to know everything."""
    asked = question.lower()
    if "everything" in asked:
        return _STORY * 5
    return next((answer for word, answer in _KNOWN.items() if word in asked), _ELSE)


def pieces_of(answer: str) -> list[str]:
    """The answer as it is streamed, a word at a time."""
    return [f"{word} " for word in answer.split()]

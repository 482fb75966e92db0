"""What the engine says of queries and answers: `%1` stands for a name or a value."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

SENTENCES: tuple[object, ...] = (
    QT_TRANSLATE_NOOP("Engine", "photos with a tag, or one below it"),
    QT_TRANSLATE_NOOP("Engine", "a folder's name or path"),
    QT_TRANSLATE_NOOP("Engine", "when it was taken"),
    QT_TRANSLATE_NOOP("Engine", "stars, 0 for none"),
    QT_TRANSLATE_NOOP("Engine", "a mark, or how it stands"),
    QT_TRANSLATE_NOOP("Engine", "what is known of it"),
    QT_TRANSLATE_NOOP("Engine", "photos of an album"),
    QT_TRANSLATE_NOOP("Engine", "photos of a category"),
    QT_TRANSLATE_NOOP("Engine", "the kind of file"),
    QT_TRANSLATE_NOOP("Engine", "taken near a place, in degrees"),
    QT_TRANSLATE_NOOP("Engine", "a part of make and model"),
    QT_TRANSLATE_NOOP("Engine", "a part of the name; * and ? stand for letters"),
    QT_TRANSLATE_NOOP("Engine", "upright or lying"),
    QT_TRANSLATE_NOOP("Engine", "pixels from left to right"),
    QT_TRANSLATE_NOOP("Engine", "pixels from top to bottom"),
    QT_TRANSLATE_NOOP("Engine", "a thing that was seen in it"),
    QT_TRANSLATE_NOOP("Engine", "how many of a thing"),
    QT_TRANSLATE_NOOP("Engine", "how large a thing is in it"),
    QT_TRANSLATE_NOOP("Engine", "No clear matches. These are the nearest there are."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The model in use understands English only. Choose a multilingual one, such as "
        "SigLIP 2, under Models.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The model in use understands Chinese best. Choose a multilingual one, such as "
        "SigLIP 2, under Models.",
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 does not know the word “%2”."),
    QT_TRANSLATE_NOOP("Engine", "%1 does not know the words %2 and %3."),
    QT_TRANSLATE_NOOP("Engine", "Leave a space before “%1”."),
    QT_TRANSLATE_NOOP("Engine", "Leave no space before “%1”."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” cannot be compared with “%2”."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a value, such as %2."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a value: %2."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a value."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs its value without a space before it."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” knows no “%2”. It can be: %3."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” knows no “%2”. Did you mean “%3”?"),
    QT_TRANSLATE_NOOP("Engine", "The range ends before it begins. Did you mean “%1”?"),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a number of pixels, such as 3000."),
    QT_TRANSLATE_NOOP("Engine", "“rating:” needs a number from 0 to 5, such as rating:>=3."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a label and an amount, such as %2."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a number, such as %2."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs a part of the picture, such as %2."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” takes a comparison or a range, not both."),
    QT_TRANSLATE_NOOP("Engine", "“%1:” needs at least one end of the range."),
    QT_TRANSLATE_NOOP("Engine", "“count:” needs a whole number, such as count:dog>=2."),
    QT_TRANSLATE_NOOP(
        "Engine", "“like:” needs a picture: the number of a photo, or the path of a file."
    ),
    QT_TRANSLATE_NOOP("Engine", "Behind the picture there can be a box, such as @10,20,300,400."),
    QT_TRANSLATE_NOOP("Engine", "The box %1 lies outside the picture of %2 × %3 pixels."),
    QT_TRANSLATE_NOOP("Engine", "No file is called so."),
    QT_TRANSLATE_NOOP("Engine", "This parenthesis is not closed."),
    QT_TRANSLATE_NOOP("Engine", "There is no “(” for this “)”."),
    QT_TRANSLATE_NOOP("Engine", "A minus stands before each picture: -like:12."),
    QT_TRANSLATE_NOOP("Engine", 'Put the words behind a minus into quotation marks: -"a person".'),
    QT_TRANSLATE_NOOP(
        "Engine",
        '“or” stands between two filters, and words are none. Write "%1" if it is one of the '
        "words.",
    ),
    QT_TRANSLATE_NOOP("Engine", "A query takes at most %1 filters."),
    QT_TRANSLATE_NOOP("Engine", "A query takes at most %1 phrases and pictures."),
    QT_TRANSLATE_NOOP("Engine", "Parentheses go at most %1 deep."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Words and pictures rank photos, they choose none: move them out of the parentheses "
        "that “or” or “not” belongs to.",
    ),
    QT_TRANSLATE_NOOP("Engine", "“%1:” takes no weight: filters choose photos, words rank them."),
    QT_TRANSLATE_NOOP("Engine", "There is nothing between these quotation marks."),
    QT_TRANSLATE_NOOP("Engine", "A quotation mark is not closed."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "A weight lies above 0 and at most at %1; less of something is -2:snow. Write "
        '"25:00" if it is one of the words.',
    ),
    QT_TRANSLATE_NOOP("Engine", "The order is chosen in the menu: View, Order."),
    QT_TRANSLATE_NOOP("Engine", "There is no filter “%1:”. Did you mean “%2”?"),
    QT_TRANSLATE_NOOP("Engine", "There is no filter “%1:”. There are: %2."),
    QT_TRANSLATE_NOOP("Engine", "“near:” needs a place in degrees, such as near:48.86,2.35,10km."),
    QT_TRANSLATE_NOOP("Engine", "A latitude goes from -90 to 90, a longitude from -180 to 180."),
    QT_TRANSLATE_NOOP("Engine", "The distance goes from 1m to 20000km."),
    QT_TRANSLATE_NOOP("Engine", "“date:” needs a date such as 2024, 2024-05 or 2024-05-01."),
    QT_TRANSLATE_NOOP("Engine", "“%1” is no date of the calendar."),
    QT_TRANSLATE_NOOP("Engine", "Say what to look for, such as detected:dog."),
    QT_TRANSLATE_NOOP("Engine", "Nobody has looked for “%1” in photos yet. Did you mean “%2”?"),
    QT_TRANSLATE_NOOP(
        "Engine", "Nobody has looked for “%1” in photos yet. Detect it in some photos first."
    ),
    QT_TRANSLATE_NOOP("Engine", "“%1” is a smart album: use what it looks for instead."),
    QT_TRANSLATE_NOOP("Engine", "There is no album “%1”. Did you mean “%2”?"),
    QT_TRANSLATE_NOOP("Engine", "There is no tag “%1”. Did you mean “%2”?"),
    QT_TRANSLATE_NOOP("Engine", "There is no tag “%1”."),
    QT_TRANSLATE_NOOP("Engine", "There is no category “%1”. Did you mean “%2”?"),
    QT_TRANSLATE_NOOP("Engine", "There is no category “%1”."),
)

"""What the engine says of models and their downloads: `%1` stands for a name or a value."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

SENTENCES: tuple[object, ...] = (
    QT_TRANSLATE_NOOP(
        "Engine",
        "Try again later, set HF_ENDPOINT to a mirror, or choose a folder that already holds "
        "the model.",
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 cannot be reached (%2). %3"),
    QT_TRANSLATE_NOOP("Engine", "its name is not known: no connection to the internet?"),
    QT_TRANSLATE_NOOP("Engine", "it does not answer"),
    QT_TRANSLATE_NOOP("Engine", "it does not speak https, or something between speaks another"),
    QT_TRANSLATE_NOOP("Engine", "The connection to %1 broke off. %2"),
    QT_TRANSLATE_NOOP(
        "Engine", "%1 has no time for us for %2. Try again then; what came so far is kept."
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 answered with %2. %3"),
    QT_TRANSLATE_NOOP("Engine", "too many requests"),
    QT_TRANSLATE_NOOP("Engine", "error %1"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 gives %2 only to people who accepted its terms there: do so in a browser and log "
        "in with `hf auth login`, or choose a folder that holds the model.",
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 has no model %2. %3"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The certificate of %1 is not one that this computer trusts: a proxy or a virus "
        "scanner may read along. Set SSL_CERT_FILE to its certificate, or use another "
        "network.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 answers with a web page where the model should be: open a browser and log in to "
        "this network, or correct HF_ENDPOINT, then try again.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "HF_HUB_OFFLINE forbids downloads; unset it, or choose a folder that holds the model.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The proxy wants a user name and a password. Put them into HTTPS_PROXY, as in "
        "http://name:password@host:port, then try again.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine", "%1 needs %2 more on the disk of %3, which has %4. Make room and try again."
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The model could not be saved in %1: %2. Make room or check the folder's "
        "permissions, then try again; what came so far is kept.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 could not be deleted: %2. Close what uses it or check its permissions, then try again.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "%1 is being downloaded already; wait for the other window or process, or cancel it there.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The model %1 is not on this computer; download it, or choose a folder that holds it.",
    ),
    QT_TRANSLATE_NOOP("Engine", "The model's files are not on this computer."),
    QT_TRANSLATE_NOOP(
        "Engine", "%1 finds things inside of a photo and cannot search; choose a search model."
    ),
    QT_TRANSLATE_NOOP(
        "Engine", "%1 searches photos and cannot find things inside of one; choose a detector."
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 failed its test: %2"),
    QT_TRANSLATE_NOOP("Engine", "%1 ships with Photosift; reinstall Photosift to repair it."),
    QT_TRANSLATE_NOOP("Engine", "This model cannot be computed on this computer: %1"),
    QT_TRANSLATE_NOOP(
        "Engine", "OpenVINO does not work here, so this computer takes longer than it could."
    ),
    QT_TRANSLATE_NOOP("Engine", "%1 arrived damaged twice: it is not what the hub describes. %2"),
    QT_TRANSLATE_NOOP("Engine", "%1 was not downloaded, so it is not deleted."),
    QT_TRANSLATE_NOOP("Engine", "%1 has no vectors in this library."),
)

"""The language of the window: our texts, Qt's own, and the way numbers and dates are written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "i18n"
_NAME = "photosift translation"
_user: list[str] = []  # the language asked for, also where we do not speak it


def install_translator(app: QApplication, language: str) -> None:
    """Make the application speak a language; widgets made before keep theirs.

    English goes through a translation as well: it holds the plural forms.

    Args:
        app: the application; a translation installed before is replaced.
        language: "system", or a name such as "en" or "zh_CN". One that we do not speak is English.
    """
    for old in app.findChildren(QTranslator, _NAME):
        app.removeTranslator(old)
        old.deleteLater()
    system = QLocale.system()
    locale = system if language == "system" else QLocale(language)
    _user[:] = [locale.name()]
    ours = "zh_CN" if locale.language() == QLocale.Language.Chinese else "en"
    if ours == "en" and locale.language() != QLocale.Language.English:
        # Our words are English then, so must be the names of months; the country stays.
        locale = QLocale(QLocale.Language.English, locale.territory())
    elif locale.language() == system.language():
        locale = system
    QLocale.setDefault(locale)
    qt_folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for path in (qt_folder / f"qtbase_{ours}.qm", _FOLDER / f"photosift_{ours}.qm"):
        translator = QTranslator(app)
        translator.setObjectName(_NAME)
        if path.is_file() and translator.load(str(path)):
            app.installTranslator(translator)
        else:
            translator.deleteLater()


def user_language() -> str:
    """The language the user reads and searches in, such as "de_AT", ours or not."""
    return _user[0] if _user else QLocale().name()

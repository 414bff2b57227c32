"""The words that people write for one keyword or command, in both languages."""

from dataclasses import dataclass

from mailbot.model.people import Language


@dataclass(frozen=True, kw_only=True)
class WrittenWords:
    """`japanese` and `english` are all read, in any notice; the first of each is the one that notices show."""

    japanese: tuple[str, ...]
    english: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return self.japanese + self.english

    def shown(self, language: Language) -> str:
        """The word that notices in `language` show."""
        return (self.japanese if language is Language.JA else self.english)[0]

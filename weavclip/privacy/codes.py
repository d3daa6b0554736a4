"""One-time codes: alone, or in the message that brings them."""
# ruff: noqa: RUF001 - words of many languages

from __future__ import annotations

import re

MOST_CHARS = 1000
"""A message with a code is short; a longer text that speaks of codes is about them."""

_ALONE = re.compile(r"\d{6}|\d{3}[ -]\d{3}")
"""Six digits are a code more often than four (a year), five (a postal code) or eight (a date)."""
_NEAR = 60
# What calls a number a code, in the languages of most messages. "Code" alone is a word of
# programs, posts and shops, so it counts only with what it is for.
_WORDS = re.compile(
    r"""(?ix)
      \b(?:verification|security|confirmation|authentication|authorization|login|log[ -]?in
        |sign[ -]?in|access|one[- ]?time|single[- ]use|2fa|two[- ](?:factor|step)|activation|reset)
        [ -](?:pass)?(?:code|password|pin|passcode)\b
    | \b(?:otp|2fa|mtan|pushtan|chiptan|passcode)\b
    | \bcode\ (?:to|for)\ (?:verify|confirm|log|sign|reset|continue|authenticat)
    | \byour\ (?:\w+\ ){0,3}(?:code|pin)\b | \benter\ (?:the|this)\ code\b
    | (?:bestätigungs|sicherheits|verifizierungs|anmelde|einmal|freischalt|zugangs)
        [- ]?(?:code|passwort|kennwort)
    | \btan\b | \bdein\ (?:\w+-?\ ?){0,2}code\b | \bihr\ (?:\w+-?\ ?){0,2}code\b
    | \bcode\ (?:de|d['’])\ ?(?:vérification|sécurité|confirmation|validation|connexion|accès)
    | \bvotre\ code\b | \bc[óo]digo\ de\ (?:verificaci[óo]n|seguridad|confirmaci[óo]n|acceso
        |inicio|verifica[çc][ãa]o|seguran[çc]a|confirma[çc][ãa]o|acesso)
    | \b(?:tu|su|seu)\ c[óo]digo\b
    | \bcodice\ (?:di\ (?:verifica|sicurezza|conferma|accesso)|otp|monouso)
    | \b(?:verificatie|beveiligings|inlog|bevestigings)code
    | \bkod\ (?:weryfikacyjny|bezpieczeństwa|autoryzacyjny|sms) | \bověřovací\ kód
    | \boverovací\ kód
    | \b(?:verifierings|engångs|bekræftelses|bekreftelses|engangs)kode?n? | \bvahvistuskoodi
    | \bdoğrulama\ kodu | \bgüvenlik\ kodu | \bκωδικ[όο]ς\ (?:επαλήθευσης|ασφαλείας|επιβεβαίωσης)
    | \bкод\w{0,2}\ (?:подтверждения|проверки|безопасности|доступа|підтвердження|для\ входа)
    | \b(?:ваш|твой)\ код | \bkode\ (?:verifikasi|otp|keamanan)
    | \bmã\ (?:xác\ (?:minh|thực|nhận)|otp) | 验证码|驗證碼|校验码|动态码
    | 認証コード|確認コード|ワンタイム|パスコード|인증번호|인증\ ?코드|확인\ ?코드
    | رمز\ التحقق|رمز\ التأكيد|קוד\ (?:אימות|האימות)|ओटीपी|सत्यापन\ कोड|รหัส\ ?(?:otp|ยืนยัน)
    """
)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,:/+#€$£-])(?:[A-Z]{1,2}-)?"
    r"(?P<code>\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d{4,8})(?![A-Za-z0-9_/-]|[.,:]\d)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_PIN = re.compile(r"(?i)^\W*(?:pin|puk|cvv2?|cvc2?)\W{1,4}\d{3,8}\W*$")


def is_code_alone(text: str) -> bool:
    """Whether a text is nothing but six digits, in one or in two groups."""
    return _ALONE.fullmatch(text.strip()) is not None


def code_in(text: str) -> bool:
    """Whether a message calls a number in it a one-time code, or a line a PIN."""
    if len(text) > MOST_CHARS:
        return False
    if _PIN.match(text):
        return True
    named = [found.span() for found in _WORDS.finditer(text)]
    return bool(named) and any(
        any(start - _NEAR <= number.start() <= end + _NEAR for start, end in named)
        for number in _NUMBER.finditer(text)
        if not _YEAR.fullmatch(number["code"])
    )

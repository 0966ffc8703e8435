"""Forty thousand lines of Shakespeare."""

from __future__ import annotations

from gradiens.data.files import Remote, content


def tiny_shakespeare() -> str:
    """Plays of Shakespeare in one text: 40,000 lines, 1,115,394 characters, 65 of them different.

    Karpathy's char-rnn, github.com/karpathy/char-rnn; the text is in the public domain.

    Book: 1.6, B.1.
    """
    url = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
    sha256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
    return content(Remote("tinyshakespeare", "input.txt", sha256, url)).decode("ascii")

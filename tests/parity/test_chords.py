"""Chord symbols: every one that note_seq's grammar makes up to a bound, and broken ones."""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from note_seq import chord_symbols_lib

_LETTERS = "ABCDEFG"
_ROOTS = [letter + accidentals for letter in _LETTERS
          for accidentals in ("", "#", "b", "##", "bb")]
_BASSES = ["", *(f"/{root}" for root in _ROOTS)]
_KINDS = list(chord_symbols_lib._CHORD_KINDS_BY_ABBREV)
_MODIFICATIONS = [change + str(degree)
                  for change in chord_symbols_lib._DEGREE_MODIFICATIONS
                  for degree in range(1, 14)]
_BRACKETED = [f"({modification})" for modification in _MODIFICATIONS]
_BROKEN = "()/#b\n 0123456789addnosumjinpeN.C"


# Symbols with at most one modification on any root and bass, and with two on a few roots.
_GRAMMAR = ((_ROOTS, _KINDS, ["", *_MODIFICATIONS], _BASSES),
            (("C", "Gb"), _KINDS, _MODIFICATIONS, _BRACKETED))
_GRAMMAR_SIZE = sum(math.prod(map(len, parts)) for parts in _GRAMMAR)


def _grammar(rng: random.Random, count: int) -> Iterator[str]:
    """`count` symbols of the grammar by chance, or all when there are no more."""
    if count >= _GRAMMAR_SIZE:
        for parts in _GRAMMAR:
            yield from map("".join, itertools.product(*parts))
        return
    for _ in range(count):
        yield "".join(map(rng.choice, rng.choices(_GRAMMAR, (8, 1))[0]))


def _sampled(rng: random.Random) -> str:
    """A symbol beyond the bound: more accidentals, modifications, degrees and brackets."""
    def root() -> str:
        return rng.choice(_LETTERS) + rng.choice("#b") * rng.choice((0, 0, 0, 1, 1, 2, 5, 13))

    modifications = [
        rng.choice(("", "(")) + rng.choice(list(chord_symbols_lib._DEGREE_MODIFICATIONS))
        + str(rng.choice((0, 1, 3, 5, 6, 7, 9, 11, 13, 14, 99, 10 ** 30, "05", "007")))
        + rng.choice(("", ")")) for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5)))]
    bass = f"/{root()}" if rng.random() < 0.3 else ""
    return (root() + rng.choice(_KINDS) + "".join(modifications) + bass
            + rng.choice(("",) * 9 + ("\n",)))


def _mutated(rng: random.Random, symbol: str) -> str:
    """`symbol` with one to three characters taken out, put in or moved: seldom one any more."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(symbol))
        symbol = rng.choice((
            symbol[:at] + symbol[at + 1:],
            symbol[:at] + rng.choice(_BROKEN) + symbol[at:],
            symbol[:at] + symbol[at:][::-1]))
    return symbol


def _theirs(symbol: str, semitones: int) -> tuple[Any, ...]:
    """Root, bass, transposed symbol, pitches, quality and error text, as far as they are known."""
    try:
        known = (chord_symbols_lib.chord_symbol_root(symbol),
                 chord_symbols_lib.chord_symbol_bass(symbol),
                 chord_symbols_lib.transpose_chord_symbol(symbol, semitones))
    except chord_symbols_lib.ChordSymbolError as error:
        return None, None, None, None, None, f"ChordSymbolError: {error}"
    try:
        return (*known, chord_symbols_lib.chord_symbol_pitches(symbol),
                chord_symbols_lib.chord_symbol_quality(symbol), None)
    except chord_symbols_lib.ChordSymbolError as error:
        return *known, None, None, f"ChordSymbolError: {error}"


def _compare(symbols: Iterator[str]) -> tuple[int, int]:
    """Compares each with note_seq; returns how many are symbols and how many are not."""
    from magenta_serving._servable import stages

    valid = invalid = 0
    for count, symbol in enumerate(symbols):
        # All intervals in turn, downwards and beyond an octave too.
        semitones = count % 40 - 14
        theirs = _theirs(symbol, semitones)
        assert stages.chord_symbol(symbol, semitones) == theirs, (symbol, semitones)
        if theirs[0] is None:
            invalid += 1
        else:
            valid += 1
    return valid, invalid


def test_the_grammar(amount: Callable[[str], int]) -> None:
    """Symbols that the grammar makes; a few read differently when their parts are joined."""
    valid, invalid = _compare(_grammar(random.Random("grammar"), amount("chords")))
    assert valid + invalid == min(amount("chords"), _GRAMMAR_SIZE)
    assert valid > 10 * invalid


def test_beyond_the_bound(amount: Callable[[str], int]) -> None:
    """Random symbols of any length."""
    rng = random.Random("symbols")
    valid, invalid = _compare(_sampled(rng) for _ in range(amount("chords") // 10))
    assert valid > invalid


def test_broken_symbols(amount: Callable[[str], int]) -> None:
    """Symbols with a few wrong characters: note_seq's errors, and what it takes nevertheless."""
    rng = random.Random("broken")
    valid, invalid = _compare(
        _mutated(rng, _sampled(rng)) for _ in range(amount("chords") // 5))
    assert valid and invalid > valid

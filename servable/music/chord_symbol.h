// Chord symbols like "Ebm7b5/A", as note_seq/chord_symbols_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_CHORD_SYMBOL_H_
#define MAGENTA_SERVING_MUSIC_CHORD_SYMBOL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace magenta_serving {

// What stands for silence where a chord symbol is expected. It is not one itself.
inline constexpr char kNoChord[] = "N.C.";

// Longer symbols are refused, where Magenta would take any: chords are repeated for each step, and
// appear in error texts.
inline constexpr int kMaxChordSymbolBytes = 1024;

// InvalidArgument for a text over kMaxChordSymbolBytes.
absl::Status CheckChordSymbolSize(absl::string_view figure);

// By the third and the fifth; the values are those of note_seq.
enum class ChordQuality { kMajor = 0, kMinor = 1, kAugmented = 2, kDiminished = 3, kOther = 4 };

// A symbol is a root, a kind ("", "m", "maj7", ...), modifications of scale degrees ("add9", "no3",
// "(b5)", ...) and, after a slash, a bass. Pitch classes are 0 (C) to 11.
class ChordSymbol {
 public:
  // ChordSymbolError for a text that is not a chord symbol. A newline at its end is ignored.
  static absl::StatusOr<ChordSymbol> Parse(absl::string_view figure);

  int root() const;
  int bass() const;  // the root where no bass is given

  // The pitch classes of the scale degrees: those of the kind in ascending order, then added ones.
  // The bass is not among them unless it is such a degree; two degrees may be of one pitch class.
  // ChordSymbolError when a modification adds a degree that is there or removes one that is not.
  absl::StatusOr<std::vector<int>> Pitches() const;

  // Raises what Pitches raises.
  absl::StatusOr<ChordQuality> Quality() const;

  // The text with root and bass moved by `semitones`, without what was ignored.
  std::string Transposed(int semitones) const;

 private:
  // A letter A to G and its sharps (positive) or flats.
  struct PitchClass {
    char step;
    int alter;

    static std::optional<PitchClass> Consume(absl::string_view& text);
    int midi() const;
    PitchClass Transposed(int semitones) const;
    std::string ToString() const;
  };

  // A degree of the scale in decimal digits, which have no bound, and its sharps or flats.
  struct Degree {
    std::string number;
    int alter;
  };
  struct Kind;
  struct Modification;

  static const std::vector<Kind>& Kinds();
  static std::vector<Modification> ConsumeModifications(absl::string_view& text);

  ChordSymbol() = default;
  absl::StatusOr<std::vector<Degree>> Degrees() const;

  PitchClass root_{};
  std::optional<PitchClass> bass_;
  const Kind* kind_ = nullptr;
  std::string kind_text_;
  std::string modifications_text_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_CHORD_SYMBOL_H_

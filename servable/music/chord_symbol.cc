#include "servable/music/chord_symbol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servable/base/status.h"
#include "servable/music/note_sequence.h"
#include "servable/music/python_semantics.h"

namespace magenta_serving {
namespace {

constexpr char kChordSymbolError[] = "ChordSymbolError";

constexpr int kStepsPerScale = 7;
// By letter from A: the pitch class, and the semitones to the next letter.
constexpr std::array<int, kStepsPerScale> kPitchOfLetter = {9, 11, 0, 2, 4, 5, 7};
constexpr std::array<int, kStepsPerScale> kSemitonesAboveLetter = {2, 1, 2, 2, 1, 2, 2};
// Semitones from the root to the degrees 1 to 7 of the major scale.
constexpr std::array<int, kStepsPerScale> kMajorScale = {0, 2, 4, 5, 7, 9, 11};

std::string Accidentals(int alter) {
  return std::string(std::abs(alter), alter >= 0 ? '#' : 'b');
}

// The degree within one octave, 0 for the root: (number - 1) mod 7.
int ScaleStep(absl::string_view number) {
  int remainder = 0;
  for (char digit : number) remainder = (remainder * 10 + (digit - '0')) % kStepsPerScale;
  return static_cast<int>(FloorMod(remainder - 1, kStepsPerScale));
}

}  // namespace

absl::Status CheckChordSymbolSize(absl::string_view figure) {
  if (figure.size() <= kMaxChordSymbolBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a chord symbol has ", figure.size(),
                                                 " bytes; at most ", kMaxChordSymbolBytes,
                                                 " are supported"));
}

// Ways to write a chord's kind, and the degrees that it has.
struct ChordSymbol::Kind {
  std::vector<const char*> abbreviations;
  std::vector<Degree> degrees;
};

struct ChordSymbol::Modification {
  enum class Action { kAdd, kRemove, kAlter };
  Action action;
  Degree degree;
};

// In the order in which they are tried.
const std::vector<ChordSymbol::Kind>& ChordSymbol::Kinds() {
  static const auto* kinds = new std::vector<Kind>{
      {{"", "maj", "M"}, {{"1", 0}, {"3", 0}, {"5", 0}}},
      {{"m", "min", "-"}, {{"1", 0}, {"3", -1}, {"5", 0}}},
      {{"+", "aug"}, {{"1", 0}, {"3", 0}, {"5", 1}}},
      {{"o", "dim"}, {{"1", 0}, {"3", -1}, {"5", -1}}},
      {{"7"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", -1}}},
      {{"maj7", "M7"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", 0}}},
      {{"m7", "min7", "-7"}, {{"1", 0}, {"3", -1}, {"5", 0}, {"7", -1}}},
      {{"o7", "dim7"}, {{"1", 0}, {"3", -1}, {"5", -1}, {"7", -2}}},
      {{"+7", "aug7"}, {{"1", 0}, {"3", 0}, {"5", 1}, {"7", -1}}},
      {{"m7b5", "-7b5", "/o", "/o7"}, {{"1", 0}, {"3", -1}, {"5", -1}, {"7", -1}}},
      {{"mmaj7", "mM7", "minmaj7", "minM7", "-maj7", "-M7", "m(maj7)", "m(M7)", "min(maj7)",
        "min(M7)", "-(maj7)", "-(M7)"},
       {{"1", 0}, {"3", -1}, {"5", 0}, {"7", 0}}},
      {{"6"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"6", 0}}},
      {{"m6", "min6", "-6"}, {{"1", 0}, {"3", -1}, {"5", 0}, {"6", 0}}},
      {{"9"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", -1}, {"9", 0}}},
      {{"maj9", "M9"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", 0}, {"9", 0}}},
      {{"m9", "min9", "-9"}, {{"1", 0}, {"3", -1}, {"5", 0}, {"7", -1}, {"9", 0}}},
      {{"+9", "aug9"}, {{"1", 0}, {"3", 0}, {"5", 1}, {"7", -1}, {"9", 0}}},
      {{"6/9"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"6", 0}, {"9", 0}}},
      {{"11"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", -1}, {"9", 0}, {"11", 0}}},
      {{"maj11", "M11"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", 0}, {"9", 0}, {"11", 0}}},
      {{"m11", "min11", "-11"}, {{"1", 0}, {"3", -1}, {"5", 0}, {"7", -1}, {"9", 0}, {"11", 0}}},
      {{"13"}, {{"1", 0}, {"3", 0}, {"5", 0}, {"7", -1}, {"9", 0}, {"11", 0}, {"13", 0}}},
      {{"maj13", "M13"},
       {{"1", 0}, {"3", 0}, {"5", 0}, {"7", 0}, {"9", 0}, {"11", 0}, {"13", 0}}},
      {{"m13", "min13", "-13"},
       {{"1", 0}, {"3", -1}, {"5", 0}, {"7", -1}, {"9", 0}, {"11", 0}, {"13", 0}}},
      {{"sus2"}, {{"1", 0}, {"2", 0}, {"5", 0}}},
      {{"sus", "sus4"}, {{"1", 0}, {"4", 0}, {"5", 0}}},
      {{"sus7", "7sus"}, {{"1", 0}, {"4", 0}, {"5", 0}, {"7", -1}}},
      {{"ped"}, {{"1", 0}}},
      {{"5"}, {{"1", 0}, {"5", 0}}},
  };
  return *kinds;
}

// Takes a pitch class off the front of `text`, which is left alone when there is none: sharps and
// flats do not mix.
std::optional<ChordSymbol::PitchClass> ChordSymbol::PitchClass::Consume(absl::string_view& text) {
  if (text.empty() || text[0] < 'A' || text[0] > 'G') return std::nullopt;
  size_t end = 1;
  if (end < text.size() && (text[end] == '#' || text[end] == 'b')) {
    end = std::min(text.find_first_not_of(text[1], 1), text.size());
    if (end < text.size() && (text[end] == '#' || text[end] == 'b')) return std::nullopt;
  }
  const int count = static_cast<int>(end) - 1;
  const PitchClass pitch_class{text[0], count > 0 && text[1] == 'b' ? -count : count};
  text.remove_prefix(end);
  return pitch_class;
}

int ChordSymbol::PitchClass::midi() const {
  return static_cast<int>(FloorMod(kPitchOfLetter[step - 'A'] + alter, kNotesPerOctave));
}

// Up by whole letters as far as they go; the rest lowers the next letter or takes flats away.
ChordSymbol::PitchClass ChordSymbol::PitchClass::Transposed(int semitones) const {
  int rest = static_cast<int>(FloorMod(semitones, kNotesPerOctave));
  int letter = step - 'A';
  int new_alter = alter;
  for (; rest >= kSemitonesAboveLetter[letter]; letter = (letter + 1) % kStepsPerScale) {
    rest -= kSemitonesAboveLetter[letter];
  }
  if (rest > 0 && alter < 0) {
    new_alter += rest;
  } else if (rest > 0) {
    new_alter -= kSemitonesAboveLetter[letter] - rest;
    letter = (letter + 1) % kStepsPerScale;
  }
  return {static_cast<char>('A' + letter), new_alter};
}

std::string ChordSymbol::PitchClass::ToString() const {
  return absl::StrCat(std::string(1, step), Accidentals(alter));
}

// Takes as many modifications off the front of `text` as there are. Brackets need not match.
std::vector<ChordSymbol::Modification> ChordSymbol::ConsumeModifications(absl::string_view& text) {
  using Action = Modification::Action;
  std::vector<Modification> modifications;
  while (true) {
    absl::string_view rest = text;
    absl::ConsumePrefix(&rest, "(");
    Modification modification{Action::kAdd, {"", 0}};
    const auto consume_accidental = [&] {
      if (absl::ConsumePrefix(&rest, "#")) {
        modification.degree.alter = 1;
      } else if (absl::ConsumePrefix(&rest, "b")) {
        modification.degree.alter = -1;
      }
      return modification.degree.alter != 0;
    };
    if (absl::ConsumePrefix(&rest, "add")) {
      consume_accidental();
    } else if (absl::ConsumePrefix(&rest, "no")) {
      modification.action = Action::kRemove;
    } else if (consume_accidental()) {
      modification.action = Action::kAlter;
    } else {
      return modifications;
    }
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return modifications;
    absl::string_view number = rest.substr(0, digits);
    while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
    modification.degree.number = std::string(number);
    rest.remove_prefix(digits);
    absl::ConsumePrefix(&rest, ")");
    modifications.push_back(std::move(modification));
    text = rest;
  }
}

absl::StatusOr<ChordSymbol> ChordSymbol::Parse(absl::string_view figure) {
  MS_RETURN_IF_ERROR(CheckChordSymbolSize(figure));
  absl::string_view after_root = figure;
  absl::ConsumeSuffix(&after_root, "\n");
  const std::optional<PitchClass> root = PitchClass::Consume(after_root);
  if (root.has_value()) {
    for (const Kind& kind : Kinds()) {
      for (const char* abbreviation : kind.abbreviations) {
        absl::string_view rest = after_root;
        if (!absl::ConsumePrefix(&rest, abbreviation)) continue;
        const absl::string_view modifications = rest;
        ConsumeModifications(rest);
        ChordSymbol symbol;
        symbol.root_ = *root;
        symbol.kind_ = &kind;
        symbol.kind_text_ = abbreviation;
        symbol.modifications_text_ =
            std::string(modifications.substr(0, modifications.size() - rest.size()));
        if (absl::ConsumePrefix(&rest, "/")) {
          symbol.bass_ = PitchClass::Consume(rest);
          if (!symbol.bass_.has_value()) continue;
        }
        if (rest.empty()) return symbol;
      }
    }
  }
  return MagentaError(kChordSymbolError, absl::StrCat("Unable to parse chord symbol: ", figure));
}

int ChordSymbol::root() const { return root_.midi(); }

int ChordSymbol::bass() const { return bass_.value_or(root_).midi(); }

absl::StatusOr<std::vector<ChordSymbol::Degree>> ChordSymbol::Degrees() const {
  std::vector<Degree> degrees = kind_->degrees;
  absl::string_view text = modifications_text_;
  for (Modification& modification : ConsumeModifications(text)) {
    Degree& degree = modification.degree;
    const auto found = std::find_if(degrees.begin(), degrees.end(), [&](const Degree& other) {
      return other.number == degree.number;
    });
    const bool present = found != degrees.end();
    switch (modification.action) {
      case Modification::Action::kAdd:
        if (present) {
          return MagentaError(kChordSymbolError,
                              absl::StrCat("Scale degree already in chord: ", degree.number));
        }
        // An added 7 is the dominant seventh.
        if (degree.number == "7") --degree.alter;
        degrees.push_back(std::move(degree));
        break;
      case Modification::Action::kRemove:
        if (!present) {
          return MagentaError(kChordSymbolError,
                              absl::StrCat("Scale degree not in chord: ", degree.number));
        }
        degrees.erase(found);
        break;
      case Modification::Action::kAlter:
        if (present) {
          found->alter += degree.alter;
        } else {
          degrees.push_back(std::move(degree));
        }
        break;
    }
  }
  return degrees;
}

absl::StatusOr<std::vector<int>> ChordSymbol::Pitches() const {
  std::vector<Degree> degrees;
  MS_ASSIGN_OR_RETURN(degrees, Degrees());
  std::vector<int> pitches;
  for (const Degree& degree : degrees) {
    const int semitones = kMajorScale[ScaleStep(degree.number)] + degree.alter;
    pitches.push_back(static_cast<int>(FloorMod(root() + semitones, kNotesPerOctave)));
  }
  return pitches;
}

absl::StatusOr<ChordQuality> ChordSymbol::Quality() const {
  std::vector<Degree> degrees;
  MS_ASSIGN_OR_RETURN(degrees, Degrees());
  std::array<std::optional<int>, 3> triad;  // alterations of 1, 3 and 5
  for (const Degree& degree : degrees) {
    if (degree.number == "1") triad[0] = degree.alter;
    if (degree.number == "3") triad[1] = degree.alter;
    if (degree.number == "5") triad[2] = degree.alter;
  }
  if (triad[0] == 0 && triad[1] == 0 && triad[2] == 0) return ChordQuality::kMajor;
  if (triad[0] == 0 && triad[1] == -1 && triad[2] == 0) return ChordQuality::kMinor;
  if (triad[0] == 0 && triad[1] == 0 && triad[2] == 1) return ChordQuality::kAugmented;
  if (triad[0] == 0 && triad[1] == -1 && triad[2] == -1) return ChordQuality::kDiminished;
  return ChordQuality::kOther;
}

std::string ChordSymbol::Transposed(int semitones) const {
  std::string text = absl::StrCat(root_.Transposed(semitones).ToString(), kind_text_,
                                  modifications_text_);
  if (bass_.has_value()) absl::StrAppend(&text, "/", bass_->Transposed(semitones).ToString());
  return text;
}

}  // namespace magenta_serving

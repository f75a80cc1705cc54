#include "servable/music/melody_extraction.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/key_histogram.h"
#include "servable/music/python_int_set.h"
#include "servable/music/python_semantics.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using Notes = std::vector<const NoteSequence::Note*>;

// Applies the length and pitch conditions of `options` to `melody`, which may be cut; false if it
// is to be left out.
absl::StatusOr<bool> Accept(const MelodyExtractionOptions& options, Melody& melody) {
  const int64_t steps_per_bar = melody.steps_per_bar();
  if (melody.size() < static_cast<double>(steps_per_bar) * options.min_bars) return false;
  if (options.max_steps_discard.has_value() && melody.size() > *options.max_steps_discard) {
    return false;
  }
  if (options.max_steps_truncate.has_value() && melody.size() > *options.max_steps_truncate) {
    int64_t length = *options.max_steps_truncate;
    if (options.pad_end) length -= FloorMod(length, steps_per_bar);
    MS_RETURN_IF_ERROR(melody.SetLength(length));
  }
  const Histogram histogram = NoteHistogram(melody.events());
  const auto unique_pitches =
      std::count_if(histogram.begin(), histogram.end(), [](int64_t count) { return count != 0; });
  return unique_pitches >= options.min_unique_pitches;
}

// Appends the melodies of one instrument, whose notes are sorted for extraction, and adds the steps
// of all that were looked at, those left out included, to `total_steps`.
absl::Status ExtractInstrument(const Notes& notes, int64_t steps_per_bar, int steps_per_quarter,
                               int64_t search_start_step, const MelodyExtractionOptions& options,
                               int64_t& total_steps, std::vector<Melody>& melodies) {
  Melody::ExtractionOptions search;
  search.search_start_step = search_start_step;
  search.gap_bars = options.gap_bars;
  search.ignore_polyphonic_notes = options.ignore_polyphonic_notes;
  search.pad_end = options.pad_end;
  search.filter_drums = options.filter_drums;
  std::unordered_set<int64_t> searched;
  while (searched.insert(search.search_start_step).second) {
    const auto first = std::lower_bound(
        notes.begin(), notes.end(), search.search_start_step,
        [](const NoteSequence::Note* note, int64_t step) {
          return note->quantized_start_step() < step;
        });
    absl::StatusOr<Melody> melody = Melody::FromSortedNotes(
        absl::MakeConstSpan(notes).subspan(first - notes.begin()), steps_per_bar,
        steps_per_quarter, search);
    if (absl::StartsWith(melody.status().message(), "PolyphonicMelodyError:")) {
      return absl::OkStatus();
    }
    MS_RETURN_IF_ERROR(melody.status());
    if (melody->empty()) return absl::OkStatus();
    total_steps += melody->size();
    MS_RETURN_IF_ERROR(CheckLength("melodies", total_steps));
    // The next search starts at the next bar line.
    const int64_t end_step = melody->end_step();
    search.search_start_step = end_step + FloorMod(search_start_step - end_step, steps_per_bar);
    bool accepted = false;
    MS_ASSIGN_OR_RETURN(accepted, Accept(options, *melody));
    if (accepted) melodies.push_back(*std::move(melody));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("melodies do not come to an end in bars of ", steps_per_bar, " steps"));
}

}  // namespace

absl::StatusOr<std::vector<Melody>> ExtractMelodies(const NoteSequence& quantized,
                                                    int64_t search_start_step,
                                                    const MelodyExtractionOptions& options) {
  // Without notes a bar of fractional length goes unnoticed, as in Python.
  MS_RETURN_IF_ERROR(StepsPerBarInQuantizedSequence(quantized).status());
  std::vector<Melody> melodies;
  if (quantized.notes().empty()) return melodies;
  int64_t steps_per_bar = 0;
  MS_ASSIGN_OR_RETURN(steps_per_bar, IntegerStepsPerBar(quantized));
  if (steps_per_bar == 0) return MagentaError("ZeroDivisionError", "integer modulo by zero");

  std::unordered_map<int64_t, Notes> notes_of;
  std::vector<int64_t> instruments;
  for (const NoteSequence::Note& note : quantized.notes()) {
    Notes& notes = notes_of[note.instrument()];
    if (notes.empty()) instruments.push_back(note.instrument());
    notes.push_back(&note);
  }
  int64_t total_steps = 0;
  for (int64_t instrument : PythonIntSet::FromList(instruments).Values()) {
    Notes& notes = notes_of[instrument];
    Melody::SortForExtraction(notes);
    MS_RETURN_IF_ERROR(ExtractInstrument(notes, steps_per_bar,
                                         quantized.quantization_info().steps_per_quarter(),
                                         search_start_step, options, total_steps, melodies));
  }
  return melodies;
}

}  // namespace magenta_serving

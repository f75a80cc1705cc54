// Melody: a monophonic line on a grid of steps, as note_seq/melodies_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_MELODY_H_
#define MAGENTA_SERVING_MUSIC_MELODY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/music/note_sequence.h"
#include "servable/music/simple_event_sequence.h"

namespace magenta_serving {

inline constexpr int kMelodyNoEvent = -2;  // what sounds goes on, or silence does
inline constexpr int kMelodyNoteOff = -1;
inline constexpr int kMinMelodyEvent = kMelodyNoEvent;
inline constexpr int kMaxMelodyEvent = kMaxMidiPitch;

// One event for each step: kMelodyNoEvent, kMelodyNoteOff or the pitch (0..127) of a note that
// starts there. A note sounds until the next note or NOTE_OFF, or the end of the melody. A value
// class: copying with = keeps the events as they are, which Python's copies do not: see DeepCopy.
class Melody : public SimpleEventSequence<int> {
 public:
  Melody() = default;

  // NOTE_OFFs before the first note become NO_EVENTs. ValueError for events outside [-2, 127].
  static absl::StatusOr<Melody> Create(std::vector<int> events, int64_t start_step = 0,
                                       int64_t steps_per_bar = kDefaultStepsPerBar,
                                       int steps_per_quarter = kDefaultStepsPerQuarter);

  // The arguments of from_quantized_sequence, with its defaults.
  struct ExtractionOptions {
    int64_t search_start_step = 0;         // earlier notes are left out; the first step of a bar
    int instrument = 0;                    // the only instrument that is looked at
    double gap_bars = 1;                   // the melody ends before this many bars of silence
    bool ignore_polyphonic_notes = false;  // keep the highest of simultaneous notes
    bool pad_end = false;                  // lengthen to the end of the bar
    bool filter_drums = true;              // leave out notes marked is_drum
  };

  // The first melody of one instrument of a sequence from QuantizeNoteSequence; empty when there is
  // none. It starts at the beginning of the bar of its first note; a note ends where the next one
  // starts, and a note that ends before an earlier one cuts that off. Pitches are taken as they
  // are: see CheckEvents. Raises QuantizationStatusError, NonIntegerStepsPerBarError, BadNoteError
  // (a note without length) and, unless ignore_polyphonic_notes, PolyphonicMelodyError.
  static absl::StatusOr<Melody> FromQuantizedSequence(const NoteSequence& quantized,
                                                      const ExtractionOptions& options);

  // The same from notes that are already selected: those of one instrument that start at or after
  // search_start_step, sorted by start step and, in one step, highest first (SortForExtraction).
  // `steps_per_bar` is the sequence's.
  static absl::StatusOr<Melody> FromSortedNotes(absl::Span<const NoteSequence::Note* const> notes,
                                                int64_t steps_per_bar, int steps_per_quarter,
                                                const ExtractionOptions& options);
  static void SortForExtraction(std::vector<const NoteSequence::Note*>& notes);

  // Appends the event as it is: a NOTE_OFF before any note stays until the next DeepCopy.
  // ValueError for events outside [-2, 127].
  absl::Status Append(int event);

  // As copy.deepcopy, which builds a new melody of the events: NOTE_OFFs before the first note
  // become NO_EVENTs. Where the events may come from an extraction, CheckEvents gives the error
  // that Python raises here.
  Melody DeepCopy() const;

  // ValueError when an event is outside [-2, 127]: a note of such a pitch was extracted.
  absl::Status CheckEvents() const;

  // Cuts the end off, or adds NO_EVENTs, of which the first is a NOTE_OFF if a note was sounding:
  // see Resize.
  absl::Status SetLength(int64_t steps);

  // Transposes to the major key `transpose_to_key` (0 = C; nullopt: not at all) and by octaves to
  // near the centre of [min_note, max_note), then folds what is still outside into that range by
  // octaves. Returns the transposition in semitones, 0 if there are no notes. max_note - min_note
  // must be at least 12.
  int Squash(int min_note, int max_note, std::optional<int> transpose_to_key);

  // Adds `amount` semitones to every pitch and folds it into [min_note, max_note) by octaves.
  void Transpose(int amount, int min_note = kMinMidiPitch, int max_note = kNumMidiPitches);

  // The notes with times in seconds, step 0 of the grid at sequence_start_time. ZeroDivisionError
  // when qpm or steps_per_quarter is 0.
  absl::StatusOr<NoteSequence> ToSequence(int velocity = 100, int instrument = 0, int program = 0,
                                          double sequence_start_time = 0.0,
                                          double qpm = kDefaultQuartersPerMinute) const;

  friend bool operator==(const Melody& a, const Melody& b) {
    return a.events_ == b.events_ && a.start_step_ == b.start_step_ && a.end_step_ == b.end_step_ &&
           a.steps_per_bar_ == b.steps_per_bar_ && a.steps_per_quarter_ == b.steps_per_quarter_;
  }
  friend bool operator!=(const Melody& a, const Melody& b) { return !(a == b); }

 private:
  Melody(std::vector<int> events, int64_t start_step, int64_t steps_per_bar, int steps_per_quarter);
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MELODY_H_

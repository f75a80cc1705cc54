#include "servable/music/melody.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/music/key_histogram.h"
#include "servable/music/python_semantics.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kWhat[] = "melody";

bool IsMelodyEvent(int64_t event) { return kMinMelodyEvent <= event && event <= kMaxMelodyEvent; }

absl::Status CheckRange(absl::Span<const int> events) {
  for (int event : events) {
    if (!IsMelodyEvent(event)) {
      return MagentaError("ValueError", absl::StrCat("Melody event out of range: ", event));
    }
  }
  return absl::OkStatus();
}

// Collects the notes of a melody in ascending order of their starts and writes the events once at
// the end, so that long notes that are cut off again cost nothing.
class NoteWriter {
 public:
  bool empty() const { return notes_.empty(); }

  // Where the last note-on is; -1 while only negative pitches were added, which are none.
  int64_t last_on() const { return last_on_; }
  // Where the first NOTE_OFF after last_on is.
  int64_t last_off() const { return last_off_; }

  // The last note's end.
  int64_t length() const { return notes_.back().end; }

  // Adds a note on steps [start, end), relative to the melody's first, and drops all that was there
  // from `start` on.
  void Add(int pitch, int64_t start, int64_t end) {
    if (!notes_.empty() && notes_.back().start == start) notes_.pop_back();
    notes_.push_back({pitch, start, end});
    if (pitch >= kMinMidiPitch) {
      last_on_ = start;
      last_off_ = end;
    } else if (last_off_ >= start) {
      last_off_ = pitch == kMelodyNoteOff ? start : end;
    }
  }

  std::vector<int> Events() const {
    std::vector<int> events(length(), kMelodyNoEvent);
    for (size_t i = 0; i < notes_.size(); ++i) {
      const Note& note = notes_[i];
      events[note.start] = note.pitch;
      // The last note's NOTE_OFF would lie behind the end.
      if (i + 1 < notes_.size() && note.end < notes_[i + 1].start) {
        events[note.end] = kMelodyNoteOff;
      }
    }
    return events;
  }

 private:
  struct Note {
    int pitch;
    int64_t start;
    int64_t end;
  };
  std::vector<Note> notes_;
  int64_t last_on_ = -1;
  int64_t last_off_ = 0;
};

}  // namespace

Melody::Melody(std::vector<int> events, int64_t start_step, int64_t steps_per_bar,
               int steps_per_quarter)
    : SimpleEventSequence(std::move(events), start_step, steps_per_bar, steps_per_quarter) {
  for (int& event : events_) {
    if (event != kMelodyNoEvent && event != kMelodyNoteOff) break;
    event = kMelodyNoEvent;
  }
}

absl::StatusOr<Melody> Melody::Create(std::vector<int> events, int64_t start_step,
                                      int64_t steps_per_bar, int steps_per_quarter) {
  MS_RETURN_IF_ERROR(CheckRange(events));
  return Melody(std::move(events), start_step, steps_per_bar, steps_per_quarter);
}

absl::StatusOr<Melody> Melody::FromQuantizedSequence(const NoteSequence& quantized,
                                                     const ExtractionOptions& options) {
  int64_t steps_per_bar = 0;
  MS_ASSIGN_OR_RETURN(steps_per_bar, IntegerStepsPerBar(quantized));
  std::vector<const NoteSequence::Note*> notes;
  for (const NoteSequence::Note& note : quantized.notes()) {
    if (note.instrument() == options.instrument &&
        note.quantized_start_step() >= options.search_start_step) {
      notes.push_back(&note);
    }
  }
  SortForExtraction(notes);
  return FromSortedNotes(notes, steps_per_bar, quantized.quantization_info().steps_per_quarter(),
                         options);
}

void Melody::SortForExtraction(std::vector<const NoteSequence::Note*>& notes) {
  std::stable_sort(notes.begin(), notes.end(),
                   [](const NoteSequence::Note* a, const NoteSequence::Note* b) {
                     if (a->quantized_start_step() != b->quantized_start_step()) {
                       return a->quantized_start_step() < b->quantized_start_step();
                     }
                     return a->pitch() > b->pitch();
                   });
}

absl::StatusOr<Melody> Melody::FromSortedNotes(absl::Span<const NoteSequence::Note* const> notes,
                                               int64_t steps_per_bar, int steps_per_quarter,
                                               const ExtractionOptions& options) {
  Melody melody;
  melody.steps_per_bar_ = steps_per_bar;
  melody.steps_per_quarter_ = steps_per_quarter;
  if (notes.empty()) return melody;
  if (steps_per_bar == 0) return MagentaError("ZeroDivisionError", "integer modulo by zero");

  // The bar is that of the first note in the list, be it a drum or silent.
  const int64_t first_step = notes[0]->quantized_start_step();
  const int64_t melody_start_step =
      first_step - FloorMod(first_step - options.search_start_step, steps_per_bar);
  NoteWriter writer;
  for (const NoteSequence::Note* note : notes) {
    if (options.filter_drums && note->is_drum()) continue;
    if (note->velocity() == 0) continue;
    const int64_t start = note->quantized_start_step() - melody_start_step;
    const int64_t end = note->quantized_end_step() - melody_start_step;
    if (!writer.empty()) {
      if (writer.last_on() < 0) {
        return MagentaError("ValueError", "No events in the stream");
      }
      if (start == writer.last_on()) {
        if (options.ignore_polyphonic_notes) continue;
        return MagentaError("PolyphonicMelodyError", "");
      }
      if (start - writer.last_off() >= options.gap_bars * steps_per_bar) break;
    }
    if (start >= end) {
      return MagentaError("BadNoteError",
                          absl::StrCat("Start step does not precede end step: start=", start,
                                       ", end=", end));
    }
    // Happens in bars of a negative length only.
    if (start < 0) return MagentaError("IndexError", "list assignment index out of range");
    writer.Add(note->pitch(), start, end);
  }
  if (writer.empty()) return melody;

  int64_t length = writer.length();
  MS_RETURN_IF_ERROR(CheckLength(kWhat, length));
  melody.events_ = writer.Events();
  melody.start_step_ = melody_start_step;
  if (options.pad_end) length += FloorMod(-length, steps_per_bar);
  MS_RETURN_IF_ERROR(melody.SetLength(length));
  return melody;
}

absl::Status Melody::Append(int event) {
  if (!IsMelodyEvent(event)) {
    return MagentaError("ValueError", absl::StrCat("Event out of range: ", event));
  }
  events_.push_back(event);
  ++end_step_;
  return absl::OkStatus();
}

Melody Melody::DeepCopy() const {
  return Melody(events_, start_step_, steps_per_bar_, steps_per_quarter_);
}

absl::Status Melody::CheckEvents() const { return CheckRange(events_); }

absl::Status Melody::SetLength(int64_t steps) {
  const int64_t old_size = size();
  MS_RETURN_IF_ERROR(Resize(kWhat, steps, kMelodyNoEvent));
  if (steps <= old_size) return absl::OkStatus();
  for (int64_t i = old_size - 1; i >= 0; --i) {
    if (events_[i] == kMelodyNoteOff) break;
    if (events_[i] != kMelodyNoEvent) {
      events_[old_size] = kMelodyNoteOff;
      break;
    }
  }
  return absl::OkStatus();
}

int Melody::Squash(int min_note, int max_note, std::optional<int> transpose_to_key) {
  int amount = 0;
  if (transpose_to_key.has_value()) {
    const int key_difference = *transpose_to_key - MajorKey(events_);
    int lowest = kMaxMidiPitch + 1;
    int highest = kMinMidiPitch - 1;
    for (int event : events_) {
      if (event < kMinMidiPitch || event > kMaxMidiPitch) continue;
      lowest = std::min(lowest, event);
      highest = std::max(highest, event);
    }
    if (highest < lowest) return 0;
    const double melody_center = (lowest + highest) / 2.0;
    const double target_center = (min_note + max_note - 1) / 2.0;
    const double center_difference = target_center - (melody_center + key_difference);
    // nearbyint rounds halves to even, as Python's round.
    const double octaves = std::nearbyint(center_difference / kNotesPerOctave);
    amount = key_difference + kNotesPerOctave * static_cast<int>(octaves);
  }
  Transpose(amount, min_note, max_note);
  return amount;
}

void Melody::Transpose(int amount, int min_note, int max_note) {
  for (int& event : events_) {
    if (event < kMinMidiPitch) continue;
    int64_t pitch = int64_t{event} + amount;
    if (pitch < min_note) {
      pitch = min_note + FloorMod(pitch - min_note, kNotesPerOctave);
    } else if (pitch >= max_note) {
      pitch = max_note - kNotesPerOctave + FloorMod(pitch - max_note, kNotesPerOctave);
    }
    event = static_cast<int>(pitch);
  }
}

absl::StatusOr<NoteSequence> Melody::ToSequence(int velocity, int instrument, int program,
                                                double sequence_start_time, double qpm) const {
  if (qpm == 0 || steps_per_quarter_ == 0) {
    return MagentaError("ZeroDivisionError", "float division by zero");
  }
  const double seconds_per_step = 60.0 / qpm / steps_per_quarter_;
  const double base = sequence_start_time + start_step_ * seconds_per_step;
  const auto time_of = [&](size_t step) { return step * seconds_per_step + base; };

  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(qpm);
  sequence.set_ticks_per_quarter(kStandardPpq);
  NoteSequence::Note* sounding = nullptr;
  for (size_t step = 0; step < events_.size(); ++step) {
    const int event = events_[step];
    const bool is_note = kMinMidiPitch <= event && event <= kMaxMidiPitch;
    if (!is_note && event != kMelodyNoteOff) continue;
    if (sounding != nullptr) sounding->set_end_time(time_of(step));
    sounding = nullptr;
    if (is_note) {
      sounding = sequence.add_notes();
      sounding->set_start_time(time_of(step));
      sounding->set_pitch(event);
      sounding->set_velocity(velocity);
      sounding->set_instrument(instrument);
      sounding->set_program(program);
    }
  }
  if (sounding != nullptr) sounding->set_end_time(time_of(events_.size()));
  if (!sequence.notes().empty()) {
    sequence.set_total_time(sequence.notes(sequence.notes_size() - 1).end_time());
  }
  return sequence;
}

}  // namespace magenta_serving

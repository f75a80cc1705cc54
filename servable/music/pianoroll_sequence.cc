#include "servable/music/pianoroll_sequence.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/python_int_set.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

constexpr char kWhat[] = "pianoroll";

PythonIntSet SetOf(const std::vector<int>& values) {
  return PythonIntSet::FromList(std::vector<int64_t>(values.begin(), values.end()));
}

// Puts a note on the rows [start, end) of its key, as numpy's indexing does: from the end where an
// index is negative. `start` is not.
absl::Status AddNote(int64_t start, int64_t end, std::vector<bool>& is_on) {
  const int64_t rows = static_cast<int64_t>(is_on.size());
  const int64_t before = start - 1;
  if (before >= rows || (before < 0 && rows == 0)) {
    return MagentaError("IndexError", absl::StrCat("index ", before,
                                                   " is out of bounds for axis 0 with size ",
                                                   rows));
  }
  is_on[before < 0 ? rows - 1 : before] = false;
  end = std::min(end < 0 ? end + rows : end, rows);
  if (start < end) std::fill(is_on.begin() + start, is_on.begin() + end, true);
  return absl::OkStatus();
}

}  // namespace

PianorollSequence::PianorollSequence(std::vector<PianorollEvent> events, int steps_per_quarter,
                                     int64_t start_step)
    : events_(std::move(events)), steps_per_quarter_(steps_per_quarter), start_step_(start_step) {}

PianorollSequence PianorollSequence::FromPitches(const std::vector<std::vector<int>>& events,
                                                 int steps_per_quarter) {
  PianorollSequence sequence({}, steps_per_quarter);
  for (const std::vector<int>& pitches : events) {
    PianorollEvent& event = sequence.events_.emplace_back();
    for (int pitch : pitches) {
      if (kMinPianoPitch <= pitch && pitch <= kMaxPianoPitch) {
        event.push_back(pitch - kMinPianoPitch);
      }
    }
  }
  return sequence;
}

absl::StatusOr<PianorollSequence> PianorollSequence::FromQuantizedSequence(
    const NoteSequence& quantized, int64_t start_step) {
  if (!IsRelativeQuantizedSequence(quantized)) {
    return MagentaError("QuantizationStatusError",
                        absl::StrCat("NoteSequence ", quantized.id(), " is not quantized or is ",
                                     "quantized based on absolute timing."));
  }
  const int64_t steps = quantized.total_quantized_steps() - start_step;
  if (steps < 0) return MagentaError("ValueError", "negative dimensions are not allowed");
  MS_RETURN_IF_ERROR(CheckLength(kWhat, steps));
  std::vector<std::vector<bool>> is_on(kNumPianoPitches, std::vector<bool>(steps));
  for (const NoteSequence::Note& note : quantized.notes()) {
    if (note.quantized_start_step() < start_step) continue;
    if (note.pitch() < kMinPianoPitch || note.pitch() > kMaxPianoPitch) continue;
    MS_RETURN_IF_ERROR(AddNote(note.quantized_start_step() - start_step,
                               note.quantized_end_step() - start_step,
                               is_on[note.pitch() - kMinPianoPitch]));
  }
  PianorollSequence sequence({}, quantized.quantization_info().steps_per_quarter(), start_step);
  sequence.events_.resize(steps);
  for (int64_t step = 0; step < steps; ++step) {
    for (int key = 0; key < kNumPianoPitches; ++key) {
      if (is_on[key][step]) sequence.events_[step].push_back(key);
    }
  }
  return sequence;
}

absl::Status PianorollSequence::Append(PianorollEvent event) {
  events_.push_back(std::move(event));
  return absl::OkStatus();
}

absl::Status PianorollSequence::SetLength(int64_t steps) {
  MS_RETURN_IF_ERROR(CheckLength(kWhat, steps));
  if (steps < 0) return MagentaError("AssertionError", "");
  events_.resize(steps);
  return absl::OkStatus();
}

absl::StatusOr<NoteSequence> PianorollSequence::ToSequence(int velocity, int instrument,
                                                           int program, double qpm) const {
  if (qpm == 0 || steps_per_quarter_ == 0) {
    return MagentaError("ZeroDivisionError", "float division by zero");
  }
  const double seconds_per_step = 60.0 / qpm / steps_per_quarter_;
  const double base = start_step_ * seconds_per_step;
  const auto time_of = [&](int64_t step) { return step * seconds_per_step + base; };

  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(qpm);
  sequence.set_ticks_per_quarter(kStandardPpq);
  std::map<int, int> open_notes;  // key -> index of its note
  for (int64_t step = 0; step < size(); ++step) {
    const PythonIntSet pressed = SetOf(events_[step]);
    std::vector<int> open;
    for (auto note = open_notes.begin(); note != open_notes.end();) {
      open.push_back(note->first);
      if (pressed.Contains(note->first)) {
        ++note;
      } else {
        sequence.mutable_notes(note->second)->set_end_time(time_of(step));
        note = open_notes.erase(note);
      }
    }
    for (int64_t key : PythonIntSet::Difference(pressed, SetOf(open)).Values()) {
      NoteSequence::Note* note = sequence.add_notes();
      note->set_start_time(time_of(step));
      note->set_pitch(static_cast<int>(key) + kMinPianoPitch);
      note->set_velocity(velocity);
      note->set_instrument(instrument);
      note->set_program(program);
      open_notes[static_cast<int>(key)] = sequence.notes_size() - 1;
    }
  }
  const int64_t last_step = std::max(0, size() - 1);
  const int64_t final_step = open_notes.empty() ? last_step : last_step + 1;
  for (const auto& [key, note] : open_notes) {
    sequence.mutable_notes(note)->set_end_time(time_of(final_step));
  }
  sequence.set_total_time(seconds_per_step * final_step + base);
  if (!sequence.notes().empty() &&
      !(sequence.total_time() >= sequence.notes(sequence.notes_size() - 1).end_time())) {
    return MagentaError("AssertionError", "");
  }
  return sequence;
}

}  // namespace magenta_serving

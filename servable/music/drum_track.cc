#include "servable/music/drum_track.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "servable/base/status.h"
#include "servable/music/python_int_set.h"
#include "servable/music/python_semantics.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

absl::Status CheckPitches(const DrumEvent& event) {
  for (int pitch : event.pitches()) {
    if (pitch < kMinMidiPitch || pitch > kMaxMidiPitch) {
      return MagentaError("ValueError",
                          absl::StrCat("Drum event contains invalid note: ", event.ToString()));
    }
  }
  return absl::OkStatus();
}

// The notes that sound, from search_start_step on, in the order of their steps.
std::vector<const NoteSequence::Note*> DrumNotes(const NoteSequence& quantized,
                                                 int64_t search_start_step) {
  std::vector<const NoteSequence::Note*> notes;
  for (const NoteSequence::Note& note : quantized.notes()) {
    if (note.velocity() != 0 && note.quantized_start_step() >= search_start_step) {
      notes.push_back(&note);
    }
  }
  std::stable_sort(notes.begin(), notes.end(),
                   [](const NoteSequence::Note* a, const NoteSequence::Note* b) {
                     return a->quantized_start_step() < b->quantized_start_step();
                   });
  return notes;
}

}  // namespace

DrumEvent::DrumEvent(absl::Span<const int> pitches) {
  const std::vector<int64_t> order =
      PythonIntSet::FromList(std::vector<int64_t>(pitches.begin(), pitches.end())).Values();
  pitches_.assign(order.begin(), order.end());
}

DrumEvent DrumEvent::InOrder(std::vector<int> pitches) {
  DrumEvent event;
  event.pitches_ = std::move(pitches);
  return event;
}

std::string DrumEvent::ToString() const {
  if (pitches_.empty()) return "frozenset()";
  return absl::StrCat("frozenset({", absl::StrJoin(pitches_, ", "), "})");
}

bool operator==(const DrumEvent& a, const DrumEvent& b) {
  return a.pitches_.size() == b.pitches_.size() &&
         absl::c_all_of(a.pitches_,
                        [&](int pitch) { return absl::c_linear_search(b.pitches_, pitch); });
}

absl::StatusOr<DrumTrack> DrumTrack::Create(std::vector<DrumEvent> events, int64_t start_step,
                                            int64_t steps_per_bar, int steps_per_quarter) {
  DrumTrack track(std::move(events), start_step, steps_per_bar, steps_per_quarter);
  MS_RETURN_IF_ERROR(track.CheckEvents());
  return track;
}

absl::StatusOr<DrumTrack> DrumTrack::FromQuantizedSequence(const NoteSequence& quantized,
                                                           int64_t search_start_step) {
  DrumTrack track;
  MS_ASSIGN_OR_RETURN(track.steps_per_bar_, IntegerStepsPerBar(quantized));
  track.steps_per_quarter_ = quantized.quantization_info().steps_per_quarter();
  const std::vector<const NoteSequence::Note*> notes = DrumNotes(quantized, search_start_step);
  if (notes.empty()) return track;
  if (track.steps_per_bar_ == 0) return MagentaError("ZeroDivisionError", "integer modulo by zero");

  const int64_t first_step = notes[0]->quantized_start_step();
  const int64_t track_start_step =
      first_step - FloorMod(first_step - search_start_step, track.steps_per_bar_);
  for (size_t i = 0; i < notes.size();) {
    const int64_t step = notes[i]->quantized_start_step();
    // In bars of a negative length an infinite gap of bars is over at once.
    if (!track.empty() && track.steps_per_bar_ < 0) break;
    const int64_t index = step - track_start_step;
    if (index < 0) return MagentaError("IndexError", "list assignment index out of range");
    std::vector<int> pitches;
    for (; i < notes.size() && notes[i]->quantized_start_step() == step; ++i) {
      pitches.push_back(notes[i]->pitch());
    }
    MS_RETURN_IF_ERROR(track.SetLength(index + 1));
    track.events_[index] = DrumEvent(pitches);
  }
  track.start_step_ = track_start_step;
  track.end_step_ = track_start_step + track.size();
  return track;
}

absl::Status DrumTrack::Append(DrumEvent event) {
  MS_RETURN_IF_ERROR(CheckPitches(event));
  events_.push_back(std::move(event));
  ++end_step_;
  return absl::OkStatus();
}

DrumTrack DrumTrack::DeepCopy() const {
  DrumTrack copy = *this;
  for (DrumEvent& event : copy.events_) event = event.DeepCopy();
  copy.end_step_ = start_step_ + size();
  return copy;
}

absl::Status DrumTrack::CheckEvents() const {
  for (const DrumEvent& event : events_) MS_RETURN_IF_ERROR(CheckPitches(event));
  return absl::OkStatus();
}

absl::Status DrumTrack::SetLength(int64_t steps) {
  return Resize("drum track", steps, DrumEvent());
}

absl::StatusOr<NoteSequence> DrumTrack::ToSequence(int velocity, int instrument, int program,
                                                   double qpm) const {
  if (qpm == 0 || steps_per_quarter_ == 0) {
    return MagentaError("ZeroDivisionError", "float division by zero");
  }
  const double seconds_per_step = 60.0 / qpm / steps_per_quarter_;
  const double base = 0.0 + start_step_ * seconds_per_step;

  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(qpm);
  sequence.set_ticks_per_quarter(kStandardPpq);
  for (int64_t step = 0; step < size(); ++step) {
    for (int pitch : events_[step].pitches()) {
      NoteSequence::Note* note = sequence.add_notes();
      note->set_start_time(step * seconds_per_step + base);
      note->set_end_time((step + 1) * seconds_per_step + base);
      note->set_pitch(pitch);
      note->set_velocity(velocity);
      note->set_instrument(instrument);
      note->set_program(program);
      note->set_is_drum(true);
    }
  }
  if (!sequence.notes().empty()) {
    sequence.set_total_time(sequence.notes(sequence.notes_size() - 1).end_time());
  }
  return sequence;
}

}  // namespace magenta_serving

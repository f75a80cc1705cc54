#include "servable/music/performance.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using Note = NoteSequence::Note;

// The notes that sound at a point of a performance, by pitch.
class OpenNotes {
 public:
  struct OpenNote {
    int64_t step;
    int64_t velocity;
  };

  void Start(int pitch, OpenNote note) { Of(pitch).push_back(note); }

  // The oldest open note of the pitch, which is open no more.
  std::optional<OpenNote> End(int pitch) {
    std::deque<OpenNote>& notes = Of(pitch);
    if (notes.empty()) return std::nullopt;
    const OpenNote oldest = notes.front();
    notes.pop_front();
    return oldest;
  }

  // Calls `visit(pitch, note)` for all that are open: the pitches in the order in which they were
  // first started or ended, as in a Python dict.
  template <class Visitor>
  void ForEach(Visitor visit) const {
    for (int pitch : pitches_) {
      for (const OpenNote& note : notes_[pitch]) visit(pitch, note);
    }
  }

 private:
  std::deque<OpenNote>& Of(int pitch) {
    if (!seen_[pitch]) pitches_.push_back(pitch);
    seen_[pitch] = true;
    return notes_[pitch];
  }

  std::vector<int> pitches_;
  bool seen_[kNumMidiPitches] = {};
  std::deque<OpenNote> notes_[kNumMidiPitches];
};

}  // namespace

absl::StatusOr<Performance> Performance::FromQuantizedSequence(const NoteSequence& quantized,
                                                               int64_t start_step,
                                                               int num_velocity_bins) {
  const std::vector<const Note*> notes = PerformedNotes(quantized, start_step);
  struct Edge {
    int64_t step;
    size_t note;
    bool is_end;
  };
  std::vector<Edge> edges;
  edges.reserve(2 * notes.size());
  for (size_t i = 0; i < notes.size(); ++i) {
    edges.push_back({notes[i]->quantized_start_step(), i, false});
    edges.push_back({notes[i]->quantized_end_step(), i, true});
  }
  absl::c_sort(edges, [](const Edge& a, const Edge& b) {
    return std::tie(a.step, a.note, a.is_end) < std::tie(b.step, b.note, b.is_end);
  });

  Performance performance(quantized.quantization_info().steps_per_second(), start_step,
                          num_velocity_bins);
  performance.instrumentation_ = Instrumentation::Of(quantized);
  int64_t current_step = start_step;
  int64_t current_velocity_bin = 0;
  for (const Edge& edge : edges) {
    const Note& note = *notes[edge.note];
    if (edge.step > current_step) {
      MS_RETURN_IF_ERROR(performance.CheckRoomFor(edge.step - current_step));
      performance.AppendShift(edge.step - current_step);
      current_step = edge.step;
    }
    if (num_velocity_bins > 0 && !edge.is_end) {
      const int64_t bin = VelocityToBin(note.velocity(), num_velocity_bins);
      if (bin != current_velocity_bin) {
        current_velocity_bin = bin;
        MS_ASSIGN_OR_RETURN(const PerformanceEvent event,
                            PerformanceEvent::Create(PerformanceEvent::kVelocity, bin));
        MS_RETURN_IF_ERROR(performance.Append(event));
      }
    }
    MS_ASSIGN_OR_RETURN(
        const PerformanceEvent event,
        PerformanceEvent::Create(
            edge.is_end ? PerformanceEvent::kNoteOff : PerformanceEvent::kNoteOn, note.pitch()));
    MS_RETURN_IF_ERROR(performance.Append(event));
  }
  return performance;
}

absl::Status Performance::CheckRoomFor(int64_t steps) const {
  const int64_t events = size() + steps / kMaxShiftSteps + 1;
  if (events <= kMaxEvents) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "performance would have ", events, " events; at most ", kMaxEvents, " are supported"));
}

void Performance::AppendShift(int64_t steps) {
  num_steps_ += steps;
  for (; steps > kMaxShiftSteps; steps -= kMaxShiftSteps) {
    events_.push_back({PerformanceEvent::kTimeShift, kMaxShiftSteps});
  }
  if (steps > 0) events_.push_back({PerformanceEvent::kTimeShift, steps});
}

absl::Status Performance::Append(const PerformanceEvent& event) {
  MS_RETURN_IF_ERROR(CheckRoomFor(0));
  events_.push_back(event);
  if (event.type == PerformanceEvent::kTimeShift) num_steps_ += event.value;
  return absl::OkStatus();
}

absl::Status Performance::SetLength(int64_t steps) {
  if (steps < 0) {
    return MagentaError("AssertionError",
                        absl::StrCat("a performance cannot be ", steps, " steps long"));
  }
  if (num_steps_ < steps) {
    int64_t missing = steps - num_steps_;
    MS_RETURN_IF_ERROR(CheckRoomFor(missing));
    if (!events_.empty() && events_.back().type == PerformanceEvent::kTimeShift) {
      const int64_t room = std::max<int64_t>(0, kMaxShiftSteps - events_.back().value);
      const int64_t added = std::min(missing, room);
      events_.back().value += added;
      num_steps_ += added;
      missing -= added;
    }
    AppendShift(missing);
    return absl::OkStatus();
  }
  while (num_steps_ > steps) {
    PerformanceEvent& last = events_.back();
    if (last.type != PerformanceEvent::kTimeShift) {
      events_.pop_back();
      continue;
    }
    const int64_t removed = std::min(last.value, num_steps_ - steps);
    num_steps_ -= removed;
    last.value -= removed;
    if (last.value == 0) events_.pop_back();
  }
  return absl::OkStatus();
}

absl::StatusOr<NoteSequence> Performance::ToSequence(int velocity, int instrument,
                                                     double max_note_duration) const {
  const double seconds_per_step = 1.0 / steps_per_second_;
  const double sequence_start_time = start_step_ * seconds_per_step;

  NoteSequence sequence;
  sequence.set_ticks_per_quarter(kStandardPpq);
  int64_t step = 0;
  const auto add_note = [&](int pitch, const OpenNotes::OpenNote& open) {
    if (open.step == step) return;
    Note* note = sequence.add_notes();
    note->set_start_time(open.step * seconds_per_step + sequence_start_time);
    note->set_end_time(step * seconds_per_step + sequence_start_time);
    if (max_note_duration != 0 && note->end_time() - note->start_time() > max_note_duration) {
      note->set_end_time(note->start_time() + max_note_duration);
    }
    note->set_pitch(pitch);
    note->set_velocity(static_cast<int>(open.velocity));
    note->set_instrument(instrument);
    note->set_program(instrumentation_.program.value_or(0));
    note->set_is_drum(instrumentation_.is_drum.value_or(false));
    if (note->end_time() > sequence.total_time()) sequence.set_total_time(note->end_time());
  };

  OpenNotes open_notes;
  int64_t current_velocity = velocity;
  for (const PerformanceEvent& event : events_) {
    switch (event.type) {
      case PerformanceEvent::kNoteOn:
        open_notes.Start(static_cast<int>(event.value), {step, current_velocity});
        break;
      case PerformanceEvent::kNoteOff: {
        const int pitch = static_cast<int>(event.value);
        const std::optional<OpenNotes::OpenNote> note = open_notes.End(pitch);
        if (note.has_value()) add_note(pitch, *note);
        break;
      }
      case PerformanceEvent::kTimeShift:
        step += event.value;
        break;
      case PerformanceEvent::kVelocity:
        if (num_velocity_bins_ == 0) {
          return MagentaError("AssertionError", "a velocity without velocity bins");
        }
        current_velocity = VelocityBinToVelocity(event.value, num_velocity_bins_);
        break;
      case PerformanceEvent::kDuration:
        return MagentaError("ValueError", absl::StrCat("Unknown event type: ", event.type));
    }
  }
  open_notes.ForEach(add_note);
  return sequence;
}

absl::StatusOr<std::optional<Performance>> ExtractPerformance(const NoteSequence& quantized,
                                                              int64_t start_step,
                                                              int num_velocity_bins) {
  if (!HasOneProgram(quantized)) return std::optional<Performance>();
  MS_ASSIGN_OR_RETURN(Performance performance,
                      Performance::FromQuantizedSequence(quantized, start_step, num_velocity_bins));
  return std::optional<Performance>(std::move(performance));
}

}  // namespace magenta_serving

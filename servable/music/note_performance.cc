#include "servable/music/note_performance.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/music/performance_event.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using Note = NoteSequence::Note;

constexpr char kTooManyTimeShiftSteps[] = "TooManyTimeShiftStepsError";
constexpr char kTooManyDurationSteps[] = "TooManyDurationStepsError";

// The value as an event of `type` has it; ValueError where it cannot.
absl::StatusOr<int> EventValue(PerformanceEvent::Type type, int64_t value) {
  MS_ASSIGN_OR_RETURN(const PerformanceEvent event, PerformanceEvent::Create(type, value));
  return static_cast<int>(event.value);
}

}  // namespace

absl::StatusOr<NotePerformance> NotePerformance::FromQuantizedSequence(
    const NoteSequence& quantized, int64_t start_step, int num_velocity_bins) {
  NotePerformance performance(quantized.quantization_info().steps_per_second(), start_step,
                              num_velocity_bins);
  performance.instrumentation_ = Instrumentation::Of(quantized);
  int64_t current_step = start_step;
  for (const Note* note : PerformedNotes(quantized, start_step)) {
    const int64_t time_shift = note->quantized_start_step() - current_step;
    const int64_t duration = note->quantized_end_step() - note->quantized_start_step();
    current_step = note->quantized_start_step();
    if (time_shift > kMaxNoteShiftSteps) {
      return MagentaError(kTooManyTimeShiftSteps,
                          absl::StrCat("Too many steps for timeshift: ", time_shift));
    }
    NotePerformanceEvent event;
    MS_ASSIGN_OR_RETURN(event.time_shift, EventValue(PerformanceEvent::kTimeShift, time_shift));
    MS_ASSIGN_OR_RETURN(event.pitch, EventValue(PerformanceEvent::kNoteOn, note->pitch()));
    MS_ASSIGN_OR_RETURN(event.velocity_bin,
                        EventValue(PerformanceEvent::kVelocity,
                                   VelocityToBin(note->velocity(), num_velocity_bins)));
    if (duration > kMaxNoteDurationSteps) {
      return MagentaError(kTooManyDurationSteps,
                          absl::StrCat("Too many steps for duration: ", duration));
    }
    MS_ASSIGN_OR_RETURN(event.duration, EventValue(PerformanceEvent::kDuration, duration));
    MS_RETURN_IF_ERROR(performance.Append(event));
  }
  return performance;
}

int64_t NotePerformance::num_steps() const {
  int64_t steps = events_.empty() ? 0 : events_.back().duration;
  for (const NotePerformanceEvent& event : events_) steps += event.time_shift;
  return steps;
}

absl::Status NotePerformance::Append(const NotePerformanceEvent& event) {
  if (size() >= kMaxEvents) {
    return absl::InvalidArgumentError(
        absl::StrCat("performance would have more than ", kMaxEvents, " notes"));
  }
  events_.push_back(event);
  return absl::OkStatus();
}

void NotePerformance::TruncateToSteps(int64_t steps) {
  int64_t step = 0;
  for (size_t i = 0; i < events_.size(); ++i) {
    step += events_[i].time_shift;
    if (step >= steps) {
      events_.resize(i);
      return;
    }
    events_[i].duration = static_cast<int>(std::min<int64_t>(events_[i].duration, steps - step));
  }
}

NoteSequence NotePerformance::ToSequence(int instrument) const {
  const double seconds_per_step = 1.0 / steps_per_second_;
  const double sequence_start_time = start_step_ * seconds_per_step;

  NoteSequence sequence;
  sequence.set_ticks_per_quarter(kStandardPpq);
  int64_t step = 0;
  for (const NotePerformanceEvent& event : events_) {
    step += event.time_shift;
    Note* note = sequence.add_notes();
    note->set_start_time(step * seconds_per_step + sequence_start_time);
    note->set_end_time((step + event.duration) * seconds_per_step + sequence_start_time);
    note->set_pitch(event.pitch);
    note->set_velocity(
        static_cast<int>(VelocityBinToVelocity(event.velocity_bin, num_velocity_bins_)));
    note->set_instrument(instrument);
    note->set_program(instrumentation_.program.value_or(0));
    note->set_is_drum(instrumentation_.is_drum.value_or(false));
    if (note->end_time() > sequence.total_time()) sequence.set_total_time(note->end_time());
  }
  return sequence;
}

absl::StatusOr<std::optional<NotePerformance>> ExtractNotePerformance(const NoteSequence& quantized,
                                                                      int64_t start_step,
                                                                      int num_velocity_bins) {
  if (!HasOneProgram(quantized)) return std::optional<NotePerformance>();
  absl::StatusOr<NotePerformance> performance =
      NotePerformance::FromQuantizedSequence(quantized, start_step, num_velocity_bins);
  for (const char* discarded : {kTooManyTimeShiftSteps, kTooManyDurationSteps}) {
    if (absl::StartsWith(performance.status().message(), discarded)) {
      return std::optional<NotePerformance>();
    }
  }
  MS_RETURN_IF_ERROR(performance.status());
  return std::optional<NotePerformance>(*std::move(performance));
}

}  // namespace magenta_serving

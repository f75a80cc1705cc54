#include "servable/music/polyphonic_sequence.h"

#include <array>
#include <functional>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "servable/base/python_format.h"
#include "servable/base/status.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using Type = PolyphonicEvent::Type;

// How many notes of a pitch sound in a step. Magenta keeps lists, but sorts what comes of them by
// pitch, the highest first.
struct NoteCounts {
  int continued = 0;
  int started = 0;
};
using PitchCounts = std::map<int, NoteCounts, std::greater<int>>;

absl::Status TooManyEvents(absl::string_view what, int64_t count) {
  return absl::InvalidArgumentError(absl::StrCat("the polyphonic sequence would have ", count, " ",
                                                 what, "; at most ", kMaxEvents,
                                                 " are supported"));
}

absl::Status CheckPitch(int pitch) {
  if (kMinMidiPitch <= pitch && pitch <= kMaxMidiPitch) return absl::OkStatus();
  return MagentaError("ValueError", absl::StrCat("Invalid pitch: ", pitch));
}

// Pitches of the notes that start and end at each step.
struct NoteEdges {
  std::vector<int> starts;
  std::vector<int> ends;
};

// Applies one step's edges. ValueErrors as those of Python's list.remove and of the event's
// constructor.
absl::Status EndNotes(const std::vector<int>& pitches, PitchCounts& sounding) {
  for (const int pitch : pitches) {
    const auto found = sounding.find(pitch);
    if (found == sounding.end())
      return MagentaError("ValueError", "list.remove(x): x not in list");
    if (--found->second.continued == 0) sounding.erase(found);
  }
  return absl::OkStatus();
}

absl::Status StartNotes(const std::vector<int>& pitches, PitchCounts& sounding) {
  for (const int pitch : pitches) {
    MS_RETURN_IF_ERROR(CheckPitch(pitch));
    ++sounding[pitch].started;
  }
  return absl::OkStatus();
}

}  // namespace

PolyphonicSequence::PolyphonicSequence(int steps_per_quarter, int64_t start_step)
    : events_({{Type::kStart}}), start_step_(start_step), steps_per_quarter_(steps_per_quarter) {}

absl::StatusOr<PolyphonicSequence> PolyphonicSequence::Create(
    const std::vector<PolyphonicEvent>& events, int steps_per_quarter, int64_t start_step) {
  if (events.empty() || events[0].type != Type::kStart)
    return absl::InvalidArgumentError("a polyphonic sequence begins with START");
  PolyphonicSequence sequence(steps_per_quarter, start_step);
  sequence.events_.clear();
  for (const PolyphonicEvent& event : events) MS_RETURN_IF_ERROR(sequence.Append(event));
  return sequence;
}

absl::StatusOr<PolyphonicSequence> PolyphonicSequence::FromQuantizedSequence(
    const NoteSequence& quantized, int64_t start_step) {
  if (!IsRelativeQuantizedSequence(quantized)) {
    return MagentaError("QuantizationStatusError",
                        absl::StrCat("NoteSequence ", quantized.id(), " is not quantized or is ",
                                     "quantized based on absolute timing."));
  }
  std::map<int64_t, NoteEdges> edges;
  for (const NoteSequence::Note& note : quantized.notes()) {
    if (note.quantized_start_step() < start_step) continue;
    edges[note.quantized_start_step()].starts.push_back(note.pitch());
    edges[note.quantized_end_step()].ends.push_back(note.pitch());
  }

  PolyphonicSequence sequence(quantized.quantization_info().steps_per_quarter(), start_step);
  const int64_t end_step = quantized.total_quantized_steps();
  if (end_step - start_step > kMaxEvents) return TooManyEvents("steps", end_step - start_step);
  PitchCounts sounding;
  for (int64_t step = start_step; step < end_step; ++step) {
    const auto found = edges.find(step);
    if (found != edges.end()) {
      MS_RETURN_IF_ERROR(EndNotes(found->second.ends, sounding));
      MS_RETURN_IF_ERROR(StartNotes(found->second.starts, sounding));
    }
    for (auto& [pitch, notes] : sounding) {
      for (int i = 0; i < notes.continued; ++i) sequence.Push({Type::kContinuedNote, pitch});
      for (int i = 0; i < notes.started; ++i) sequence.Push({Type::kNewNote, pitch});
      notes = {notes.continued + notes.started, 0};
    }
    sequence.Push({Type::kStepEnd});
    if (sequence.size() > kMaxEvents) return TooManyEvents("or more events", sequence.size());
  }
  sequence.Push({Type::kEnd});
  return sequence;
}

void PolyphonicSequence::Push(const PolyphonicEvent& event) {
  events_.push_back(event);
  if (event.type == Type::kStepEnd) ++num_steps_;
}

void PolyphonicSequence::Pop() {
  if (events_.back().type == Type::kStepEnd) --num_steps_;
  events_.pop_back();
}

absl::Status PolyphonicSequence::Append(const PolyphonicEvent& event) {
  if (event.pitch != PolyphonicEvent::kNoPitch) {
    MS_RETURN_IF_ERROR(CheckPitch(event.pitch));
  } else if (event.type == Type::kNewNote || event.type == Type::kContinuedNote) {
    return MagentaError("TypeError", "a note without a pitch");
  }
  Push(event);
  return absl::OkStatus();
}

void PolyphonicSequence::TrimTrailingEndEvents() {
  while (events_.back().type == Type::kEnd) Pop();
}

void PolyphonicSequence::TrimSteps(int64_t num_steps) {
  const int64_t kept_steps = num_steps_ - num_steps;
  // The START at the beginning stays whatever is asked for.
  while (events_.size() > 1 && (num_steps_ > kept_steps || events_.back().type != Type::kStepEnd))
    Pop();
}

absl::Status PolyphonicSequence::SetLength(int64_t steps) {
  if (steps > kMaxEvents) return TooManyEvents("steps", steps);
  TrimTrailingEndEvents();
  Push({Type::kStepEnd});
  while (num_steps_ < steps) Push({Type::kStepEnd});
  if (num_steps_ > steps) TrimSteps(num_steps_ - steps);
  Push({Type::kEnd});
  if (num_steps_ == steps) return absl::OkStatus();
  return MagentaError("AssertionError", absl::StrCat("a polyphonic sequence cannot have ", steps,
                                                     " steps"));
}

absl::StatusOr<NoteSequence> PolyphonicSequence::ToSequence(
    double qpm, const NoteSequence* base_sequence) const {
  if (qpm == 0 || steps_per_quarter_ == 0)
    return MagentaError("ZeroDivisionError", "float division by zero");
  const double seconds_per_step = 60.0 / qpm / steps_per_quarter_;
  const double base = start_step_ * seconds_per_step;

  NoteSequence sequence;
  if (base_sequence != nullptr) {
    if (base_sequence->tempos().empty())
      return MagentaError("IndexError", "list index (0) out of range");
    if (base_sequence->tempos(0).qpm() != qpm) {
      return MagentaError("ValueError",
                          absl::StrCat("Supplied QPM (", PyRepr(qpm),
                                       ") does not match QPM of base_note_sequence (",
                                       PyRepr(base_sequence->tempos(0).qpm()), ")"));
    }
    sequence = *base_sequence;
  } else {
    sequence.add_tempos()->set_qpm(qpm);
    sequence.set_ticks_per_quarter(kStandardPpq);
  }

  struct ActiveNote {
    int pitch;
    int64_t start_step;
  };
  std::vector<ActiveNote> active;
  // Active notes that this step has not continued so far.
  std::array<int, kNumMidiPitches> to_end{};
  int64_t step = 0;
  for (size_t i = 0; i < events_.size(); ++i) {
    const PolyphonicEvent& event = events_[i];
    const bool ends_step = event.type == Type::kStepEnd ||
                           (event.type == Type::kEnd && i + 1 == events_.size());
    if (event.type == Type::kNewNote) {
      active.push_back({event.pitch, step});
    } else if (event.type == Type::kContinuedNote && to_end[event.pitch] > 0) {
      --to_end[event.pitch];
    }
    if (!ends_step) continue;

    std::vector<ActiveNote> still_active;
    for (const ActiveNote& note : active) {
      if (to_end[note.pitch] == 0) {
        still_active.push_back(note);
        continue;
      }
      --to_end[note.pitch];
      NoteSequence::Note* ended = sequence.add_notes();
      ended->set_start_time(note.start_step * seconds_per_step + base);
      ended->set_end_time(step * seconds_per_step + base);
      ended->set_pitch(note.pitch);
      ended->set_velocity(100);
    }
    active = std::move(still_active);
    for (const ActiveNote& note : active) ++to_end[note.pitch];
    ++step;
  }
  if (!active.empty()) {
    return MagentaError("ValueError", absl::StrCat(active.size(),
                                                   " notes have no end: the last step has none"));
  }
  sequence.set_total_time(seconds_per_step * (step - 1) + base);
  if (!sequence.notes().empty() &&
      !(sequence.total_time() >= sequence.notes(sequence.notes_size() - 1).end_time())) {
    return MagentaError("AssertionError", "the sequence ends before its last note");
  }
  return sequence;
}

absl::StatusOr<std::optional<PolyphonicSequence>> ExtractPolyphonicSequence(
    const NoteSequence& quantized, int64_t start_step) {
  MS_RETURN_IF_ERROR(StepsPerBarInQuantizedSequence(quantized).status());
  const bool one_program = absl::c_all_of(quantized.notes(), [&](const NoteSequence::Note& note) {
    return note.program() == quantized.notes(0).program();
  });
  if (!one_program) return std::nullopt;
  MS_ASSIGN_OR_RETURN(PolyphonicSequence sequence,
                      PolyphonicSequence::FromQuantizedSequence(quantized, start_step));
  return sequence;
}

}  // namespace magenta_serving

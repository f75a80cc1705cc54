#include "servable/music/base_performance.h"

#include <utility>

#include "absl/algorithm/container.h"

namespace magenta_serving {

using Note = NoteSequence::Note;

Instrumentation Instrumentation::Of(const NoteSequence& sequence) {
  const auto& notes = sequence.notes();
  const auto drums = absl::c_count_if(notes, [](const Note& note) { return note.is_drum(); });
  if (drums == notes.size()) return {std::nullopt, true};
  if (drums != 0) return {std::nullopt, std::nullopt};
  if (!HasOneProgram(sequence)) return {std::nullopt, false};
  return {notes[0].program(), false};
}

bool HasOneProgram(const NoteSequence& sequence) {
  return absl::c_all_of(sequence.notes(), [&](const Note& note) {
    return note.program() == sequence.notes(0).program();
  });
}

std::vector<const Note*> PerformedNotes(const NoteSequence& quantized, int64_t start_step) {
  std::vector<const Note*> notes;
  for (const Note& note : quantized.notes()) {
    if (note.quantized_start_step() >= start_step) notes.push_back(&note);
  }
  absl::c_stable_sort(notes, [](const Note* a, const Note* b) {
    return std::make_pair(a->start_time(), a->pitch()) <
           std::make_pair(b->start_time(), b->pitch());
  });
  return notes;
}

}  // namespace magenta_serving

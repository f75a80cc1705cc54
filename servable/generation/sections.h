// The sections of a request, which all of Magenta's generators read alike: the input section that a
// primer is taken from, and the section to generate. Reproduces the head and the tail of _generate
// in magenta/models/*/*_sequence_generator.py.
#ifndef MAGENTA_SERVING_GENERATION_SECTIONS_H_
#define MAGENTA_SERVING_GENERATION_SECTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "servable/generation/call_context.h"
#include "servable/generation/generator.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// SequenceGeneratorError unless there is exactly one section to generate and at most one input
// section.
absl::Status CheckSections(const GeneratorOptions& options);

// Of the first tempo; 120 without one.
double QuartersPerMinute(const NoteSequence& sequence);

// When the last note ends, as Python's max finds it (which decides about NaN); 0 without notes.
double LastEndTime(const NoteSequence& sequence);

struct PrimerSection {
  NoteSequence sequence;
  int64_t start_step = 0;  // earlier steps are not looked at
};

// What a family says of a section to generate that begins before the primer has ended. In all but
// improv's, beginning where it ends is allowed whatever the words.
enum class EarlyStartError {
  kBeforeEnd,                         // melody, drums
  kBeforeOrEqualToEnd,                // polyphony, performance, pianoroll
  kBeforeOrEqualToEndOfInputSection,  // improv
};

// The SequenceGeneratorError for a section to generate from `start_time` (seconds) after `primer`.
absl::Status CheckGenerateStart(const NoteSequence& primer, double start_time,
                                EarlyStartError error);

// What options.input_sections asks for: that part of `input`, with the step after its start, or all
// of it. The errors of TrimNoteSequence, QuantizeToStep and CheckGenerateStart.
absl::StatusOr<PrimerSection> ReadPrimerSection(const NoteSequence& input,
                                                const GeneratorOptions& options,
                                                double steps_per_second, EarlyStartError error);

// The same with the sequence quantized to `steps_per_quarter`, which start_step counts at the first
// tempo of `input`; with the errors of QuantizeNoteSequence, too.
absl::StatusOr<PrimerSection> ReadQuantizedPrimer(const NoteSequence& input,
                                                  const GeneratorOptions& options,
                                                  int steps_per_quarter, EarlyStartError error);

// Where the section to generate begins and ends, in steps: the step after the one it begins in (or
// at), so that it is at least one step long, and the step it ends in.
struct GenerateSteps {
  int64_t start = 0;
  int64_t end = 0;
};
absl::StatusOr<GenerateSteps> QuantizeGenerateSection(const GeneratorOptions& options,
                                                      double steps_per_second);

// INVALID_ARGUMENT when a primer of `steps` (up to the section to generate), or a whole sequence,
// is longer than `bound`. To be asked before anything of that length is made.
absl::Status CheckPrimerSteps(int64_t steps, const Bound& bound);
absl::Status CheckTotalSteps(int64_t steps, const Bound& bound);

// Magenta's last assertion: AssertionError when `generated` goes on after `end_time` (seconds).
absl::Status CheckGeneratedEnd(const NoteSequence& generated, double end_time);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_SECTIONS_H_

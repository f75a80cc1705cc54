// The melody that a request gives melody_rnn and improv_rnn to continue.
#ifndef MAGENTA_SERVING_GENERATION_MELODY_PRIMER_H_
#define MAGENTA_SERVING_GENERATION_MELODY_PRIMER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "servable/generation/arguments.h"
#include "servable/generation/call_context.h"
#include "servable/generation/generator.h"
#include "servable/generation/primer.h"
#include "servable/generation/sections.h"
#include "servable/music/melody.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The flag primer_melody as an argument, and as what makes a primer in the tempo `qpm`.
ArgumentSpec PrimerMelodyArgument();
PrimerFlag PrimerMelodyFlag(double qpm);

// The primer of melody commands without one: middle C for one step.
absl::StatusOr<NoteSequence> MiddleC(double qpm);

// The melody of a sequence from QuantizeNoteSequence, from `start_step` on; empty when there is
// none. AssertionError when more than one instrument has one, and what ExtractMelodies raises.
absl::StatusOr<Melody> ExtractOnlyMelody(const NoteSequence& quantized, int64_t start_step);

// The argument of `score` that is a melody as a list of events.
inline constexpr char kScoredMelody[] = "melody";
ArgumentSpec ScoredMelodyArgument();

// The melody that `score` is asked about in the argument `given`: kScoredMelody, or that of a
// sequence, which is quantized to `steps_per_quarter`. INVALID_ARGUMENT when the sequence has none.
struct ScoredMelody {
  Melody melody;
  NoteSequence quantized;  // that the melody was found in; empty for a list
};
absl::StatusOr<ScoredMelody> ReadScoredMelody(const Arguments& arguments, const std::string& given,
                                              int steps_per_quarter);

// The melody that a generator continues: that of the quantized primer, or one step of silence,
// up to the section to generate. Sets `steps` to that section's. INVALID_ARGUMENT when it is longer
// than limits.max_steps.
absl::StatusOr<Melody> ExtractMelodyPrimer(const NoteSequence& quantized, int64_t input_start_step,
                                           const GeneratorOptions& options, double steps_per_second,
                                           const Limits& limits, GenerateSteps* steps);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_MELODY_PRIMER_H_

// Short requests for tests of generators.
#ifndef MAGENTA_SERVING_GENERATION_TEST_UTIL_REQUESTS_H_
#define MAGENTA_SERVING_GENERATION_TEST_UTIL_REQUESTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/generation/call_context.h"
#include "servable/generation/generator.h"
#include "servable/generation/numpy_random.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// A section to generate from `start` to `end` seconds.
inline GeneratorOptions Section(double start, double end) {
  GeneratorOptions options;
  options.add_generate_sections()->set_start_time(start);
  options.mutable_generate_sections(0)->set_end_time(end);
  return options;
}

// Pitches that sound together from 0 to `seconds`, at 120 quarters per minute.
inline NoteSequence Chord(const std::vector<int>& pitches, double seconds) {
  NoteSequence sequence;
  sequence.add_tempos()->set_qpm(120);
  for (const int pitch : pitches) {
    NoteSequence::Note* note = sequence.add_notes();
    note->set_pitch(pitch);
    note->set_velocity(80);
    note->set_end_time(seconds);
  }
  sequence.set_total_time(seconds);
  return sequence;
}

// For an eighth: two steps of most families.
inline NoteSequence MiddleC() { return Chord({60}, 0.25); }

inline absl::StatusOr<Generation> Generate(const Generator& generator, const NoteSequence& input,
                                           const GeneratorOptions& options,
                                           const CallContext& context = {}, uint32_t seed = 7) {
  NumpyRandom random(seed);
  return generator.Generate(input, options, &random, context);
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_TEST_UTIL_REQUESTS_H_

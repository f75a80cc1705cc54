// Playing a primer into a polyphonic sequence while that is generated, so that the model harmonizes
// it. Reproduces _inject_melody of magenta/models/polyphony_rnn/polyphony_sequence_generator.py.
#ifndef MAGENTA_SERVING_GENERATION_PRIMER_INJECTION_H_
#define MAGENTA_SERVING_GENERATION_PRIMER_INJECTION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "servable/music/polyphonic_sequence.h"

namespace magenta_serving {

// Immutable, and so safe to share between sequences.
class PrimerInjection {
 public:
  // The primer's first step goes into step `first_step` of sequences.
  PrimerInjection(PolyphonicSequence primer, int64_t first_step);

  // If `sequence` is at the beginning of a step, appends what the primer has there: the events of
  // its step without the STEP_END. Errors as of PolyphonicSequence::Append.
  absl::Status Apply(PolyphonicSequence& sequence) const;

 private:
  const PolyphonicSequence primer_;
  const int64_t first_step_;
  std::vector<int> step_begins_;  // where each step of the primer begins, in its events
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PRIMER_INJECTION_H_

// What conditions a performance: how dense it is and which pitches it prefers. Reproduces the
// encoders of note_seq/performance_controls.py, and of MultipleEventSequenceEncoder and
// OptionalEventSequenceEncoder of note_seq/encoder_decoder.py what they make of those.
#ifndef MAGENTA_SERVING_ENCODING_PERFORMANCE_CONTROL_ENCODER_H_
#define MAGENTA_SERVING_ENCODING_PERFORMANCE_CONTROL_ENCODER_H_

#include <array>
#include <memory>

#include "absl/status/statusor.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// A weight for each pitch class, C first.
using PitchHistogram = std::array<double, kNotesPerOctave>;

// The values that condition one event. Those that an encoder does not look at do not matter.
struct PerformanceControl {
  bool disabled = false;        // the event is not conditioned, where that is an option
  double notes_per_second = 0;  // desired density
  // Desired pitches. An error, which encoding the control returns, stands for a value that is not a
  // histogram; null for all weights 0.
  std::shared_ptr<const absl::StatusOr<PitchHistogram>> pitch_class_histogram;
};

// Input:
//   1   1 if conditioning is disabled, in which case all that follows is 0; only where that is an
//       option
//   8   the density's bin, one-hot: below 1, 2, 4 ... 64 notes per second, or more
//   12  the weights as parts of their sum; all the same when that is not above 0
// Of densities and pitches, one may be missing.
class PerformanceControlEncoder : public EventSequenceEncoder<PerformanceControl> {
 public:
  struct Signals {
    bool note_density = false;
    bool pitch_histogram = false;
    bool optional = false;  // conditioning can be disabled
  };

  explicit PerformanceControlEncoder(Signals signals) : signals_(signals) {}

  int input_size() const override;
  absl::Status EventsToInput(absl::Span<const PerformanceControl> events, int position,
                             absl::Span<float> input) const override;

 private:
  const Signals signals_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_PERFORMANCE_CONTROL_ENCODER_H_

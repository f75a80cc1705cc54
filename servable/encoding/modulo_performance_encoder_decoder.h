// Performance events as points on circles, as ModuloPerformanceEventSequenceEncoderDecoder of
// note_seq/performance_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_MODULO_PERFORMANCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_MODULO_PERFORMANCE_ENCODER_DECODER_H_

#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/encoding/performance_one_hot_encoding.h"
#include "servable/music/performance_event.h"

namespace magenta_serving {

// Input: a group of numbers for each type of event, of which the event's own starts with 1 and the
// others are 0. Each circle takes a cosine and a sine.
//   5  NOTE_ON: 1, the pitch on a circle of twelve octaves, its class on a circle of one
//   5  NOTE_OFF: the same
//   3  TIME_SHIFT: 1, the steps on a circle of kMaxShiftSteps
//   3  VELOCITY: 1, the bin on a circle of num_velocity_bins; not there without velocity bins
// Labels are those of PerformanceOneHotEncoding.
class ModuloPerformanceEncoderDecoder : public EventSequenceEncoderDecoder<PerformanceEvent> {
 public:
  explicit ModuloPerformanceEncoderDecoder(int num_velocity_bins)
      : num_velocity_bins_(num_velocity_bins), one_hot_encoding_(num_velocity_bins) {}

  int input_size() const override;
  int num_classes() const override;
  int default_event_label() const override;

  absl::Status EventsToInput(absl::Span<const PerformanceEvent> events, int position,
                             absl::Span<float> input) const override;
  absl::StatusOr<int> EventsToLabel(absl::Span<const PerformanceEvent> events,
                                    int position) const override;
  absl::StatusOr<PerformanceEvent> ClassIndexToEvent(
      int class_index, absl::Span<const PerformanceEvent> events) const override;

 private:
  const int num_velocity_bins_;
  const PerformanceOneHotEncoding one_hot_encoding_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_MODULO_PERFORMANCE_ENCODER_DECODER_H_

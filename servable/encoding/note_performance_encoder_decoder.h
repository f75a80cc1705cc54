// Notes of a NotePerformance as six numbers each, as NotePerformanceEventSequenceEncoderDecoder of
// note_seq/performance_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_NOTE_PERFORMANCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_NOTE_PERFORMANCE_ENCODER_DECODER_H_

#include <array>

#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/music/note_performance.h"

namespace magenta_serving {

// A note's time shift in segments of 77 steps and the rest, its pitch, its velocity bin counted
// from 0, and its duration less one in segments of 40 steps and the rest.
using NotePerformanceLabel = std::array<int, 6>;

// Input: the six numbers of the note's label, one-hot, one after another.
class NotePerformanceEncoderDecoder
    : public EventSequenceEncoderDecoder<NotePerformanceEvent, NotePerformanceLabel> {
 public:
  explicit NotePerformanceEncoderDecoder(int num_velocity_bins)
      : num_velocity_bins_(num_velocity_bins) {}

  int input_size() const override;
  NotePerformanceLabel num_classes() const override;
  NotePerformanceLabel default_event_label() const override;

  // Also IndexError for a velocity bin beyond num_velocity_bins.
  absl::Status EventsToInput(absl::Span<const NotePerformanceEvent> events, int position,
                             absl::Span<float> input) const override;
  absl::StatusOr<NotePerformanceLabel> EventsToLabel(absl::Span<const NotePerformanceEvent> events,
                                                     int position) const override;
  absl::StatusOr<NotePerformanceEvent> ClassIndexToEvent(
      NotePerformanceLabel class_index,
      absl::Span<const NotePerformanceEvent> events) const override;

 private:
  const int num_velocity_bins_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_NOTE_PERFORMANCE_ENCODER_DECODER_H_

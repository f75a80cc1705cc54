// The class of the event as one number, which the model's graph makes one-hot, as
// OneHotIndexEventSequenceEncoderDecoder of note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_ONE_HOT_INDEX_EVENT_SEQUENCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_ONE_HOT_INDEX_EVENT_SEQUENCE_ENCODER_DECODER_H_

#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"

namespace magenta_serving {

template <class Event>
class OneHotIndexEventSequenceEncoderDecoder : public OneHotEventSequenceEncoderDecoder<Event> {
 public:
  using OneHotEventSequenceEncoderDecoder<Event>::OneHotEventSequenceEncoderDecoder;

  int input_size() const override { return 1; }

  // A class beyond num_classes is passed on: the graph makes zeros of it.
  absl::Status EventsToInput(absl::Span<const Event> events, int position,
                             absl::Span<float> input) const override {
    MS_ASSIGN_OR_RETURN(const int index, this->EventsToLabel(events, position));
    input[0] = static_cast<float>(index);
    return absl::OkStatus();
  }
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_ONE_HOT_INDEX_EVENT_SEQUENCE_ENCODER_DECODER_H_

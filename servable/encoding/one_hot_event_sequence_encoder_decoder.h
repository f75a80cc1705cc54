// Input and label are both the one-hot class of the event, as OneHotEventSequenceEncoderDecoder of
// note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_ONE_HOT_EVENT_SEQUENCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_ONE_HOT_EVENT_SEQUENCE_ENCODER_DECODER_H_

#include <algorithm>
#include <memory>
#include <utility>

#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/encoding/one_hot_encoding.h"

namespace magenta_serving {

template <class Event>
class OneHotEventSequenceEncoderDecoder : public EventSequenceEncoderDecoder<Event> {
 public:
  explicit OneHotEventSequenceEncoderDecoder(std::unique_ptr<const OneHotEncoding<Event>> encoding)
      : encoding_(std::move(encoding)) {}

  int input_size() const override { return encoding_->num_classes(); }
  int num_classes() const override { return encoding_->num_classes(); }
  int default_event_label() const override {
    return encoding_->EncodeEvent(encoding_->default_event()).value();
  }

  absl::Status EventsToInput(absl::Span<const Event> events, int position,
                             absl::Span<float> input) const override {
    int index = 0;
    MS_ASSIGN_OR_RETURN(index, EventsToLabel(events, position));
    if (index >= static_cast<int>(input.size())) {
      return MagentaError("IndexError", "list assignment index out of range");
    }
    std::fill(input.begin(), input.end(), 0.0f);
    input[index] = 1.0f;
    return absl::OkStatus();
  }

  absl::StatusOr<int> EventsToLabel(absl::Span<const Event> events, int position) const override {
    MS_RETURN_IF_ERROR(this->CheckPosition(events, position));
    return encoding_->EncodeEvent(events[position]);
  }

  absl::StatusOr<Event> ClassIndexToEvent(int class_index,
                                          absl::Span<const Event> events) const override {
    return encoding_->DecodeEvent(class_index);
  }

 private:
  std::unique_ptr<const OneHotEncoding<Event>> encoding_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_ONE_HOT_EVENT_SEQUENCE_ENCODER_DECODER_H_

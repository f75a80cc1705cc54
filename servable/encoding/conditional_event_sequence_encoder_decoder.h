// Events under the control of a second sequence (melodies over chords, performances at a note
// density), as ConditionalEventSequenceEncoderDecoder of note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_CONDITIONAL_EVENT_SEQUENCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_CONDITIONAL_EVENT_SEQUENCE_ENCODER_DECODER_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

// The input at a position is the control's input at the next position, where the event to predict
// stands, and the target's own input. Labels are the target's. Not an EventSequenceEncoderDecoder,
// since it takes two sequences.
template <class Control, class Event, class Label = int>
class ConditionalEventSequenceEncoderDecoder {
 public:
  ConditionalEventSequenceEncoderDecoder(
      std::unique_ptr<const EventSequenceEncoder<Control>> control,
      std::unique_ptr<const EventSequenceEncoderDecoder<Event, Label>> target)
      : control_(std::move(control)), target_(std::move(target)) {}

  int input_size() const { return control_->input_size() + target_->input_size(); }
  Label num_classes() const { return target_->num_classes(); }
  Label default_event_label() const { return target_->default_event_label(); }

  absl::Status EventsToInput(absl::Span<const Control> control_events,
                             absl::Span<const Event> target_events, int position,
                             absl::Span<float> input) const {
    const size_t control_size = control_->input_size();
    MS_RETURN_IF_ERROR(
        control_->EventsToInput(control_events, position + 1, input.subspan(0, control_size)));
    return target_->EventsToInput(target_events, position, input.subspan(control_size));
  }

  // The input vectors of the positions from `begin` to the last target event, one after another, in
  // `inputs`, which has that many times input_size() elements. ValueError unless there are more
  // control than target events.
  absl::Status EventsToInputs(absl::Span<const Control> control_events,
                              absl::Span<const Event> target_events, int begin,
                              absl::Span<float> inputs) const {
    if (control_events.size() <= target_events.size()) {
      return MagentaError(
          "ValueError",
          absl::StrCat("control event sequence must be longer than target event sequence (",
                       control_events.size(), " control events but ", target_events.size(),
                       " target events)"));
    }
    const size_t count = target_events.size() - begin;
    const size_t control_size = control_->input_size();
    const size_t target_size = target_->input_size();
    std::vector<float> control(count * control_size);
    MS_RETURN_IF_ERROR(control_->EventsToInputs(control_events.subspan(0, target_events.size() + 1),
                                                begin + 1, absl::MakeSpan(control)));
    std::vector<float> target(count * target_size);
    MS_RETURN_IF_ERROR(target_->EventsToInputs(target_events, begin, absl::MakeSpan(target)));
    float* input = inputs.data();
    for (size_t i = 0; i < count; ++i) {
      input = std::copy_n(control.data() + i * control_size, control_size, input);
      input = std::copy_n(target.data() + i * target_size, target_size, input);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Label> EventsToLabel(absl::Span<const Event> target_events, int position) const {
    return target_->EventsToLabel(target_events, position);
  }

  absl::StatusOr<Event> ClassIndexToEvent(Label class_index,
                                          absl::Span<const Event> target_events) const {
    return target_->ClassIndexToEvent(class_index, target_events);
  }

 private:
  std::unique_ptr<const EventSequenceEncoder<Control>> control_;
  std::unique_ptr<const EventSequenceEncoderDecoder<Event, Label>> target_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_CONDITIONAL_EVENT_SEQUENCE_ENCODER_DECODER_H_

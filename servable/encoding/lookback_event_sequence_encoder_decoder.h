// Events with repeats and metric position, as LookbackEventSequenceEncoderDecoder of
// note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_LOOKBACK_EVENT_SEQUENCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_LOOKBACK_EVENT_SEQUENCE_ENCODER_DECODER_H_

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "servable/encoding/binary_counter.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/encoding/one_hot_encoding.h"

namespace magenta_serving {

// Steps back to one and two bars of 4/4 in sixteenths.
inline const std::vector<int>& DefaultLookbackDistances() {
  static const std::vector<int>& distances = *new std::vector<int>{16, 32};
  return distances;
}

// Input, for n classes of the one-hot encoding and k distances:
//   n       the event at the position
//   k * n   for each distance, the event that would follow if the music repeated itself from there
//   bits    the number of the next step in binary, 1 and -1
//   k       for each distance, 1 if the event at the position repeats the one that far back
// Labels: the n classes, then one for "as so far back" for each distance.
template <class Event>
class LookbackEventSequenceEncoderDecoder : public EventSequenceEncoderDecoder<Event> {
 public:
  // Distances are positive and may be none.
  explicit LookbackEventSequenceEncoderDecoder(
      std::unique_ptr<const OneHotEncoding<Event>> encoding,
      std::vector<int> lookback_distances = DefaultLookbackDistances(), int binary_counter_bits = 5)
      : encoding_(std::move(encoding)),
        lookback_distances_(std::move(lookback_distances)),
        binary_counter_bits_(binary_counter_bits) {}

  int input_size() const override {
    return (1 + num_lookbacks()) * encoding_->num_classes() + binary_counter_bits_ +
           num_lookbacks();
  }
  int num_classes() const override { return encoding_->num_classes() + num_lookbacks(); }
  int default_event_label() const override {
    return encoding_->EncodeEvent(encoding_->default_event()).value();
  }

  absl::Status EventsToInput(absl::Span<const Event> events, int position,
                             absl::Span<float> input) const override {
    MS_RETURN_IF_ERROR(this->CheckPosition(events, position));
    std::fill(input.begin(), input.end(), 0.0f);
    int index = 0;
    MS_ASSIGN_OR_RETURN(index, encoding_->EncodeEvent(events[position]));
    input[index] = 1.0f;
    int offset = encoding_->num_classes();
    for (int distance : lookback_distances_) {
      const int next = position - distance + 1;
      MS_ASSIGN_OR_RETURN(
          index, encoding_->EncodeEvent(next < 0 ? encoding_->default_event() : events[next]));
      input[offset + index] = 1.0f;
      offset += encoding_->num_classes();
    }
    WriteBinaryCounter(position + 1, input.subspan(offset, binary_counter_bits_));
    offset += binary_counter_bits_;
    for (int distance : lookback_distances_) {
      if (Repeats(events, position, distance)) input[offset] = 1.0f;
      ++offset;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int> EventsToLabel(absl::Span<const Event> events, int position) const override {
    MS_RETURN_IF_ERROR(this->CheckPosition(events, position));
    // Before the last distance, the default event counts as a repeat of the silence before the
    // beginning.
    if (!lookback_distances_.empty() && position < lookback_distances_.back() &&
        events[position] == encoding_->default_event()) {
      return encoding_->num_classes() + num_lookbacks() - 1;
    }
    for (int i = num_lookbacks() - 1; i >= 0; --i) {
      if (Repeats(events, position, lookback_distances_[i])) return encoding_->num_classes() + i;
    }
    return encoding_->EncodeEvent(events[position]);
  }

  absl::StatusOr<Event> ClassIndexToEvent(int class_index,
                                          absl::Span<const Event> events) const override {
    const int lookback = class_index - encoding_->num_classes();
    if (lookback < 0 || lookback >= num_lookbacks()) return encoding_->DecodeEvent(class_index);
    const size_t distance = lookback_distances_[lookback];
    if (events.size() < distance) return encoding_->default_event();
    return events[events.size() - distance];
  }

 private:
  int num_lookbacks() const { return static_cast<int>(lookback_distances_.size()); }

  static bool Repeats(absl::Span<const Event> events, int position, int distance) {
    return position - distance >= 0 && events[position] == events[position - distance];
  }

  const std::unique_ptr<const OneHotEncoding<Event>> encoding_;
  const std::vector<int> lookback_distances_;
  const int binary_counter_bits_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_LOOKBACK_EVENT_SEQUENCE_ENCODER_DECODER_H_

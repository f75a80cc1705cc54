// One growing event sequence with its encoding: all that the RNN loop needs to know of a melody, a
// drum track or a performance.
#ifndef MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_
#define MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/base/status.h"
#include "servable/encoding/conditional_event_sequence_encoder_decoder.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

// An event's class has one number for each head of the model: one, but for models that draw an
// event as several numbers.
class EventTrack {
 public:
  virtual ~EventTrack() = default;

  // A copy as Python's copy.deepcopy makes it, which for some sequences is not the identity.
  virtual std::unique_ptr<EventTrack> DeepCopy() const = 0;

  // Events so far.
  virtual int size() const = 0;

  // Encodes the events at positions [begin, end): replaces `inputs` by [end - begin, input_size].
  virtual absl::Status Encode(int begin, int end, std::vector<float>* inputs) const = 0;

  // Writes the class of the event at `position`, given those before it, to `classes`.
  virtual absl::Status Label(int position, absl::Span<int> classes) const = 0;

  // Decodes the class after the events so far and appends that event.
  virtual absl::Status Extend(absl::Span<const int> classes) = 0;
};

// Labels of encoder/decoders as the numbers of a class, and back.
inline void LabelToClasses(int label, absl::Span<int> classes) { classes[0] = label; }
inline void ClassesToLabel(absl::Span<const int> classes, int* label) { *label = classes[0]; }
template <size_t N>
void LabelToClasses(const std::array<int, N>& label, absl::Span<int> classes) {
  std::copy(label.begin(), label.end(), classes.begin());
}
template <size_t N>
void ClassesToLabel(absl::Span<const int> classes, std::array<int, N>* label) {
  std::copy_n(classes.begin(), N, label->begin());
}

// What the tracks below share. `Sequence` (Melody, ...) offers events(), a vector, DeepCopy() and
// Append(event); `EncoderDecoder` has the labels of its events.
template <typename Sequence, typename EncoderDecoder>
class TypedTrack : public EventTrack {
 public:
  // `encoder_decoder` must outlive the track and its copies.
  TypedTrack(Sequence sequence, const EncoderDecoder* encoder_decoder)
      : sequence_(std::move(sequence)), encoder_decoder_(encoder_decoder) {}

  const Sequence& sequence() const { return sequence_; }
  // For GenerateEventsOptions::modify_events.
  Sequence& mutable_sequence() { return sequence_; }

  int size() const override { return static_cast<int>(sequence_.events().size()); }

  absl::Status Label(int position, absl::Span<int> classes) const override {
    MS_ASSIGN_OR_RETURN(const auto label,
                        encoder_decoder_->EventsToLabel(sequence_.events(), position));
    LabelToClasses(label, classes);
    return absl::OkStatus();
  }

  absl::Status Extend(absl::Span<const int> classes) override {
    decltype(encoder_decoder_->num_classes()) label;
    ClassesToLabel(classes, &label);
    MS_ASSIGN_OR_RETURN(auto event, encoder_decoder_->ClassIndexToEvent(label, sequence_.events()));
    return sequence_.Append(std::move(event));
  }

 protected:
  Sequence sequence_;
  const EncoderDecoder* encoder_decoder_;
};

// The track of a sequence of `Event`s.
template <typename Sequence, typename Event, typename ClassIndex = int>
class SequenceTrack
    : public TypedTrack<Sequence, EventSequenceEncoderDecoder<Event, ClassIndex>> {
 public:
  using TypedTrack<Sequence, EventSequenceEncoderDecoder<Event, ClassIndex>>::TypedTrack;

  std::unique_ptr<EventTrack> DeepCopy() const override {
    return std::make_unique<SequenceTrack>(this->sequence_.DeepCopy(), this->encoder_decoder_);
  }

  absl::Status Encode(int begin, int end, std::vector<float>* inputs) const override {
    inputs->resize(static_cast<size_t>(end - begin) * this->encoder_decoder_->input_size());
    return this->encoder_decoder_->EventsToInputs(
        absl::MakeConstSpan(this->sequence_.events()).subspan(0, end), begin,
        absl::MakeSpan(*inputs));
  }
};

// The track of a sequence of `Event`s under the control of another sequence. `Controls` is that
// one: a copyable type with events(), a vector of `Control`s, and Extend(sequence), which makes
// them more than the sequence's events, as the extend_control_events_callback of
// events_rnn_model.py.
template <typename Sequence, typename Event, typename Controls, typename Control,
          typename ClassIndex = int>
class ConditionalTrack
    : public TypedTrack<Sequence,
                        ConditionalEventSequenceEncoderDecoder<Control, Event, ClassIndex>> {
 public:
  using EncoderDecoder = ConditionalEventSequenceEncoderDecoder<Control, Event, ClassIndex>;
  using Base = TypedTrack<Sequence, EncoderDecoder>;

  ConditionalTrack(Sequence sequence, Controls controls, const EncoderDecoder* encoder_decoder)
      : Base(std::move(sequence), encoder_decoder), controls_(std::move(controls)) {
    controls_.Extend(this->sequence_);
  }

  std::unique_ptr<EventTrack> DeepCopy() const override {
    return std::make_unique<ConditionalTrack>(this->sequence_.DeepCopy(), controls_,
                                              this->encoder_decoder_);
  }

  absl::Status Encode(int begin, int end, std::vector<float>* inputs) const override {
    inputs->resize(static_cast<size_t>(end - begin) * this->encoder_decoder_->input_size());
    return this->encoder_decoder_->EventsToInputs(
        controls_.events(), absl::MakeConstSpan(this->sequence_.events()).subspan(0, end), begin,
        absl::MakeSpan(*inputs));
  }

  absl::Status Extend(absl::Span<const int> classes) override {
    MS_RETURN_IF_ERROR(Base::Extend(classes));
    controls_.Extend(this->sequence_);
    return absl::OkStatus();
  }

 private:
  Controls controls_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_

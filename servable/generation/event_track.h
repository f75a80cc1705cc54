// One growing event sequence with its encoding: all that the RNN loop needs to know of a melody, a
// drum track or a performance.
#ifndef MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_
#define MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/base/status.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

class EventTrack {
 public:
  virtual ~EventTrack() = default;

  // A copy as Python's copy.deepcopy makes it, which for some sequences is not the identity.
  virtual std::unique_ptr<EventTrack> DeepCopy() const = 0;

  // Events so far.
  virtual int size() const = 0;

  // Encodes the events at positions [begin, end): replaces `inputs` by [end - begin, input_size].
  virtual absl::Status Encode(int begin, int end, std::vector<float>* inputs) const = 0;

  // The class of the event at `position`, given those before it.
  virtual absl::StatusOr<int> Label(int position) const = 0;

  // Decodes `class_index` after the events so far and appends that event.
  virtual absl::Status Extend(int class_index) = 0;
};

// The track of a `Sequence` (Melody, ...) of `Event`s, which offers events(), DeepCopy() and
// Append(event).
template <typename Sequence, typename Event>
class SequenceTrack : public EventTrack {
 public:
  // `encoder_decoder` must outlive the track and its copies.
  SequenceTrack(Sequence sequence, const EventSequenceEncoderDecoder<Event>* encoder_decoder)
      : sequence_(std::move(sequence)), encoder_decoder_(encoder_decoder) {}

  const Sequence& sequence() const { return sequence_; }

  std::unique_ptr<EventTrack> DeepCopy() const override {
    return std::make_unique<SequenceTrack>(sequence_.DeepCopy(), encoder_decoder_);
  }

  int size() const override { return static_cast<int>(sequence_.events().size()); }

  absl::Status Encode(int begin, int end, std::vector<float>* inputs) const override {
    inputs->resize(static_cast<size_t>(end - begin) * encoder_decoder_->input_size());
    return encoder_decoder_->EventsToInputs(absl::MakeConstSpan(sequence_.events()).subspan(0, end),
                                            begin, absl::MakeSpan(*inputs));
  }

  absl::StatusOr<int> Label(int position) const override {
    return encoder_decoder_->EventsToLabel(sequence_.events(), position);
  }

  absl::Status Extend(int class_index) override {
    MS_ASSIGN_OR_RETURN(const Event event,
                        encoder_decoder_->ClassIndexToEvent(class_index, sequence_.events()));
    return sequence_.Append(event);
  }

 private:
  Sequence sequence_;
  const EventSequenceEncoderDecoder<Event>* encoder_decoder_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_EVENT_TRACK_H_

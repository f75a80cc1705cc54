// How a model sees a sequence of events, as EventSequenceEncoderDecoder of
// note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_EVENT_SEQUENCE_ENCODER_DECODER_H_
#define MAGENTA_SERVING_ENCODING_EVENT_SEQUENCE_ENCODER_DECODER_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/base/status.h"

namespace magenta_serving {

// The half that control sequences need: turns the events up to a position into the model's input
// vector there. Implementations are immutable and so safe to share between threads.
//
// Inputs are float32: Python builds them in doubles that are rounded when they are fed.
template <class Event>
class EventSequenceEncoder {
 public:
  virtual ~EventSequenceEncoder() = default;

  // Length of an input vector.
  virtual int input_size() const = 0;

  // Writes the input vector for `position` to all of `input`, which has input_size() elements.
  // Events behind `position` do not matter. ValueError for an event that the encoding does not
  // know, IndexError for a position outside `events`.
  virtual absl::Status EventsToInput(absl::Span<const Event> events, int position,
                                     absl::Span<float> input) const = 0;

  // The input vectors of the positions from `begin` to the last, one after another: `inputs` has
  // (events.size() - begin) * input_size() elements. Encodings that look at all earlier events
  // override it to pass over them once.
  virtual absl::Status EventsToInputs(absl::Span<const Event> events, int begin,
                                      absl::Span<float> inputs) const {
    const size_t size = input_size();
    for (int position = begin; position < static_cast<int>(events.size()); ++position) {
      MS_RETURN_IF_ERROR(
          EventsToInput(events, position, inputs.subspan((position - begin) * size, size)));
    }
    return absl::OkStatus();
  }

 protected:
  // Python's error for events[position], where that is not an event.
  static absl::Status CheckPosition(absl::Span<const Event> events, int position) {
    if (position >= 0 && static_cast<size_t>(position) < events.size()) return absl::OkStatus();
    return MagentaError("IndexError", "list index out of range");
  }
};

// Both halves: also turns an event into the model's class and a class back into an event. A class
// is an int or, for models that draw an event as several numbers, a std::array of ints.
template <class Event, class Label = int>
class EventSequenceEncoderDecoder : public EventSequenceEncoder<Event> {
 public:
  // Labels are in [0, num_classes), each of their numbers for itself.
  virtual Label num_classes() const = 0;

  virtual Label default_event_label() const = 0;

  // The class of events[position], given what came before. It may be beyond num_classes for an
  // event that EventsToInput refuses or that the model's graph has no input for.
  virtual absl::StatusOr<Label> EventsToLabel(absl::Span<const Event> events,
                                              int position) const = 0;

  // The event of a class drawn to follow `events`.
  virtual absl::StatusOr<Event> ClassIndexToEvent(Label class_index,
                                                  absl::Span<const Event> events) const = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_EVENT_SEQUENCE_ENCODER_DECODER_H_

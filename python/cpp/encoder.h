// Encoders and decoders of any kind of event for Python, as one class.
#ifndef MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_
#define MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_

#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

#include "conversions.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/encoding/conditional_event_sequence_encoder_decoder.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

using Floats = pybind11::array_t<float, pybind11::array::c_style | pybind11::array::forcecast>;

// Between an event and the Python value that stands for it. Serves what pybind11 converts by
// itself; specialise it for other event types.
template <typename Event>
struct PythonEvent {
  static Event From(pybind11::handle value) { return value.cast<Event>(); }
  static pybind11::object To(const Event& event) { return pybind11::cast(event); }
};

template <typename Event>
std::vector<Event> EventsFrom(pybind11::handle values) {
  std::vector<Event> events;
  for (const pybind11::handle value : values) events.push_back(PythonEvent<Event>::From(value));
  return events;
}

template <typename Event>
pybind11::list EventsTo(const std::vector<Event>& events) {
  pybind11::list values;
  for (const Event& event : events) values.append(PythonEvent<Event>::To(event));
  return values;
}

// The encoder and decoder of one config: what Magenta's config.encoder_decoder does. Arguments are
// those of note_seq's methods, with events as `PythonEvent` has them; a conditional encoder takes
// the control events before the target events. Labels of several heads are tuples.
struct Encoder {
  int input_size = 0;
  pybind11::object num_classes;  // an int, or a tuple of them for several heads
  pybind11::object default_event_label;
  // (events, position), or (control events, target events, position) -> input vector.
  std::function<Floats(const pybind11::args&)> events_to_input;
  // (events, position) -> label
  std::function<pybind11::object(pybind11::handle, int)> events_to_label;
  // (label, events) -> event
  std::function<pybind11::object(pybind11::handle, pybind11::handle)> class_index_to_event;
};

// Throws Python's TypeError unless there are `count` arguments.
void CheckArguments(const pybind11::args& args, size_t count);

namespace encoder_internal {

// A label as Magenta has it: an int, or a tuple of them.
template <typename Label>
pybind11::object PythonLabel(const Label& label) {
  if constexpr (std::is_same_v<Label, int>) {
    return pybind11::int_(label);
  } else {
    return pybind11::tuple(pybind11::cast(label));
  }
}

// All but the inputs: `EncoderDecoder` has num_classes() and so on.
template <typename Event, typename Label, typename EncoderDecoder>
Encoder BindTarget(std::shared_ptr<const EncoderDecoder> encoder) {
  Encoder bound;
  bound.input_size = encoder->input_size();
  bound.num_classes = PythonLabel(encoder->num_classes());
  bound.default_event_label = PythonLabel(encoder->default_event_label());
  bound.events_to_label = [encoder](pybind11::handle events, int position) {
    return PythonLabel(ValueOrRaise(encoder->EventsToLabel(EventsFrom<Event>(events), position)));
  };
  bound.class_index_to_event = [encoder](pybind11::handle class_index, pybind11::handle events) {
    return PythonEvent<Event>::To(ValueOrRaise(
        encoder->ClassIndexToEvent(class_index.cast<Label>(), EventsFrom<Event>(events))));
  };
  return bound;
}

template <typename EncodeInto>
Floats InputVector(int size, const EncodeInto& encode_into) {
  Floats input(size);
  RaiseUnlessOk(encode_into(absl::MakeSpan(input.mutable_data(), static_cast<size_t>(size))));
  return input;
}

}  // namespace encoder_internal

// The encoder of a family without control events. Name both types: MakeEncoder<int, int>(...).
template <typename Event, typename Label>
Encoder MakeEncoder(std::shared_ptr<const EventSequenceEncoderDecoder<Event, Label>> encoder) {
  Encoder bound = encoder_internal::BindTarget<Event, Label>(encoder);
  bound.events_to_input = [encoder](const pybind11::args& args) {
    CheckArguments(args, 2);
    const std::vector<Event> events = EventsFrom<Event>(args[0]);
    return encoder_internal::InputVector(encoder->input_size(), [&](absl::Span<float> input) {
      return encoder->EventsToInput(events, args[1].cast<int>(), input);
    });
  };
  return bound;
}

// The encoder of a family whose events are conditioned on control events.
template <typename Control, typename Event, typename Label>
Encoder MakeConditionalEncoder(
    std::shared_ptr<const ConditionalEventSequenceEncoderDecoder<Control, Event, Label>> encoder) {
  Encoder bound = encoder_internal::BindTarget<Event, Label>(encoder);
  bound.events_to_input = [encoder](const pybind11::args& args) {
    CheckArguments(args, 3);
    const std::vector<Control> control_events = EventsFrom<Control>(args[0]);
    const std::vector<Event> target_events = EventsFrom<Event>(args[1]);
    return encoder_internal::InputVector(encoder->input_size(), [&](absl::Span<float> input) {
      return encoder->EventsToInput(control_events, target_events, args[2].cast<int>(), input);
    });
  };
  return bound;
}

void BindEncoder(pybind11::module_ module);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_

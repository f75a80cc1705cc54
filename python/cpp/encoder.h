// Encoders and decoders of any kind of event for Python, as one class.
#ifndef MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_
#define MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "conversions.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
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

// The encoder and decoder of one config: what Magenta's config.encoder_decoder does. Arguments are
// those of note_seq's methods, with events as `PythonEvent` has them; a conditional encoder takes
// the control events before the target events. Labels of several heads are tuples.
struct Encoder {
  int input_size = 0;
  pybind11::object num_classes;  // an int, or a list of them for several heads
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

// For Python: labels, decoding and sizes of any encoder of `Event`s, without inputs.
template <typename Event>
Encoder TargetEncoder(std::shared_ptr<const EventSequenceEncoderDecoder<Event>> encoder) {
  Encoder bound;
  bound.input_size = encoder->input_size();
  bound.num_classes = pybind11::cast(encoder->num_classes());
  bound.default_event_label = pybind11::cast(encoder->default_event_label());
  bound.events_to_label = [encoder](pybind11::handle events, int position) {
    return pybind11::cast(
        ValueOrRaise(encoder->EventsToLabel(EventsFrom<Event>(events), position)));
  };
  bound.class_index_to_event = [encoder](pybind11::handle class_index, pybind11::handle events) {
    return PythonEvent<Event>::To(ValueOrRaise(
        encoder->ClassIndexToEvent(class_index.cast<int>(), EventsFrom<Event>(events))));
  };
  return bound;
}

// For Python: an encoder of `Event`s that stands alone, without control events.
template <typename Event>
Encoder MakeEncoder(std::shared_ptr<const EventSequenceEncoderDecoder<Event>> encoder) {
  Encoder bound = TargetEncoder<Event>(encoder);
  bound.events_to_input = [encoder](const pybind11::args& args) {
    CheckArguments(args, 2);
    const std::vector<Event> events = EventsFrom<Event>(args[0]);
    Floats input(encoder->input_size());
    const absl::Status status =
        encoder->EventsToInput(events, args[1].cast<int>(),
                               absl::MakeSpan(input.mutable_data(), encoder->input_size()));
    if (!status.ok()) Raise(status);
    return input;
  };
  return bound;
}

void BindEncoder(pybind11::module_ module);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_PYTHON_CPP_ENCODER_H_

// The steps of a polyphonic generation. Events are pairs (type, pitch or None), as the arguments of
// Magenta's PolyphonicEvent.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/polyphony_generator.h"
#include "servable/music/polyphonic_sequence.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {

template <>
struct PythonEvent<PolyphonicEvent> {
  using Pair = std::pair<int, std::optional<int>>;

  static PolyphonicEvent From(py::handle value) {
    const auto [type, pitch] = value.cast<Pair>();
    if (type < PolyphonicEvent::kStart || type > PolyphonicEvent::kContinuedNote)
      Raise(MagentaError("ValueError", "Invalid event type: " + std::to_string(type)));
    return {static_cast<PolyphonicEvent::Type>(type), pitch.value_or(PolyphonicEvent::kNoPitch)};
  }

  static py::object To(const PolyphonicEvent& event) {
    if (event.pitch == PolyphonicEvent::kNoPitch)
      return py::make_tuple(static_cast<int>(event.type), py::none());
    return py::make_tuple(static_cast<int>(event.type), event.pitch);
  }
};

namespace {

PolyphonicSequence SequenceFrom(py::handle events, int64_t start_step) {
  return ValueOrRaise(PolyphonicSequence::Create(EventsFrom<PolyphonicEvent>(events),
                                                 kDefaultStepsPerQuarter, start_step));
}

// The events of the one sequence, or None.
py::object Extract(const std::string& quantized, int64_t start_step) {
  const std::optional<PolyphonicSequence> sequence =
      ValueOrRaise(ExtractPolyphonicSequence(ParseSequence(quantized), start_step));
  if (!sequence.has_value()) return py::none();
  return EventsTo(sequence->events());
}

py::list SetLength(py::handle events, int64_t steps) {
  PolyphonicSequence sequence = SequenceFrom(events, 0);
  RaiseUnlessOk(sequence.SetLength(steps));
  return EventsTo(sequence.events());
}

py::bytes ToSequence(py::handle events, int64_t start_step, double qpm,
                     const std::optional<std::string>& base_sequence) {
  const PolyphonicSequence sequence = SequenceFrom(events, start_step);
  if (!base_sequence.has_value()) return SerializeSequence(sequence.ToSequence(qpm));
  const NoteSequence base = ParseSequence(*base_sequence);
  return SerializeSequence(sequence.ToSequence(qpm, &base));
}

}  // namespace

void BindPolyphonyStages(py::module_ module, EncoderMakers* encoders) {
  module.def("extract_polyphonic_sequence", &Extract);
  module.def("set_polyphonic_length", &SetLength);
  module.def("polyphonic_to_sequence", &ToSequence);
  for (const PolyphonyConfig& config : PolyphonyConfigs()) {
    (*encoders)[config.id] = [&config] {
      return MakeEncoder<PolyphonicEvent, int>(config.make_encoder_decoder());
    };
  }
}

}  // namespace magenta_serving

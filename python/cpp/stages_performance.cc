// The steps of a performance generation. Events are pairs (type, value), with note_seq's numbers
// for types, or tuples (time shift, pitch, velocity bin, duration) for the note encoding; controls
// are tuples (disabled, notes per second, pitch class histogram).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/performance_config.h"
#include "servable/generation/python_literal.h"
#include "servable/music/note_performance.h"
#include "servable/music/performance.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {

template <>
struct PythonEvent<PerformanceEvent> {
  static PerformanceEvent From(py::handle value) {
    const auto [type, number] = value.cast<std::pair<int, int64_t>>();
    return {static_cast<PerformanceEvent::Type>(type), number};
  }
  static py::object To(const PerformanceEvent& event) {
    return py::make_tuple(static_cast<int>(event.type), event.value);
  }
};

template <>
struct PythonEvent<NotePerformanceEvent> {
  static NotePerformanceEvent From(py::handle value) {
    const auto [time_shift, pitch, velocity_bin, duration] =
        value.cast<std::tuple<int, int, int, int>>();
    return {time_shift, pitch, velocity_bin, duration};
  }
  static py::object To(const NotePerformanceEvent& event) {
    return py::make_tuple(event.time_shift, event.pitch, event.velocity_bin, event.duration);
  }
};

template <>
struct PythonEvent<PerformanceControl> {
  static PerformanceControl From(py::handle value) {
    const auto [disabled, notes_per_second, histogram] =
        value.cast<std::tuple<bool, double, PitchHistogram>>();
    return {disabled, notes_per_second,
            std::make_shared<const absl::StatusOr<PitchHistogram>>(histogram)};
  }
};

namespace {

// A performance's events and what its notes share, or None.
template <typename Sequence>
py::object DescriptionOrNone(const std::optional<Sequence>& performance) {
  if (!performance.has_value()) return py::none();
  py::dict dict;
  dict["events"] = EventsTo(performance->events());
  dict["start_step"] = performance->start_step();
  dict["num_steps"] = performance->num_steps();
  dict["program"] = performance->instrumentation().program;
  dict["is_drum"] = performance->instrumentation().is_drum;
  return dict;
}

py::object Extract(const std::string& quantized, int64_t start_step, int num_velocity_bins,
                   bool note_performance) {
  const NoteSequence sequence = ParseSequence(quantized);
  return note_performance
             ? DescriptionOrNone(
                   ValueOrRaise(ExtractNotePerformance(sequence, start_step, num_velocity_bins)))
             : DescriptionOrNone(
                   ValueOrRaise(ExtractPerformance(sequence, start_step, num_velocity_bins)));
}

// `Sequence` is Performance or NotePerformance, `Event` what it consists of.
template <typename Sequence, typename Event>
Sequence PerformanceOf(py::handle events, int64_t start_step, int num_velocity_bins) {
  Sequence performance(kDefaultStepsPerSecond, start_step, num_velocity_bins);
  for (const Event& event : EventsFrom<Event>(events)) RaiseUnlessOk(performance.Append(event));
  return performance;
}

py::list SetLength(py::handle events, int64_t start_step, int num_velocity_bins, int64_t steps) {
  auto performance =
      PerformanceOf<Performance, PerformanceEvent>(events, start_step, num_velocity_bins);
  RaiseUnlessOk(performance.SetLength(steps));
  return EventsTo(performance.events());
}

// The notes of a performance without instrumentation.
py::bytes ToSequence(py::handle events, int64_t start_step, int num_velocity_bins,
                     bool note_performance, double max_note_duration) {
  if (note_performance) {
    return SerializeSequence(
        PerformanceOf<NotePerformance, NotePerformanceEvent>(events, start_step, num_velocity_bins)
            .ToSequence());
  }
  return SerializeSequence(
      PerformanceOf<Performance, PerformanceEvent>(events, start_step, num_velocity_bins)
          .ToSequence(100, 0, max_note_duration));
}

py::object FromLiteral(const PythonLiteral& value) {
  using Kind = PythonLiteral::Kind;
  py::list items;
  for (const PythonLiteral& item : value.items) items.append(FromLiteral(item));
  switch (value.kind) {
    case Kind::kNone:
      return py::none();
    case Kind::kBool:
      return py::bool_(value.IsTrue());
    case Kind::kInt:
      return py::int_(py::float_(value.number));
    case Kind::kFloat:
      return py::float_(value.number);
    case Kind::kString:
      return py::str(value.IsTrue() ? "..." : "");
    case Kind::kList:
      return items;
    case Kind::kTuple:
      return py::tuple(items);
    case Kind::kOther:
      break;
  }
  return py::make_tuple("type", value.TypeName());
}

Encoder MakePerformanceEncoder(const PerformanceConfig& config) {
  if (config.input == PerformanceInput::kNote) {
    return MakeEncoder<NotePerformanceEvent, NotePerformanceLabel>(config.MakeNoteEncoderDecoder());
  }
  if (config.is_conditioned()) {
    return MakeConditionalEncoder<PerformanceControl, PerformanceEvent, int>(
        config.MakeConditionalEncoderDecoder());
  }
  return MakeEncoder<PerformanceEvent, int>(config.MakeEncoderDecoder());
}

}  // namespace

void BindPerformanceStages(py::module_ module, EncoderMakers* encoders) {
  module.def("extract_performance", &Extract);
  module.def("set_performance_length", &SetLength);
  module.def("performance_to_sequence", &ToSequence);
  // The value; of strings whether they are empty, of rarer types the name.
  module.def("parse_python_literal", [](const std::string& text) {
    return FromLiteral(ValueOrRaise(ParsePythonLiteral(text)));
  });
  for (const PerformanceConfig& config : PerformanceConfigs()) {
    (*encoders)[config.name] = [&config] { return MakePerformanceEncoder(config); };
  }
}

}  // namespace magenta_serving

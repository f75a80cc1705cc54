// The steps of a drum track's generation.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/drums_generator.h"
#include "servable/music/drum_extraction.h"
#include "servable/music/drum_track.h"
#include "servable/music/python_int_set.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {

// The pitches of a hit as a tuple in the order in which Magenta's frozenset is iterated.
template <>
struct PythonEvent<DrumEvent> {
  static DrumEvent From(py::handle value) {
    return DrumEvent::InOrder(value.cast<std::vector<int>>());
  }
  static py::object To(const DrumEvent& event) { return py::tuple(py::cast(event.pitches())); }
};

namespace {

// A list, as Magenta's of this name, of at most one track.
py::list Extract(const std::string& quantized, int64_t search_start_step) {
  py::list tracks;
  const DrumTrack track =
      ValueOrRaise(ExtractDrumTrack(ParseSequence(quantized), search_start_step));
  if (!track.empty()) tracks.append(Description(track));
  return tracks;
}

py::list DeepCopy(py::handle events) {
  return EventsTo(
      ValueOrRaise(DrumTrack::Create(EventsFrom<DrumEvent>(events))).DeepCopy().events());
}

py::bytes ToSequence(py::handle events, int64_t start_step, int64_t steps_per_bar,
                     int steps_per_quarter, double qpm) {
  return SerializeSequence(ValueOrRaise(DrumTrack::Create(EventsFrom<DrumEvent>(events), start_step,
                                                          steps_per_bar, steps_per_quarter))
                               .ToSequence(100, 9, 0, qpm));
}

}  // namespace

void BindDrumsStages(py::module_ module, EncoderMakers* encoders) {
  module.def("extract_drum_tracks", &Extract);
  module.def("deep_copy_drums", &DeepCopy);
  module.def("drum_track_to_sequence", &ToSequence);
  // Sets of integers in the order of iteration: set(values), set(values).copy(), set(a) - set(b).
  module.def("set_of", [](const std::vector<int64_t>& values) {
    return PythonIntSet::FromList(values).Values();
  });
  module.def("set_copy", [](const std::vector<int64_t>& values) {
    return PythonIntSet::FromList(values).PythonCopy().Values();
  });
  module.def("set_difference", [](const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
    return PythonIntSet::Difference(PythonIntSet::FromList(a), PythonIntSet::FromList(b)).Values();
  });
  for (const DrumsConfig& config : DrumsConfigs()) {
    (*encoders)[config.id] = [&config] {
      return MakeEncoder<DrumEvent, int>(config.make_encoder_decoder());
    };
  }
}

}  // namespace magenta_serving

// The steps of a generation one by one, so that a difference from Magenta's Python can be pinned to
// the step that made it. Here are those that families share; each family has a file of its own.
#include "stages.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/numpy_log.h"
#include "servable/generation/numpy_random.h"
#include "servable/generation/primer.h"
#include "servable/music/midi_reader.h"
#include "servable/music/midi_writer.h"
#include "servable/music/quantize.h"

namespace py = pybind11;

namespace magenta_serving {

void BindStepModel(py::module_ module);

namespace {

// One draw for each distribution, in turn, from one stream.
std::vector<int> Choice(uint32_t seed, const std::vector<Floats>& distributions) {
  NumpyRandom random(seed);
  std::vector<int> choices;
  for (const Floats& p : distributions) {
    choices.push_back(
        ValueOrRaise(random.Choice(absl::MakeConstSpan(p.data(), static_cast<size_t>(p.size())))));
  }
  return choices;
}

Floats Log(const Floats& values) {
  Floats logs(values.size());
  for (py::ssize_t i = 0; i < values.size(); ++i)
    logs.mutable_data()[i] = NumpyLog(values.data()[i]);
  return logs;
}

}  // namespace

NoteSequence ParseSequence(const std::string& serialized) {
  return ValueOrRaise(ParseNoteSequence("sequence", serialized));
}

py::bytes SerializeSequence(absl::StatusOr<NoteSequence> sequence) {
  return ValueOrRaise(std::move(sequence)).SerializeAsString();
}

void BindStages(py::module_ module) {
  module.def("quantize_note_sequence", [](const std::string& sequence, int steps_per_quarter) {
    return SerializeSequence(QuantizeNoteSequence(ParseSequence(sequence), steps_per_quarter));
  });
  module.def("quantize_note_sequence_absolute",
             [](const std::string& sequence, int steps_per_second) {
               return SerializeSequence(
                   QuantizeNoteSequenceAbsolute(ParseSequence(sequence), steps_per_second));
             });
  module.def("choice", &Choice);
  module.def("numpy_log", &Log);
  module.def("midi_to_note_sequence",
             [](const std::string& midi) { return SerializeSequence(MidiToNoteSequence(midi)); });
  module.def("note_sequence_to_midi", [](const std::string& sequence) {
    return py::bytes(ValueOrRaise(NoteSequenceToMidi(ParseSequence(sequence))));
  });
  BindEncoder(module);
  BindStepModel(module);

  auto encoders = std::make_shared<EncoderMakers>();
  BindMelodyStages(module, encoders.get());
  BindDrumsStages(module, encoders.get());
  BindImprovStages(module, encoders.get());
  BindPolyphonyStages(module, encoders.get());
  BindPerformanceStages(module, encoders.get());
  BindPianorollStages(module, encoders.get());
  module.def("encoder", [encoders](const std::string& config) {
    const auto found = encoders->find(config);
    if (found == encoders->end()) Raise(absl::NotFoundError("no config '" + config + "'"));
    return found->second();
  });
}

}  // namespace magenta_serving

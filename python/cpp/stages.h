// What the files of stages share: NoteSequences as bytes, sequences as dicts, and a registry of the
// families' encoders.
#ifndef MAGENTA_SERVING_PYTHON_CPP_STAGES_H_
#define MAGENTA_SERVING_PYTHON_CPP_STAGES_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "servable/music/note_sequence.h"
#include "servable/music/simple_event_sequence.h"

namespace magenta_serving {

// Config name -> what makes its encoder for Python. A family's file adds its configs.
using EncoderMakers = std::map<std::string, std::function<Encoder()>>;

// The sequence, or the error raised.
NoteSequence ParseSequence(const std::string& serialized);
pybind11::bytes SerializeSequence(absl::StatusOr<NoteSequence> sequence);

// A melody, a drum track or a chord progression: its events and its grid.
template <typename Event>
pybind11::dict Description(const SimpleEventSequence<Event>& sequence) {
  pybind11::dict dict;
  dict["events"] = EventsTo(sequence.events());
  dict["start_step"] = sequence.start_step();
  dict["steps_per_bar"] = sequence.steps_per_bar();
  dict["steps_per_quarter"] = sequence.steps_per_quarter();
  return dict;
}

// One for each family: its own steps as functions of `module`, and its configs' encoders.
void BindMelodyStages(pybind11::module_ module, EncoderMakers* encoders);
void BindDrumsStages(pybind11::module_ module, EncoderMakers* encoders);
void BindImprovStages(pybind11::module_ module, EncoderMakers* encoders);
void BindPolyphonyStages(pybind11::module_ module, EncoderMakers* encoders);
void BindPerformanceStages(pybind11::module_ module, EncoderMakers* encoders);
void BindPianorollStages(pybind11::module_ module, EncoderMakers* encoders);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_PYTHON_CPP_STAGES_H_

// The steps of a generation one by one, so that a difference from Magenta's Python can be pinned to
// the step that made it.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conversions.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/bundle/bundle.h"
#include "servable/generation/melody_generator.h"
#include "servable/generation/numpy_log.h"
#include "servable/generation/numpy_random.h"
#include "servable/generation/primer.h"
#include "servable/music/melody.h"
#include "servable/music/melody_extraction.h"
#include "servable/music/midi_reader.h"
#include "servable/music/midi_writer.h"
#include "servable/music/quantize.h"
#include "servable/rnn/session_step_model.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;
using MelodyEncoderDecoder = EventSequenceEncoderDecoder<int>;

NoteSequence Parse(const std::string& serialized) {
  return ValueOrRaise(ParseNoteSequence("sequence", serialized));
}

py::bytes Serialize(absl::StatusOr<NoteSequence> sequence) {
  return ValueOrRaise(std::move(sequence)).SerializeAsString();
}

py::list Extract(const std::string& quantized, int64_t search_start_step) {
  py::list melodies;
  for (const Melody& melody : ValueOrRaise(ExtractMelodies(Parse(quantized), search_start_step))) {
    py::dict dict;
    dict["events"] = melody.events();
    dict["start_step"] = melody.start_step();
    dict["steps_per_bar"] = melody.steps_per_bar();
    dict["steps_per_quarter"] = melody.steps_per_quarter();
    melodies.append(dict);
  }
  return melodies;
}

std::pair<std::vector<int>, int> Squash(std::vector<int> events, int min_note, int max_note,
                                        std::optional<int> transpose_to_key) {
  Melody melody = ValueOrRaise(Melody::Create(std::move(events)));
  const int amount = melody.Squash(min_note, max_note, transpose_to_key);
  return {melody.events(), amount};
}

py::bytes MelodyToSequence(std::vector<int> events, int64_t start_step, int64_t steps_per_bar,
                           int steps_per_quarter, double qpm) {
  return Serialize(
      ValueOrRaise(Melody::Create(std::move(events), start_step, steps_per_bar, steps_per_quarter))
          .ToSequence(100, 0, 0, 0.0, qpm));
}

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

std::unique_ptr<MelodyEncoderDecoder> MakeEncoder(const std::string& config_id) {
  const MelodyConfig* config = FindMelodyConfig(config_id);
  if (config == nullptr) Raise(absl::NotFoundError("no config '" + config_id + "'"));
  return config->make_encoder_decoder(config->min_note, config->max_note);
}

std::unique_ptr<SessionStepModel> MakeStepModel(const std::string& path, int threads) {
  const Bundle bundle = ValueOrRaise(ReadBundle(path));
  return ValueOrRaise(SessionStepModel::Create(bundle, threads));
}

// inputs [rows, steps, input_size], state [rows, state_size] or None for the initial one -> softmax
// [rows, steps, classes], state.
std::pair<Floats, Floats> Step(const SessionStepModel& model, const Floats& inputs,
                               const std::optional<Floats>& state, float temperature) {
  const StepShape& shape = model.shape();
  if (inputs.ndim() != 3 || inputs.shape(2) != shape.input_size) {
    Raise(absl::InvalidArgumentError("inputs must have the shape [rows, steps, input_size]"));
  }
  const py::ssize_t rows = inputs.shape(0), steps = inputs.shape(1);
  if (state.has_value() &&
      (state->ndim() != 2 || state->shape(0) != rows || state->shape(1) != shape.state_size)) {
    Raise(absl::InvalidArgumentError("state must have the shape [rows, state_size]"));
  }
  Floats softmax({rows, steps, static_cast<py::ssize_t>(shape.num_classes)});
  Floats next({rows, static_cast<py::ssize_t>(shape.state_size)});
  std::vector<StepRow> step_rows;
  for (py::ssize_t row = 0; row < rows; ++row) {
    const float* before = state.has_value() ? state->data(row, 0) : model.initial_state().data();
    std::copy_n(before, shape.state_size, next.mutable_data(row, 0));
    step_rows.push_back(
        {absl::MakeConstSpan(inputs.data(row, 0, 0), steps * shape.input_size),
         absl::MakeSpan(next.mutable_data(row, 0), shape.state_size),
         absl::MakeSpan(softmax.mutable_data(row, 0, 0), steps * shape.num_classes)});
  }
  absl::Status status;
  {
    py::gil_scoped_release release;
    status = model.Step(step_rows, static_cast<int>(steps), temperature);
  }
  if (!status.ok()) Raise(status);
  return {softmax, next};
}

}  // namespace

void BindStages(py::module_ module) {
  module.def("quantize_note_sequence", [](const std::string& sequence, int steps_per_quarter) {
    return Serialize(QuantizeNoteSequence(Parse(sequence), steps_per_quarter));
  });
  module.def("extract_melodies", &Extract);
  module.def("squash_melody", &Squash);
  module.def("melody_to_sequence", &MelodyToSequence);
  module.def("choice", &Choice);
  module.def("numpy_log", &Log);
  module.def("midi_to_note_sequence",
             [](const std::string& midi) { return Serialize(MidiToNoteSequence(midi)); });
  module.def("note_sequence_to_midi", [](const std::string& sequence) {
    return py::bytes(ValueOrRaise(NoteSequenceToMidi(Parse(sequence))));
  });
  module.def("encoder", &MakeEncoder);
  module.def("step_model", &MakeStepModel, py::arg("path"), py::arg("threads") = kDefaultThreads);

  py::class_<MelodyEncoderDecoder>(module, "MelodyEncoderDecoder")
      .def_property_readonly("input_size", &MelodyEncoderDecoder::input_size)
      .def_property_readonly("num_classes", &MelodyEncoderDecoder::num_classes)
      .def("events_to_input",
           [](const MelodyEncoderDecoder& encoder, const std::vector<int>& events, int position) {
             Floats input(encoder.input_size());
             const absl::Status status = encoder.EventsToInput(
                 events, position,
                 absl::MakeSpan(input.mutable_data(), static_cast<size_t>(input.size())));
             if (!status.ok()) Raise(status);
             return input;
           })
      .def("events_to_label",
           [](const MelodyEncoderDecoder& encoder, const std::vector<int>& events, int position) {
             return ValueOrRaise(encoder.EventsToLabel(events, position));
           })
      .def("class_index_to_event", [](const MelodyEncoderDecoder& encoder, int class_index,
                                      const std::vector<int>& events) {
        return ValueOrRaise(encoder.ClassIndexToEvent(class_index, events));
      });
  py::class_<SessionStepModel>(module, "StepModel")
      .def_property_readonly("batch_size",
                             [](const SessionStepModel& model) { return model.shape().batch_size; })
      .def_property_readonly("input_size",
                             [](const SessionStepModel& model) { return model.shape().input_size; })
      .def_property_readonly(
          "num_classes", [](const SessionStepModel& model) { return model.shape().num_classes; })
      .def_property_readonly("state_size",
                             [](const SessionStepModel& model) { return model.shape().state_size; })
      .def("step", &Step, py::arg("inputs"), py::arg("state") = py::none(),
           py::arg("temperature") = 1.0f);
}

}  // namespace magenta_serving

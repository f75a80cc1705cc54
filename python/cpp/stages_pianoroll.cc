// The steps of a pianoroll's generation.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "loaded_network.h"
#include "pybind11/numpy.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/encoding/pianoroll_encoder_decoder.h"
#include "servable/generation/nade_events.h"
#include "servable/generation/numpy_random.h"
#include "servable/generation/pianoroll_generator.h"
#include "servable/music/pianoroll_extraction.h"
#include "servable/music/pianoroll_sequence.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

absl::Span<const float> SpanOf(const Floats& values) {
  return absl::MakeConstSpan(values.data(), static_cast<size_t>(values.size()));
}

void CheckShape(bool right, const char* shapes) {
  if (!right) Raise(absl::InvalidArgumentError(shapes));
}

// A list, as Magenta's of this name, of at most one pianoroll.
py::list Extract(const std::string& quantized, int64_t start_step) {
  py::list pianorolls;
  const std::optional<PianorollSequence> pianoroll =
      ValueOrRaise(ExtractPianorollSequence(ParseSequence(quantized), start_step));
  if (!pianoroll.has_value()) return pianorolls;
  py::dict dict;
  dict["events"] = pianoroll->events();
  dict["start_step"] = pianoroll->start_step();
  dict["steps_per_quarter"] = pianoroll->steps_per_quarter();
  pianorolls.append(dict);
  return pianorolls;
}

py::bytes ToSequence(std::vector<PianorollEvent> events, int64_t start_step, int steps_per_quarter,
                     double qpm) {
  const PianorollSequence pianoroll(std::move(events), steps_per_quarter, start_step);
  return SerializeSequence(pianoroll.ToSequence(100, 0, 0, qpm));
}

// Magenta's label: the number whose bit i tells whether key i is down.
py::int_ NumberOf(const PianorollLabel& label) {
  std::string digits;
  for (const int bit : label) digits += bit != 0 ? '1' : '0';
  std::reverse(digits.begin(), digits.end());
  return py::reinterpret_steal<py::int_>(PyLong_FromString(digits.c_str(), nullptr, 2));
}

PianorollLabel LabelOf(py::handle number) {
  PianorollLabel label;
  for (int i = 0; i < kNumPianoPitches; ++i) {
    label[i] = number.attr("__rshift__")(i).attr("__and__")(1).cast<int>();
  }
  return label;
}

Encoder MakePianorollEncoder() {
  const auto encoder = std::make_shared<PianorollEncoderDecoder>();
  Encoder bound = MakeEncoder<PianorollEvent, PianorollLabel>(encoder);
  bound.num_classes = py::int_(1).attr("__lshift__")(kNumPianoPitches);
  bound.default_event_label = NumberOf(encoder->default_event_label());
  bound.events_to_label = [encoder](py::handle events, int position) -> py::object {
    return NumberOf(
        ValueOrRaise(encoder->EventsToLabel(EventsFrom<PianorollEvent>(events), position)));
  };
  bound.class_index_to_event = [encoder](py::handle number, py::handle events) -> py::object {
    return py::cast(ValueOrRaise(
        encoder->ClassIndexToEvent(LabelOf(number), EventsFrom<PianorollEvent>(events))));
  };
  return bound;
}

// inputs [rows, steps, num_dims], state [rows, state_size] or None for the initial one -> the
// graph's sample [rows, num_dims] and log-likelihoods [rows] (zeros where it draws), and the new
// state. These graphs have no temperature.
std::tuple<Floats, Floats, Floats> Step(const LoadedNadeModel& loaded, const Floats& inputs,
                                        const std::optional<Floats>& state, float temperature) {
  const NadeModel& model = *loaded.model;
  const py::ssize_t num_dims = model.nade().num_dims();
  const py::ssize_t state_size = model.initial_state().size();
  CheckShape(inputs.ndim() == 3 && inputs.shape(2) == num_dims,
             "inputs must have the shape [rows, steps, num_dims]");
  CheckShape(!state.has_value() || (state->ndim() == 2 && state->shape(0) == inputs.shape(0) &&
                                    state->shape(1) == state_size),
             "state must have the shape [rows, state_size]");
  const py::ssize_t rows = inputs.shape(0), steps = inputs.shape(1);
  Floats sample({rows, num_dims});
  Floats log_likelihood(rows);
  Floats next({rows, state_size});
  std::fill_n(sample.mutable_data(), sample.size(), 0.0f);
  std::fill_n(log_likelihood.mutable_data(), rows, 0.0f);
  std::vector<NadeRow> nade_rows;
  for (py::ssize_t row = 0; row < rows; ++row) {
    const float* before = state.has_value() ? state->data(row, 0) : model.initial_state().data();
    std::copy_n(before, state_size, next.mutable_data(row, 0));
    nade_rows.push_back({absl::MakeConstSpan(inputs.data(row, 0, 0), steps * num_dims),
                         absl::MakeSpan(next.mutable_data(row, 0), state_size),
                         absl::MakeSpan(sample.mutable_data(row, 0), num_dims),
                         log_likelihood.mutable_data(row)});
  }
  const absl::Status status = model.Step(nade_rows, static_cast<int>(steps));
  if (!status.ok()) Raise(status);
  return {sample, log_likelihood, next};
}

void CheckBiases(const Nade& nade, const Floats& b_enc, const Floats& b_dec) {
  CheckShape(b_enc.size() == nade.num_hidden() && b_dec.size() == nade.num_dims(),
             "b_enc must have num_hidden values and b_dec num_dims");
}

// The probability of each bit given those before it among `bits`, and the log-likelihood of all.
std::pair<std::vector<float>, float> Conditionals(const LoadedNadeModel& loaded,
                                                  const Floats& b_enc, const Floats& b_dec,
                                                  const Floats& bits) {
  const Nade& nade = loaded.model->nade();
  CheckBiases(nade, b_enc, b_dec);
  CheckShape(bits.size() == nade.num_dims(), "bits must have num_dims values");
  std::vector<float> probabilities;
  const float log_likelihood =
      nade.Choose(SpanOf(b_enc), SpanOf(b_dec), [&](int dim, float probability) {
        probabilities.push_back(probability);
        return bits.data()[dim] != 0;
      });
  return {probabilities, log_likelihood};
}

// `count` samples [count, num_dims] from one stream, drawn as a generation draws them.
Floats Draw(const LoadedNadeModel& loaded, const Floats& b_enc, const Floats& b_dec, uint32_t seed,
            int count) {
  const Nade& nade = loaded.model->nade();
  CheckBiases(nade, b_enc, b_dec);
  NumpyRandom random(seed);
  Floats samples({static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(nade.num_dims())});
  for (int i = 0; i < count; ++i) {
    DrawBits(nade, SpanOf(b_enc), SpanOf(b_dec), &random,
             absl::MakeSpan(samples.mutable_data(i, 0), nade.num_dims()));
  }
  return samples;
}

LoadedNadeModel MakeNadeModel(const std::string& path, const std::string& engine, int threads) {
  return LoadNetwork(&LoadNadeModel, path, engine, threads);
}

}  // namespace

void BindPianorollStages(py::module_ module, EncoderMakers* encoders) {
  module.def("extract_pianoroll_sequences", &Extract);
  module.def("pianoroll_to_sequence", &ToSequence);
  module.def("nade_model", &MakeNadeModel, py::arg("path"), py::arg("engine") = "tensorflow",
             py::arg("threads") = kDefaultThreads);
  const auto of_model = [](auto method) {
    return [method](const LoadedNadeModel& loaded) { return (loaded.model.get()->*method)(); };
  };
  py::class_<LoadedNadeModel>(module, "NadeModel")
      .def_property_readonly("batch_size", of_model(&NadeModel::batch_size))
      .def_property_readonly(
          "input_size",
          [](const LoadedNadeModel& loaded) { return loaded.model->nade().num_dims(); })
      .def_property_readonly(
          "num_hidden",
          [](const LoadedNadeModel& loaded) { return loaded.model->nade().num_hidden(); })
      .def_property_readonly("thresholds", of_model(&NadeModel::thresholds))
      .def_property_readonly("has_log_prob_column", of_model(&NadeModel::has_log_prob_column))
      .def("state_from_graph",
           py::overload_cast<const LoadedNadeModel&, const Floats&>(&StateFromGraph),
           py::arg("state"))
      .def("step", &Step, py::arg("inputs"), py::arg("state") = py::none(),
           py::arg("temperature") = 1.0f)
      .def("conditionals", &Conditionals)
      .def("draw", &Draw);
  for (const std::string& id : PianorollGeneratorIds()) (*encoders)[id] = MakePianorollEncoder;
}

}  // namespace magenta_serving

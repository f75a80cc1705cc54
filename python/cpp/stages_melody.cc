// The steps of a melody generation.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/melody_generator.h"
#include "servable/music/melody.h"
#include "servable/music/melody_extraction.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

py::list Extract(const std::string& quantized, int64_t search_start_step) {
  py::list melodies;
  for (const Melody& melody :
       ValueOrRaise(ExtractMelodies(ParseSequence(quantized), search_start_step))) {
    melodies.append(Description(melody));
  }
  return melodies;
}

std::pair<std::vector<int>, int> Squash(std::vector<int> events, int min_note, int max_note,
                                        std::optional<int> transpose_to_key) {
  Melody melody = ValueOrRaise(Melody::Create(std::move(events)));
  const int amount = melody.Squash(min_note, max_note, transpose_to_key);
  return {melody.events(), amount};
}

py::bytes ToSequence(std::vector<int> events, int64_t start_step, int64_t steps_per_bar,
                     int steps_per_quarter, double qpm) {
  return SerializeSequence(
      ValueOrRaise(Melody::Create(std::move(events), start_step, steps_per_bar, steps_per_quarter))
          .ToSequence(100, 0, 0, 0.0, qpm));
}

}  // namespace

void BindMelodyStages(py::module_ module, EncoderMakers* encoders) {
  module.def("extract_melodies", &Extract);
  module.def("squash_melody", &Squash);
  module.def("melody_to_sequence", &ToSequence);
  for (const MelodyConfig& config : MelodyConfigs()) {
    (*encoders)[config.id] = [&config] {
      return MakeEncoder<int, int>(config.make_encoder_decoder(config.min_note, config.max_note));
    };
  }
}

}  // namespace magenta_serving

// The steps of a generation of a melody over chords.
#include <string>
#include <utility>
#include <vector>

#include "conversions.h"
#include "encoder.h"
#include "pybind11/pybind11.h"
#include "pybind11/stl.h"
#include "servable/generation/improv_generator.h"
#include "servable/music/chord_progression.h"
#include "servable/music/chord_renderer.h"
#include "servable/music/chord_symbol.h"
#include "stages.h"

namespace py = pybind11;

namespace magenta_serving {
namespace {

// Root, bass, transposed symbol, pitches, quality and error text. What the symbol does not give is
// None: with an error in its modifications, pitches and quality; with any other, all.
py::tuple DescribeChordSymbol(const std::string& figure, int semitones) {
  const absl::StatusOr<ChordSymbol> symbol = ChordSymbol::Parse(figure);
  const py::none none;
  if (!symbol.ok()) {
    return py::make_tuple(none, none, none, none, none, std::string(symbol.status().message()));
  }
  const int root = symbol->root();
  const int bass = symbol->bass();
  const std::string transposed = symbol->Transposed(semitones);
  const absl::StatusOr<std::vector<int>> pitches = symbol->Pitches();
  if (!pitches.ok()) {
    return py::make_tuple(root, bass, transposed, none, none,
                          std::string(pitches.status().message()));
  }
  const int quality = static_cast<int>(ValueOrRaise(symbol->Quality()));
  return py::make_tuple(root, bass, transposed, *pitches, quality, none);
}

py::dict ExtractChords(const std::string& quantized_bytes) {
  const NoteSequence quantized = ParseSequence(quantized_bytes);
  const ChordProgression chords = ValueOrRaise(ChordProgression::FromQuantizedSequence(
      quantized, 0, quantized.total_quantized_steps()));
  py::dict dict = Description(chords);
  dict["end_step"] = chords.end_step();
  return dict;
}

}  // namespace

void BindImprovStages(py::module_ module, EncoderMakers* encoders) {
  module.def("chord_symbol", &DescribeChordSymbol);
  module.def("extract_chords", &ExtractChords);
  module.def("chords_to_sequence",
             [](std::vector<std::string> events, double sequence_start_time, double qpm) {
               return SerializeSequence(
                   ChordProgression(std::move(events)).ToSequence(sequence_start_time, qpm));
             });
  module.def("render_chords", [](const std::string& sequence_bytes, int velocity) {
    NoteSequence sequence = ParseSequence(sequence_bytes);
    RaiseUnlessOk(RenderChords(velocity, sequence));
    return SerializeSequence(std::move(sequence));
  });
  for (const ImprovConfig& config : ImprovConfigs()) {
    (*encoders)[config.id] = [&config] {
      return MakeConditionalEncoder<std::string, int, int>(
          config.make_encoder_decoder(config.min_note, config.max_note));
    };
  }
}

}  // namespace magenta_serving

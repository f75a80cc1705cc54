// Serialized NoteSequences, as each family continues them and as MIDI files.
#include <cstdint>

#include "fuzz/generators.h"
#include "servable/generation/primer.h"
#include "servable/music/midi_writer.h"

namespace magenta_serving {
namespace {

void Continue(absl::string_view bytes) {
  const absl::StatusOr<NoteSequence> sequence = ParseNoteSequence("primer_sequence_bytes", bytes);
  if (!sequence.ok()) return;
  (void)NoteSequenceToMidi(*sequence);
  const CallContext context = SmallContext();
  for (const auto& generator : Generators()) {
    Arguments arguments(generator->arguments());
    arguments.Set("primer_sequence_bytes", std::string(bytes));
    arguments.Set("num_steps", 32);
    const absl::StatusOr<GeneratorInput> input = generator->MakeInput(arguments, context);
    NumpyRandom random(0);
    if (input.ok()) (void)generator->Generate(input->sequence, input->options, &random, context);

    Arguments scored(generator->score_arguments());
    scored.Set("sequence_bytes", std::string(bytes));
    (void)generator->Score(scored, context);
  }
}

}  // namespace
}  // namespace magenta_serving

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  magenta_serving::Continue({reinterpret_cast<const char*>(data), size});
  return 0;
}

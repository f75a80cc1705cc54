// The pianoroll of a quantized sequence, as extract_pianoroll_sequences of
// magenta/pipelines/pianoroll_pipeline.py.
#ifndef MAGENTA_SERVING_MUSIC_PIANOROLL_EXTRACTION_H_
#define MAGENTA_SERVING_MUSIC_PIANOROLL_EXTRACTION_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "servable/music/note_sequence.h"
#include "servable/music/pianoroll_sequence.h"

namespace magenta_serving {

// What sounds from start_step on, of any length and maybe empty; nullopt when the notes have more
// than one program. Raises what PianorollSequence::FromQuantizedSequence raises.
absl::StatusOr<std::optional<PianorollSequence>> ExtractPianorollSequence(
    const NoteSequence& quantized, int64_t start_step = 0);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_PIANOROLL_EXTRACTION_H_

// The drum track of a quantized sequence, as extract_drum_tracks of
// magenta/pipelines/drum_pipelines.py.
#ifndef MAGENTA_SERVING_MUSIC_DRUM_EXTRACTION_H_
#define MAGENTA_SERVING_MUSIC_DRUM_EXTRACTION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "servable/music/drum_track.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The only drum track that starts at or after search_start_step, with the arguments that Drums
// RNN's generator passes: tracks of any length, and no gap ends one; empty when nothing is hit.
// Raises what DrumTrack::FromQuantizedSequence raises. Several tracks, which bars of a negative
// length make, are AssertionError; where they come without end, Magenta runs out of memory instead.
absl::StatusOr<DrumTrack> ExtractDrumTrack(const NoteSequence& quantized,
                                           int64_t search_start_step = 0);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_DRUM_EXTRACTION_H_

// All melodies of a quantized sequence, as extract_melodies of
// magenta/pipelines/melody_pipelines.py.
#ifndef MAGENTA_SERVING_MUSIC_MELODY_EXTRACTION_H_
#define MAGENTA_SERVING_MUSIC_MELODY_EXTRACTION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "servable/music/melody.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The arguments of extract_melodies. The defaults are what Melody RNN's generator passes: the whole
// primer is used, and each instrument gives one melody at most.
struct MelodyExtractionOptions {
  // Melodies of fewer bars are left out.
  int64_t min_bars = 0;
  // Longer melodies are cut; nullopt: not cut.
  std::optional<int64_t> max_steps_truncate;
  // Longer melodies are left out; nullopt: kept.
  std::optional<int64_t> max_steps_discard;
  // This much silence separates two melodies.
  double gap_bars = std::numeric_limits<double>::infinity();
  // Melodies of fewer pitch classes are left out.
  int min_unique_pitches = 1;
  // Of simultaneous notes keep the highest; false: leave out an instrument that has any.
  bool ignore_polyphonic_notes = true;
  // Lengthen melodies to the end of a bar.
  bool pad_end = false;
  // Leave out notes marked is_drum.
  bool filter_drums = true;
};

// The melodies that start at or after search_start_step, instrument by instrument in the order of
// Python's set, each instrument's in order of time. Raises what Melody::FromQuantizedSequence
// raises, except PolyphonicMelodyError; InvalidArgument when they would have more than kMaxEvents
// steps in total, those that are left out included, or never come to an end (which bars of a
// negative length can cause; Magenta then runs out of memory).
absl::StatusOr<std::vector<Melody>> ExtractMelodies(const NoteSequence& quantized,
                                                    int64_t search_start_step = 0,
                                                    const MelodyExtractionOptions& options = {});

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MELODY_EXTRACTION_H_

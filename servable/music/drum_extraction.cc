#include "servable/music/drum_extraction.h"

#include "servable/base/status.h"
#include "servable/music/python_semantics.h"

namespace magenta_serving {

absl::StatusOr<DrumTrack> ExtractDrumTrack(const NoteSequence& quantized,
                                           int64_t search_start_step) {
  MS_ASSIGN_OR_RETURN(const DrumTrack track,
                      DrumTrack::FromQuantizedSequence(quantized, search_start_step));
  if (track.empty()) return track;
  // The next search starts at the next bar line.
  const int64_t next_search_step =
      track.end_step() + FloorMod(search_start_step - track.end_step(), track.steps_per_bar());
  MS_ASSIGN_OR_RETURN(const DrumTrack next,
                      DrumTrack::FromQuantizedSequence(quantized, next_search_step));
  if (!next.empty()) {
    return MagentaError("AssertionError", "the sequence has more than one drum track");
  }
  return track;
}

}  // namespace magenta_serving

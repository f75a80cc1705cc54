// The General MIDI names of programs, as pretty_midi.constants.INSTRUMENT_MAP.
#ifndef MAGENTA_SERVING_MUSIC_MIDI_PROGRAMS_H_
#define MAGENTA_SERVING_MUSIC_MIDI_PROGRAMS_H_

#include "absl/strings/string_view.h"

namespace magenta_serving {

// `program` is 0 to 127.
absl::string_view MidiProgramName(int program);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MIDI_PROGRAMS_H_

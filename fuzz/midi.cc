// MIDI files: what is read can be written, and read again.
#include <cstdint>
#include <cstdlib>

#include "servable/music/midi_reader.h"
#include "servable/music/midi_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto sequence =
      magenta_serving::MidiToNoteSequence({reinterpret_cast<const char*>(data), size});
  if (!sequence.ok()) return 0;
  const auto written = magenta_serving::NoteSequenceToMidi(*sequence);
  if (written.ok() && !magenta_serving::MidiToNoteSequence(*written).ok()) std::abort();
  return 0;
}

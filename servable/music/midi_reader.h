// MIDI files to NoteSequences, as note_seq.midi_io.midi_to_note_sequence (note_seq 0.0.5 with
// pretty_midi 0.2.11 and mido 1.3.3).
#ifndef MAGENTA_SERVING_MUSIC_MIDI_READER_H_
#define MAGENTA_SERVING_MUSIC_MIDI_READER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The NoteSequence of a Standard MIDI File's bytes, times in seconds. Any failure is
// MagentaError("MIDIConversionError"). What to know about the result:
//   * tempos, time signatures and key signatures come from the first track alone;
//   * an instrument is a program on a channel of a track that closed a note, numbered in that
//     order; channel 10 (9 counted from 0) is drums; its control changes and pitch bends before the
//     first note are kept;
//   * a note-off closes all open notes of its pitch and channel that began at earlier ticks; notes
//     never closed, and notes of no length, are left out;
//   * times follow the tempo with pretty_midi's rounding, so a qpm may differ from 6e7 / tempo in
//     its last digits.
//
// Two differences from Python, both about memory. pretty_midi fails or not by what the machine can
// hold where a file has events at very late ticks; here every tick up to kMaxMidiTick works. And
// the controls of instruments that share a channel of a track can be repeated for each, up to 128
// times: a file that would yield over a million more controls and pitch bends than it has events is
// refused.
absl::StatusOr<NoteSequence> MidiToNoteSequence(absl::string_view midi_bytes);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MIDI_READER_H_

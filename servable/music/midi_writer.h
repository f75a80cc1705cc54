// NoteSequences to MIDI files, as note_seq.midi_io.note_sequence_to_midi_file (note_seq 0.0.5 with
// pretty_midi 0.2.11 and mido 1.3.3).
#ifndef MAGENTA_SERVING_MUSIC_MIDI_WRITER_H_
#define MAGENTA_SERVING_MUSIC_MIDI_WRITER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// The very bytes that note_seq writes: a file of format 1 with a track of tempos and signatures, a
// track for instrument 0 (empty or not), and one for each other instrument, program and drum flag.
// What to know about them:
//   * a sequence without ticks_per_quarter gets 220 ticks; without a tempo at time 0, 120 quarters
//     per minute there;
//   * of several programs of instrument 0 and below only the last, in order of number, is written;
//   * microseconds per quarter are truncated.
//
// With `drop_events_n_seconds_after_last_note`, events other than notes that come later than that
// after the last note's end are left out (unless that sum is 0).
//
// Values that do not fit MIDI (a pitch of 128, a note that ends before it begins, 0 qpm, a name
// outside Latin-1, more than 32767 tracks) are MagentaError("MIDIConversionError"), where Python
// raises an error of some kind. So are two things that Python can do: an event at tick 2**62 or
// later, and a tempo change later than kMaxMidiTick, for which pretty_midi would need 80 GB.
absl::StatusOr<std::string> NoteSequenceToMidi(
    const NoteSequence& sequence,
    std::optional<double> drop_events_n_seconds_after_last_note = std::nullopt);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MIDI_WRITER_H_

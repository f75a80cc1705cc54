// NoteSequence, the protobuf message that note_seq and Magenta exchange, and the constants of
// note_seq/constants.py.
#ifndef MAGENTA_SERVING_MUSIC_NOTE_SEQUENCE_H_
#define MAGENTA_SERVING_MUSIC_NOTE_SEQUENCE_H_

#include "absl/status/statusor.h"
#include "note_seq/protobuf/music.pb.h"

namespace magenta_serving {

using NoteSequence = ::magenta::NoteSequence;

inline constexpr double kDefaultQuartersPerMinute = 120.0;
inline constexpr int kDefaultStepsPerBar = 16;
inline constexpr int kDefaultStepsPerQuarter = 4;
inline constexpr int kDefaultStepsPerSecond = 100;
inline constexpr int kStandardPpq = 220;  // ticks per quarter

inline constexpr int kMinMidiPitch = 0;
inline constexpr int kMaxMidiPitch = 127;  // inclusive
inline constexpr int kNumMidiPitches = 128;
inline constexpr int kNotesPerOctave = 12;
inline constexpr int kMinMidiVelocity = 1;
inline constexpr int kMaxMidiVelocity = 127;
inline constexpr int kMinMidiProgram = 0;
inline constexpr int kMaxMidiProgram = 127;

// True when the sequence carries quantized steps, relative to the tempo or absolute.
bool IsQuantizedSequence(const NoteSequence& sequence);
// True when the steps are a fraction of a quarter note.
bool IsRelativeQuantizedSequence(const NoteSequence& sequence);

// A copy that keeps the notes with start_time <= note start < end_time (seconds), each cut at
// end_time. Times are not shifted; total_time is at most end_time; everything else is copied. A NaN
// bound keeps what it cannot compare. As sequences_lib.trim_note_sequence; QuantizationStatusError
// when the sequence is quantized.
absl::StatusOr<NoteSequence> TrimNoteSequence(const NoteSequence& sequence, double start_time,
                                              double end_time);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_NOTE_SEQUENCE_H_

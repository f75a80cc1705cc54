// Chord symbols as sounding notes, as BasicChordRenderer of note_seq/chords_lib.py.
#ifndef MAGENTA_SERVING_MUSIC_CHORD_RENDERER_H_
#define MAGENTA_SERVING_MUSIC_CHORD_RENDERER_H_

#include "absl/status/status.h"
#include "servable/music/note_sequence.h"

namespace magenta_serving {

// Adds the notes of each chord annotation to `sequence`, held until the next annotated chord: its
// pitches in the octave below middle C (MIDI 48 to 59), then the bass in the one below that, as
// instrument 1 with program 88, a pad. What lies behind total_time, which for a generated
// sequence is the end of its last note, is left out. ChordSymbolError for an annotation that is not
// a chord symbol; notes of earlier chords have been added then.
absl::Status RenderChords(int velocity, NoteSequence& sequence);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_CHORD_RENDERER_H_

#include "servable/music/midi_reader.h"

#include <string>

#include "gtest/gtest.h"
#include "servable/music/test_util/midi_bytes.h"

namespace magenta_serving {
namespace {

// The sequence of one track of 220 ticks per quarter at 120 qpm: 0xdc ticks (815c) are 0.5 s.
NoteSequence Read(absl::string_view track_hex) {
  const absl::StatusOr<NoteSequence> sequence = MidiToNoteSequence(MidiBytes({track_hex}));
  EXPECT_TRUE(sequence.ok()) << sequence.status();
  return sequence.ok() ? *sequence : NoteSequence();
}

std::string ErrorOf(const std::string& bytes) {
  return std::string(MidiToNoteSequence(bytes).status().message());
}

// Expected values are those of note_seq for the same bytes.
TEST(MidiToNoteSequenceTest, ReadsAFileOfSeveralTracks) {
  const auto sequence = MidiToNoteSequence(FourTrackMidi());
  ASSERT_TRUE(sequence.ok()) << sequence.status();
  EXPECT_EQ(sequence->ticks_per_quarter(), 480);
  EXPECT_EQ(sequence->source_info().parser(), NoteSequence::SourceInfo::PRETTY_MIDI);
  EXPECT_EQ(sequence->source_info().encoding_type(), NoteSequence::SourceInfo::MIDI);
  ASSERT_EQ(sequence->tempos_size(), 2);
  EXPECT_EQ(sequence->tempos(0).qpm(), 97.000109933457921);
  EXPECT_EQ(sequence->tempos(1).time(), 0.99999886666666671);
  EXPECT_EQ(sequence->tempos(1).qpm(), 50);
  EXPECT_EQ(sequence->time_signatures(0).numerator(), 6);
  EXPECT_EQ(sequence->time_signatures(0).denominator(), 8);
  EXPECT_EQ(sequence->key_signatures(0).key(), NoteSequence::KeySignature::D_SHARP);
  EXPECT_EQ(sequence->key_signatures(0).mode(), NoteSequence::KeySignature::MINOR);
  EXPECT_EQ(sequence->key_signatures(0).time(), 0.49999943333333335);
  ASSERT_EQ(sequence->notes_size(), 4);
  EXPECT_EQ(sequence->notes(1).start_time(), 0.49999943333333335);
  EXPECT_EQ(sequence->notes(1).end_time(), 1.4999988666666666);
  EXPECT_EQ(sequence->notes(1).velocity(), 90);
  EXPECT_EQ(sequence->notes(1).program(), 5);
  EXPECT_EQ(sequence->notes(2).instrument(), 1);
  EXPECT_EQ(sequence->notes(2).end_time(), 1.9999988666666666);
  EXPECT_TRUE(sequence->notes(3).is_drum());
  EXPECT_EQ(sequence->total_time(), 1.9999988666666666);
  EXPECT_EQ(sequence->pitch_bends(0).bend(), -100);
  EXPECT_EQ(sequence->control_changes(0).control_value(), 127);
  ASSERT_EQ(sequence->instrument_infos_size(), 2);
  EXPECT_EQ(sequence->instrument_infos(0).name(), "Geige \xc3\xa4");
  EXPECT_EQ(sequence->instrument_infos(1).instrument(), 2);
}

TEST(MidiToNoteSequenceTest, RoundsTheTempoAsPrettyMidi) {
  const auto sequence = MidiToNoteSequence(MidiBytes({"00ff5103124f80"}, 96));
  ASSERT_TRUE(sequence.ok()) << sequence.status();
  EXPECT_EQ(sequence->tempos(0).qpm(), 49.99999999999999);
}

TEST(MidiToNoteSequenceTest, TakesTempoAndSignaturesFromTheFirstTrack) {
  const auto sequence = MidiToNoteSequence(MidiBytes({"00ff2f00",
                                                      "00ff5103000000"
                                                      "00ff580400021808"
                                                      "00ff59020000"}));
  ASSERT_TRUE(sequence.ok()) << sequence.status();
  ASSERT_EQ(sequence->tempos_size(), 1);
  EXPECT_EQ(sequence->tempos(0).qpm(), 120);
  EXPECT_EQ(sequence->time_signatures_size(), 0);
  EXPECT_EQ(sequence->key_signatures_size(), 0);
}

TEST(MidiToNoteSequenceTest, OneNoteOffClosesAllEarlierNotesOfItsPitch) {
  const NoteSequence sequence = Read(
      "00903c40"
      "0a3c41"
      "0a3c42"
      "00803c00"
      "0a3c00");
  ASSERT_EQ(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(1).velocity(), 0x41);
  EXPECT_EQ(sequence.notes(1).end_time(), sequence.notes(2).start_time());
  EXPECT_EQ(sequence.notes(2).velocity(), 0x42);
}

TEST(MidiToNoteSequenceTest, LeavesOutNotesOfNoLengthAndNotesNeverClosed) {
  EXPECT_EQ(Read("00903c40"
                 "003c00"
                 "0a3c00"
                 "004040")
                .notes_size(),
            0);
}

TEST(MidiToNoteSequenceTest, NumbersInstrumentsByTheirFirstClosedNote) {
  const NoteSequence sequence = Read(
      "00c005"
      "00903c40"
      "00914040"
      "0a914000"
      "0a903c00"
      "00c006"
      "00903c40"
      "0a3c00");
  ASSERT_EQ(sequence.notes_size(), 3);
  EXPECT_EQ(sequence.notes(0).pitch(), 0x40);
  EXPECT_EQ(sequence.notes(0).instrument(), 0);
  EXPECT_EQ(sequence.notes(1).program(), 5);
  EXPECT_EQ(sequence.notes(1).instrument(), 1);
  EXPECT_EQ(sequence.notes(2).program(), 6);
  EXPECT_EQ(sequence.notes(2).instrument(), 2);
}

TEST(MidiToNoteSequenceTest, SharesControlsThatCameBeforeTheFirstNote) {
  // A control, a note of program 0, a note of program 1, a control.
  const NoteSequence sequence = Read(
      "00b04001"
      "00903c40"
      "0a903c00"
      "00c001"
      "00903c40"
      "0a903c00"
      "00b04002");
  ASSERT_EQ(sequence.control_changes_size(), 4);
  EXPECT_EQ(sequence.control_changes(1).control_value(), 2);
  EXPECT_EQ(sequence.control_changes(1).instrument(), 0);
  EXPECT_EQ(sequence.control_changes(3).control_value(), 2);
  EXPECT_EQ(sequence.control_changes(3).instrument(), 1);
}

TEST(MidiToNoteSequenceTest, LeavesOutControlsOfChannelsWithoutNotes) {
  EXPECT_EQ(Read("00b04001").control_changes_size(), 0);
}

std::string NoteOfEachProgram() {
  std::string events;
  for (int program = 0; program < 128; ++program) {
    events += absl::StrFormat(
        "00c0%02x"
        "00903c40"
        "013c00",
        program);
  }
  return events;
}

TEST(MidiToNoteSequenceTest, RefusesControlsRepeatedTooOften) {
  std::string track = "00b04001";
  for (int i = 0; i < 20000; ++i) track += "004001";
  track += NoteOfEachProgram();
  EXPECT_EQ(ErrorOf(MidiBytes({track})),
            "MIDIConversionError: 20385 events repeat their controls for each of 128 instruments, "
            "2560128 in all");
}

TEST(MidiToNoteSequenceTest, RefusesNamesRepeatedTooOften) {
  // A name of 100,000 letters, each of two bytes in UTF-8.
  std::string track = "00ff03868d20";
  for (int i = 0; i < 100'000; ++i) track += "e9";
  track += NoteOfEachProgram();
  EXPECT_EQ(ErrorOf(MidiBytes({track})),
            "MIDIConversionError: the names of 128 instruments have 25600000 bytes in all");
}

TEST(MidiToNoteSequenceTest, TakesEventsAtVeryLateTicks) {
  const NoteSequence sequence = Read(
      "00903c40"
      "a5"
      "9f"
      "f9"
      "c6"
      "7f"
      "3c00");
  ASSERT_EQ(sequence.notes_size(), 1);
  EXPECT_GT(sequence.total_time(), 1e7);
}

TEST(MidiToNoteSequenceTest, ReadsSmpteTimeOnlyWithoutNotes) {
  EXPECT_TRUE(MidiToNoteSequence(MidiBytes({"00ff59020000"}, -6360)).ok());
  EXPECT_EQ(ErrorOf(MidiBytes({"00903c40"
                               "0a3c00"},
                              -6360)),
            "MIDIConversionError: a note ends before it begins");
  EXPECT_EQ(ErrorOf(MidiBytes({"0aff59020000"}, -6360)),
            "MIDIConversionError: a time or key signature has a negative time");
}

TEST(MidiToNoteSequenceTest, RefusesFilesWithoutASequence) {
  EXPECT_EQ(ErrorOf(MidiBytes({})), "MIDIConversionError: the file has no tracks");
  EXPECT_EQ(ErrorOf(MidiBytes({"00ff2f00", ""})), "MIDIConversionError: a track has no events");
  EXPECT_EQ(ErrorOf(MidiBytes({"00ff2f00"}, 0)),
            "MIDIConversionError: the division is 0 ticks per quarter");
  EXPECT_EQ(ErrorOf(MidiBytes({"00ff5103000000"})),
            "MIDIConversionError: a tempo is 0 microseconds per quarter");
  EXPECT_EQ(ErrorOf(MidiBytes({"00ff580400021808"})),
            "MIDIConversionError: a time signature has the numerator 0");
  EXPECT_EQ(ErrorOf(MidiBytes({"00ff580404201808"})),
            "MIDIConversionError: a time signature has the denominator 2**32");
}

}  // namespace
}  // namespace magenta_serving

#include "servable/music/midi_writer.h"

#include <limits>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "servable/music/midi_file.h"
#include "servable/music/test_util/midi_bytes.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

constexpr char kDefaultTiming[] =
    "00ff510307a120"
    "00ff580404021808"
    "01ff2f00";

std::string HexOf(const absl::StatusOr<std::string>& bytes) {
  return bytes.ok() ? absl::BytesToHexString(*bytes) : bytes.status().ToString();
}

std::string Written(const NoteSequence& sequence) { return HexOf(NoteSequenceToMidi(sequence)); }

std::string ErrorOf(const NoteSequence& sequence) {
  return std::string(NoteSequenceToMidi(sequence).status().message());
}

std::string Midi(const std::vector<absl::string_view>& tracks, int division = 220) {
  return absl::BytesToHexString(MidiBytes(tracks, division));
}

void AddTempo(double time, double qpm, NoteSequence* sequence) {
  sequence->add_tempos()->set_time(time);
  sequence->mutable_tempos(sequence->tempos_size() - 1)->set_qpm(qpm);
}

// Expected bytes are those of note_seq for the same sequence.
TEST(NoteSequenceToMidiTest, WritesTracksOfSeveralInstruments) {
  NoteSequence sequence = SequenceOf(
      {{0, .5, 60, 100, 0}, {.5, 1.5, 60, 90, 0}, {0, .25, 36, 80, 2, true}, {.125, 2, 72, 64, 1}});
  sequence.mutable_notes(0)->set_program(5);
  sequence.mutable_notes(1)->set_program(5);
  sequence.mutable_notes(3)->set_program(40);
  sequence.set_ticks_per_quarter(480);
  AddTempo(0, 97, &sequence);
  AddTempo(1, 50, &sequence);
  auto* signature = sequence.add_time_signatures();
  signature->set_numerator(6);
  signature->set_denominator(8);
  auto* key = sequence.add_key_signatures();
  key->set_time(.5);
  key->set_key(NoteSequence::KeySignature::D_SHARP);
  key->set_mode(NoteSequence::KeySignature::MINOR);
  auto* bend = sequence.add_pitch_bends();
  bend->set_time(.5);
  bend->set_bend(-100);
  bend->set_program(5);
  auto* change = sequence.add_control_changes();
  change->set_time(.5);
  change->set_control_number(64);
  change->set_control_value(127);
  change->set_program(5);
  auto* info = sequence.add_instrument_infos();
  info->set_instrument(1);
  info->set_name("Geige \xc3\xa4");
  EXPECT_EQ(Written(sequence), absl::BytesToHexString(FourTrackMidi()));
}

TEST(NoteSequenceToMidiTest, WritesAnEmptySequence) {
  EXPECT_EQ(Written(NoteSequence()), Midi({kDefaultTiming,
                                           "00c000"
                                           "01ff2f00"}));
}

TEST(NoteSequenceToMidiTest, FollowsTemposInTheOrderOfTheSequence) {
  NoteSequence sequence = SequenceOf(
      {{.5, .5, 60, 1}, {1.5, 1.5, 60, 1}, {2.5, 2.5, 60, 1}, {3.5, 3.5, 60, 1}, {10, 10, 60, 1}});
  AddTempo(0, 120, &sequence);
  AddTempo(3, 60, &sequence);
  AddTempo(1, 240, &sequence);
  EXPECT_EQ(Written(sequence), Midi({"00ff510307a120"
                                     "00ff580404021808"
                                     "8338ff510303d090"
                                     "8670ff51030f4240"
                                     "01ff2f00",
                                     "00c000"
                                     "815c903c00"
                                     "003c01"
                                     "85143c00"
                                     "003c01"
                                     "86703c00"
                                     "003c01"
                                     "86703c00"
                                     "003c01"
                                     "ac583c00"
                                     "003c01"
                                     "01ff2f00"}));
}

TEST(NoteSequenceToMidiTest, LeavesOutRepetitionsOfTheInitialTempo) {
  NoteSequence sequence;
  AddTempo(0, 120, &sequence);
  AddTempo(0, 120, &sequence);
  EXPECT_EQ(Written(sequence), Written(NoteSequence()));
}

TEST(NoteSequenceToMidiTest, DropsLateEvents) {
  NoteSequence sequence = SequenceOf({{0, 1}});
  const std::string without = Written(sequence);
  AddTempo(3, 60, &sequence);
  auto* signature = sequence.add_time_signatures();
  signature->set_time(3);
  signature->set_numerator(3);
  signature->set_denominator(4);
  sequence.add_key_signatures()->set_time(3);
  sequence.add_pitch_bends()->set_time(3);
  sequence.add_control_changes()->set_time(3);
  EXPECT_EQ(HexOf(NoteSequenceToMidi(sequence, 1.5)), without);
  EXPECT_NE(HexOf(NoteSequenceToMidi(sequence, 2)), without);
  // A limit of 0 s is none.
  EXPECT_EQ(HexOf(NoteSequenceToMidi(sequence, -1)), Written(sequence));
}

TEST(NoteSequenceToMidiTest, KeepsTheLastProgramOfInstrumentZero) {
  NoteSequence sequence = SequenceOf({{0, 1, 60}, {0, 1, 61}});
  sequence.mutable_notes(0)->set_program(7);
  EXPECT_EQ(Written(sequence), Midi({kDefaultTiming,
                                     "00c007"
                                     "00903c64"
                                     "83383c00"
                                     "01ff2f00"}));
}

TEST(NoteSequenceToMidiTest, SkipsTheDrumChannelForOtherInstruments) {
  NoteSequence sequence;
  for (int i = 0; i < 17; ++i) sequence.add_notes()->set_instrument(i);
  const auto file = ParseMidiFile(NoteSequenceToMidi(sequence).value());
  ASSERT_TRUE(file.ok()) << file.status();
  const auto channel_of = [&](int i) { return file->tracks[i + 1].events()[1].channel(); };
  EXPECT_EQ(channel_of(8), 8);
  EXPECT_EQ(channel_of(9), 10);
  EXPECT_EQ(channel_of(14), 15);
  EXPECT_EQ(channel_of(15), 0);
}

TEST(NoteSequenceToMidiTest, RefusesValuesOutsideMidi) {
  EXPECT_EQ(ErrorOf(SequenceOf({{0, 1, 128}})),
            "MIDIConversionError: the pitch 128 is not between 0 and 127");
  EXPECT_EQ(ErrorOf(SequenceOf({{0, 1, 60, -1}})),
            "MIDIConversionError: the velocity -1 is not between 0 and 127");
  EXPECT_EQ(ErrorOf(SequenceOf({{1, 0}})),
            "MIDIConversionError: a note ends at 0 s before it begins at 1 s");
  EXPECT_FALSE(
      NoteSequenceToMidi(SequenceOf({{0, std::numeric_limits<double>::quiet_NaN()}})).ok());
  NoteSequence sequence;
  sequence.set_ticks_per_quarter(32768);
  EXPECT_FALSE(NoteSequenceToMidi(sequence).ok());
}

TEST(NoteSequenceToMidiTest, RefusesTemposOutsideMidi) {
  for (const double qpm : {0.0, 3.57, -120.0, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    NoteSequence sequence;
    AddTempo(0, qpm, &sequence);
    EXPECT_FALSE(NoteSequenceToMidi(sequence).ok()) << qpm;
  }
  NoteSequence sequence;
  AddTempo(1e9, 120, &sequence);
  EXPECT_EQ(ErrorOf(sequence), "MIDIConversionError: a tempo change at 1e+09 s is too late");
}

TEST(NoteSequenceToMidiTest, RefusesNamesOutsideLatin1) {
  NoteSequence sequence;
  sequence.add_notes();
  sequence.add_instrument_infos()->set_name("\xe6\x97\xa5");
  EXPECT_EQ(ErrorOf(sequence),
            "MIDIConversionError: an instrument's name has characters outside Latin-1");
}

}  // namespace
}  // namespace magenta_serving

#include "servable/music/midi_file.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "servable/music/test_util/midi_bytes.h"

namespace magenta_serving {
namespace {

std::string ErrorOf(const std::string& bytes) {
  return std::string(ParseMidiFile(bytes).status().message());
}

// The events of a file's only track.
MidiTrack TrackOf(absl::string_view hex) {
  const absl::StatusOr<MidiFile> file = ParseMidiFile(MidiBytes({hex}));
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? file->tracks[0] : MidiTrack();
}

std::string TrackError(absl::string_view hex) { return ErrorOf(MidiBytes({hex})); }

TEST(ParseMidiFileTest, ReadsTheHeader) {
  const auto file = ParseMidiFile(MidiBytes({"00ff2f00", "00ff2f00"}, /*division=*/-6360, 2));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->format, 2);
  EXPECT_EQ(file->division, -6360);
  EXPECT_EQ(file->tracks.size(), 2);
}

TEST(ParseMidiFileTest, ReadsRunningStatusAndLongDeltas) {
  const MidiTrack track = TrackOf(
      "00903c40"
      "8360"
      "3c00"
      "808001"
      "c005");
  ASSERT_EQ(track.events().size(), 3);
  EXPECT_EQ(track.events()[1].tick, 480);
  EXPECT_EQ(track.events()[1].kind(), kMidiNoteOn);
  EXPECT_EQ(track.events()[1].data[1], 0);
  EXPECT_EQ(track.events()[2].tick, 481);
  EXPECT_EQ(track.events()[2].data[0], 5);
}

TEST(ParseMidiFileTest, KeepsRunningStatusAcrossMetaEvents) {
  EXPECT_EQ(TrackOf("00903c40"
                    "00ff0101"
                    "41"
                    "003c00")
                .events()[2]
                .kind(),
            kMidiNoteOn);
}

TEST(ParseMidiFileTest, StripsSysexMarks) {
  const MidiTrack track = TrackOf(
      "00f003"
      "0102f7"
      "00f700");
  EXPECT_EQ(track.payload(track.events()[0]), "\x01\x02");
  EXPECT_EQ(track.payload(track.events()[1]), "");
}

TEST(ParseMidiFileTest, ReadsAnotherSysexForADataByteAfterOne) {
  EXPECT_EQ(TrackOf("00f000"
                    "0011"
                    "0105")
                .payload(TrackOf("00f000"
                                 "0011"
                                 "0105")
                             .events()[1]),
            "\x05");
}

TEST(ParseMidiFileTest, LosesTimeBeforeUnknownMetaEvents) {
  const MidiTrack track = TrackOf(
      "10c000"
      "10ff6000"
      "10c000");
  EXPECT_EQ(track.events()[1].tick, 16);
  EXPECT_EQ(track.events()[2].tick, 32);
  EXPECT_TRUE(ParseMidiFile(MidiBytes({"ffffffffffffffffffff7fff6000"})).ok());
}

TEST(ParseMidiFileTest, RefusesWhatIsNotMidi) {
  EXPECT_EQ(ErrorOf(""),
            "MIDIConversionError: byte 0: the data end where a chunk \"MThd\" should be");
  EXPECT_EQ(ErrorOf("RIFF----WAVE"),
            "MIDIConversionError: byte 0: a chunk \"MThd\" should be here; these are probably not "
            "the bytes of a MIDI file");
  EXPECT_EQ(ErrorOf(absl::HexStringToBytes("4d546864ffffffff0001")),
            "MIDIConversionError: byte 8: the file header is shorter than 6 bytes");
}

TEST(ParseMidiFileTest, RefusesTruncatedFiles) {
  const std::string bytes =
      MidiBytes({"00903c40"
                 "00ff2f00",
                 "00f0020102"
                 "00ff510307a120"});
  ASSERT_TRUE(ParseMidiFile(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseMidiFile(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(ParseMidiFileTest, RefusesATrackThatOverrunsItsLength) {
  std::string bytes =
      MidiBytes({"00903c40"
                 "00ff2f00"});
  bytes[21] = 6;
  EXPECT_EQ(ErrorOf(bytes), "MIDIConversionError: byte 30: the data end within a track");
}

TEST(ParseMidiFileTest, RefusesImpossibleEvents) {
  EXPECT_EQ(TrackError("003c40"),
            "MIDIConversionError: byte 24: a data byte where no status came before");
  EXPECT_EQ(TrackError("00903c80"), "MIDIConversionError: byte 26: a data byte over 127");
  EXPECT_EQ(TrackError("00f4"), "MIDIConversionError: byte 24: the status 0xf4 is undefined");
  EXPECT_EQ(TrackError("00f80001"),
            "MIDIConversionError: byte 26: a data byte after the status 0xf8, which takes none");
  EXPECT_EQ(TrackError("00f00180"), "MIDIConversionError: byte 26: a sysex byte over 127");
  EXPECT_EQ(TrackError("00ff01bd8441"),
            "MIDIConversionError: byte 28: an event is longer than 1000000 bytes");
  EXPECT_EQ(TrackError("ffffffff7fc000"),
            "MIDIConversionError: byte 28: an event later than tick 9999999999; the file is "
            "probably corrupt");
}

TEST(ParseMidiFileTest, RefusesImpossibleMetaEvents) {
  EXPECT_EQ(TrackError("00ff51020102"),
            "MIDIConversionError: byte 28: the meta event 0x51 is invalid: it has 2 bytes and "
            "needs 3");
  EXPECT_EQ(TrackError("00ff59020800"),
            "MIDIConversionError: byte 28: the meta event 0x59 is invalid: there is no key with 8 "
            "sharps and mode 0");
  EXPECT_EQ(TrackError("00ff5405003c000000"),
            "MIDIConversionError: byte 31: the meta event 0x54 is invalid: it has 60 minutes");
  EXPECT_EQ(TrackError("00ff5804041d1808"),
            "MIDIConversionError: byte 30: the meta event 0x58 is invalid: the denominator 2**29 "
            "is not supported");
}

TEST(MidiDenominatorExponentTest, IsTheLogarithmOfCPython) {
  EXPECT_EQ(MidiDenominatorExponent(1), 0);
  EXPECT_EQ(MidiDenominatorExponent(8), 3);
  EXPECT_EQ(MidiDenominatorExponent(3), std::nullopt);
  EXPECT_EQ(MidiDenominatorExponent(1 << 29), std::nullopt);
  EXPECT_EQ(MidiDenominatorExponent(1 << 30), 30);
}

TEST(WriteMidiFileTest, WritesWhatItReads) {
  const std::string bytes =
      MidiBytes({"00ff510307a120"
                 "8100ff2f00",
                 "00903c40"
                 "8360"
                 "3c00"
                 "00c005"
                 "00f00201f7"
                 "0ac006"
                 "00f105"
                 "00ff2f00"});
  const auto file = ParseMidiFile(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(WriteMidiFile(*file).value(), bytes);
}

TEST(WriteMidiFileTest, MovesTheEndOfTrackToTheEnd) {
  const auto file =
      ParseMidiFile(MidiBytes({"10ff2f00"
                               "10c000",
                               "00c000"}));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(WriteMidiFile(*file).value(), MidiBytes({"20c000"
                                                     "00ff2f00",
                                                     "00c000"
                                                     "00ff2f00"}));
}

TEST(WriteMidiFileTest, RefusesWhatAFileCannotHold) {
  MidiFile file;
  file.division = 32768;
  EXPECT_FALSE(WriteMidiFile(file).ok());
  file.division = 480;
  file.format = 0;
  EXPECT_FALSE(WriteMidiFile(file).ok());
  file.tracks.emplace_back();
  file.tracks[0].AddMessage(5, kMidiProgramChange, 0);
  EXPECT_TRUE(WriteMidiFile(file).ok());
  file.tracks[0].AddMessage(4, kMidiProgramChange, 0);
  EXPECT_EQ(WriteMidiFile(file).status().message(),
            "MIDIConversionError: an event at tick 4 follows one at tick 5");
  file.tracks[0] = MidiTrack();
  file.tracks[0].AddMessage(0, 0xf8, 0);
  EXPECT_EQ(WriteMidiFile(file).status().message(),
            "MIDIConversionError: the status 0xf8 cannot be written to a file");
}

}  // namespace
}  // namespace magenta_serving

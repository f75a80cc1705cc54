// A Standard MIDI File as tracks of timed events, with its parser and writer.
//
// Accepts and refuses the same bytes as mido 1.3.3 with its defaults (clip off), the file layer
// below note_seq's midi_io. What that means where files are irregular:
//   * any format number is read, the division is a signed 16-bit number (negative for SMPTE), bytes
//     after the last track are ignored, and so are header bytes after the first six;
//   * there are no chunks but tracks: one of another name is an error, and a track must end exactly
//     at its length;
//   * end-of-track events are ordinary events, needed nowhere and stopping nothing;
//   * system messages set the running status too; after a sysex, a data byte in place of a status
//   is
//     dropped and another sysex is read;
//   * the time before a meta event of an unknown type is lost: the event and all that follow it
//     move earlier;
//   * known meta events with impossible values (no such key, minutes over 59) are errors, sysex
//     bytes over 127 too.
#ifndef MAGENTA_SERVING_MUSIC_MIDI_FILE_H_
#define MAGENTA_SERVING_MUSIC_MIDI_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace magenta_serving {

// Status bytes. Those of channel messages carry the channel (0 to 15) in the low four bits.
constexpr uint8_t kMidiNoteOff = 0x80;
constexpr uint8_t kMidiNoteOn = 0x90;
constexpr uint8_t kMidiControlChange = 0xb0;
constexpr uint8_t kMidiProgramChange = 0xc0;
constexpr uint8_t kMidiPitchBend = 0xe0;
constexpr uint8_t kMidiSysex = 0xf0;
constexpr uint8_t kMidiMeta = 0xff;

// Types of meta events.
constexpr uint8_t kMidiTrackName = 0x03;
constexpr uint8_t kMidiEndOfTrack = 0x2f;
constexpr uint8_t kMidiSetTempo = 0x51;
constexpr uint8_t kMidiTimeSignature = 0x58;
constexpr uint8_t kMidiKeySignature = 0x59;

// The latest tick that is read, and the latest of a tempo change that is written: note_seq lets
// pretty_midi read up to 1e10 ticks. pretty_midi holds 8 bytes and more for each tick up to the
// last, so that long before this limit its success depends on the machine's memory; nothing here
// grows with ticks.
constexpr int64_t kMaxMidiTick = 9999999999;

struct MidiEvent {
  // Ticks since the start of the track, at least 0.
  int64_t tick = 0;
  // A channel or system message's status, kMidiSysex for either kind of sysex, or kMidiMeta.
  uint8_t status = 0;
  // A meta event's type.
  uint8_t meta_type = 0;
  // A message's data bytes, 0 to 127; zero where the message has fewer.
  uint8_t data[2] = {0, 0};
  // Where the bytes of a sysex or meta event lie; see MidiTrack::payload.
  uint32_t payload_size = 0;
  uint64_t payload_begin = 0;

  bool is_meta(uint8_t type) const { return status == kMidiMeta && meta_type == type; }
  bool is_channel_message() const { return status < 0xf0; }
  // The status of a channel message without its channel.
  uint8_t kind() const { return status & 0xf0; }
  int channel() const { return status & 0x0f; }
};

class MidiTrack {
 public:
  void AddMessage(int64_t tick, uint8_t status, uint8_t data0, uint8_t data1 = 0);
  void AddMeta(int64_t tick, uint8_t type, absl::string_view payload);
  // `payload` has neither the first 0xf0 nor the last 0xf7.
  void AddSysex(int64_t tick, absl::string_view payload);

  const std::vector<MidiEvent>& events() const { return events_; }
  // The bytes of a sysex or meta event of this track. Valid until the next Add.
  absl::string_view payload(const MidiEvent& event) const;

 private:
  void AddWithPayload(MidiEvent event, absl::string_view payload);

  std::vector<MidiEvent> events_;
  // The payloads of all events, one after the other: most events have none, and stay small.
  std::string payloads_;
};

struct MidiFile {
  // 0, 1 or 2 in a regular file; -32768 to 32767 can be stored.
  int format = 1;
  // Ticks per quarter, or negative for SMPTE time; -32768 to 32767 can be stored.
  int division = 480;
  std::vector<MidiTrack> tracks;
};

// Reads a file. Memory stays within a small multiple of bytes.size(). Errors are
// MagentaError("MIDIConversionError") and name the offset of the byte where reading stopped.
absl::StatusOr<MidiFile> ParseMidiFile(absl::string_view bytes);

// Writes a file with running status. Ticks must not decrease within a track. End-of-track events
// are left out, and each track gets one at its last event's tick, left out or not.
absl::StatusOr<std::string> WriteMidiFile(const MidiFile& file);

// The base-2 logarithm of a time signature's denominator, or nothing where CPython's
// math.log(denominator, 2) is not a whole number. That holds for some powers of two as well, 2**29
// for one, which mido therefore refuses.
std::optional<int> MidiDenominatorExponent(double denominator);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MIDI_FILE_H_
